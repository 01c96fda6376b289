"""A practice LMS on localhost and a fake tool on 127.0.0.1: two real sites for a browser or an HTTP client."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import requests
from flask import Flask
from werkzeug.serving import make_server

from lti_tool.cli.running.processes import free_port
from sandbox_lms.app import create_lms
from sandbox_lms.config import LmsConfig, ToolRegistration
from sandbox_lms.testing import SandboxClient, serving
from tests.lti.fake_tool import FakeTool


@contextmanager
def listening(app: Flask, port: int) -> Iterator[None]:
    """Serve the fake tool."""
    server = make_server("127.0.0.1", port, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@dataclass(frozen=True)
class Sites:
    """An LMS on localhost and a tool on 127.0.0.1."""

    lms: SandboxClient
    tool: FakeTool
    address: str


@contextmanager
def two_sites(database: str) -> Iterator[Sites]:
    """Both sites up; the LMS gets the tool's keys, and the tool the LMS's, over HTTP."""
    address, tool_port = f"http://localhost:{free_port()}", free_port()
    tool_url = f"http://127.0.0.1:{tool_port}"
    tool = FakeTool(tool_url, address, lambda: requests.get(f"{address}/.well-known/jwks.json", timeout=10).json())
    app = create_lms(LmsConfig(address, ToolRegistration.by_convention(tool_url), database))
    with listening(tool.app, tool_port), serving(app):
        yield Sites(SandboxClient(app, address=address), tool, address)
