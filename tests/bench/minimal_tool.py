"""The least tool that can be made with pylti1p3: its login and its launch, its one-time state kept in a database.

The same database layer and driver as Proximal's. The platform's keys are at hand, so that no launch fetches them.
"""

import json
from collections.abc import Mapping
from typing import Any

from flask import Flask
from pylti1p3.contrib.flask import FlaskMessageLaunch, FlaskOIDCLogin, FlaskRequest
from pylti1p3.launch_data_storage.base import LaunchDataStorage
from pylti1p3.tool_config import ToolConfDict
from sqlalchemy import text

from lti_tool.persistence.database import Database
from tests.support.school import CLIENT_ID, DEPLOYMENT_ID, LMS_URL, TOOL_URL

READ = text("SELECT value FROM minimal_tool WHERE name = :name")
WRITE = text("INSERT INTO minimal_tool VALUES (:name, :value) ON CONFLICT (name) DO UPDATE SET value = excluded.value")


class Durable(LaunchDataStorage[Any]):
    """Launch data that outlives the process, as states and nonces must where several processes serve."""

    def __init__(self, database: Database) -> None:
        super().__init__()
        self._database = database

    def can_set_keys_expiration(self) -> bool:
        """Nothing here runs out."""
        return False

    def get_value(self, key: str) -> Any:
        """One value, or None."""
        with self._database.read() as session:
            found = session.scalar(READ, {"name": self._prepare_key(key)})
        return None if found is None else json.loads(found)

    def set_value(self, key: str, value: Any, exp: int | None = None) -> None:
        """Keep one value."""
        with self._database.write() as session:
            session.execute(WRITE, {"name": self._prepare_key(key), "value": json.dumps(value)})

    def check_value(self, key: str) -> bool:
        """Whether there is one."""
        return self.get_value(key) is not None


def create_minimal_tool(database: Database, platform_jwks: Mapping[str, Any]) -> Flask:
    """The tool, with its table made, registered with the practice LMS."""
    app = Flask(__name__)
    app.secret_key = "minimal"
    with database.write() as session:
        session.execute(text("CREATE TABLE minimal_tool (name TEXT PRIMARY KEY, value TEXT)"))
    configuration = ToolConfDict(
        {
            LMS_URL: {
                "client_id": CLIENT_ID,
                "auth_login_url": f"{LMS_URL}/lti/auth",
                "auth_token_url": f"{LMS_URL}/lti/token",
                "key_set": dict(platform_jwks),
                "key_set_url": f"{LMS_URL}/.well-known/jwks.json",
                "deployment_ids": [DEPLOYMENT_ID],
            }
        }
    )

    @app.post("/lti/login")
    def login() -> Any:
        """To the platform, with state and nonce."""
        begun = FlaskOIDCLogin(FlaskRequest(), configuration, launch_data_storage=Durable(database))
        return begun.redirect(f"{TOOL_URL}/lti/launch")

    @app.post("/lti/launch")
    def launch() -> str:
        """Who it is."""
        message = FlaskMessageLaunch(FlaskRequest(), configuration, launch_data_storage=Durable(database))
        return f"<!doctype html><title>Tool</title><h1>{message.get_launch_data()['sub']}</h1>"

    return app
