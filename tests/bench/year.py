"""A simulated school year: whom the class pages name, against what only the simulation knows.

    python -m tests.bench year [--classes 3B,5A,4C] [--pupils 30] [--weeks 36] [--seed 101] [--database sqlite]

Three classes (two of math, one of spelling) practise through the services, on a calendar with holidays. Half of the
pupils are of the engine's world A, half of B80; one in seven learns slowly. Some guess for a few weeks, some are ill,
holidays take skills away, in January a new pupil comes, in March one leaves. On each Friday the teacher reads the class
page and sits down with the pupils of the first five lines, over one skill each, which then comes first for them until
the next Friday; one in two takes it. After the summer the pupils are in new classes.

Who is **in need** is defined in `tests.bench.in_need`. A pupil counts once a week. "Not started" is easy, so that
figures stand without it too. `tests.bench.needs` has the same for many years of the engine alone, and the frontier.
"""

import argparse
import tempfile
import time
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

from sqlalchemy import select

from engine.curriculum import ItemRef
from engine.mastery import MASTERED
from lti_tool.persistence.tables.activities import Activity
from lti_tool.persistence.tables.people import Membership
from lti_tool.persistence.tables.practice import Certificate
from lti_tool.persistence.tables.steering import Steering
from lti_tool.persistence.tables.tenancy import Context, Deployment
from lti_tool.services.classroom.attention import SHOWN_FIRST
from lti_tool.services.classroom.class_page import ClassPage, class_page
from lti_tool.services.classroom.pupil_page import pupil_page
from tests.bench import school_year
from tests.bench.in_need import Standing, Tallies, strongest
from tests.bench.school_year import CLASSES, FIRST_MONDAY, HOLIDAYS, ITEMS, PERIOD, Fate
from tests.support.classes import Child, enrol
from tests.support.databases import BACKENDS, Servers
from tests.support.pupils import Desk
from tests.support.school import School, open_school

JANUARY, MARCH = 16, 26
"""The weeks of school in which somebody comes, and somebody leaves."""
TARGET = 0.8
KINDS = ("stuck", "sliding_back", "guessing", "not_started")
AS_STUCK = {"hardly_moving": "stuck"}
"""What the simulation has one word for."""


@dataclass
class Pupil:
    """A simulated pupil through the year, and what only the simulation knows."""

    name: str
    person_id: str
    fate: Fate
    child: Child
    certified: set[str] = field(default_factory=set)

    def watch(self, item: ItemRef, blind: bool) -> None:
        """Told of each try before it is learned from."""
        self.fate.truth.tries(item, blind=blind, certified=self.certified)
        self.fate.tried.update(item.skills)

    def needs(self, activity: Activity, now: datetime) -> dict[tuple[str, str], Standing]:
        """Why this pupil is in need."""
        if not self.child.practised:
            late = now - activity.created_at >= timedelta(days=3)
            return {("not_started", ""): "yes"} if late else {}
        return self.fate.truth.needs(activity.skill_ids, self.certified)


@dataclass
class Class:
    """One class: its pupils, its running activity, and what its teacher was told."""

    name: str
    bank_id: str
    grade: int
    context_id: int
    pupils: list[Pupil]
    activity: Activity | None = None
    groups: list[frozenset[tuple[str, tuple[str, ...]]]] = field(default_factory=list)


class Year:
    """The whole school on one clock."""

    def __init__(self, school: School, chosen: argparse.Namespace) -> None:
        self.school, self.chosen, self.rng = school, chosen, Random(f"year {chosen.seed}")
        self.tallies: dict[str, Tallies] = defaultdict(Tallies)
        self.answers = self.lines = self.pages = 0
        self.slowest = 0.0
        self.classes = [self._class(*each) for each in CLASSES if each[0] in chosen.classes.split(",")]

    def run(self) -> None:
        """All weeks, the summer, and two weeks of the next year."""
        monday = FIRST_MONDAY
        for week in range(self.chosen.weeks):
            self._week(week, monday)
            monday += timedelta(weeks=1 + HOLIDAYS.get(week + 1, 0))
            if week + 1 in HOLIDAYS:
                for room in self.classes:
                    for pupil in room.pupils:
                        pupil.fate.holiday()
        self._next_year(monday + timedelta(weeks=8))

    def _week(self, week: int, monday: datetime) -> None:
        if week == JANUARY:
            self._newcomer(self.classes[0], monday)
        if week == MARCH:
            self._leaver(self.classes[-1])
        for room in self.classes:
            if week % PERIOD == 0 or room.activity is None:
                self._assign(room, week // PERIOD, monday)
            for pupil in room.pupils:
                if week not in pupil.fate.ill:
                    self._practise(pupil, monday, pupil.fate.guesses_in(week))
            self._friday(room, week, monday + timedelta(days=4, hours=6))

    def _practise(self, pupil: Pupil, monday: datetime, guesses: float = 0.0) -> None:
        pupil.child.guesses = guesses
        for number in range(school_year.SITTINGS):
            self.answers += pupil.child.practise(ITEMS, monday + timedelta(days=2 * number, minutes=40))
            query = select(Certificate.skill_id).where(Certificate.person_id == pupil.person_id)
            with self.school.runtime.database.read() as session:
                pupil.certified = set(session.scalars(query))

    def _friday(self, room: Class, week: int, now: datetime) -> None:
        page, activity = self._read(room, now), room.activity
        assert activity is not None
        named: dict[str, set[str]] = defaultdict(set)
        for line in page.needs:
            for person_id in line.people:
                named[person_id].add(AS_STUCK.get(line.kind, line.kind))
        here = {pupil.person_id for pupil in room.pupils}
        assert {row.person_id for row in page.pupils} == here
        assert named.keys() <= here, "a pupil who is not in the class is named"
        for pupil in room.pupils:
            self._count(f"week {week} {pupil.name}", named[pupil.person_id], pupil.needs(activity, now))
        room.groups.append(frozenset((group.skill_id, tuple(sorted(group.people))) for group in page.groups))
        self._sit_down(room, page)

    def _count(self, whom: str, named: set[str], truth: dict[tuple[str, str], Standing]) -> None:
        standings: dict[str, list[Standing]] = defaultdict(list)
        for (kind, _), standing in truth.items():
            standings[kind].append(standing)
        whole = strongest([each for found in standings.values() for each in found])
        begun = strongest([each for kind, found in standings.items() if kind != "not_started" for each in found])
        self.tallies["anybody in need"].count(bool(named), whole)
        self.tallies["without not started"].count(bool(named - {"not_started"}), begun)
        for kind in KINDS:
            self.tallies[kind].count(kind in named, strongest(standings[kind]))
        if self.chosen.verbose and bool(named) != (whole in ("rather", "yes")):
            print(f"    {whom}: named {named or '-'}, in need {truth or '-'}")

    def _sit_down(self, room: Class, page: ClassPage) -> None:
        """The teacher explains one skill to each pupil of the first five lines, and lets it come first."""
        assert room.activity is not None
        of, told = {pupil.person_id: pupil for pupil in room.pupils}, dict[str, str]()
        for line in page.needs[:SHOWN_FIRST]:
            for person_id in line.people:
                if line.skill_id is not None and person_id not in told:
                    told[person_id] = line.skill_id
                    if self.rng.random() < school_year.TAKES:
                        of[person_id].fate.truth.mind.master(line.skill_id)
        with self.school.runtime.database.write() as session:
            for row in session.scalars(select(Steering).where(Steering.activity_id == room.activity.id)):
                session.delete(row)
            session.flush()
            for person_id, skill_id in told.items():
                wish = {"activity_id": room.activity.id, "person_id": person_id, "skill_id": skill_id}
                session.add(Steering(**wish, kind="next", made_at=FIRST_MONDAY))

    def _read(self, room: Class, now: datetime) -> ClassPage:
        assert room.activity is not None
        tutor = self.school.runtime.catalog.tutor(room.bank_id, 0.8)
        started = time.perf_counter()
        with self.school.runtime.database.read() as session:
            activity = session.get_one(Activity, room.activity.id)
            page = class_page(session, activity, tutor, self.school.runtime.vault, now)
        self.slowest = max(self.slowest, time.perf_counter() - started)
        self.pages += 1
        self.lines += len(page.needs)
        return page

    # Who is there

    def _class(self, name: str, bank_id: str, grade: int) -> Class:
        context_id = self._context(name)
        room = Class(name, bank_id, grade, context_id, [])
        for number in range(self.chosen.pupils):
            self._join(room, f"{name} pupil {number + 1}", number, FIRST_MONDAY)
        return room

    def _context(self, name: str) -> int:
        with self.school.runtime.database.write() as session:
            deployment = session.scalars(select(Deployment)).first()
            assert deployment is not None
            context = Context(deployment_id=deployment.id, lms_id=f"year-{name}", title=name)
            session.add(context)
            session.flush()
            return context.id

    def _join(self, room: Class, name: str, number: int, now: datetime) -> Pupil:
        [person_id] = enrol(self.school.runtime, room.context_id, self.school.registration_id, [name], now)
        rng = Random(f"{self.chosen.seed} {name}")
        fate = Fate.of(self.school.runtime.catalog, room.bank_id, room.grade, number, rng)
        child = Child(Desk(self.school, person_id, ""), fate.truth.mind, rng, name)
        pupil = Pupil(name, person_id, fate, child)
        room.pupils.append(pupil)
        return pupil

    def _newcomer(self, room: Class, now: datetime) -> None:
        newcomer = self._join(room, f"{room.name} newcomer", 2, now)
        assert room.activity is not None
        self._seat(newcomer, room.activity)
        newcomer.fate.ill = range(JANUARY, JANUARY + 1)  # has no device in the first week

    def _leaver(self, room: Class) -> None:
        leaver = room.pupils.pop()
        self._end_membership(room.context_id, leaver.person_id)

    def _end_membership(self, context_id: int, person_id: str) -> None:
        with self.school.runtime.database.write() as session:
            query = select(Membership).where(Membership.context_id == context_id, Membership.person_id == person_id)
            session.scalars(query).one().active = False

    def _assign(self, room: Class, period: int, now: datetime) -> None:
        skills = school_year.assigned(self.school.runtime.catalog.banks[room.bank_id], room.grade, period)
        self._begin(room, f"{room.name} period {period + 1}", skills, now)

    def _begin(self, room: Class, title: str, skill_ids: list[str], now: datetime) -> None:
        with self.school.runtime.database.write() as session:
            room.activity = Activity(
                registration_id=self.school.registration_id,
                context_id=room.context_id,
                title=title,
                bank_id=room.bank_id,
                skill_ids=skill_ids,
                created_at=now,
            )
            session.add(room.activity)
            session.flush()
        for pupil in room.pupils:
            self._seat(pupil, room.activity)

    def _seat(self, pupil: Pupil, activity: Activity) -> None:
        desk = Desk(self.school, pupil.person_id, activity.id)
        fate = pupil.fate
        fate.tried.clear()
        pupil.child = Child(desk, fate.truth.mind, fate.rng, pupil.name, spread=0.45, watched=pupil.watch)

    # The summer

    def _next_year(self, monday: datetime) -> None:
        """Everybody moves up into a new class: the old pages still open, the new ones begin with what is known."""
        for room in self.classes:
            strong = _strong(self._read(room, monday))
            before, room.context_id = room.context_id, self._context(f"{room.name}, next year")
            for pupil in room.pupils:
                self._end_membership(before, pupil.person_id)
                self._enter(room.context_id, pupil.person_id, monday)
            assert not self._read(room, monday).pupils, "last year's page names pupils who have left"
            assert room.activity is not None
            self._begin(room, f"{room.name} again", room.activity.skill_ids, monday)
            page = self._read(room, monday)
            assert {row.person_id for row in page.pupils} == {pupil.person_id for pupil in room.pupils}
            assert _strong(page) == strong, "what was strong before the summer is not on the new class's page"
            for week in range(2):
                for pupil in room.pupils:
                    self._practise(pupil, monday + timedelta(weeks=week))
                page = self._read(room, monday + timedelta(weeks=week, days=4))
                assert any(row.week.tries for row in page.pupils)
            self._pupil_pages(room, monday + timedelta(weeks=2))

    def _enter(self, context_id: int, person_id: str, now: datetime) -> None:
        with self.school.runtime.database.write() as session:
            session.add(Membership(context_id=context_id, person_id=person_id, role="pupil", seen_at=now))

    def _pupil_pages(self, room: Class, now: datetime) -> None:
        runtime = self.school.runtime
        tutor = runtime.catalog.tutor(room.bank_id, 0.8)
        assert room.activity is not None
        with runtime.database.read() as session:
            activity = session.get_one(Activity, room.activity.id)
            for pupil in room.pupils:
                pupil_page(session, activity, pupil.person_id, tutor, runtime.vault, now)

    def print_figures(self) -> None:
        """What the lists were worth, and how the groups moved."""
        for name, found in self.tallies.items():
            print(f"  {name:20} strict {found.strict}\n  {'':20} clear  {found.clear}")
        turns = [
            (one, other) for room in self.classes for one, other in zip(room.groups, room.groups[1:], strict=False)
        ]
        moved = [one != other for one, other in turns if one or other]
        print(f"  groups: {sum(moved)} of {len(moved)} weeks have others than the week before")
        print(
            f"  {self.pages} class pages read, {self.lines / self.pages:.1f} lines each, the slowest in "
            f"{self.slowest * 1000:.0f} ms; {self.answers:,} answers"
        )
        whole = self.tallies["anybody in need"].strict
        good = min(whole.precision, whole.recall) >= TARGET
        print(f"  strict precision and recall at least {TARGET}: {'yes' if good else 'NO'}")


def _strong(page: ClassPage) -> set[tuple[str, str]]:
    return {(row.person_id, s) for row in page.pupils for s, report in row.skills.items() if report.state in MASTERED}


def main(words: list[str]) -> None:
    """Print the year's figures."""
    parser = argparse.ArgumentParser(prog="year")
    parser.add_argument("--classes", default=",".join(name for name, _, _ in CLASSES), help="one alone, or several")
    parser.add_argument("--pupils", type=int, default=30, help="in each class")
    parser.add_argument("--weeks", type=int, default=school_year.WEEKS)
    parser.add_argument("--seed", type=int, default=101)
    parser.add_argument("--database", choices=BACKENDS, default="sqlite")
    parser.add_argument("--verbose", action="store_true", help="name each pupil-week in which page and truth differ")
    chosen = parser.parse_args(words)
    with tempfile.TemporaryDirectory() as folder:
        servers = Servers(Path(folder) / "databases")
        try:
            with servers.fresh(chosen.database) as url, open_school(url, Path(folder), seed=chosen.seed) as school:
                year, started = Year(school, chosen), time.perf_counter()
                year.run()
                year.print_figures()
                print(f"  {time.perf_counter() - started:.0f} s")
        finally:
            servers.close()
