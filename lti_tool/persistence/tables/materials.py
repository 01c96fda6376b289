"""A teacher's own link or small file for a skill: "look at this first"."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from lti_tool.persistence.base import Base, personal, random_id


class Material(Base):
    """One link or file, shown to the pupils of a class before a skill. Either `url` or `content` is there."""

    __tablename__ = "material"
    __table_args__ = (
        Index("ix_material_context_skill", "context_id", "skill_id"),
        {"info": personal(author_id="pseudonymise")},
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=random_id)
    context_id: Mapped[int] = mapped_column(ForeignKey("context.id"))
    skill_id: Mapped[str] = mapped_column(String(128))
    author_id: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    title: Mapped[str] = mapped_column(String(120))
    url: Mapped[str | None] = mapped_column(Text)
    media_type: Mapped[str | None] = mapped_column(String(64))
    content: Mapped[bytes | None] = mapped_column(LargeBinary)
    added_at: Mapped[datetime]
