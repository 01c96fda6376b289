"""One-time invitations: good once, for a week, and stored as nothing that could be used."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from lti_tool.persistence.database import Database
from lti_tool.persistence.tables.audit import AuditEvent
from lti_tool.persistence.tables.tenancy import Invitation
from lti_tool.services.platforms.invitations import LIFETIME, invite, open_invitation, use
from tests.unit.lti_tool.persistence.rows import MONDAY, add_lms

MOMENT = timedelta(seconds=1)


def test_an_invitation_registers_one_lms_and_no_second(database: Database) -> None:
    with database.write() as session:
        secret = invite(session, MONDAY)
        first, second = add_lms(session, client_id="a"), add_lms(session, client_id="b")
        assert open_invitation(session, secret, MONDAY)
        assert use(session, secret, first.id, MONDAY)
        assert not open_invitation(session, secret, MONDAY)
        assert not use(session, secret, second.id, MONDAY)
    with database.read() as session:
        row = session.scalars(select(Invitation)).one()
        assert (row.registration_id, row.used_at) == (first.id, MONDAY)


def test_an_invitation_is_over_after_a_week(database: Database) -> None:
    with database.write() as session:
        secret, registration = invite(session, MONDAY), add_lms(session)
        assert open_invitation(session, secret, MONDAY + LIFETIME - MOMENT)
        assert not open_invitation(session, secret, MONDAY + LIFETIME)
        assert not use(session, secret, registration.id, MONDAY + LIFETIME)


@pytest.mark.parametrize("guess", ["", "made-up", "' OR 1=1 --", "é", "x" * 10_000])
def test_nobody_guesses_one(database: Database, guess: str) -> None:
    with database.write() as session:
        invite(session, MONDAY)
        assert not open_invitation(session, guess, MONDAY)
        assert not use(session, guess, add_lms(session).id, MONDAY)


def test_the_database_and_the_audit_log_hold_no_secret(database: Database) -> None:
    with database.write() as session:
        secret, other = invite(session, MONDAY), invite(session, MONDAY)
    assert secret != other
    with database.read() as session:
        hashes = session.scalars(select(Invitation.secret_hash)).all()
        events = session.scalars(select(AuditEvent)).all()
    assert {event.action for event in events} == {"invitation.made"}
    assert not [row for row in [*hashes, *(event.subject for event in events)] if secret in row or other in row]


def test_the_hash_of_an_invitation_is_no_invitation(database: Database) -> None:
    with database.write() as session:
        invite(session, MONDAY)
        stored = session.scalars(select(Invitation.secret_hash)).one()
        assert not open_invitation(session, stored, MONDAY)
