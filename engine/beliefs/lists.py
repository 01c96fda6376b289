"""Skills that do not generalise: who can write "said" may not be able to write "once".

Each member (word, fact) is traced alone, by Bayesian knowledge tracing; a sample of the members decides.
"""

from __future__ import annotations

import math
from collections.abc import Collection
from typing import Final

from engine.beliefs.ability import normal_cdf
from engine.beliefs.records import MemberRecord
from engine.beliefs.skills import SkillModel
from engine.knowledge_tracing import after_forgetting
from engine.learner import Learner

PACE_WEIGHT: Final = 6.0
"""The weight, in words, of the pupil's pace elsewhere in judging how a list goes: it is short, and luck is large."""
UNSEEN_WEIGHT: Final = 2.0
"""The prior's weight, in members, in guessing how many unseen members of a list a pupil knows."""


def members_seen(model: SkillModel, learner: Learner) -> dict[str, MemberRecord]:
    """The members of a list that the pupil has met and the bank still holds."""
    seen = learner.members.get(model.skill.id, {})
    return {name: record for name, record in seen.items() if name in model.members}


def p_member(model: SkillModel, learner: Learner, minute: int, member: str) -> float:
    """P(a member is known) before the next answer, forgetting included."""
    record = learner.members.get(model.skill.id, {}).get(member)
    if record is None:
        return _p_unseen(model, members_seen(model, learner).values())
    return after_forgetting(record.p_known, model.parameters.forget, (minute - record.last) / 60)


def share_known(model: SkillModel, learner: Learner, minute: int) -> float:
    """The expected share of all members that are known now."""
    forget = model.parameters.forget
    met = members_seen(model, learner).values()
    known = sum(after_forgetting(m.p_known, forget, (minute - m.last) / 60) for m in met)
    unseen = len(model.members) - len(met)
    return (known + unseen * _p_unseen(model, met)) / len(model.members)


def share_learned(model: SkillModel, learner: Learner) -> float:
    """The expected share of the members met so far that were known after their last answer; 0 before the first."""
    met = members_seen(model, learner).values()
    return sum(m.p_known for m in met) / max(1, len(met))


def _p_unseen(model: SkillModel, met: Collection[MemberRecord]) -> float:
    """Words don't carry over, pupils do: who knew words before practising them knows more of the others."""
    known = sum(m.first if m.first >= 0 else m.p_known for m in met)
    return (UNSEEN_WEIGHT * model.parameters.prior + known) / (UNSEEN_WEIGHT + len(met))


def p_share_reaches(standard: float, members: int, sampled: int, right: int, at_first: int) -> float:
    """P(the share of all members that a pupil has right is at least `standard`).

    The unsampled members follow a beta-binomial with a uniform prior, so that a full count leaves no doubt. What
    practice has taught of the sample says nothing about the others: only how it went at first does.

    Args:
        standard: in (0, 1).
        members: size of the list.
        sampled: members answered so far.
        right: how many of these were right at their last answer.
        at_first: how many were right at their first.
    """
    rest = members - sampled
    needed = math.ceil(standard * members - 1e-9) - right
    if needed <= 0:
        return 1.0
    a, b = at_first + 1, sampled - at_first + 1
    # Summed down from the case that all the rest are right, where the probability is greatest for good pupils.
    mass = math.exp(math.lgamma(a + rest) + math.lgamma(a + b) - math.lgamma(a) - math.lgamma(a + b + rest))
    total = 0.0
    for k in range(rest, needed - 1, -1):
        total += mass
        mass *= k / (rest - k + 1) * (rest - k + b) / (k - 1 + a)
    return min(1.0, total)


def p_list_meets(model: SkillModel, learner: Learner, standard: float) -> float:
    """P(a pupil has at least this share of the list right): of the members asked for as each went last, of the others
    as those asked for went at first."""
    sample = _sample(model, learner)
    right, at_first = sum(m.right for m in sample), sum(m.right if m.first < 0 else m.first for m in sample)
    return p_share_reaches(standard, len(model.members), len(sample), right, at_first)


def members_missing(model: SkillModel, learner: Learner, sample: int) -> int:
    """How many members have still to be answered until they are a sample; a short list is its own."""
    return min(sample, len(model.members)) - len(_sample(model, learner))


def _sample(model: SkillModel, learner: Learner) -> list[MemberRecord]:
    """The members with an answer that decides."""
    return [m for m in members_seen(model, learner).values() if m.right >= 0]


def p_standstill(model: SkillModel, learner: Learner, expected: float) -> float:
    """P(less than half of the words that were missing at first are known by now); a normal stands for the beta.

    Args:
        model: of the list.
        learner: the pupil.
        expected: the share that a pupil of this pace learns, which counts as `PACE_WEIGHT` words do.
    """
    missing = [m for m in members_seen(model, learner).values() if m.first == 0]
    if not missing:
        return 0.0
    weight = len(missing) + PACE_WEIGHT
    known = (sum(m.p_known for m in missing) + PACE_WEIGHT * expected) / weight
    return normal_cdf((0.5 - known) / math.sqrt(known * (1.0 - known) / (weight + 1.0)))
