"""Encryption at rest for private keys, tokens and names, under one master key."""

import os
import tempfile
from contextlib import suppress
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from sqlalchemy import and_, select, update
from sqlalchemy.orm import Session

from lti_tool.persistence.base import Base

MASTER_KEY_FILE = "master.key"


class MasterKeyError(ValueError):
    """The master key is malformed, or not the one that the database was written with."""


class Vault:
    """Encrypts and decrypts with the master key (Fernet: AES-128-CBC with HMAC-SHA256).

    Several keys, the newest first and separated by commas or lines, are one that replaces others: the first encrypts,
    each decrypts.
    """

    def __init__(self, master_key: str) -> None:
        """Raise `MasterKeyError` for a malformed key; the message begins with what it must be."""
        try:
            self._fernet = MultiFernet([Fernet(key) for key in master_key.replace(",", " ").split()])
        except ValueError:
            raise MasterKeyError(
                "must be 32 bytes in URL-safe base64 (44 characters; several with commas between). Restore it from the "
                "backup; only for a new database leave it empty to have one made."
            ) from None

    def encrypt(self, plain: str) -> bytes:
        """Encrypt a text."""
        return self._fernet.encrypt(plain.encode())

    def decrypt(self, encrypted: bytes) -> str:
        """Decrypt what `encrypt` made. Raises `MasterKeyError` if it was made with another key."""
        try:
            return self._fernet.decrypt(encrypted).decode()
        except InvalidToken:
            raise MasterKeyError(
                "The database was written with another master key. Set PROXIMAL_MASTER_KEY to that one, or restore "
                "master.key in PROXIMAL_DATA_DIR from the backup."
            ) from None

    def renew(self, encrypted: bytes) -> bytes:
        """The same text under the newest key. Raises `MasterKeyError` like `decrypt`."""
        return self.encrypt(self.decrypt(encrypted))


def renew_all(session: Session, vault: Vault) -> int:
    """Put every encrypted column under the newest master key; return how many values."""
    renewed = 0
    for table in Base.metadata.sorted_tables:
        keys = list(table.primary_key.columns)
        for column in (column for column in table.columns if column.name.startswith("encrypted_")):
            for *key, value in session.execute(select(*keys, column).where(column.is_not(None))).all():
                where = and_(*(part == known for part, known in zip(keys, key, strict=True)), column == value)
                session.execute(update(table).where(where).values({column.name: vault.renew(value)}))
                renewed += 1
    return renewed


def open_vault(configured: str, data_dir: Path) -> Vault:
    """The vault of this installation. Raises `MasterKeyError` that names where the key stands."""
    try:
        return Vault(load_master_key(configured, data_dir))
    except MasterKeyError as error:
        where = "PROXIMAL_MASTER_KEY" if configured else f"The master key in {data_dir / MASTER_KEY_FILE}"
        raise MasterKeyError(f"{where} {error}") from None
    except (OSError, UnicodeDecodeError) as error:
        raise MasterKeyError(
            f"The master key can't be read from or written to {data_dir / MASTER_KEY_FILE} ({error}). Let this user do "
            "so, or set PROXIMAL_MASTER_KEY."
        ) from None


def load_master_key(configured: str, data_dir: Path) -> str:
    """The configured master key, else the one in data_dir/master.key, made on first use with mode 0600."""
    if configured:
        return configured
    path = data_dir / MASTER_KEY_FILE
    if not path.exists():
        data_dir.mkdir(parents=True, exist_ok=True)
        _make_master_key(path)
    return path.read_text().strip()


def add_master_key(data_dir: Path) -> None:
    """Put a new key before those in data_dir/master.key."""
    path = data_dir / MASTER_KEY_FILE
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix="master.key.")
    with os.fdopen(handle, "wb") as file:
        file.write(Fernet.generate_key() + b"\n" + path.read_bytes())
        file.flush()
        os.fsync(file.fileno())
    Path(temporary).replace(path)


def _make_master_key(path: Path) -> None:
    # The key gets its name whole and on disk, or not at all; of several processes that start at once one names its
    # key and the others use that. `mkstemp` makes files that only their owner can read.
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix="master.key.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(Fernet.generate_key())
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):
            os.link(temporary, path)
    finally:
        Path(temporary).unlink()
