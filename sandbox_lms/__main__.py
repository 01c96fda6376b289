"""Runs the practice LMS: python -m sandbox_lms --port 8000 --database lms.sqlite --tool-url http://127.0.0.1:8001"""

from __future__ import annotations

import argparse
import logging

from werkzeug.serving import make_server

from sandbox_lms.app import create_lms
from sandbox_lms.config import LmsConfig, ToolRegistration
from sandbox_lms.families import FAMILIES


def main(arguments: list[str] | None = None) -> None:
    """Serve until interrupted. Only this machine can reach it: whoever can is anybody in the school."""
    parser = argparse.ArgumentParser(prog="python -m sandbox_lms", description="A practice LMS for LTI 1.3 tools.")
    parser.add_argument("--host", default="localhost", help="a name of this machine (default: %(default)s)")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--database", default="practice_lms.sqlite", help="a file, or :memory: (default: %(default)s)")
    parser.add_argument("--tool-url", help="register this tool; its LTI endpoints are under <tool-url>/lti/")
    parser.add_argument("--like", choices=list(FAMILIES), default="standard", help="take on this LMS's ways")
    storage = parser.add_mutually_exclusive_group()
    storage.add_argument("--storage", action="store_true", default=None, help="keep data for the tool")
    storage.add_argument("--no-storage", action="store_false", dest="storage", help="keep none")
    chosen = parser.parse_args(arguments)
    config = LmsConfig(
        base_url=f"http://{chosen.host}:{chosen.port}",
        database=chosen.database,
        tool=ToolRegistration.by_convention(chosen.tool_url) if chosen.tool_url else None,
        like=chosen.like,
        storage=chosen.storage,
    )
    # One line per request would bury the address below.
    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    server = make_server(chosen.host, chosen.port, create_lms(config), threaded=True)
    print(f"Practice LMS: {config.base_url}", flush=True)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        server.server_close()


if __name__ == "__main__":
    main()
