"""The start check: where in the curriculum does a new pupil stand? At most twelve items over the prerequisite graph.

What pupils know hangs together: who can do a skill can mostly do what it builds on, and who is far in one strand is
mostly far in others. A few hundred imagined pupils, drawn once for a curriculum from that assumption, are weighted by
the answers (importance sampling over the states of knowledge space theory, Doignon & Falmagne 1999). Each item goes to
the skill that best splits them, and the check ends when hardly a skill is in doubt.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from functools import lru_cache
from random import Random
from typing import Final

from engine.beliefs.records import StartAnswer
from engine.choosing.plan import Candidate, Plan
from engine.curriculum import ItemRef
from engine.learner import Learner

MAX_ITEMS: Final = 12
TWICE: Final = 2
"""How often the check asks for one skill at most."""
FEWEST_SKILLS: Final = 4
"""Below this the check would ask more than practice does."""
SURE: Final = 0.03
"""The check ends when the expected share of skills placed wrongly is below this."""
KNOWN: Final = 0.85
"""A skill placed higher than this holds nothing up."""
IMAGINED: Final = 400
SHORTLIST: Final = 6
LEAPS: Final = 0.08
"""P(known) of a skill whose prerequisites are not all known, as a share of what it would be."""
_WIDTHS: Final = (0.1, 0.2, 0.35)
"""How sharply knowledge ends along the teaching order, as a share of its length; differs between pupils."""


class StartCheck:
    """Places pupils in one curriculum's rule skills. It holds no pupil's state."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._skills = tuple(s for s in plan.order if not plan.models[s].is_list)
        self._askable = {s: found for s in self._skills if (found := _askable(plan, s))}
        self._who_knows: Mapping[str, Sequence[int]] = {}
        self.placed = lru_cache(maxsize=1 << 10)(self._placed)

    def under_way(self, learner: Learner) -> bool:
        """Whether the pupil has practised no rule skill but for this check, and it has not had its twelve items: those
        that could not be heard are among them."""
        if len(learner.start) >= MAX_ITEMS:
            return False
        asked = {c.item.skills[0] for a in learner.start if (c := self._plan.by_item.get(a.item_id))}
        if not all(s in asked or s not in self._askable for s in learner.skills):
            return False
        of_others = sum(record.opportunities for s, record in learner.skills.items() if s not in self._askable)
        return learner.presented - of_others < MAX_ITEMS

    def taken(self, learner: Learner, item: ItemRef) -> bool:
        """Whether an answer to this item is one of the check's: a skill is asked for twice at most."""
        if len(item.skills) > 1 or item.skills[0] not in self._askable or not self.under_way(learner):
            return False
        before = (c for a in learner.start if (c := self._plan.by_item.get(a.item_id)))
        return sum(c.item.skills == item.skills for c in before) < TWICE

    def next_item(
        self, answers: tuple[StartAnswer, ...], offered: Collection[str] | None, rng: Random, last: str | None = None
    ) -> Candidate | None:
        """The next item; None when the check is over or has nothing to ask.

        Args:
            answers: of the check so far.
            offered: ids of the assigned skills; None for all.
            rng: breaks ties.
            last: id of the item shown last. One that could not be heard is not among `answers`, and must not come
                again at once for that.
        """
        wanted = [s for s in self._skills if offered is None or s in offered]
        askable = [s for s in wanted if s in self._askable]
        if len(askable) < FEWEST_SKILLS or len(answers) >= MAX_ITEMS:
            return None
        placed = self.placed(answers)
        if sum(min(placed[s], 1.0 - placed[s]) for s in wanted) < SURE * len(wanted):
            return None
        asked = {a.item_id for a in answers}
        before = Counter(c.item.skills[0] for a in answers if (c := self._plan.by_item.get(a.item_id)))
        shown = self._plan.by_item.get(last or "")
        fresh = [s for s in askable if before[s] < TWICE and any(not c.repeats(shown) for c in self._askable[s])]
        if not fresh:
            return None
        doubtful = sorted(fresh, key=lambda s: abs(placed[s] - 0.5) + 1e-6 * rng.random())[:SHORTLIST]
        skill_id = min(doubtful, key=lambda s: self._doubt_after(answers, s, wanted))
        items = [c for c in self._askable[skill_id] if not c.repeats(shown)]
        items = [c for c in items if c.item.id not in asked] or items
        return rng.choice([c for c in items if c.guess <= items[0].guess])

    def of(self, learner: Learner) -> Mapping[str, float]:
        """P(known) of each rule skill, as the pupil's check has placed it; empty without one."""
        return self.placed(learner.start) if learner.start else {}

    def known(self, answers: tuple[StartAnswer, ...]) -> frozenset[str]:
        """Skills placed as known."""
        return frozenset(s for s, p in self.placed(answers).items() if p >= KNOWN) if answers else frozenset()

    def _placed(self, answers: tuple[StartAnswer, ...]) -> Mapping[str, float]:
        """P(known) of each rule skill after the check's answers."""
        weights = self._weights(answers)
        return {s: sum(map(weights.__getitem__, rows)) for s, rows in self._rows().items()}

    def _doubt_after(self, answers: tuple[StartAnswer, ...], skill_id: str, wanted: Sequence[str]) -> float:
        """Expected number of skills placed wrongly after one more answer about this skill."""
        c, p = self._askable[skill_id][0], self.placed(answers)[skill_id]
        right = p * (1.0 - c.slip) + (1.0 - p) * c.guess
        doubt = 0.0
        for correct, chance in ((True, right), (False, 1.0 - right)):
            placed = self.placed((*answers, StartAnswer(c.item.id, correct)))
            doubt += chance * sum(min(placed[s], 1.0 - placed[s]) for s in wanted)
        return doubt

    def _weights(self, answers: Sequence[StartAnswer]) -> list[float]:
        weights = [1.0] * IMAGINED
        for answer in answers:
            c = self._plan.by_item.get(answer.item_id)
            if c is None or (knowing := self._rows().get(c.item.skills[0])) is None:
                continue
            known, unknown = (1.0 - c.slip, c.guess) if answer.right else (c.slip, 1.0 - c.guess)
            weights = [w * unknown for w in weights]
            for n in knowing:
                weights[n] *= known / unknown
        total = math.fsum(weights)
        return [w / total for w in weights]

    def _rows(self) -> Mapping[str, Sequence[int]]:
        """For each skill the imagined pupils who know it; drawn when they are wanted first."""
        if not self._who_knows:
            order = self._plan.order
            self._who_knows = _imagine(order, tuple(self._plan.prerequisites[s] for s in order), self._skills)
        return self._who_knows


def _askable(plan: Plan, skill_id: str) -> list[Candidate]:
    """Items that ask for this skill alone, hardest to guess first."""
    return sorted((c for c in plan.candidates[skill_id] if c.item.skills == (skill_id,)), key=lambda c: c.guess)


@lru_cache(maxsize=8)
def _imagine(
    order: tuple[str, ...], prerequisites: tuple[tuple[str, ...], ...], skills: tuple[str, ...]
) -> Mapping[str, Sequence[int]]:
    """The same pupils for all tutors of a curriculum, whatever its parameters and the teacher's standard."""
    builds_on = dict(zip(order, prerequisites, strict=True))
    depth: dict[str, int] = {}
    for skill_id in order:
        depth[skill_id] = 1 + max((depth[p] for p in builds_on[skill_id]), default=-1)
    length = 1 + max(depth.values(), default=0)
    rng, knowing = Random(0), {skill_id: list[int]() for skill_id in skills}
    for n in range(IMAGINED):
        reached = (n + 0.5) / IMAGINED * 1.3 - 0.15
        width, known = _WIDTHS[n % len(_WIDTHS)], set[str]()
        for skill_id in skills:
            place = (depth[skill_id] + 0.5) / length
            p = 1.0 / (1.0 + math.exp((place - reached) / width))
            if not all(q in known or q not in knowing for q in builds_on[skill_id]):
                p *= LEAPS
            if rng.random() < p:
                known.add(skill_id)
                knowing[skill_id].append(n)
    return knowing
