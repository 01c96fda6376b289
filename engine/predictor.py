"""How likely is a right answer? A calibrated logistic over a small state that every answer moves in constant time.

The state is Elo's (Pelánek 2016): ability of the learner, a deviation for each skill, difficulties of items and skills;
beside it running residuals, recent success and streaks, and tables of what other learners did after as many
opportunities, or on this item after a right or wrong one. Plain floats. `engine.fitting.predictor` learns the
coefficients and tables from other learners' answers, and compiles the very functions that run here.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, MutableSequence, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

FEATURES: Final = (
    "intercept",
    "ability",
    "deviation",
    "item ease",
    "skill ease",
    "residual, 10 answers",
    "residual, 30 answers",
    "residual on the skill",
    "opportunities",
    "same skill as before",
    "last answer",
    "newness of the skill",
    "answers since the skill",
    "practice table",
    "item after last answer",
    "item slope",
    "recent success on the skill",
    "right in a row",
    "recent success",
    "long-run success",
    "residual, 3 answers",
    "answers",
    "skill slope",
    "item success",
    "item answers",
    "item ease, sure",
    "ability, new skill",
    "ability, sure",
    "last answer, same skill",
    "last answer on the skill",
    "last answer on the skill, same",
    "wrong in a row",
    "item ease, new skill",
    "residual on the skill, new",
    "recent success on the skill, new",
)
"""What the coefficients belong to, in their order."""

# Learner's state.
ABILITY, ANSWERS, RESIDUAL_10, RESIDUAL_30, RESIDUAL_3, RECENT, LONG_RUN, LAST = range(8)
NEW_LEARNER: Final = (0.0, 0.0, 0.0, 0.0, 0.0, 0.65, 0.65, 0.5)
# State of a learner in one skill.
DEVIATION, SEEN, RESIDUAL, SUCCESS, LAST_HERE, POSITION, RIGHTS, WRONGS = range(8)
NEW_SKILL: Final = (0.0, 0.0, 0.0, 0.65, 0.5, 0.0, 0.0, 0.0)
# What other learners' answers say of an item, and of a skill.
DIFFICULTY, COUNT, AFTER_WRONG, AFTER_RIGHT, AT_FIRST, SLOPE, EASE = range(7)
NEW_ITEM: Final = (0.0,) * 7
SKILL_DIFFICULTY, SKILL_SLOPE, PRACTICE = range(3)
PRACTICE_STEPS: Final = 12
NEW_SKILL_TABLE: Final = (0.0,) * (PRACTICE + PRACTICE_STEPS)
MAX_STREAK: Final = 6
FAR: Final = (1e9, 1e9)
"""No limit to how many answers, and opportunities in a skill, are told apart."""


class PredictorError(ValueError):
    """Stored parameters or a stored state of the predictor can't be read."""


def surprise(learner: Any, skill: Any, item: Any, table: Any, right: float) -> float:
    """Right or not, less what Elo expected; `table` as `features` wants it."""
    return right - 1.0 / (
        1.0 + math.exp(item[DIFFICULTY] + table[SKILL_DIFFICULTY] - learner[ABILITY] - skill[DEVIATION])
    )


def features(learner: Any, skill: Any, item: Any, table: Any, same: float, reach: Any, out: Any) -> None:
    """Write the values of `FEATURES` into `out`.

    Args:
        learner: the learner's state.
        skill: the state in the item's skill, or the mean over its skills.
        item: what is known of the item.
        table: difficulty, slope and practice residual of the skill, or their means.
        same: 1 if the answer before was on the same skill, else 0.
        reach: answers of a learner, and opportunities in a skill, above which more make no difference.
        out: room for the values.
    """
    ability = learner[ABILITY] + skill[DEVIATION]
    seen, answers = min(skill[SEEN], reach[1]), min(learner[ANSWERS], reach[0])
    newness = 1.0 / (1.0 + seen)
    last = learner[LAST] - 0.5
    here = skill[LAST_HERE] - 0.5
    recent = math.log(skill[SUCCESS] / (1.0 - skill[SUCCESS]))
    out[0] = 1.0
    out[1] = learner[ABILITY]
    out[2] = skill[DEVIATION]
    out[3] = -item[DIFFICULTY]
    out[4] = -table[SKILL_DIFFICULTY]
    out[5] = learner[RESIDUAL_10]
    out[6] = learner[RESIDUAL_30]
    out[7] = skill[RESIDUAL]
    out[8] = math.log(1.0 + seen)
    out[9] = same
    out[10] = last
    out[11] = newness
    out[12] = math.log(1.0 + min(learner[ANSWERS] - skill[POSITION], reach[0])) if seen > 0.0 else 0.0
    out[13] = table[PRACTICE]
    if seen == 0.0:
        out[14] = item[AT_FIRST]
    elif here > 0.0:
        out[14] = item[AFTER_RIGHT]
    else:
        out[14] = item[AFTER_WRONG]
    out[15] = item[SLOPE] * ability
    out[16] = recent
    out[17] = skill[RIGHTS] / 3.0
    out[18] = math.log(learner[RECENT] / (1.0 - learner[RECENT]))
    out[19] = math.log(learner[LONG_RUN] / (1.0 - learner[LONG_RUN]))
    out[20] = learner[RESIDUAL_3]
    out[21] = math.log(1.0 + answers)
    out[22] = table[SKILL_SLOPE] * ability
    out[23] = item[EASE]
    out[24] = math.log(1.0 + item[COUNT])
    out[25] = -item[DIFFICULTY] * out[24]
    out[26] = learner[ABILITY] * newness
    out[27] = learner[ABILITY] * out[21]
    out[28] = last * same
    out[29] = here
    out[30] = here * same
    out[31] = skill[WRONGS] / 3.0
    out[32] = -item[DIFFICULTY] * newness
    out[33] = skill[RESIDUAL] * newness
    out[34] = recent * newness


def advance_skill(skill: Any, answers: float, error: float, right: float) -> None:
    """Move the state in a skill by one answer; `answers` the learner's before it, `error` as `surprise` says."""
    seen = skill[SEEN]
    skill[DEVIATION] += 0.35 / (1.0 + 0.03 * seen) * error
    skill[SEEN] = seen + 1.0
    skill[RESIDUAL] += 0.4 * (error - skill[RESIDUAL])
    skill[SUCCESS] += 0.196 * (right - skill[SUCCESS])
    skill[SUCCESS] = min(max(skill[SUCCESS], 0.02), 0.98)
    skill[LAST_HERE] = right
    skill[POSITION] = answers
    skill[RIGHTS] = min(skill[RIGHTS] + 1.0, 6.0) if right > 0.5 else 0.0
    skill[WRONGS] = 0.0 if right > 0.5 else min(skill[WRONGS] + 1.0, 6.0)


def advance_learner(learner: Any, error: float, right: float) -> None:
    """Move the learner's state by one answer."""
    learner[ABILITY] += 0.25 / (1.0 + 0.01 * learner[ANSWERS]) * error
    learner[ANSWERS] += 1.0
    learner[RESIDUAL_10] += 0.1 * (error - learner[RESIDUAL_10])
    learner[RESIDUAL_30] += 0.03 * (error - learner[RESIDUAL_30])
    learner[RESIDUAL_3] += 0.3 * (error - learner[RESIDUAL_3])
    learner[RECENT] = min(max(learner[RECENT] + 0.2 * (right - learner[RECENT]), 0.02), 0.98)
    learner[LONG_RUN] = min(max(learner[LONG_RUN] + 0.05 * (right - learner[LONG_RUN]), 0.02), 0.98)
    learner[LAST] = right


EXPERT_COEFFICIENTS: Final[tuple[float, ...]] = (
    0.0, 1.0, 1.0, 1.0, 1.0, *(0.0,) * 30,
)  # fmt: skip
"""Elo's own prediction: what holds before any answers of others are known."""


@dataclass(frozen=True)
class PredictorParameters:
    """What other learners' answers have taught the predictor.

    Attributes:
        coefficients: one for each of `FEATURES`.
        items: by item id; an item that nobody answered is average.
        skills: by skill id, difficulty, slope and practice residuals.
        reach: answers of a learner, and opportunities in a skill, that the coefficients were fitted to: of a learner
            with more, no more is read than that.

    Raises:
        PredictorError: a row has the wrong length or holds something that is no finite number.
    """

    coefficients: tuple[float, ...] = EXPERT_COEFFICIENTS
    items: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    skills: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    reach: tuple[float, float] = FAR

    def __post_init__(self) -> None:
        _check("coefficients", self.coefficients, len(FEATURES))
        _check("reach", self.reach, len(FAR))
        for item_id, row in self.items.items():
            _check(f"item {item_id!r}", row, len(NEW_ITEM))
        for skill_id, row in self.skills.items():
            _check(f"skill {skill_id!r}", row, len(NEW_SKILL_TABLE))

    def to_json(self) -> str:
        """The parameters as JSON text; `from_json` reads them back to equal ones."""
        return json.dumps(
            {"coefficients": self.coefficients, "items": self.items, "skills": self.skills, "reach": self.reach}
        )

    @classmethod
    def from_json(cls, text: str) -> PredictorParameters:
        """Read what `to_json` wrote.

        Raises:
            PredictorError: not JSON, or damaged.
        """
        try:
            data = json.loads(text)
            items, skills = ({key: tuple(row) for key, row in data[name].items()} for name in ("items", "skills"))
            # Earlier releases had no reach.
            return cls(tuple(data["coefficients"]), items, skills, tuple(data.get("reach", FAR)))
        except PredictorError:
            raise
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise PredictorError(f"The predictor's parameters can't be read ({error!r}). Fit them anew.") from error


def _check(whose: str, row: Sequence[object], length: int) -> None:
    numbers = [x for x in row if isinstance(x, int | float) and math.isfinite(x)]
    if len(row) != length or len(numbers) != length:
        raise PredictorError(f"The predictor's {whose} must hold {length} numbers. Fit the parameters anew.")


@dataclass(frozen=True)
class PredictorState:
    """What the predictor remembers of one learner: eight numbers, and eight for each touched skill. Immutable.

    Attributes:
        learner: by the places above (`ABILITY`, ...).
        skills: by skill id, by the places above (`DEVIATION`, ...).
        last: the skills of the answer before.
    """

    learner: tuple[float, ...] = NEW_LEARNER
    skills: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    last: tuple[str, ...] = ()

    def to_json(self) -> str:
        """Compact JSON text; whole thousandths, as the state itself holds them."""
        rows = {s: [round(1000 * x) for x in row] for s, row in self.skills.items()}
        learner = [round(1000 * x) for x in self.learner]
        return json.dumps([learner, rows, self.last], ensure_ascii=False, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> PredictorState:
        """Read what `to_json` wrote.

        Raises:
            PredictorError: not JSON, or damaged.
        """
        try:
            learner, rows, last = json.loads(text)
            state = cls(_numbers(learner), {s: _numbers(row) for s, row in rows.items()}, tuple(last))
            if {len(state.learner), *map(len, state.skills.values())} != {len(NEW_LEARNER)}:
                raise ValueError("rows of a wrong length")
        except (ValueError, TypeError, AttributeError) as error:
            raise PredictorError(f"The predictor's state can't be read ({error!r}). Replay the answers.") from error
        return state


def _numbers(row: Sequence[int]) -> tuple[float, ...]:
    return tuple(float(x) / 1000 for x in row)


def _settled(row: Sequence[float]) -> tuple[float, ...]:
    """As it is stored, so that replay from storage equals live."""
    return tuple(round(x, 3) for x in row)


class Predictor:
    """Predicts answers with given parameters. Holds no learner's state; items and skills unknown to it are average."""

    def __init__(self, parameters: PredictorParameters | None = None) -> None:
        self.parameters = parameters or PredictorParameters()

    def new_learner(self) -> PredictorState:
        """A learner of whom nothing is known."""
        return PredictorState()

    def predict(self, state: PredictorState, item_id: str, skills: Sequence[str]) -> float:
        """P(the next answer is right).

        Args:
            state: of the learner.
            item_id: the item to be answered.
            skills: the item's skills, at least one.
        """
        values = [0.0] * len(FEATURES)
        skill, table = self.means(skills, [state.skills.get(s, NEW_SKILL) for s in skills])
        same = float(tuple(skills) == state.last)
        features(state.learner, skill, self._item(item_id), table, same, self.parameters.reach, values)
        score = math.fsum(c * x for c, x in zip(self.parameters.coefficients, values, strict=True))
        return 1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, score))))

    def observe(self, state: PredictorState, item_id: str, skills: Sequence[str], correct: bool) -> PredictorState:
        """The state after an unaided answer; `state` itself stays as it was."""
        skill, table = self.means(skills, [state.skills.get(s, NEW_SKILL) for s in skills])
        right = float(correct)
        error = surprise(state.learner, skill, self._item(item_id), table, right)
        learner: MutableSequence[float] = list(state.learner)
        changed = dict(state.skills)
        for skill_id in skills:
            row = list(state.skills.get(skill_id, NEW_SKILL))
            advance_skill(row, learner[ANSWERS], error, right)
            changed[skill_id] = _settled(row)
        advance_learner(learner, error, right)
        return PredictorState(_settled(learner), changed, tuple(skills))

    def difficulty(self, item_id: str) -> float:
        """In logits, relative to the skill's other items; 0 where nothing is known."""
        return self._item(item_id)[DIFFICULTY]

    def _item(self, item_id: str) -> Sequence[float]:
        return self.parameters.items.get(item_id, NEW_ITEM)

    def means(self, skills: Sequence[str], rows: Sequence[Sequence[float]]) -> tuple[Sequence[float], Sequence[float]]:
        """A pupil's rows in these skills, and what is known of the skills, each as a mean."""
        tables = []
        for skill_id, row in zip(skills, rows, strict=True):
            table = self.parameters.skills.get(skill_id, NEW_SKILL_TABLE)
            step = min(int(row[SEEN]), PRACTICE_STEPS - 1)
            tables.append((table[SKILL_DIFFICULTY], table[SKILL_SLOPE], table[PRACTICE + step]))
        if len(rows) == 1:
            return rows[0], tables[0]
        return _columns(rows), _columns(tables)


def _columns(rows: Sequence[Sequence[float]]) -> list[float]:
    return [math.fsum(column) / len(rows) for column in zip(*rows, strict=True)]
