"""Running the tool: the database, the web server, the worker, the demo, each with one sentence when it can't."""

import os
import signal
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import text

from lti_tool.cli.running import processes
from lti_tool.cli.running.server import GUNICORN
from lti_tool.persistence import migrate
from lti_tool.persistence.database import Database
from tests.unit.lti_tool.cli.conftest import Type


def test_the_database_is_made_and_brought_up_to_date_as_often_as_one_likes(run: Type, written: Database) -> None:
    for _ in range(2):
        result = run("db", "upgrade")
        assert (result.exit_code, result.output) == (0, "The database is up to date.\n")
    assert migrate.is_current(written)


def test_serving_upgrades_first_and_then_becomes_gunicorn(
    run: Type, written: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    became: list[Any] = []
    monkeypatch.setattr(os, "execv", lambda path, words: became.append((path, words, migrate.is_current(written))))
    assert run("serve").exit_code == 0
    assert became == [(GUNICORN[0], GUNICORN, True)]


@pytest.mark.parametrize("command", ["serve", "worker", "doctor"])
@pytest.mark.parametrize(
    ("settings", "file", "why"),
    [
        ({"MASTER_KEY": "short"}, None, "Bad settings (master_key: Value error, must be 32 bytes in URL-safe base64"),
        ({"MASTER_KEY": Fernet.generate_key().decode()}, None, "The database was written with another master key."),
        ({}, "short", "must be 32 bytes in URL-safe base64"),
        ({}, Fernet.generate_key().decode(), "The database was written with another master key."),
    ],
    ids=["malformed", "another", "malformed file", "another file"],
)
def test_a_wrong_master_key_is_said_at_the_start_and_nothing_is_served(
    run: Type,
    written: Database,
    data_dir: Path,
    monkeypatch: pytest.MonkeyPatch,
    command: str,
    settings: dict[str, str],
    file: str | None,
    why: str,
) -> None:
    assert run("keys", "list").exit_code == 0, "which makes the first key"
    for name, value in settings.items():
        monkeypatch.setenv(f"PROXIMAL_{name}", value)
    if file is not None:
        (data_dir / "master.key").write_text(file)
    began: list[str] = []
    monkeypatch.setattr(os, "execv", lambda *_: began.append("web"))
    monkeypatch.setattr("lti_tool.cli.running.server.run_worker", lambda *_: began.append("worker"))
    monkeypatch.setattr("lti_tool.cli.running.server.configure_logging", lambda _: None)
    result = run(command)
    assert (result.exit_code, began) == (1, [])
    assert why in result.output
    assert "backup" in result.output
    assert isinstance(result.exception, SystemExit)


@pytest.mark.parametrize(
    ("settings", "why"),
    [
        ({"DATA_DIR": "/dev/null/here"}, "Nothing can be written to /dev/null/here (Not a directory)"),
        ({"SENTRY_DSN": "https://sentry.school.example"}, "sentry_dsn is no DSN such as "),
    ],
)
def test_what_would_end_each_web_process_ends_the_start(
    run: Type, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, settings: dict[str, str], why: str
) -> None:
    monkeypatch.setenv("PROXIMAL_DATABASE_URL", f"sqlite:///{tmp_path / 'elsewhere.db'}")
    for name, value in settings.items():
        monkeypatch.setenv(f"PROXIMAL_{name}", value)
    monkeypatch.setattr(os, "execv", lambda *_: pytest.fail("it started"))
    result = run("serve")
    assert result.exit_code == 1
    assert result.output.startswith(f"Error: {why}")


def test_a_worker_does_not_start_on_an_old_database(run: Type) -> None:
    result = run("worker")
    assert result.exit_code == 1
    assert "Error: The database lacks tables of this release. Run: proximal db upgrade" in result.output


def test_a_program_of_the_release_before_still_starts_on_a_newer_database(
    run: Type, written: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("db", "upgrade")
    with written.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = 'of the next release'"))
    began: list[str] = []
    monkeypatch.setattr(os, "execv", lambda *_: began.append("web"))
    monkeypatch.setattr("lti_tool.cli.running.server.run_worker", lambda *_: began.append("worker"))
    monkeypatch.setattr("lti_tool.cli.running.server.configure_logging", lambda _: None)
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    assert "of a newer release" in run("db", "upgrade").output
    assert [run(command).exit_code for command in ("serve", "worker")] == [0, 0]
    assert began == ["web", "worker"]


@pytest.mark.parametrize(
    ("settings", "why"),
    [
        ({"DATABASE_URL": "postgresql+psycopg://proximal:hush@127.0.0.1:1/proximal"}, "The database can't be used: "),
        ({"DATA_DIR": "/dev/null/here"}, "The database /dev/null/here/proximal.db can't be made (Not a directory)"),
    ],
)
def test_a_database_out_of_reach_is_said_in_a_sentence(
    run: Type, monkeypatch: pytest.MonkeyPatch, settings: dict[str, str], why: str
) -> None:
    for name, value in settings.items():
        monkeypatch.setenv(f"PROXIMAL_{name}", value)
    result = run("platforms", "list")
    assert result.exit_code == 1
    assert result.output.startswith(f"Error: {why}")
    assert "hush" not in result.output
    assert "BAD  database: " in run("doctor").output


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_worker_ends_when_it_is_told_to(run: Type, monkeypatch: pytest.MonkeyPatch, number: signal.Signals) -> None:
    run("db", "upgrade")
    handlers: dict[int, Callable[..., None]] = {}
    monkeypatch.setattr(signal, "signal", lambda which, handler: handlers.update({which: handler}))
    stops: list[threading.Event] = []

    def work(*parts: Any) -> None:
        stop = parts[-1]
        assert not stop.is_set()
        handlers[number](number, None)
        stops.append(stop)

    monkeypatch.setattr("lti_tool.cli.running.server.run_worker", work)
    monkeypatch.setattr("lti_tool.cli.running.server.configure_logging", lambda _: None)
    result = run("worker")
    assert result.exit_code == 0, result.output
    assert [stop.is_set() for stop in stops] == [True]


def test_a_bad_setting_is_one_sentence_that_names_it(run: Type, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROXIMAL_LAUNCH_HOURS", "soon")
    result = run("db", "upgrade")
    assert result.exit_code == 1
    assert result.output.startswith("Error: Bad settings (launch_hours: ")


class TakenPorts:
    """Stands in for `socket`: every port is taken."""

    SOL_SOCKET = SO_REUSEADDR = 0

    def socket(self) -> "TakenPorts":
        return self

    def __enter__(self) -> "TakenPorts":
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing is open."""

    def setsockopt(self, *_: object) -> None:
        """Any option is fine."""

    def bind(self, address: object) -> None:
        raise OSError(98, "Address already in use")


def test_a_demo_whose_port_is_taken_says_how_to_choose_another(
    run: Type, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(processes, "socket", TakenPorts())
    result = run("demo", "--lms-port", "9300")
    assert result.exit_code == 1
    assert result.output == (
        "Error: Port 9300 is taken by another program. Choose a free one: make demo DEMO_ARGS='--lms-port 9400'\n"
    )
    assert list(tmp_path.iterdir()) == [], "nothing was begun"


def test_every_command_has_a_help_text(run: Type) -> None:
    listed = run("--help").output
    for name in ("banks", "db", "demo", "keys", "platforms", "serve", "worker"):
        assert f"  {name}  " in listed
