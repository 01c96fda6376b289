"""A command line of its own: an empty data folder, no settings from outside, and a way to type."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from lti_tool.cli import main
from lti_tool.persistence.database import Database

Type = Callable[..., Result]


@pytest.fixture(autouse=True)
def data_dir(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where everything is kept that a command writes."""
    for name in [name for name in os.environ if name.startswith("PROXIMAL_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PROXIMAL_SECRETS_DIR", str(tmp_path_factory.mktemp("no-secrets")))
    monkeypatch.setenv("PROXIMAL_DATA_DIR", str(tmp_path / "data"))
    return tmp_path / "data"


@pytest.fixture
def run() -> Type:
    """Type a command; see what it prints and how it ends."""
    return lambda *words: CliRunner().invoke(main, words)


@pytest.fixture
def written(data_dir: Path) -> Iterator[Database]:
    """The database that the commands wrote."""
    database = Database(f"sqlite:///{data_dir / 'proximal.db'}")
    yield database
    database.close()
