"""Bayesian knowledge tracing fitted to responses: maximum a posteriori, with a hierarchy.

Central values -> group (subject) and format -> skill -> item. What is above is a prior worth some responses for what is
below, so that a skill with ten responses gets nearly its group's values and one with ten thousand its own. A group's
values are found by pooling the expected counts of its skills. Needs numpy and numba, which no process of the web loads.

Sources: Corbett & Anderson 1995; Beck & Chang 2007 (why priors: likelihoods of BKT are flat and have degenerate peaks).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from engine.curriculum import RESPONSE_FORMATS
from engine.fitting.bkt_kernels import fit_skills, trace_skills
from engine.fitting.responses import UNKNOWN_FORMAT, Indices, Opportunities
from engine.parameters import EXPERT_FORMATS, MAX_GUESS, MAX_GUESS_CHOICE2, MAX_SLIP

FORMATS: Final = (UNKNOWN_FORMAT, *sorted(RESPONSE_FORMATS))
PRIOR, LEARN, FORGET = range(3)
GUESS, SLIP = range(2)
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Beta:
    """A prior in pseudo-counts: `yes` cases seen and `no` cases, before any response."""

    yes: float
    no: float

    @property
    def mean(self) -> float:
        """The probability that it stands for."""
        return self.yes / (self.yes + self.no)


@dataclass(frozen=True)
class Priors:
    """What is assumed before any response, and how many responses each level of the hierarchy is worth.

    Attributes:
        prior, learn, forget: of a skill.
        guess, slip: by response format.
        group_weight: worth of a group's fitted values for its skills, in expected cases; 0: no hierarchy, every skill
            stands alone under the central values.
        item_weight: worth of the skill's value in a format for one item.
        item_responses: responses from which an item gets values of its own; None: no item does.
    """

    prior: Beta = Beta(2, 3)
    learn: Beta = Beta(2, 12)
    forget: Beta = Beta(1, 40)
    guess: Mapping[str, Beta] = field(default_factory=lambda: _expert_guess())
    slip: Mapping[str, Beta] = field(default_factory=lambda: dict.fromkeys(FORMATS, Beta(3, 27)))
    group_weight: float = 20.0
    item_weight: float = 8.0
    item_responses: int | None = 5

    @classmethod
    def none(cls) -> Priors:
        """Plain maximum likelihood, one guess and slip a skill: what other libraries fit."""
        nothing = Beta(0, 0)
        flat = dict.fromkeys(FORMATS, nothing)
        return cls(nothing, nothing, nothing, flat, flat, 0.0, 0.0, None)


def _expert_guess() -> dict[str, Beta]:
    """Typed answers are hardly guessed, choices as their number says; both well known, so worth more than the rest."""
    known = {name: Beta(60 * row.guess, 60 * (1 - row.guess)) for name, row in EXPERT_FORMATS.items()}
    return {UNKNOWN_FORMAT: Beta(4, 16), **known}


@dataclass(frozen=True)
class Limits:
    """The greatest guess and slip of each format, so that guess + slip stays below 1."""

    guess: float = MAX_GUESS
    slip: float = MAX_SLIP

    def table(self) -> Floats:
        """One row for each format."""
        rows = np.array([[self.guess, self.slip]] * len(FORMATS))
        if self.guess == MAX_GUESS:
            rows[FORMATS.index("choice2"), GUESS] = MAX_GUESS_CHOICE2
        return rows


@dataclass(frozen=True)
class BktFit:
    """Fitted parameters.

    Attributes:
        transitions: prior, learn and forget of each skill.
        by_format: guess and slip of each skill and each of `FORMATS`.
        slots: (skill, item) of each row of `by_slot`, ascending.
        by_slot: guess and slip of each skill's items that were seen.
        own: whether the slot has values of its own.
        responses: responses of each skill.
        iterations: row-iterations done, for measurements of speed.
    """

    transitions: Floats
    by_format: Floats
    slots: Indices
    by_slot: Floats
    own: NDArray[np.int8]
    responses: Indices
    iterations: int

    def predict(self, opportunities: Opportunities, item_formats: Sequence[str], items: int) -> Floats:
        """P(right) of each row before its answer; an item never seen is read by its format."""
        known, slot_of = np.unique(opportunities.skill * items + opportunities.item, return_inverse=True)
        skill, item = np.divmod(known, items)
        rates = self.by_format[skill, _format_numbers(item_formats)[item]]
        if len(self.slots):
            place = np.minimum(np.searchsorted(self.slots, known), len(self.slots) - 1)
            rates = np.where((self.slots[place] == known)[:, None], self.by_slot[place], rates)
        found = np.empty(len(opportunities.right))
        trace_skills(
            opportunities.right,
            slot_of,
            opportunities.gap,
            opportunities.sequence_start,
            opportunities.skill,
            self.transitions,
            np.ascontiguousarray(rates),
            found,
        )
        return found


class BktFitter:
    """Fits every skill of the opportunities.

    Args:
        opportunities: rows to learn from.
        item_formats: the format of each item, by index; "" where it is not known.
        skills: how many skills there are, seen or not.
        groups: number of the group of each skill (such as its subject); None: one group.
        priors: what is assumed, and the worth of each level.
        limits: of guess and slip.
        forgetting: whether something may be forgotten at the rows' gaps.
    """

    ROUNDS: Final = 3
    """Of pooling the groups: the values hardly move after the second."""
    MAX_ROUNDS: Final = 60
    TOLERANCE: Final = 1e-3

    def __init__(
        self,
        opportunities: Opportunities,
        item_formats: Sequence[str],
        skills: int,
        *,
        groups: Sequence[int] | None = None,
        priors: Priors | None = None,
        limits: Limits | None = None,
        forgetting: bool = True,
        max_rounds: int = MAX_ROUNDS,
        tolerance: float = TOLERANCE,
    ) -> None:
        o = self._rows = opportunities
        self._priors, self._limit = priors or Priors(), (limits or Limits()).table()
        self._forgetting, self._max_rounds, self._tolerance = forgetting, max_rounds, tolerance
        items = max(1, len(item_formats))
        self._slots, self._slot = np.unique(o.skill * items + o.item, return_inverse=True)
        slot_skill, slot_item = np.divmod(self._slots, items)
        self._slot_format = _format_numbers(item_formats)[slot_item]
        enough = self._priors.item_responses
        seen = np.bincount(self._slot, minlength=len(self._slots))
        self._own = (np.zeros(len(seen)) if enough is None else seen >= enough).astype(np.int8)
        every = np.arange(skills + 1)
        self._slot_start = np.searchsorted(slot_skill, every)
        self._skill_start = np.searchsorted(o.skill[o.sequence_start[:-1]], every)
        self._responses = np.bincount(o.skill, minlength=skills)
        self._groups = np.zeros(skills, dtype=np.int64) if groups is None else np.asarray(groups, dtype=np.int64)
        self._slot_skill = slot_skill
        self._iterations = 0

    def fitted(self) -> BktFit:
        """Fit, pool, and fit again under what the groups have in common."""
        beta, beta_format = self._central()
        state = self._start(beta, beta_format)
        rounds = self.ROUNDS if self._priors.group_weight else 1
        for n in range(rounds):
            self._run(state, beta, beta_format)
            if n < rounds - 1:
                beta, beta_format = self._pooled(state)
        self._retry(state, beta, beta_format)
        return BktFit(
            state.transitions,
            state.by_format,
            self._slots,
            state.by_slot,
            self._own,
            self._responses,
            self._iterations,
        )

    def _central(self) -> tuple[Floats, Floats]:
        p, skills = self._priors, len(self._responses)
        forget = p.forget if self._forgetting else Beta(0.0, 1e9)
        beta = np.array([[b.yes, b.no] for b in (p.prior, p.learn, forget)])
        rates = np.array([[[p.guess[f].yes, p.guess[f].no], [p.slip[f].yes, p.slip[f].no]] for f in FORMATS])
        return np.tile(beta, (skills, 1, 1)), np.tile(rates, (skills, 1, 1, 1))

    def _start(self, beta: Floats, beta_format: Floats) -> _State:
        """At the prior's means; where there is no prior, at values in the middle of what is usual."""
        usual, usual_rates = np.array([0.4, 0.15, 0.02]), np.array([0.2, 0.1])
        transitions = _means(beta, usual)
        if not self._forgetting:
            transitions[:, FORGET] = 0.0
        return _State.at(transitions, np.minimum(_means(beta_format, usual_rates), self._limit), self)

    def _run(self, state: _State, beta: Floats, beta_format: Floats, only: Indices | None = None) -> None:
        """Run the compiled loop over all skills, or over some of them, one by one."""
        spans = [(0, len(self._responses))] if only is None else [(k, k + 1) for k in only.tolist()]
        for a, b in spans:
            fit_skills(
                self._rows.right,
                self._slot,
                self._rows.gap,
                self._rows.sequence_start,
                self._skill_start[a : b + 1],
                self._slot_start[a : b + 1],
                self._slot_format,
                self._own,
                state.transitions[a:b],
                state.by_format[a:b],
                state.by_slot,
                beta[a:b],
                beta_format[a:b],
                self._priors.item_weight,
                self._limit,
                state.counts[a:b],
                state.format_counts[a:b],
                state.log_posterior[a:b],
                state.rounds[a:b],
                self._max_rounds,
                self._tolerance,
            )
            self._iterations += int((state.rounds[a:b] * self._responses[a:b]).sum())

    def _pooled(self, state: _State) -> tuple[Floats, Floats]:
        """Each skill's prior: its group's pooled rate, worth `group_weight`, never less than the central prior's."""
        central, central_format = self._central()
        found = (np.empty_like(central), np.empty_like(central_format))
        for out, counts, base in zip(found, (state.counts, state.format_counts), self._central(), strict=True):
            for group in np.unique(self._groups):
                mine = self._groups == group
                pooled = counts[mine].sum(0) + base[0]
                rate = pooled[..., 0] / np.maximum(pooled.sum(-1), 1e-12)
                worth = np.maximum(base[0].sum(-1), self._priors.group_weight)
                out[mine] = np.stack([rate * worth, (1.0 - rate) * worth], axis=-1)
        if not self._forgetting:
            found[0][:, FORGET] = central[:, FORGET]
        return found

    def _retry(self, state: _State, beta: Floats, beta_format: Floats) -> None:
        """Other starts for skills whose rates lie at a limit or hardly tell known from unknown."""
        rates = state.by_format[self._slot_skill, self._slot_format]
        bad = (rates >= self._limit[self._slot_format] - 1e-6).any(1) | (rates.sum(1) > 0.6)
        doubtful = np.unique(self._slot_skill[bad])
        for start in ((0.15, 0.05), (0.6, 0.3)):
            other = state.copy()
            other.transitions[doubtful, :2] = start
            other.reset_rates(doubtful, np.array([0.15, 0.05]), self)
            self._run(other, beta, beta_format, doubtful)
            better = doubtful[other.log_posterior[doubtful] > state.log_posterior[doubtful] + 1e-6]
            state.take(other, better, self)


@dataclass
class _State:
    """Parameters on their way, and the counts of the last round."""

    transitions: Floats
    by_format: Floats
    by_slot: Floats
    counts: Floats
    format_counts: Floats
    log_posterior: Floats
    rounds: Indices

    @classmethod
    def at(cls, transitions: Floats, by_format: Floats, fitter: BktFitter) -> _State:
        skills, formats = by_format.shape[:2]
        return cls(
            transitions,
            by_format,
            by_format[fitter._slot_skill, fitter._slot_format],
            np.zeros((skills, 3, 2)),
            np.zeros((skills, formats, 2, 2)),
            np.zeros(skills),
            np.zeros(skills, dtype=np.int64),
        )

    def copy(self) -> _State:
        return _State(*(getattr(self, name).copy() for name in self.__dataclass_fields__))

    def reset_rates(self, skills: Indices, rates: Floats, fitter: BktFitter) -> None:
        self.by_format[skills] = rates
        self.by_slot[np.isin(fitter._slot_skill, skills)] = rates

    def take(self, other: _State, skills: Indices, fitter: BktFitter) -> None:
        slots = np.isin(fitter._slot_skill, skills)
        self.by_slot[slots] = other.by_slot[slots]
        for name in ("transitions", "by_format", "counts", "format_counts", "log_posterior"):
            getattr(self, name)[skills] = getattr(other, name)[skills]


def _means(beta: Floats, usual: Floats) -> Floats:
    total = beta.sum(-1)
    return np.where(total > 0, beta[..., 0] / np.where(total > 0, total, 1.0), usual)


def _format_numbers(item_formats: Sequence[str]) -> Indices:
    number = {name: n for n, name in enumerate(FORMATS)}
    return np.array([number.get(name, 0) for name in item_formats], dtype=np.int64)
