"""A simulated school year: whom the class pages name, against what only the simulation knows.

    python -m tests.bench year [--pupils 10] [--weeks 36] [--sittings 2] [--seed 1] [--database sqlite]

Three classes (two of math, one of spelling) practise through the services, on a calendar with holidays. Half of the
pupils are of the engine's world A, half of B80; one in seven learns slowly. Some guess for a few weeks, some are ill,
holidays take skills away, in January a new pupil comes, in March one leaves. On each Friday the teacher reads the class
page and sits down with those of the first five lines. After the summer the pupils are in new classes.

**In need**, as the simulation knows it, of the running activity:
  stuck         a skill tried six times or more that would take more than 38 further items at the pupil's true pace
                (the horizon of engine.mastery.Policy)
  sliding back  a skill that was truly mastered and tried, is lost, and was tried twice or more since
  guessing      a quarter or more of the latest ten answers were given without reading
  not started   in the class, nothing answered, the activity three days old

A pupil counts once a week: named or not, in need or not. "Not started" is easy, so that figures stand without it too.
"""

import argparse
import tempfile
import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

from sqlalchemy import select

from engine.mastery import MASTERED, Policy
from engine.simulation import SimulatedLearner
from lti_tool.persistence.tables.activities import Activity
from lti_tool.persistence.tables.people import Membership
from lti_tool.persistence.tables.tenancy import Context, Deployment
from lti_tool.services.classroom.class_page import ClassPage, class_page
from lti_tool.services.classroom.pupil_page import pupil_page
from tests.support.classes import Child, enrol
from tests.support.databases import BACKENDS, Servers
from tests.support.pupils import Desk
from tests.support.school import School, open_school

CLASSES = (("3B", "math-en", 3), ("5A", "math-en", 4), ("4C", "spelling-en", 4))
FIRST_MONDAY = datetime(2026, 8, 31, 8, 30, tzinfo=UTC)
HOLIDAYS = {8: 1, 16: 2, 24: 1, 30: 2}
"""After so many weeks of school, so many weeks without."""
PERIOD, SKILLS_EACH = 6, 6
"""Weeks of one activity, and its skills."""
ITEMS = 12
JANUARY, MARCH = 16, 26
"""The weeks of school in which somebody comes, and somebody leaves."""
HORIZON = Policy().horizon
TARGET = 0.8
TRIED, TRIED_SINCE, SHOWN, BLIND = 6, 2, 4, 0.25
KINDS = ("stuck", "sliding_back", "guessing", "not_started")
AS_STUCK = {"hardly_moving": "stuck"}
"""What the simulation has one word for."""


@dataclass
class Pupil:
    """A simulated pupil through the year, and what only the simulation knows."""

    name: str
    person_id: str
    mind: SimulatedLearner
    rng: Random
    child: Child
    guessing: range = range(0)
    ill: range = range(0)
    lost: dict[str, datetime] = field(default_factory=dict)

    def needs(self, activity: Activity, now: datetime) -> set[str]:
        """Why this pupil is in need, by the rules above."""
        if not self.child.practised:
            return {"not_started"} if now - activity.created_at >= timedelta(days=3) else set()
        if sum(self.child.blind[-10:]) >= BLIND * len(self.child.blind[-10:]):
            return {"guessing"}
        slid, tried = self.slid(activity), self.tried()
        stuck = {
            skill
            for skill in activity.skill_ids
            if tried[skill] >= TRIED and self.mind.items_to_mastery(skill) > HORIZON and skill not in self.lost
        }
        return {kind for kind, why in (("stuck", stuck), ("sliding_back", slid)) if why}

    def tried(self) -> Counter[str]:
        """How many answers there were to each skill in the running activity."""
        return Counter(skill for _, skill, _ in self.child.practised)

    def slid(self, activity: Activity) -> set[str]:
        """Skills that are lost, and of which there were answers since."""
        self.lost = {skill: when for skill, when in self.lost.items() if not self.mind.has_mastered(skill)}
        since = Counter(skill for when, skill, _ in self.child.practised if when > self.lost.get(skill, when))
        return {skill for skill in self.lost if skill in activity.skill_ids and since[skill] >= TRIED_SINCE}

    def holiday(self, now: datetime) -> None:
        """One pupil in five loses one or two of the skills that were mastered and practised."""
        known = [skill for skill, times in self.tried().items() if times >= SHOWN and self.mind.has_mastered(skill)]
        if known and self.rng.random() < 0.2:
            for skill in self.rng.sample(known, min(len(known), self.rng.choice((1, 2)))):
                self.mind.lose(skill)
                self.lost[skill] = now


@dataclass
class Tally:
    """Pupil-weeks: named and in need, named only, in need only."""

    hit: int = 0
    false: int = 0
    missed: int = 0

    def count(self, named: bool, needed: bool) -> None:
        """One pupil in one week."""
        self.hit += named and needed
        self.false += named and not needed
        self.missed += needed and not named

    def __str__(self) -> str:
        precision = self.hit / (self.hit + self.false) if self.hit + self.false else 1.0
        recall = self.hit / (self.hit + self.missed) if self.hit + self.missed else 1.0
        return (
            f"precision {precision:.2f}, recall {recall:.2f}"
            f"   ({self.hit} named in need, {self.false} named without, {self.missed} in need not named)"
        )


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
        self.tallies: dict[str, Tally] = defaultdict(Tally)
        self.answers = self.lines = self.pages = 0
        self.slowest = 0.0
        self.classes = [self._class(*each) for each in CLASSES]

    def run(self) -> None:
        """All weeks, the summer, and two weeks of the next year."""
        monday = FIRST_MONDAY
        for week in range(self.chosen.weeks):
            self._week(week, monday)
            monday += timedelta(weeks=1 + HOLIDAYS.get(week + 1, 0))
            if week + 1 in HOLIDAYS:
                for room in self.classes:
                    for pupil in room.pupils:
                        pupil.holiday(monday)
        self._next_year(monday + timedelta(weeks=8))

    def _week(self, week: int, monday: datetime) -> None:
        if week == JANUARY:
            self._newcomer(self.classes[0], monday)
        if week == MARCH:
            self._leaver(self.classes[1])
        for room in self.classes:
            if week % PERIOD == 0 or room.activity is None:
                self._assign(room, week // PERIOD, monday)
            for pupil in room.pupils:
                if week not in pupil.ill:
                    self._practise(pupil, monday, guesses=week in pupil.guessing)
            self._friday(room, week, monday + timedelta(days=4, hours=6))

    def _practise(self, pupil: Pupil, monday: datetime, *, guesses: bool) -> None:
        pupil.child.guesses = 0.7 if guesses else 0.0
        for number in range(self.chosen.sittings):
            self.answers += pupil.child.practise(ITEMS, monday + timedelta(days=2 * number, minutes=40))

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
            needed = pupil.needs(activity, now)
            why = named[pupil.person_id]
            self.tallies["anybody in need"].count(bool(why), bool(needed))
            self.tallies["without not started"].count(bool(why - {"not_started"}), bool(needed - {"not_started"}))
            for kind in KINDS:
                self.tallies[kind].count(kind in why, kind in needed)
            if self.chosen.verbose and bool(why) != bool(needed):
                print(f"    week {week} {room.name} {pupil.name}: named {why or '-'}, in need {needed or '-'}")
        room.groups.append(frozenset((group.skill_id, tuple(sorted(group.people))) for group in page.groups))
        self._sit_down(room, page)

    def _sit_down(self, room: Class, page: ClassPage) -> None:
        """The teacher explains the skill to those of the first five lines; one in two takes it."""
        of = {pupil.person_id: pupil for pupil in room.pupils}
        for line in page.needs[:5]:
            for person_id in line.people:
                if line.skill_id is not None and self.rng.random() < 0.5:
                    of[person_id].mind.master(line.skill_id)

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
        curriculum = self.school.runtime.catalog.curriculum(room.bank_id)
        make = SimulatedLearner.two_state if number % 2 else SimulatedLearner.continuous
        mind = make(curriculum, rng, slow=number % 7 == 3)
        for skill in self.school.runtime.catalog.banks[room.bank_id].skills.values():
            if skill.grade < room.grade and rng.random() < 0.85:
                mind.master(skill.id)
        pupil = Pupil(name, person_id, mind, rng, Child(Desk(self.school, person_id, ""), mind, rng, name))
        if number % 5 == 1:
            first = rng.randrange(3, 30)
            pupil.guessing = range(first, first + 3)
        first = rng.randrange(1, 36)
        pupil.ill = range(first, first + rng.choice((0, 1, 1, 2, 3)))
        room.pupils.append(pupil)
        return pupil

    def _newcomer(self, room: Class, now: datetime) -> None:
        newcomer = self._join(room, f"{room.name} newcomer", 2, now)
        assert room.activity is not None
        self._seat(newcomer, room.activity)
        newcomer.ill = range(JANUARY, JANUARY + 1)  # has no device in the first week

    def _leaver(self, room: Class) -> None:
        leaver = room.pupils.pop()
        self._end_membership(room.context_id, leaver.person_id)

    def _end_membership(self, context_id: int, person_id: str) -> None:
        with self.school.runtime.database.write() as session:
            query = select(Membership).where(Membership.context_id == context_id, Membership.person_id == person_id)
            session.scalars(query).one().active = False

    def _assign(self, room: Class, period: int, now: datetime) -> None:
        """The next skills of the class's grade; after the last come the first ones of the next grade."""
        skills = [
            skill.id
            for skill in self.school.runtime.catalog.banks[room.bank_id].skills.values()
            if skill.grade >= room.grade
        ]
        first = period * SKILLS_EACH % len(skills)
        self._begin(room, f"{room.name} period {period + 1}", skills[first : first + SKILLS_EACH], now)

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
        pupil.child = Child(desk, pupil.mind, pupil.rng, pupil.name, spread=0.45)

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
                    self._practise(pupil, monday + timedelta(weeks=week), guesses=False)
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
        for name, tally in self.tallies.items():
            print(f"  {name:20} {tally}")
        turns = [
            (one, other) for room in self.classes for one, other in zip(room.groups, room.groups[1:], strict=False)
        ]
        moved = [one != other for one, other in turns if one or other]
        print(f"  groups: {sum(moved)} of {len(moved)} weeks have others than the week before")
        print(
            f"  {self.pages} class pages read, {self.lines / self.pages:.1f} lines each, the slowest in "
            f"{self.slowest * 1000:.0f} ms; {self.answers:,} answers"
        )
        whole = self.tallies["anybody in need"]
        good = whole.hit >= TARGET * max(whole.hit + whole.false, whole.hit + whole.missed)
        print(f"  precision and recall at least {TARGET}: {'yes' if good else 'NO'}")


def _strong(page: ClassPage) -> set[tuple[str, str]]:
    return {(row.person_id, s) for row in page.pupils for s, report in row.skills.items() if report.state in MASTERED}


def main(words: list[str]) -> None:
    """Print the year's figures."""
    parser = argparse.ArgumentParser(prog="year")
    parser.add_argument("--pupils", type=int, default=10, help="in each of the three classes")
    parser.add_argument("--weeks", type=int, default=36)
    parser.add_argument("--sittings", type=int, default=2, help="a week")
    parser.add_argument("--seed", type=int, default=1)
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
