"""A worker's world: a database with a class in it, a strict gradebook, and what can go wrong between them."""

import random
import threading
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import unquote

from cryptography.fernet import Fernet
from sqlalchemy import select, update

from lti_tool.lti.network.transport import Transport
from lti_tool.lti.services.access_tokens import AccessTokens
from lti_tool.lti.tool_keys import ensure_signing_key
from lti_tool.persistence.database import Database
from lti_tool.persistence.secrets import Vault
from lti_tool.persistence.tables.activities import Activity
from lti_tool.persistence.tables.grades import ScoreDelivery, ScoreOutbox
from lti_tool.persistence.tables.tenancy import Registration
from lti_tool.services.delivery.grade_delivery import GradeDelivery
from lti_tool.services.delivery.reconciliation import Reconciliation
from lti_tool.services.grading.grades import Progress, enqueue_grade
from tests.unit.lti_tool.lti.scripted import Call, Reply, ScriptedPlatform
from tests.unit.lti_tool.persistence.rows import LMS, MONDAY, Place, add_lms, add_person, add_place

VAULT = Vault(Fernet.generate_key().decode())
COLUMN = f"{LMS}/columns/1"


class Crash(BaseException):
    """The process dies here."""


class Gradebook:
    """A strict platform: tokens, columns, and scores that must be newer than the one that is stored."""

    def __init__(self) -> None:
        self.columns: list[dict[str, object]] = []
        self.scores: dict[tuple[str, str], dict[str, object]] = {}
        self.accepted: list[dict[str, object]] = []
        self.overruled: dict[tuple[str, str], float | None] = {}
        """What a teacher made of a grade, by column and user; None: taken away."""
        self.tokens = 0
        self.revoked: set[str] = set()
        self.trouble: list[Reply | BaseException] = []
        """What happens to the next posts of scores, instead of being accepted."""
        self.crash_after: list[BaseException] = []
        """What happens to us once the next score is stored."""
        self.platform = ScriptedPlatform(self.answer)
        self._lock = threading.Lock()

    def posts(self) -> list[Call]:
        return [call for call in self.platform.calls if "/scores" in call.url]

    def score(self, user: str, column: str = COLUMN) -> object:
        return self.scores[column, user]["scoreGiven"]

    def answer(self, call: Call) -> Reply:
        with self._lock:
            if call.url == f"{LMS}/token":
                self.tokens += 1
                return Reply.json({"access_token": f"token-{self.tokens}", "expires_in": 3600})
            token = call.headers.get("Authorization", "").removeprefix("Bearer ")
            if not token or token in self.revoked:
                return Reply(401)
            if "/scores" in call.url:
                return self._take_score(call)
            if "/results" in call.url:
                return self._results(call)
            return self._make_column(call) if call.method == "POST" else self._list_columns(call)

    def _take_score(self, call: Call) -> Reply:
        if self.trouble:
            trouble = self.trouble.pop(0)
            if isinstance(trouble, BaseException):
                raise trouble
            return trouble
        score = call.document
        key = (call.url.partition("/scores")[0], score["userId"])
        if key in self.scores and str(self.scores[key]["timestamp"]) >= score["timestamp"]:
            return Reply(409)
        self.scores[key] = score
        self.accepted.append(score)
        if self.crash_after:
            raise self.crash_after.pop(0)
        return Reply(200)

    def _results(self, call: Call) -> Reply:
        column = call.url.partition("/results")[0]
        shown = {user: score["scoreGiven"] for (place, user), score in self.scores.items() if place == column}
        shown |= {user: points for (place, user), points in self.overruled.items() if place == column}
        maximum = next((score["scoreMaximum"] for (place, _), score in self.scores.items() if place == column), 10)
        return Reply.json(
            [
                {"userId": user, "resultScore": points, "resultMaximum": maximum}
                for user, points in shown.items()
                if points is not None
            ]
        )

    def _make_column(self, call: Call) -> Reply:
        column = {**call.document, "id": f"{LMS}/columns/{len(self.columns) + 1}?type_id=4"}
        self.columns.append(column)
        return Reply.json(column, 201)

    def _list_columns(self, call: Call) -> Reply:
        wanted = {"resource_link_id": "resourceLinkId", "resource_id": "resourceId"}
        url = unquote(call.url)
        found = [
            column
            for column in self.columns
            if all(f"{name}={column.get(key)}" in url for name, key in wanted.items() if f"{name}=" in url)
        ]
        return Reply.json(found)


@dataclass
class Office:
    """A database, a platform, and a worker between them."""

    database: Database
    gradebook: Gradebook
    place: Place
    pupils: dict[str, str]

    def worker(self) -> GradeDelivery:
        transport = Transport(allow_http_on_loopback=False, session=self.gradebook.platform.session())
        tokens = AccessTokens(self.database, VAULT, transport)
        return GradeDelivery(self.database, tokens, transport, random.Random(1), stopwatch=lambda: 0.0)

    def earn(self, pupil: str, attempts: int, now: datetime = MONDAY, place: Place | None = None) -> None:
        """Put a score of `attempts` points into the outbox."""
        with self.database.write() as session:
            activity = session.get_one(Activity, (place or self.place).activity_id)
            progress = Progress(attempts=attempts, attempts_needed=10, mastered=0, skills=1)
            enqueue_grade(session, activity, self.pupils[pupil], progress, locale="en", now=now)

    def change(self, **values: object) -> None:
        """Change the settings of the activities."""
        with self.database.write() as session:
            session.execute(update(Activity).values(**values))

    def reconciliation(self) -> Reconciliation:
        transport = Transport(allow_http_on_loopback=False, session=self.gradebook.platform.session())
        return Reconciliation(self.database, AccessTokens(self.database, VAULT, transport), transport)

    def row(self, pupil: str) -> ScoreOutbox:
        with self.database.read() as session:
            return session.scalars(select(ScoreOutbox).where(ScoreOutbox.person_id == self.pupils[pupil])).one()

    def log(self) -> list[ScoreDelivery]:
        with self.database.read() as session:
            return list(session.scalars(select(ScoreDelivery).order_by(ScoreDelivery.id)))

    def new_place(self, **options: object) -> Place:
        with self.database.write() as session:
            registration = session.get_one(Registration, self.place.registration_id)
            return add_place(session, registration, **options)  # type: ignore[arg-type]

    def enrol(self, *subs: str) -> None:
        with self.database.write() as session:
            registration = session.get_one(Registration, self.place.registration_id)
            self.pupils |= {sub: add_person(session, registration, sub) for sub in subs}


def open_office(database: Database, **options: object) -> Office:
    with database.write() as session:
        ensure_signing_key(session, VAULT, MONDAY)
        registration = add_lms(session)
        place = add_place(session, registration, **options)  # type: ignore[arg-type]
        pupils = {sub: add_person(session, registration, sub) for sub in ("ada", "ben")}
    return Office(database, Gradebook(), place, pupils)
