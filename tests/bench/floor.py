"""The least that a Flask app with a database can do for an answer: the floor that Proximal is measured against.

Token check, one insert, one update, commit, a 4 KB template; on the same database layer and with the same driver.
"""

import hashlib
import hmac
from datetime import UTC, datetime

from flask import Flask, abort, request
from sqlalchemy import text

from lti_tool.persistence.database import Database

SECRET = b"floor"
_LINE = "<li class='choice'><label><input type='radio' name='response' value='{{ number }}'> {{ word }}</label></li>\n"
TEMPLATE = (
    "<!doctype html><title>{{ title }}</title><main><h1>{{ title }}</h1><form method='post'><ul>"
    + "{% for number, word in rows %}"
    + _LINE
    + "{% endfor %}</ul></form></main>"
)


def create_floor(database: Database) -> Flask:
    """The floor app, with its two tables made."""
    app = Flask(__name__)
    page = app.jinja_env.from_string(TEMPLATE)
    with database.write() as session:
        session.execute(text("CREATE TABLE floor_answer (person INTEGER, response TEXT, answered_at TEXT)"))
        session.execute(text("CREATE TABLE floor_state (person INTEGER PRIMARY KEY, answers INTEGER)"))
        session.execute(text("INSERT INTO floor_state VALUES (1, 0)"))

    @app.post("/answer")
    def answer() -> str:
        """Take one answer."""
        if not hmac.compare_digest(token(), request.form["form_token"]):
            abort(403)
        values = {"response": request.form["response"], "at": datetime.now(UTC).isoformat()}
        with database.write() as session:
            session.execute(text("INSERT INTO floor_answer VALUES (1, :response, :at)"), values)
            session.execute(text("UPDATE floor_state SET answers = answers + 1 WHERE person = 1"))
        return page.render(title="Practice", rows=[(n, f"choice {n}") for n in range(40)])

    return app


def token() -> str:
    """What the floor's form carries."""
    return hmac.new(SECRET, b"form", hashlib.sha256).hexdigest()
