"""`proximal keys`: our signing keys, listed and rotated."""

from datetime import UTC, datetime

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import select

from lti_tool.config import Settings
from lti_tool.lti.tool_keys import signing_key
from lti_tool.persistence.database import Database
from lti_tool.persistence.secrets import MasterKeyError, Vault
from lti_tool.persistence.tables.keys import ToolKey
from tests.unit.lti_tool.cli.conftest import Type


@pytest.fixture(autouse=True)
def vault(monkeypatch: pytest.MonkeyPatch) -> Vault:
    """Opens what the commands locked."""
    key = Fernet.generate_key().decode()
    monkeypatch.setenv("PROXIMAL_MASTER_KEY", key)
    return Vault(key)


def signs(database: Database, vault: Vault) -> str:
    with database.read() as session:
        return signing_key(session, vault, datetime.now(UTC)).kid


def test_the_first_look_makes_a_key(run: Type, written: Database, vault: Vault) -> None:
    [line] = run("keys", "list").output.splitlines()
    assert line.startswith(f"{signs(written, vault)}  signs since ")


def test_a_new_key_waits_a_day_before_it_signs(run: Type, written: Database, vault: Vault) -> None:
    run("keys", "list")
    old = signs(written, vault)
    result = run("keys", "rotate")
    assert result.exit_code == 0
    new, _, when = result.output.partition("  signs from ")
    assert when.endswith(" UTC\n")
    assert signs(written, vault) == old
    first, second = run("keys", "list").output.splitlines()
    assert first.startswith(f"{new}  signs from ")
    assert second.startswith(f"{old}  signs since ")
    assert ", published until " in second


def test_a_leaked_key_is_gone_at_once(run: Type, written: Database, vault: Vault) -> None:
    run("keys", "list")
    new = run("keys", "rotate", "--now").output.partition(" ")[0]
    assert signs(written, vault) == new
    [line] = run("keys", "list").output.splitlines()
    assert line.startswith(new)


def test_no_private_key_is_ever_shown(run: Type, written: Database) -> None:
    shown = run("keys", "list").output + run("keys", "rotate").output + run("keys", "list").output
    assert "PRIVATE" not in shown
    with written.read() as session:
        assert not [row for row in session.scalars(select(ToolKey)) if b"PRIVATE" in row.encrypted_private_pem]


def test_another_master_key_is_one_sentence(run: Type, monkeypatch: pytest.MonkeyPatch) -> None:
    run("keys", "list")
    monkeypatch.setenv("PROXIMAL_MASTER_KEY", Fernet.generate_key().decode())
    result = run("keys", "list")
    assert result.exit_code == 1
    assert result.output.startswith("Error: ")
    assert "Traceback" not in result.output


def test_the_master_key_is_replaced_without_losing_anything(
    run: Type, written: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PROXIMAL_MASTER_KEY")
    kid = run("keys", "list").output.split()[0]
    assert "Restart" in run("keys", "new-master").output
    new, old = (Settings.load().data_dir / "master.key").read_text().split()
    assert "1 values are under the newest" in run("keys", "reencrypt").output
    with written.read() as session:
        assert signing_key(session, Vault(new), datetime.now(UTC)).kid == kid
        with pytest.raises(MasterKeyError):
            signing_key(session, Vault(old), datetime.now(UTC))


def test_a_master_key_in_the_settings_is_replaced_there(run: Type) -> None:
    assert "with a comma" in run("keys", "new-master").stderr
