"""What the models of a pupil are given: for each skill, response format and item, and for pupils in general."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Final

from engine.curriculum import CHOICES, RESPONSE_FORMATS, Curriculum, ItemRef
from engine.population import EXPERT_POPULATION, Population, PopulationError
from engine.predictor import PredictorError, PredictorParameters

MAX_GUESS: Final = 0.4
MAX_GUESS_CHOICE2: Final = 0.5
"""A fair coin answers half of the two-way choices: forcing .4 on them would read luck as knowledge."""
MAX_SLIP: Final = 0.3


class ParameterError(ValueError):
    """A probability is outside its limits, or a stored parameter set can't be read."""


MAX_LEVEL: Final = 12.0
EXPERT_LEVEL: Final = -1.0
"""Where an average pupil starts in a skill never practised, in logits on an average typed item."""


def _check_level(name: str, value: object) -> None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) <= MAX_LEVEL:
        raise ParameterError(f"{name} is {value!r}. Give logits from {-MAX_LEVEL:g} to {MAX_LEVEL:g}.")


def _check_probability(name: str, value: object) -> None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
        raise ParameterError(f"{name} is {value!r}. Give a number from 0 to 1.")


@dataclass(frozen=True, slots=True)
class SkillParameters:
    """The five probabilities of one skill (Corbett & Anderson 1995), each in [0, 1].

    Attributes:
        prior: known before the first opportunity.
        learn: not known -> known, at each opportunity.
        guess: right although not known.
        slip: wrong although known.
        forget: known -> not known, once in each gap of more than 8 hours.

    Raises:
        ParameterError: a value is not a number in [0, 1].
    """

    prior: float
    learn: float
    guess: float
    slip: float
    forget: float

    def __post_init__(self) -> None:
        for name in ("prior", "learn", "guess", "slip", "forget"):
            _check_probability(name, getattr(self, name))


@dataclass(frozen=True, slots=True)
class FormatParameters:
    """How often an answer in one response format misleads.

    Raises:
        ParameterError: a value is not a number in [0, 1].
    """

    guess: float
    slip: float

    def __post_init__(self) -> None:
        _check_probability("guess", self.guess)
        _check_probability("slip", self.slip)


@dataclass(frozen=True, slots=True)
class ItemParameters:
    """What is known of one item beyond its format.

    Attributes:
        difficulty: in logits, relative to the skill's average item; positive is harder.
        guess: right although the skill is not known; None: as its format.
        slip: wrong although the skill is known; None: as its format.

    Raises:
        ParameterError: a value is no number, or out of its limits.
    """

    difficulty: float = 0.0
    guess: float | None = None
    slip: float | None = None

    def __post_init__(self) -> None:
        _check_level("difficulty", self.difficulty)
        for name in ("guess", "slip"):
            if getattr(self, name) is not None:
                _check_probability(name, getattr(self, name))


EXPERT_FORMATS: Final[Mapping[str, FormatParameters]] = {
    "typed": FormatParameters(guess=0.04, slip=0.05),
    "order": FormatParameters(guess=0.08, slip=0.06),
    "place": FormatParameters(guess=0.10, slip=0.06),
    **{name: FormatParameters(guess=1 / k, slip=0.05) for name, k in CHOICES.items()},
}
"""Expert values; fitted freely, the guess rates of choices collapse, so they stay near 1 / k."""

EXPERT_SKILL: Final = SkillParameters(prior=2 / 5, learn=2 / 14, guess=4 / 20, slip=3 / 30, forget=1 / 41)
"""Means of the priors Beta(2,3), (2,12), (4,16), (3,27), (1,40) that served best on public response data."""

UNFITTED_ITEM: Final = ItemParameters()
_LEADING: Final = "leading_predictor"
"""Not "predictor": documents carry one beside the set, whether it leads or not."""


@dataclass(frozen=True)
class ParameterSet:
    """Immutable parameters for a whole curriculum, identified by their content.

    A skill's own guess and slip hold for an answer whose format is unknown; an item is read with its own or its
    format's. Skills and items that the set has never heard of (a newer bank) get expert values, so that an old set
    goes on working.

    Attributes:
        skills: the two-state model's probabilities, by skill id.
        formats: by response format; every format must be there. The continuous model reads every item with these,
            because guess rates fitted freely beside difficulties collapse.
        items: by item id, where there were enough responses to fit some.
        levels: the continuous model's start of an average pupil, by skill id, in logits on an average typed item.
        population: what is assumed of pupils in general.
        predictor: where it foretells answers better than the mixture does: it then says how likely a right answer is.
            What decides about mastery stays the mixture.
        version: hash of the content, the same in every process.

    Raises:
        ParameterError: guess above .4 (two-way choices: .5) or slip above .3, so that guess + slip always stays
            below 1 and no right answer counts against the pupil; or a format is missing or unknown; or a level
            is no number.
    """

    skills: Mapping[str, SkillParameters]
    formats: Mapping[str, FormatParameters] = field(default_factory=lambda: dict(EXPERT_FORMATS))
    items: Mapping[str, ItemParameters] = field(default_factory=dict)
    levels: Mapping[str, float] = field(default_factory=dict)
    population: Population = EXPERT_POPULATION
    predictor: PredictorParameters | None = None
    version: str = field(init=False, compare=False)

    def __post_init__(self) -> None:
        formats = dict(self.formats)
        if formats.keys() != RESPONSE_FORMATS:
            wrong = sorted(formats.keys() ^ RESPONSE_FORMATS)
            raise ParameterError(f"Formats missing or unknown: {wrong}. Give each of {sorted(RESPONSE_FORMATS)}.")
        for name, row in formats.items():
            limit = MAX_GUESS_CHOICE2 if name == "choice2" else MAX_GUESS
            _check_limits(f"Format {name!r}", row.guess, row.slip, limit)
        for skill_id, parameters in self.skills.items():
            _check_limits(f"Skill {skill_id!r}", parameters.guess, parameters.slip, MAX_GUESS)
        for item_id, item in self.items.items():
            _check_limits(f"Item {item_id!r}", item.guess or 0.0, item.slip or 0.0, MAX_GUESS_CHOICE2)
        for skill_id, level in self.levels.items():
            _check_level(f"The level of skill {skill_id!r}", level)
        for name in ("skills", "formats", "items", "levels"):
            object.__setattr__(self, name, dict(getattr(self, name)))
        digest = hashlib.sha256(self._content().encode()).hexdigest()
        object.__setattr__(self, "version", digest[:16])

    def for_skill(self, skill_id: str) -> SkillParameters:
        """The skill's own five probabilities, whatever the format of its items."""
        return self.skills.get(skill_id, EXPERT_SKILL)

    def for_item(self, item: ItemRef, skill_id: str) -> SkillParameters:
        """The probabilities with which an answer to `item` is read as evidence on one of its skills."""
        skill, own = self.for_skill(skill_id), self.items.get(item.id, UNFITTED_ITEM)
        row = self.formats[item.response_format]
        guess = row.guess if own.guess is None else own.guess
        slip = row.slip if own.slip is None else own.slip
        return SkillParameters(skill.prior, skill.learn, guess, slip, skill.forget)

    def difficulty(self, item_id: str) -> float:
        """In logits, relative to the skill's average item; 0 where it is not known."""
        return self.items.get(item_id, UNFITTED_ITEM).difficulty

    def level(self, skill_id: str) -> float:
        """Where an average pupil starts, in logits on an average typed item."""
        return self.levels.get(skill_id, EXPERT_LEVEL)

    @classmethod
    def default(cls, curriculum: Curriculum) -> ParameterSet:
        """Expert parameters for a district without logs: one row for each skill of the curriculum.

        A skill's own guess and slip are the means over the formats of its items.
        """
        return cls({skill_id: _expert_skill(curriculum, skill_id) for skill_id in curriculum.skills})

    def to_json(self) -> str:
        """The set as JSON text, with its version; `from_json` reads it back to an equal set."""
        return json.dumps({"version": self.version, **json.loads(self._content())}, ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> ParameterSet:
        """Read what `to_json` wrote.

        Raises:
            ParameterError: not JSON, fields missing, values out of their limits, or content changed under
                the same version.
            PopulationError: the assumptions about pupils are out of their limits.
        """
        try:
            data = json.loads(text)
            stated = data["version"]
            found = cls(
                {skill_id: SkillParameters(**row) for skill_id, row in data["skills"].items()},
                {name: FormatParameters(**row) for name, row in data["formats"].items()},
                {item_id: ItemParameters(*row) for item_id, row in data["items"].items()},
                dict(data["levels"].items()),
                Population.from_row(data["population"]),
                PredictorParameters.from_json(json.dumps(data[_LEADING])) if _LEADING in data else None,
            )
        except (ParameterError, PopulationError):
            raise
        except PredictorError as error:
            raise ParameterError(str(error)) from error
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise ParameterError(
                f"The parameter set can't be read ({error!r}). Write it with ParameterSet.to_json."
            ) from error
        if stated != found.version:
            raise ParameterError(
                f"The parameter set says version {stated!r}, but its content is {found.version!r}: "
                "it was changed by hand. Use the file as it was written."
            )
        return found

    def _content(self) -> str:
        leading = {} if self.predictor is None else {_LEADING: json.loads(self.predictor.to_json())}
        return json.dumps(
            {
                "skills": {skill_id: asdict(row) for skill_id, row in self.skills.items()},
                "formats": {name: asdict(row) for name, row in self.formats.items()},
                "items": {i: [row.difficulty, row.guess, row.slip] for i, row in self.items.items()},
                "levels": self.levels,
                "population": self.population.to_row(),
                **leading,
            },
            sort_keys=True,
        )


def _expert_skill(curriculum: Curriculum, skill_id: str) -> SkillParameters:
    rows = [EXPERT_FORMATS[item.response_format] for item in curriculum.items_of(skill_id)]
    if not rows:
        return EXPERT_SKILL
    return SkillParameters(
        prior=EXPERT_SKILL.prior,
        learn=EXPERT_SKILL.learn,
        # A skill's own rate keeps the stricter limit even where all of its items are two-way choices.
        guess=min(MAX_GUESS, sum(row.guess for row in rows) / len(rows)),
        slip=sum(row.slip for row in rows) / len(rows),
        forget=EXPERT_SKILL.forget,
    )


def _check_limits(whose: str, guess: float, slip: float, max_guess: float) -> None:
    if guess > max_guess:
        raise ParameterError(f"{whose} has guess {guess}. At most {max_guess} is allowed.")
    if slip > MAX_SLIP:
        raise ParameterError(f"{whose} has slip {slip}. At most {MAX_SLIP} is allowed.")
