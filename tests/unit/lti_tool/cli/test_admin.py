"""`proximal admin`: what only whoever runs the server may do about the console."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from lti_tool.config import Settings
from lti_tool.persistence import migrate
from lti_tool.persistence.database import Database
from lti_tool.persistence.secrets import Vault, load_master_key
from lti_tool.persistence.tables.administration import AdminGrant, AdminInvitation, Administrator
from lti_tool.persistence.tables.tenancy import District
from tests.unit.lti_tool.cli.conftest import Type


@pytest.fixture(autouse=True)
def migrated(written: Database) -> None:
    migrate.upgrade(written)


def test_an_invitation_and_an_emergency_address_are_printed_and_stored_as_hashes(run: Type, written: Database) -> None:
    invited, emergency = run("admin", "invite"), run("admin", "break-glass")
    assert "/admin/join?invitation=" in invited.output
    assert "PROXIMAL_ADMIN_SIGN_IN" in invited.stderr
    assert "/admin/emergency?invitation=" in emergency.output
    with written.read() as session:
        rows = session.scalars(select(AdminInvitation)).all()
        assert sorted(row.kind for row in rows) == ["break-glass", "join"]
        printed = invited.output + emergency.output
        assert not [row for row in rows if row.secret_hash in printed]


def test_with_several_districts_one_has_to_be_named(run: Type, written: Database) -> None:
    run("admin", "invite")
    run("admin", "add-district", "Eastbank")
    assert run("admin", "add-district", "Eastbank").exit_code == 1
    refused = run("admin", "grant", "--group", "it", "--role", "reader")
    assert "--district" in refused.stderr
    assert "proximal admin add-district" in run("admin", "invite", "--district", "Nowhere").stderr
    run("admin", "grant", "--group", "it", "--role", "reader", "--district", "Eastbank")
    with written.read() as session:
        grant = session.scalars(select(AdminGrant)).one()
        eastbank = session.scalars(select(District).where(District.name == "Eastbank")).one()
        assert (grant.group_name, grant.role, grant.district_id) == ("it", "reader", eastbank.id)
    assert "Eastbank" in run("admin", "list").output


def test_an_administrator_is_listed_and_forgotten(run: Type, written: Database) -> None:
    run("keys", "list")  # makes the master key
    settings = Settings.load()
    name = Vault(load_master_key(settings.master_key, settings.data_dir)).encrypt("Imani")
    now = datetime.now(UTC)
    with written.write() as session:
        session.add(
            Administrator(issuer="proxy", subject="imani", encrypted_name=name, created_at=now, last_seen_at=now)
        )
    assert "1  Imani" in run("admin", "list").output
    run("admin", "forget", "1")
    assert "Imani" not in run("admin", "list").output
    assert "no such administrator" in run("admin", "forget", "1").stderr
