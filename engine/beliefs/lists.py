"""Skills that do not generalise: who can write "said" may not be able to write "once".

Each member (word, fact) is traced alone, by Bayesian knowledge tracing; a sample of the members decides.
"""

from __future__ import annotations

import math
from typing import Final

from engine.beliefs.records import MemberRecord
from engine.beliefs.skills import SkillModel
from engine.knowledge_tracing import after_forgetting
from engine.learner import Learner

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
        return _p_unseen(model, [m.p_known for m in members_seen(model, learner).values()])
    return after_forgetting(record.p_known, model.parameters.forget, (minute - record.last) / 60)


def share_known(model: SkillModel, learner: Learner, minute: int) -> float:
    """The expected share of all members that are known now."""
    forget = model.parameters.forget
    seen = [after_forgetting(m.p_known, forget, (minute - m.last) / 60) for m in members_seen(model, learner).values()]
    unseen = len(model.members) - len(seen)
    return (sum(seen) + unseen * _p_unseen(model, seen)) / len(model.members)


def _p_unseen(model: SkillModel, seen: list[float]) -> float:
    """Words don't carry over, pupils do: who knew the words so far knows more of the others."""
    return (UNSEEN_WEIGHT * model.parameters.prior + sum(seen)) / (UNSEEN_WEIGHT + len(seen))


def p_share_reaches(standard: float, members: int, sampled: int, right: int) -> float:
    """P(the share of all members that a pupil has right is at least `standard`).

    The unsampled members follow a beta-binomial with a uniform prior, so that a full count leaves no doubt.

    Args:
        standard: in (0, 1).
        members: size of the list.
        sampled: members answered so far.
        right: how many of these were right at their last answer.
    """
    rest = members - sampled
    needed = math.ceil(standard * members - 1e-9) - right
    if needed <= 0:
        return 1.0
    a, b = right + 1, sampled - right + 1
    # Summed down from the case that all the rest are right, where the probability is greatest for good pupils.
    mass = math.exp(math.lgamma(a + rest) + math.lgamma(a + b) - math.lgamma(a) - math.lgamma(a + b + rest))
    total = 0.0
    for k in range(rest, needed - 1, -1):
        total += mass
        mass *= k / (rest - k + 1) * (rest - k + b) / (k - 1 + a)
    return min(1.0, total)


def p_list_meets(model: SkillModel, learner: Learner, standard: float) -> float:
    """P(a pupil has at least this share of the list right), from the last deciding answer to each member."""
    verdicts = _verdicts(model, learner)
    return p_share_reaches(standard, len(model.members), len(verdicts), sum(verdicts))


def members_missing(model: SkillModel, learner: Learner, sample: int) -> int:
    """How many members have still to be answered until they are a sample; a short list is its own."""
    return min(sample, len(model.members)) - len(_verdicts(model, learner))


def _verdicts(model: SkillModel, learner: Learner) -> list[int]:
    return [m.right for m in members_seen(model, learner).values() if m.right >= 0]
