"""How likely a right answer is, by the predictor, from what is stored of a pupil.

`engine.predictor` keeps eight numbers for each skill; a pupil's record has counts and the latest verdicts already, so
that only a `Form` of one to seven bytes stands beside them. What depends on the pupil is worked out once for a skill,
and then an item costs a few multiplications.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Final, NamedTuple

from engine.beliefs.records import Form, SkillRecord
from engine.beliefs.traits import Traits
from engine.curriculum import Curriculum, ItemRef
from engine.predictor import (
    ABILITY,
    AFTER_RIGHT,
    AFTER_WRONG,
    ANSWERS,
    AT_FIRST,
    COUNT,
    DEVIATION,
    DIFFICULTY,
    EASE,
    FEATURES,
    LAST_HERE,
    NEW_ITEM,
    NEW_LEARNER,
    NEW_SKILL,
    POSITION,
    RESIDUAL,
    RIGHTS,
    SEEN,
    SLOPE,
    SUCCESS,
    WRONGS,
    Predictor,
    PredictorParameters,
    advance_learner,
    advance_skill,
    features,
    surprise,
)

TYPED: Final = "typed"
_AT: Final = {name: n for n, name in enumerate(FEATURES)}
_RIGHT, _AIDED = frozenset("Rr"), "h"
_MOST: Final = 30.0


class ItemTerms(NamedTuple):
    """What an item adds to the score, by what it is multiplied with."""

    alone: float
    at_first: float
    after_wrong: float
    after_right: float
    ability: float
    newness: float


class Expected(NamedTuple):
    """What is expected of a pupil in the skills of an item, before the item itself is looked at.

    Attributes:
        score: in logits.
        last: 0 for a first answer in the skill, 1 after a wrong, 2 after a right one.
        ability: in logits.
        newness: 1 for a new skill, towards 0 with practice.
    """

    score: float
    last: int
    ability: float
    newness: float

    def of(self, item: ItemTerms, shift: float = 0.0) -> float:
        """P(right); `shift` in logits is what a gap has taken since, which the predictor knows nothing of."""
        score = self.score + shift + item.alone + item[1 + self.last]
        score += self.ability * item.ability + self.newness * item.newness
        return 1.0 / (1.0 + math.exp(-max(-_MOST, min(_MOST, score))))


class Predictions:
    """The predictor over a curriculum's items. It holds no pupil's state.

    Items that nobody has answered are as the average of those of the same skills and format.
    """

    def __init__(self, curriculum: Curriculum, parameters: PredictorParameters) -> None:
        self._predictor, self._c = Predictor(parameters), parameters.coefficients
        known = dict[tuple[tuple[str, ...], str], list[Sequence[float]]]()
        for item in curriculum.items:
            if item.id in parameters.items:
                known.setdefault((item.skills, item.response_format), []).append(parameters.items[item.id])
        usual = {key: _columns(rows) for key, rows in known.items()}
        self._rows: dict[str, Sequence[float]] = {}
        for item in curriculum.items:
            others = usual.get((item.skills, item.response_format), NEW_ITEM)
            self._rows[item.id] = parameters.items.get(item.id, others)
        self._terms = {item_id: self._terms_of(row) for item_id, row in self._rows.items()}
        self._typed = {key[0]: self._terms_of(row) for key, row in usual.items() if key[1] == TYPED}

    def item(self, item_id: str) -> ItemTerms:
        """What an item of the curriculum adds."""
        return self._terms[item_id]

    def typed(self, skill_id: str) -> ItemTerms | None:
        """What an average typed item of a skill adds; None where no answer to any is known."""
        return self._typed.get((skill_id,))

    def about(
        self, traits: Traits, records: Mapping[str, SkillRecord], skills: Sequence[str], *, same: bool
    ) -> Expected | None:
        """What is expected of a pupil on items of these skills; None of one who was not followed from the start.

        Args:
            traits: of the pupil.
            records: of the pupil, by skill.
            skills: of an item, at least one.
            same: whether the item before had the same skills.
        """
        learner = _learner(traits, records)
        if learner is None:
            return None
        row, table = self._predictor.means(skills, [_row(records.get(s)) for s in skills])
        values = [0.0] * len(FEATURES)
        features(learner, row, NEW_ITEM, table, float(same), self._predictor.parameters.reach, values)
        score = math.fsum(c * x for c, x in zip(self._c, values, strict=True))
        last = 0 if row[SEEN] == 0.0 else 2 if row[LAST_HERE] > 0.5 else 1
        return Expected(score, last, learner[ABILITY] + row[DEVIATION], values[_AT["newness of the skill"]])

    def after(
        self, traits: Traits, records: Mapping[str, SkillRecord], skills: Sequence[str], item: ItemRef, correct: bool
    ) -> tuple[Traits, dict[str, Form]]:
        """Traits and forms in these skills after an unaided answer; without forms for one who was not followed."""
        learner = _learner(traits, records)
        if learner is None:
            return traits, {}
        rows = {s: _row(records.get(s)) for s in skills}
        mean, table = self._predictor.means(skills, list(rows.values()))
        right, forms = float(correct), dict[str, Form]()
        error = surprise(learner, mean, self._rows[item.id], table, right)
        for skill_id, row in rows.items():
            advance_skill(row, learner[ANSWERS], error, right)
            run = int(row[RIGHTS] - row[WRONGS])
            forms[skill_id] = Form(row[DEVIATION], int(learner[ANSWERS]), (run, row[RESIDUAL], row[SUCCESS]))
        advance_learner(learner, error, right)
        return traits._replace(predictor=tuple(learner)), forms

    def _terms_of(self, row: Sequence[float]) -> ItemTerms:
        c = self._c
        ease, answers = -row[DIFFICULTY], math.log(1.0 + row[COUNT])
        last = c[_AT["item after last answer"]]
        return ItemTerms(
            alone=c[_AT["item ease"]] * ease
            + c[_AT["item success"]] * row[EASE]
            + c[_AT["item answers"]] * answers
            + c[_AT["item ease, sure"]] * ease * answers,
            at_first=last * row[AT_FIRST],
            after_wrong=last * row[AFTER_WRONG],
            after_right=last * row[AFTER_RIGHT],
            ability=c[_AT["item slope"]] * row[SLOPE],
            newness=c[_AT["item ease, new skill"]] * ease,
        )


def _learner(traits: Traits, records: Mapping[str, SkillRecord]) -> list[float] | None:
    if traits.predictor is not None:
        return list(traits.predictor)
    return None if records else list(NEW_LEARNER)


def _row(record: SkillRecord | None) -> list[float]:
    """The predictor's eight numbers of a skill."""
    if record is None:
        return list(NEW_SKILL)
    row = list(NEW_SKILL)
    deviation, position, recent = record.form or Form(0.0, 0, None)
    if recent is None:
        row = list(_after(record.history))
    else:
        run, row[RESIDUAL], row[SUCCESS] = recent
        row[LAST_HERE], row[RIGHTS], row[WRONGS] = float(run > 0), float(max(0, run)), float(max(0, -run))
    row[DEVIATION], row[SEEN], row[POSITION] = deviation, float(record.opportunities), float(position)
    return row


@lru_cache(maxsize=1 << 10)
def _after(history: str) -> tuple[float, ...]:
    """The predictor's numbers of a skill at rest, of which the latest verdicts are remembered."""
    row = list(NEW_SKILL)
    for code in history:
        if code != _AIDED:
            advance_skill(row, 0.0, 0.0, float(code in _RIGHT))
    row[RESIDUAL] = 0.0
    return tuple(row)


def _columns(rows: Sequence[Sequence[float]]) -> list[float]:
    return [math.fsum(column) / len(rows) for column in zip(*rows, strict=True)]
