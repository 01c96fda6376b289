"""Runs the practice LMS: python -m sandbox_lms --port 8000 --database lms.sqlite --tool-url http://127.0.0.1:8001"""

from __future__ import annotations

import argparse
import logging

from werkzeug.serving import make_server

from sandbox_lms.app import create_lms
from sandbox_lms.config import LmsConfig, ToolRegistration


def main(arguments: list[str] | None = None) -> None:
    """Serve until interrupted. Only this machine can reach it: whoever can is anybody in the school."""
    parser = argparse.ArgumentParser(prog="python -m sandbox_lms", description="A practice LMS for one LTI 1.3 tool.")
    parser.add_argument("--host", default="localhost", help="a name of this machine (default: %(default)s)")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--database", default="practice_lms.sqlite", help="a file, or :memory: (default: %(default)s)")
    parser.add_argument("--tool-url", required=True, help="the tool; its LTI endpoints are under <tool-url>/lti/")
    chosen = parser.parse_args(arguments)
    config = LmsConfig(
        base_url=f"http://{chosen.host}:{chosen.port}",
        database=chosen.database,
        tool=ToolRegistration.by_convention(chosen.tool_url),
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
