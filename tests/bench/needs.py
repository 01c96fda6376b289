"""How well the rules of "Needs you now" find those in need, over many years of the engine alone.

    python -m tests.bench needs [--seeds 100-109] [--pupils 4] [--weeks 36] [--bound] [--picture FILE]

The school year of `tests.bench.year` without database and pages: a hundred times as quick, so that there are enough
pupils for figures with intervals, and for the frontier: precision and recall for other values of
`attention.HARDLY`. Values were chosen on seeds 1-20; report others. `--bound` asks how much better a rule could do that
is told everything: gradient boosting on all numbers of the engine and the latest twenty answers, trained on the other
seeds' truth.
"""

import argparse
import math
import statistics
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from types import SimpleNamespace
from typing import Any, Final

from engine.choosing.wishes import NO_WISHES, Wishes
from engine.learner import Learner, Response
from engine.mastery import MASTERED
from engine.tutor import Tutor
from item_banks.schema import Bank
from lti_tool.services.catalog import Catalog
from lti_tool.services.classroom.attention import HARDLY, SHOWN_FIRST, PupilFacts, needs, needs_of
from lti_tool.services.grading.honesty import WINDOW, Try, is_honest
from lti_tool.services.practising.choosing.offering import offered_skills
from lti_tool.services.pupil.summaries import LATEST
from tests.bench import school_year
from tests.bench.in_need import Standing, Tallies, Tally, strongest
from tests.bench.school_year import CLASSES, HOLIDAYS, PERIOD, Fate
from tests.support.classes import GUESSING, READING

SPREAD: Final = 0.45
THRESHOLDS: Final = (0.1, 0.2, 0.3, 0.4, HARDLY, 0.6, 0.7, 0.8, 0.9, 0.95)
KINDS: Final = {"stuck": ("stuck", "hardly_moving"), "sliding_back": ("sliding_back",), "guessing": ("guessing",)}


@dataclass
class Seat:
    """One pupil, with what the tool would have written down."""

    name: str
    fate: Fate
    learner: Learner
    certified: set[str] = field(default_factory=set)
    quick: list[Try] = field(default_factory=list)
    latest: str = ""
    attempts: int = 0
    pinned: str | None = None
    verdicts: dict[str, list[bool]] = field(default_factory=lambda: defaultdict(list))


@dataclass(frozen=True)
class Row:
    """One pupil on one Friday: what the rules see, and the truth."""

    seed: int
    facts: PupilFacts
    truth: Mapping[tuple[str, str], Standing]
    numbers: Mapping[str, Sequence[float]]
    """By skill that could be named: all that a rule might look at."""


class Room:
    """One class through the year."""

    def __init__(self, catalog: Catalog, number: int, seed: int, pupils: int) -> None:
        self.name, bank_id, self.grade = CLASSES[number]
        self.bank: Bank = catalog.banks[bank_id]
        self.tutor: Tutor = catalog.tutor(bank_id, 0.8)
        self.seed, self.rng = seed, Random(f"teacher {seed} {self.name}")
        self.seats = []
        for place in range(seed * pupils, (seed + 1) * pupils):
            fate = Fate.of(catalog, bank_id, self.grade, place, Random(f"{seed} {self.name} {place}"))
            self.seats.append(Seat(f"{self.name} {place}", fate, self.tutor.new_learner()))
        self.skills: list[str] = []

    def year(self, weeks: int) -> Iterator[Row]:
        """All Fridays."""
        monday = opened = school_year.FIRST_MONDAY
        for week in range(weeks):
            if week % PERIOD == 0:
                self._assign(week // PERIOD)
                opened = monday
            for seat in self.seats:
                if week not in seat.fate.ill:
                    self._practise(seat, week, monday)
            yield from self._friday(opened, monday + timedelta(days=4, hours=6))
            monday += timedelta(weeks=1 + HOLIDAYS.get(week + 1, 0))
            if week + 1 in HOLIDAYS:
                for seat in self.seats:
                    seat.fate.holiday()

    def _assign(self, period: int) -> None:
        self.skills = school_year.assigned(self.bank, self.grade, period)
        for seat in self.seats:
            seat.attempts, seat.latest, seat.quick, seat.pinned = 0, "", [], None
            seat.fate.tried.clear()

    def _practise(self, seat: Seat, week: int, monday: datetime) -> None:
        activity: Any = SimpleNamespace(skill_ids=self.skills, only_these=False, own_frontier=False)
        for sitting in range(school_year.SITTINGS):
            now = monday + timedelta(days=2 * sitting, minutes=40)
            for _ in range(school_year.ITEMS):
                pupil: Any = SimpleNamespace(learner=seat.learner)
                within = offered_skills(self.bank, activity, pupil)
                wishes = Wishes(pinned=seat.pinned) if seat.pinned else NO_WISHES
                choice = self.tutor.next_item(seat.learner, now=now, rng=seat.fate.rng, within=within, wishes=wishes)
                if choice is None:
                    break
                now = self._answer(seat, choice.item, now, seat.fate.guesses_in(week))

    def _answer(self, seat: Seat, item: Any, now: datetime, guesses: float) -> datetime:
        fate = seat.fate
        rng, mind = fate.rng, fate.truth.mind
        blind = guesses > 0 and rng.random() < guesses
        right = mind.respond(item, rng) and not (blind and rng.random() < 0.9)
        seconds = (GUESSING if blind else READING) * math.exp(rng.gauss(0.0, SPREAD))
        fate.truth.tries(item, blind=blind, certified=seat.certified)
        fate.tried.update(item.skills)
        if not blind:
            mind.practise(item)
        tried = Try(item.response_format, right, seconds)
        seat.latest = (seat.latest + ("h" if is_honest(tried, seat.quick) else "q"))[-LATEST:]
        if tried.quick:
            seat.quick = [*seat.quick, tried][-WINDOW:]
        seat.attempts += 1
        now += timedelta(seconds=seconds)
        seat.learner = self.tutor.observe(seat.learner, Response(item, right, seconds=seconds), now=now)
        for skill_id in item.skills:
            seat.verdicts[skill_id].append(right)
            if seat.learner.skills[skill_id].state in MASTERED:
                seat.certified.add(skill_id)
        return now

    def _friday(self, opened: datetime, now: datetime) -> Iterator[Row]:
        facts = [self._facts(seat, now) for seat in self.seats]
        lines = needs(facts, opened_at=opened, now=now)
        for seat, each in zip(self.seats, facts, strict=True):
            if seat.attempts:
                truth = seat.fate.truth.needs(self.skills, seat.certified)
                yield Row(self.seed, each, truth, {s: self._numbers(seat, each, s) for s in each.standstill})
        of = {seat.name: seat for seat in self.seats}
        for seat in self.seats:
            seat.pinned = None
        for line in lines[:SHOWN_FIRST]:
            for name in line.people:
                if line.skill_id is not None and of[name].pinned is None:
                    of[name].pinned = line.skill_id
                    if self.rng.random() < school_year.TAKES:
                        of[name].fate.truth.mind.master(line.skill_id)

    def _facts(self, seat: Seat, now: datetime) -> PupilFacts:
        return PupilFacts(
            seat.name,
            self.tutor.report(seat.learner, now=now, within=self.skills),
            frozenset(seat.certified),
            seat.attempts,
            seat.latest,
            standstill=self.tutor.standstill(seat.learner, within=self.skills),
        )

    def _numbers(self, seat: Seat, facts: PupilFacts, skill_id: str) -> Sequence[float]:
        record, report, latest = seat.learner.skills[skill_id], facts.skills[skill_id], seat.verdicts[skill_id][-20:]
        return (
            facts.standstill[skill_id],
            *(report.p_meets_standard, report.p_known, report.p_correct_typed),
            *(record.p_known, record.level, record.spread, record.opportunities, record.streak),
            *(float(report.state == "stuck"), float(skill_id in seat.certified)),
            *(sum(latest[-some:]) for some in (5, 10, 20)),
        )


def rows_of(seeds: Sequence[int], pupils: int, weeks: int) -> list[Row]:
    """Everybody's Fridays."""
    catalog = Catalog.load()
    rooms = [Room(catalog, number, seed, pupils) for seed in seeds for number in range(len(CLASSES))]
    return [row for room in rooms for row in room.year(weeks)]


def tallies(rows: Sequence[Row], hardly: float = HARDLY) -> dict[str, Tallies]:
    """Named and in need, by kind and in all."""
    found: dict[str, Tallies] = defaultdict(Tallies)
    for row in rows:
        named = {kind for kind, _ in needs_of(row.facts, hardly)}
        found["anybody in need"].count(bool(named), strongest(list(row.truth.values())))
        for kind, names in KINDS.items():
            standing = strongest([level for (what, _), level in row.truth.items() if what == kind])
            found[kind].count(not named.isdisjoint(names), standing)
    return found


def interval(rows: Sequence[Row], measure: str, kind: str = "anybody in need") -> str:
    """Mean over seeds and half of its 95% interval (Student's t)."""
    seeds = sorted({row.seed for row in rows})
    each = [getattr(tallies([r for r in rows if r.seed == seed])[kind].strict, measure) for seed in seeds]
    if len(each) < 2:
        return f"{each[0]:.2f}"
    students_t = {2: 12.7, 3: 4.3, 4: 3.18, 5: 2.78, 10: 2.26, 20: 2.09}.get(len(each), 2.2)
    return f"{statistics.fmean(each):.2f} ± {students_t * statistics.stdev(each) / math.sqrt(len(each)):.2f}"


def print_frontier(rows: Sequence[Row]) -> list[tuple[float, Tally, Tally]]:
    """Precision and recall of the whole list for other thresholds."""
    points = []
    print("  a skill hardly gets on from   strict: precision, recall    clear cases: precision, recall")
    for hardly in THRESHOLDS:
        found = tallies(rows, hardly)["anybody in need"]
        points.append((hardly, found.strict, found.clear))
        mark = " <- the rule" if hardly == HARDLY else ""
        strict, clear = found.strict, found.clear
        print(
            f"    {hardly:.2f}                        {strict.precision:.2f}, {strict.recall:.2f}"
            f"                   {clear.precision:.2f}, {clear.recall:.2f}{mark}"
        )
    return points


def print_bound(rows: Sequence[Row]) -> None:
    """What the best rule that we can find reaches, for single skills."""
    import numpy as np
    from sklearn.ensemble import HistGradientBoostingClassifier
    from sklearn.metrics import roc_auc_score

    cases = [(row, skill_id) for row in rows for skill_id in row.numbers]
    told = np.array([row.numbers[skill_id] for row, skill_id in cases])
    true = np.array([row.truth.get(("stuck", skill_id), "no") in ("rather", "yes") for row, skill_id in cases])
    seed = np.array([row.seed for row, _ in cases])
    best = np.zeros(len(cases))
    for each in sorted(set(seed)):
        model = HistGradientBoostingClassifier(max_depth=3, learning_rate=0.05, max_iter=200, random_state=1)
        model.fit(told[seed != each], true[seed != each])
        best[seed == each] = model.predict_proba(told[seed == each])[:, 1]
    print(f"  {len(cases):,} skills on a Friday, {true.mean():.0%} of them truly stuck; precision = recall at")
    for name, chance in (("the rule's probability", told[:, 0]), ("boosting, told everything", best)):
        most = np.sort(chance)[-int(true.sum())]
        print(f"    {name:26} {true[chance >= most].mean():.2f}   (AUC {roc_auc_score(true, chance):.3f})")


def picture(points: Sequence[tuple[float, Tally, Tally]]) -> str:
    """The frontier as SVG: recall to the right, precision upwards, both from .5 to 1."""

    def at(tally: Tally) -> tuple[float, float]:
        return 60 + 560 * (tally.recall - 0.5), 300 - 520 * (tally.precision - 0.5)

    parts = [
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 380 360" font-family="sans-serif" font-size="12">',
        '<rect width="380" height="360" fill="#fff"/>',
        '<path d="M60 40V300H340" fill="none" stroke="#555"/>',
        '<path d="M228 144V40M228 144H340" stroke="#999" stroke-dasharray="4 3" fill="none"/>',
        '<text x="200" y="345" text-anchor="middle">recall: of those in need, named</text>',
        '<text transform="translate(18 170) rotate(-90)" text-anchor="middle">'
        "precision: of those named, in need</text>",
    ]
    for share in (0.5, 0.6, 0.7, 0.8, 0.9, 1.0):
        x, y = 60 + 560 * (share - 0.5), 300 - 520 * (share - 0.5)
        parts.append(f'<text x="{x:.0f}" y="318" text-anchor="middle">{share:.1f}</text>')
        parts.append(f'<text x="52" y="{y + 4:.0f}" text-anchor="end">{share:.1f}</text>')
    for name, index, colour, dash in (("strict", 1, "#0b5cad", ""), ("clear cases", 2, "#a34700", "6 3")):
        line = [at(point[index]) for point in points]  # type: ignore[arg-type]
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in line)
        parts.append(
            f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2" stroke-dasharray="{dash}"/>'
        )
        x, y = line[THRESHOLDS.index(HARDLY)]
        parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="{colour}"/>')
        parts.append(f'<text x="{x - 8:.0f}" y="{y + 18:.0f}" text-anchor="end" fill="{colour}">{name}</text>')
    return "\n".join([*parts, "</svg>", ""])


def main(words: list[str]) -> None:
    """Print figures and frontier."""
    parser = argparse.ArgumentParser(prog="needs")
    parser.add_argument("--seeds", default="100-109", help="from-to; seeds below 100 are for development")
    parser.add_argument("--pupils", type=int, default=4, help="in each of the three classes of a seed")
    parser.add_argument("--weeks", type=int, default=school_year.WEEKS)
    parser.add_argument("--bound", action="store_true", help="also what a rule that is told everything reaches")
    parser.add_argument("--picture", type=Path, help="draw the frontier into this file")
    chosen = parser.parse_args(words)
    first, _, last = chosen.seeds.partition("-")
    rows = rows_of(range(int(first), int(last or first) + 1), chosen.pupils, chosen.weeks)
    print(f"  {len(rows):,} pupil-weeks")
    print(f"  over seeds: precision {interval(rows, 'precision')}, recall {interval(rows, 'recall')}")
    for name, found in tallies(rows).items():
        print(f"  {name:18} strict {found.strict}\n  {'':18} clear  {found.clear}")
    points = print_frontier(rows)
    if chosen.picture:
        chosen.picture.write_text(picture(points))
    if chosen.bound:
        print_bound(rows)
