"""Which LMSs may launch: added, corrected, listed."""

from dataclasses import replace

from sqlalchemy import select

from lti_tool.persistence.database import Database, upsert
from lti_tool.persistence.tables.audit import AuditEvent
from lti_tool.persistence.tables.keys import AccessToken
from lti_tool.services.platforms.registrations import NewRegistration, add_registration, all_registrations
from tests.unit.lti_tool.persistence.rows import LMS, MONDAY

CANVAS = NewRegistration(
    issuer="https://canvas.instructure.com",
    client_id="north",
    auth_url=f"{LMS}/auth",
    token_url=f"{LMS}/token",
    jwks_url=f"{LMS}/keys",
    deployment_ids=["1", "2"],
)


def listed(database: Database) -> list[tuple[str, list[str]]]:
    with database.read() as session:
        return [(registration.client_id, list(ids)) for registration, ids in all_registrations(session)]


def test_districts_that_share_an_issuer_stay_apart(database: Database) -> None:
    with database.write() as session:
        for client in ("north", "south"):
            add_registration(session, replace(CANVAS, client_id=client), MONDAY)
    assert listed(database) == [("north", ["1", "2"]), ("south", ["1", "2"])]


def test_adding_the_same_again_corrects_it_and_both_are_in_the_audit_log(database: Database) -> None:
    with database.write() as session:
        add_registration(session, CANVAS, MONDAY)
        changed = replace(CANVAS, auth_url=f"{LMS}/new-auth", deployment_ids=["2", "3"], token_audience="aud")
        registration = add_registration(session, changed, MONDAY)
        assert (registration.auth_url, registration.token_audience) == (f"{LMS}/new-auth", "aud")
    assert listed(database) == [("north", ["1", "2", "3"])]
    with database.read() as session:
        actions = session.scalars(select(AuditEvent.action).order_by(AuditEvent.id)).all()
    assert actions == ["registration.added", "registration.changed"]


def test_a_new_token_address_makes_old_tokens_void_and_the_same_one_keeps_them(database: Database) -> None:
    with database.write() as session:
        registration = add_registration(session, CANVAS, MONDAY)
        row = {"registration_id": registration.id, "scopes": "a", "encrypted_token": b"x", "refresh_at": MONDAY}
        upsert(session, AccessToken, row)
    for new, kept in ((CANVAS, 1), (replace(CANVAS, token_url=f"{LMS}/other"), 0)):
        with database.write() as session:
            add_registration(session, new, MONDAY)
        with database.read() as session:
            assert len(session.scalars(select(AccessToken)).all()) == kept
