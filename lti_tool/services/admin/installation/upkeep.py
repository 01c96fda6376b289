"""What belongs to the whole installation: background jobs, banks and their versions, parameter sets, retention."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lti_tool.persistence.tables.administration import BackgroundJob
from lti_tool.persistence.tables.people import DisplayName, Person
from lti_tool.persistence.tables.practice import BankVersion, ParameterVersion
from lti_tool.services.admin.reach import Reach
from lti_tool.services.parameters.parameter_sets import live_version


@dataclass(frozen=True)
class ParameterLine:
    """One parameter set of a bank."""

    version: str
    fitted: bool
    live: bool
    live_since: datetime | None
    first_used_at: datetime
    held_out: Mapping[str, object]


@dataclass(frozen=True)
class BankLine:
    """A bank, the versions that were served, and the sets that traced its answers: newest first."""

    id: str
    versions: Sequence[tuple[str, datetime]]
    sets: Sequence[ParameterLine]


@dataclass(frozen=True)
class RetentionLine:
    """How many people a period concerns now and within the next month."""

    people: int
    names: int
    names_soon: int
    people_soon: int


def jobs(session: Session) -> Sequence[BackgroundJob]:
    """What each kind of background work did last."""
    return session.scalars(select(BackgroundJob).order_by(BackgroundJob.name)).all()


def banks(session: Session) -> Sequence[BankLine]:
    """Every bank that was ever served here."""
    versions = session.scalars(select(BankVersion).order_by(BankVersion.bank_id, BankVersion.first_served_at.desc()))
    found: dict[str, list[tuple[str, datetime]]] = {}
    for row in versions:
        found.setdefault(row.bank_id, []).append((row.version, row.first_served_at))
    return [BankLine(bank_id, served, _sets(session, bank_id)) for bank_id, served in found.items()]


def _sets(session: Session, bank_id: str) -> Sequence[ParameterLine]:
    live = live_version(session, bank_id)
    rows = session.scalars(
        select(ParameterVersion)
        .where(ParameterVersion.bank_id == bank_id)
        .order_by(ParameterVersion.first_used_at.desc(), ParameterVersion.version)
    )
    lines = []
    for row in rows:
        provenance = json.loads(row.parameters).get("provenance") or {}
        lines.append(
            ParameterLine(
                row.version,
                bool(provenance),
                live is not None and live.version == row.version,
                row.live_since,
                row.first_used_at,
                provenance.get("held_out", {}),
            )
        )
    return lines


def retention(session: Session, reach: Reach, names_days: int, records_days: int, now: datetime) -> RetentionLine:
    """How many people of the district the periods concern."""
    soon = now + timedelta(days=30)
    people = select(func.count()).select_from(Person).where(Person.registration_id.in_(reach.registrations()))
    named = people.join(DisplayName, DisplayName.person_id == Person.id)
    last_seen = func.coalesce(Person.last_launch_at, DisplayName.seen_at)
    last_launch = func.coalesce(Person.last_launch_at, Person.created_at)
    return RetentionLine(
        people=session.scalar(people) or 0,
        names=session.scalar(named) or 0,
        names_soon=session.scalar(named.where(last_seen < soon - timedelta(days=names_days))) or 0,
        people_soon=session.scalar(people.where(last_launch < soon - timedelta(days=records_days))) or 0,
    )
