"""A teacher's own link or small file for a skill: the pupils of the class find it as "look at this first"."""

import unicodedata
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from urllib.parse import urlsplit

from sqlalchemy import func, select
from sqlalchemy.orm import Session, defer

from lti_tool.persistence.tables import audit
from lti_tool.persistence.tables.materials import Material

MOST_OF_SKILL: Final = 3
MOST_OF_CLASS: Final = 60
LONGEST_TITLE: Final = 120
LONGEST_ADDRESS: Final = 2000
LARGEST: Final = 1_500_000
"""Bytes of a file: a photograph of the board, a sheet of paper. Less than a whole request may have."""
BEGINNINGS: Final = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"%PDF-", "application/pdf"),
)
"""What a file is, by its first bytes and never by what its sender says: nothing here can run in a page."""


@dataclass(frozen=True)
class Author:
    """Who does it, for which class, and when."""

    context_id: int
    person_id: str
    now: datetime


class BadMaterial(ValueError):  # noqa: N818 - names what the teacher sent
    """What was sent can't be shown. `code`: "no-title", "address", "file", "too-large", "too-many"."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def add_link(session: Session, author: Author, skill_id: str, title: str, address: str) -> Material:
    """Keep a link for a skill. Raises `BadMaterial`."""
    return _add(session, author, Material(skill_id=skill_id, title=_title(title), url=_address(address)))


def add_file(session: Session, author: Author, skill_id: str, title: str, content: bytes) -> Material:
    """Keep a picture or a PDF for a skill. Raises `BadMaterial`."""
    if len(content) > LARGEST:
        raise BadMaterial("too-large")
    media_type = next((kind for start, kind in BEGINNINGS if content.startswith(start)), None)
    if media_type is None:
        raise BadMaterial("file")
    title = _title(title)
    return _add(session, author, Material(skill_id=skill_id, title=title, media_type=media_type, content=content))


def remove(session: Session, author: Author, material_id: str) -> None:
    """Take one away. A second tap changes nothing."""
    material = find(session, author.context_id, material_id)
    if material is not None:
        audit.record(
            session,
            "material.removed",
            material.skill_id,
            at=author.now,
            person_id=author.person_id,
            title=material.title,
        )
        session.delete(material)
        session.flush()


def find(session: Session, context_id: int | None, material_id: str) -> Material | None:
    """One of a class, with its content."""
    query = select(Material).where(Material.id == material_id, Material.context_id == context_id)
    return session.scalars(query).one_or_none()


def materials_of(session: Session, context_id: int | None, skill_ids: Collection[str]) -> Sequence[Material]:
    """What a class has for these skills, oldest first, without the files' content."""
    query = select(Material).where(Material.context_id == context_id, Material.skill_id.in_(skill_ids))
    return session.scalars(query.options(defer(Material.content)).order_by(Material.added_at, Material.id)).all()


def _add(session: Session, author: Author, material: Material) -> Material:
    of_class = select(func.count()).select_from(Material).where(Material.context_id == author.context_id)
    of_skill = session.scalar(of_class.where(Material.skill_id == material.skill_id)) or 0
    if of_skill >= MOST_OF_SKILL or (session.scalar(of_class) or 0) >= MOST_OF_CLASS:
        raise BadMaterial("too-many")
    material.context_id, material.author_id, material.added_at = author.context_id, author.person_id, author.now
    session.add(material)
    session.flush()
    audit.record(
        session, "material.added", material.skill_id, at=author.now, person_id=author.person_id, title=material.title
    )
    return material


def _title(text: str) -> str:
    plain = "".join(" " if unicodedata.category(c).startswith(("C", "Z")) else c for c in text)
    title = " ".join(plain.split())[:LONGEST_TITLE]
    if not title:
        raise BadMaterial("no-title")
    return title


def _address(text: str) -> str:
    """A web address that opens in a browser and does nothing else: https, a host, no name and password before it."""
    address = text.strip()
    try:
        parts = urlsplit(address)
    except ValueError:
        raise BadMaterial("address") from None
    fits = parts.scheme == "https" and parts.hostname and "@" not in parts.netloc
    if not fits or len(address) > LONGEST_ADDRESS or not address.isprintable() or " " in address:
        raise BadMaterial("address")
    return address
