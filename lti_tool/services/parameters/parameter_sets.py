"""Which parameter set traces a bank's answers. Sets are immutable; what changes is which of them is live."""

from __future__ import annotations

import json
from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.persistence.database import get_or_create
from lti_tool.persistence.tables.audit import record
from lti_tool.persistence.tables.practice import ParameterVersion
from lti_tool.services.parameters.parameter_files import ParameterDocument


def live_version(session: Session, bank_id: str, *, but: Collection[str] = ()) -> ParameterVersion | None:
    """The set in use for a bank, or the one before it where that is among the versions `but`; None before the first
    start."""
    return session.scalars(
        select(ParameterVersion)
        .where(
            ParameterVersion.bank_id == bank_id,
            ParameterVersion.live_since.is_not(None),
            ParameterVersion.version.not_in(tuple(but)),
        )
        .order_by(ParameterVersion.live_since.desc(), ParameterVersion.version)
        .limit(1)
    ).one_or_none()


def is_fitted(row: ParameterVersion) -> bool:
    """Whether the set was fitted to answers, rather than written by experts."""
    return "provenance" in json.loads(row.parameters)


def keep(session: Session, bank_id: str, document: ParameterDocument, now: datetime) -> ParameterVersion:
    """Store a fitted set; it goes live only if its hold-out figures are not worse than those of the live one.

    A set that is there already stays as it was stored. Whom it traced is replayed when a pupil next practises, so no
    state that is shown changes by the swap alone.
    """
    version = document.parameters.version
    row, _ = get_or_create(
        session,
        ParameterVersion,
        {"version": version},
        {"bank_id": bank_id, "parameters": document.to_json(), "first_used_at": now},
    )
    live = live_version(session, bank_id)
    held_out = document.provenance.get("held_out", {})
    if held_out.get("not_worse") and (live is None or live.version != version):
        row.live_since = now
        record(session, "parameters.live", bank_id, at=now, version=version, held_out=held_out)
    else:
        record(session, "parameters.kept_out", bank_id, at=now, version=version, held_out=held_out)
    session.flush()
    return row
