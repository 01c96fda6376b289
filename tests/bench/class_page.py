"""What a class page of 30 pupils and 90 skills costs after few and after many stored answers: ratio, and queries.

python -m tests.bench class-page [--few 5000] [--many 500000] [--pages 15]

The stored answers are copies of real ones, all in the one class; the pupils' states are the same both times. Both
schools are open at once and take turns, so that a busy machine slows both.
"""

import argparse
import statistics
import tempfile
import time
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

from sqlalchemy import event, insert, text
from sqlalchemy.orm import Session

from engine.learner import Response
from engine.simulation import SimulatedLearner
from lti_tool.persistence.tables.activities import Activity
from lti_tool.persistence.tables.practice import LearnerState, Opportunity, PresentedItem, Sitting
from lti_tool.persistence.tables.summaries import PracticeDay, PracticeTotal
from tests.support.classes import enrol
from tests.support.databases import BACKENDS, Servers
from tests.support.pupils import Desk
from tests.support.school import TOOL_URL, Page, School, open_school

PUPILS, SKILLS, PRACTISED = 30, 90, 400
TARGET, MOST_QUERIES = 1.5, 12
BATCH = 5000


def main(words: list[str]) -> None:
    """Print the ratio for each database."""
    parser = argparse.ArgumentParser(prog="class-page")
    parser.add_argument("--few", type=int, default=5_000)
    parser.add_argument("--many", type=int, default=500_000)
    parser.add_argument("--pages", type=int, default=15)
    chosen = parser.parse_args(words)
    with tempfile.TemporaryDirectory() as folder:
        servers = Servers(Path(folder) / "databases", everything=True)
        try:
            for backend in BACKENDS:
                _compare(servers, backend, Path(folder), chosen)
        finally:
            servers.close()


def _compare(servers: Servers, backend: str, folder: Path, chosen: argparse.Namespace) -> None:
    with ExitStack() as stack:
        pages = []
        for answers in (chosen.few, chosen.many):
            place = folder / f"{backend}-{answers}"
            place.mkdir()
            school = stack.enter_context(open_school(stack.enter_context(servers.fresh(backend)), place))
            pages.append(_class_with(school, answers))
        times: tuple[list[float], list[float]] = ([], [])
        for _ in range(chosen.pages + 1):
            for page, spent in zip(pages, times, strict=True):
                spent.append(_look(page))
        few, many = (statistics.median(spent[1:]) for spent in times)
        print(
            f"  {backend}: {chosen.few:,} answers {few * 1000:.0f} ms, {chosen.many:,} answers {many * 1000:.0f} ms, "
            f"ratio {many / few:.2f} (at most {TARGET}); {_queries(pages[1])} queries (at most {MOST_QUERIES})",
            flush=True,
        )


def _look(page: Page) -> float:
    started = time.perf_counter()
    answer = page.school.browser("marit").get(f"{page.place}?skills=all", base_url=TOOL_URL)
    assert answer.status_code == 200
    return time.perf_counter() - started


def _queries(page: Page) -> int:
    asked: list[str] = []
    event.listen(page.school.runtime.database.engine, "before_cursor_execute", lambda *given: asked.append(given[2]))
    _look(page)
    return len(asked)


def _class_with(school: School, answers: int) -> Page:
    """Marit's class page with so many stored answers behind it."""
    skills = list(school.runtime.catalog.banks["math-en"].skills)[:SKILLS]
    link = school.add_activity(*skills, title="Everything")
    ada = school.open("ada", link)
    ada.respond("0")
    desk = Desk.of(ada)
    page = school.open("marit", link)
    with school.runtime.database.read() as session:
        activity = session.get_one(Activity, desk.activity_id)
        assert activity.context_id is not None
    long_ago = datetime.now(UTC) - timedelta(days=300)
    names = [f"Pupil {number:02}" for number in range(PUPILS - 1)]
    people = [desk.person_id, *enrol(school.runtime, activity.context_id, school.registration_id, names, long_ago)]
    with school.runtime.database.write() as session:
        for number, person_id in enumerate(people):
            state = _state(desk, skills, number)
            if person_id == desk.person_id:
                session.get_one(LearnerState, (person_id, activity.bank_id)).learner = state
            else:
                values = {"learner": state, "updated_at": datetime.now(UTC), "version": 1}
                session.add(LearnerState(person_id=person_id, bank_id=activity.bank_id, **values))
    _store(school, desk, people, answers)
    if not school.runtime.database.is_sqlite:
        with school.runtime.database.write() as session:
            session.execute(text("ANALYZE"))  # a server does so by itself within minutes of as many new rows
    return page


def _state(desk: Desk, skills: list[str], number: int) -> str:
    """What is believed of a simulated pupil after a good deal of practice."""
    rng, tutor = Random(number), desk.tutor
    pupil, learner = SimulatedLearner.continuous(tutor.curriculum, rng), tutor.new_learner()
    now = datetime(2026, 9, 1, 9, tzinfo=UTC)
    for turn in range(PRACTISED):
        now += timedelta(minutes=1) if turn % 15 else timedelta(days=2)
        choice = tutor.next_item(learner, now=now, rng=rng, within=skills)
        if choice is not None:
            correct = pupil.respond(choice.item, rng)
            pupil.practise(choice.item)
            learner = tutor.observe(learner, Response(choice.item, correct), now=now)
    return learner.to_json()


def _store(school: School, desk: Desk, people: list[str], answers: int) -> None:
    """Copies of Ada's answer, spread over the pupils, the skills and 300 days, and the counts that go with them."""
    with school.runtime.database.read() as session:
        shown, answer = desk.presented[0], desk.opportunities[0]
        activity = session.get_one(Activity, desk.activity_id)
    sittings = _sittings(school, activity.id, people)
    columns = {table: [c.name for c in table.__table__.columns] for table in (PresentedItem, Opportunity)}
    last: dict[str, int] = {}
    first = 1000
    for start in range(0, answers, BATCH):
        with school.runtime.database.write() as session:
            batch = range(start, min(start + BATCH, answers))
            moment = datetime.now(UTC) - timedelta(days=300 * (1 - start / answers))
            common = [
                {
                    "id": first + number,
                    "person_id": people[number % len(people)],
                    "sitting_id": sittings[people[number % len(people)]],
                    "skill_id": activity.skill_ids[number // 7 % SKILLS],
                    "answered_at": moment,
                }
                for number in batch
            ]
            _insert(session, PresentedItem, columns[PresentedItem], shown, common, fresh=True)
            rows = [row | {"presented_item_id": row["id"], "correct": row["id"] % 3 > 0} for row in common]
            _insert(session, Opportunity, columns[Opportunity], answer, rows)
            last.update((row["person_id"], row["id"]) for row in rows)
    with school.runtime.database.write() as session:
        session.execute(PracticeDay.__table__.delete())
        session.execute(PracticeTotal.__table__.delete())
        for person_id in people:
            counts = {"tries": answers // PUPILS, "right": answers // 45, "sittings": 90, "seconds": 9e4}
            session.add(
                PracticeTotal(
                    activity_id=activity.id,
                    person_id=person_id,
                    honest=answers // PUPILS,
                    latest="h" * 10,
                    last_opportunity_id=last[person_id],
                    **counts,
                )
            )
            for day in range(300):
                row = {"activity_id": activity.id, "person_id": person_id, "tries": 12, "right": 8, "sittings": 1}
                session.add(PracticeDay(day=datetime.now(UTC).date() - timedelta(days=day), seconds=300.0, **row))


def _sittings(school: School, activity_id: str, people: list[str]) -> dict[str, int]:
    with school.runtime.database.write() as session:
        made = {
            person_id: Sitting(activity_id=activity_id, person_id=person_id, started_at=datetime.now(UTC))
            for person_id in people
        }
        for sitting in made.values():
            sitting.ended_at, sitting.end_reason = datetime.now(UTC), "items"
        session.add_all(made.values())
        session.flush()
        return {person_id: sitting.id for person_id, sitting in made.items()}


def _insert(
    session: Session, table: Any, columns: list[str], model: Any, rows: list[dict[str, Any]], *, fresh: bool = False
) -> None:
    """Copies of `model` with these values; `fresh`: each as an item of its own."""
    kept = {name: getattr(model, name) for name in columns}
    own = [{"token": f"bench-{row['id']}", "item_key": f"key-{row['id'] % 50}"} if fresh else {} for row in rows]
    known = [{name: value for name, value in row.items() if name in columns} for row in rows]
    session.execute(insert(table), [kept | row | extra for row, extra in zip(known, own, strict=True)])
