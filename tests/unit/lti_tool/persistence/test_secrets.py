"""The master key, and what it keeps from a reader of the database."""

import os
import re
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from cryptography.hazmat.primitives import serialization

from lti_tool.lti.tool_keys import ensure_signing_key, signing_key
from lti_tool.persistence.database import Database
from lti_tool.persistence.secrets import MasterKeyError, Vault, add_master_key, load_master_key, open_vault, renew_all
from tests.unit.lti_tool.persistence.rows import MONDAY

MAKE_KEY = "import sys, pathlib; from lti_tool.persistence.secrets import load_master_key as load; "
MAKE_KEY += "sys.stdout.write(load('', pathlib.Path(sys.argv[1])))"


def new_vault() -> Vault:
    return Vault(Fernet.generate_key().decode())


class TestMasterKey:
    def test_a_configured_key_is_used_and_no_file_is_made(self, tmp_path: Path) -> None:
        assert load_master_key("mine", tmp_path) == "mine"
        assert list(tmp_path.iterdir()) == []

    def test_the_first_start_makes_one_that_only_its_owner_can_read(self, tmp_path: Path) -> None:
        folder = tmp_path / "data"
        key = load_master_key("", folder)
        assert stat.S_IMODE((folder / "master.key").stat().st_mode) == 0o600
        assert [file.name for file in folder.iterdir()] == ["master.key"]
        assert load_master_key("", folder) == key
        Vault(key)

    def test_a_key_that_is_there_is_read_where_nothing_may_be_written(self, tmp_path: Path) -> None:
        key = load_master_key("", tmp_path)
        tmp_path.chmod(0o500)
        assert load_master_key("", tmp_path) == key

    def test_processes_that_start_at_once_agree_on_one(self, tmp_path: Path) -> None:
        environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[4])}
        command = [sys.executable, "-c", MAKE_KEY, str(tmp_path)]
        started = [subprocess.Popen(command, stdout=subprocess.PIPE, env=environment) for _ in range(4)]
        keys = {process.communicate()[0] for process in started}
        assert [process.returncode for process in started] == [0] * 4
        assert keys == {(tmp_path / "master.key").read_bytes()}
        assert [file.name for file in tmp_path.iterdir()] == ["master.key"]

    @pytest.mark.parametrize("key", ["short", "é" * 44, "x" * 44 + "="])
    def test_a_malformed_key_is_refused_with_what_to_do(self, key: str) -> None:
        with pytest.raises(MasterKeyError, match=r"must be 32 bytes .* Restore it from the backup"):
            Vault(key)

    def test_it_is_said_where_a_malformed_key_stands(self, tmp_path: Path) -> None:
        with pytest.raises(MasterKeyError, match=r"^PROXIMAL_MASTER_KEY must be"):
            open_vault("short", tmp_path)
        file = tmp_path / "master.key"
        for content in (b"", b"short", b"\xff"):
            file.write_bytes(content)
            with pytest.raises(MasterKeyError, match=re.escape(str(file))):
                open_vault("", tmp_path)
        file.unlink()
        file.mkdir()
        with pytest.raises(MasterKeyError, match=f"can't be read from or written to {re.escape(str(file))}"):
            open_vault("", tmp_path)


class TestSigningKey:
    def test_the_private_key_stands_nowhere_in_the_database_file(self, tmp_path: Path, database: Database) -> None:
        vault = new_vault()
        with database.write() as session:
            ensure_signing_key(session, vault, MONDAY)
        with database.read() as session:
            private = signing_key(session, vault, MONDAY).private
        pem = private.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        secret = pem.splitlines()[5]
        assert b"PRIVATE KEY" in pem
        with database.read() as session:
            row = session.connection().exec_driver_sql("SELECT * FROM tool_key").one()
        stored = b" ".join(bytes(value) if isinstance(value, bytes) else str(value).encode() for value in row)
        assert secret not in stored
        assert b"PRIVATE" not in stored
        if database.is_sqlite:
            path = Path(str(database.engine.url.database))
            for file in path.parent.glob(path.name + "*"):
                assert secret not in file.read_bytes()

    def test_another_master_key_is_noticed_at_the_start(self, database: Database) -> None:
        with database.write() as session:
            ensure_signing_key(session, new_vault(), MONDAY)
        with pytest.raises(MasterKeyError, match="another master key"), database.write() as session:
            ensure_signing_key(session, new_vault(), MONDAY)

    def test_the_second_start_makes_no_second_key(self, database: Database) -> None:
        vault, kids = new_vault(), set()
        for _ in range(2):
            with database.write() as session:
                ensure_signing_key(session, vault, MONDAY)
                kids.add(signing_key(session, vault, MONDAY).kid)
        assert len(kids) == 1


class TestNewMasterKey:
    def test_the_newest_key_encrypts_and_the_older_still_opens(self) -> None:
        old, new = Fernet.generate_key().decode(), Fernet.generate_key().decode()
        before = Vault(old).encrypt("Ada")
        both = Vault(f"{new},{old}")
        assert both.decrypt(before) == "Ada"
        assert Vault(new).decrypt(both.encrypt("Ben")) == "Ben"
        assert Vault(new).decrypt(both.renew(before)) == "Ada"

    def test_after_all_was_put_under_the_new_key_the_old_one_opens_nothing(self, database: Database) -> None:
        old, new = Fernet.generate_key().decode(), Fernet.generate_key().decode()
        with database.write() as session:
            ensure_signing_key(session, Vault(old), MONDAY)
        with database.write() as session:
            assert renew_all(session, Vault(f"{new}\n{old}")) == 1
        with database.read() as session:
            assert signing_key(session, Vault(new), MONDAY).kid
            with pytest.raises(MasterKeyError):
                signing_key(session, Vault(old), MONDAY)

    def test_a_new_key_goes_before_the_one_in_the_file(self, tmp_path: Path) -> None:
        old = load_master_key("", tmp_path)
        add_master_key(tmp_path)
        assert load_master_key("", tmp_path).split()[1:] == [old]
        assert stat.S_IMODE((tmp_path / "master.key").stat().st_mode) == 0o600
