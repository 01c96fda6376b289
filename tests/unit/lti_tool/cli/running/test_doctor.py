"""`proximal doctor` on the command line."""

import socket
from pathlib import Path

import pytest
import requests

from tests.unit.lti_tool.cli.conftest import Type


def test_a_new_installation_is_told_what_to_do_first(run: Type) -> None:
    result = run("doctor")
    assert result.exit_code == 1
    assert "BAD  database: It lacks tables of this release.\n     -> Run: proximal db upgrade" in result.output


def test_then_what_is_still_missing(run: Type, monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody(*_: object, **__: object) -> None:
        raise requests.ConnectionError("refused")

    monkeypatch.setattr(requests.Session, "get", nobody)
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_: [])
    monkeypatch.setenv("PROXIMAL_BASE_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("PROXIMAL_ALLOW_HTTP_ON_LOOPBACK", "true")
    run("db", "upgrade")
    result = run("doctor")
    assert result.exit_code == 1
    assert "ok   database: SQLite, all tables of this release" in result.output
    assert "BAD  web server: http://127.0.0.1:9/healthz gives no answer of ours" in result.output
    assert "BAD  LMS: none is registered" in result.output
    assert "things to mend" in result.output


def test_a_database_that_is_no_database(run: Type, data_dir: Path) -> None:
    data_dir.mkdir()
    (data_dir / "proximal.db").write_text("this is not a database " * 100)
    result = run("doctor")
    assert result.exit_code == 1
    assert "BAD  database: It does not answer: file is not a database" in result.output
