"""The one door to the engine, used by the web and by every simulation: the code measured is the code shipped."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from random import Random
from typing import Final

from engine.curriculum import Curriculum, CurriculumError, ItemRef
from engine.item_selection import (
    Candidate,
    candidate,
    choose_item,
    choose_skill,
    make_plan,
    member_of,
)
from engine.knowledge_tracing import after_learning, posterior, posterior_of_each, predict_correct
from engine.learner import (
    HISTORY_LENGTH,
    Choice,
    Learner,
    MemberRecord,
    Response,
    SkillRecord,
    SkillReport,
    minutes,
    stored,
)
from engine.mastery import (
    DEFAULT_POLICY,
    EVIDENCE,
    Policy,
    SkillModel,
    judge,
    p_known_now,
    p_meets,
    skill_model,
    state_of,
)
from engine.parameters import ParameterSet

MAX_STREAK: Final = 9
"""More in a row decides nothing, and one digit is enough to store."""


class Tutor:
    """Chooses items, takes in answers and reports, for any number of pupils. It holds no pupil's state.

    Args:
        curriculum: skills and items.
        parameters: how answers are read.
        policy: the teacher's settings for mastery.
    """

    def __init__(self, curriculum: Curriculum, parameters: ParameterSet, policy: Policy = DEFAULT_POLICY) -> None:
        self.curriculum, self.parameters, self.policy = curriculum, parameters, policy
        self._models = {s: skill_model(curriculum, parameters, s) for s in curriculum.skills}
        self._candidates = {item.id: candidate(item, parameters) for item in curriculum.items}
        self._plan = make_plan(curriculum, self._models, self._candidates)
        self._dependents: dict[str, list[str]] = {s: [] for s in curriculum.skills}
        for skill_id, prerequisites in self._plan.prerequisites.items():
            for prerequisite in prerequisites:
                self._dependents[prerequisite].append(skill_id)

    def new_learner(self) -> Learner:
        """A pupil of whom nothing is known."""
        return Learner()

    def next_item(
        self, learner: Learner, *, now: datetime, rng: Random, within: Iterable[str] | None = None
    ) -> Choice | None:
        """What to practise next, or None if everything offered is mastered and no check is due.

        The same learner, time and state of `rng` give the same choice.

        Args:
            learner: the pupil.
            now: an aware datetime.
            rng: breaks ties between equally good items.
            within: ids of the assigned skills; None for all. Prerequisites outside are not offered, and a lack
                of evidence on them holds nothing up.

        Raises:
            ValueError: `now` has no time zone.
            CurriculumError: `within` names a skill that the curriculum does not have.
        """
        minute = minutes(now)
        offered = None if within is None else frozenset(within)
        if offered and (unknown := sorted(offered - self.curriculum.skills.keys())):
            raise CurriculumError(
                f"Assigned skills {unknown} are not in this curriculum. Assign skills of the bank's current version."
            )
        target = choose_skill(self._plan, learner, self.policy, minute, offered)
        if target is None:
            return None
        return choose_item(self._plan, target, learner, self.policy, minute, rng)

    def observe(self, learner: Learner, response: Response, *, now: datetime) -> Learner:
        """The pupil after one answer; `learner` itself stays as it was.

        - An unaided answer is evidence, then a chance to learn. With hints or at a later attempt it only is a
          chance to learn.
        - "dont_know" is a wrong answer that can't have been an attempt to guess (guess = 0), which makes it the
          stronger sign of not knowing; whatever `correct` says.
        - "no_evidence" changes nothing but what was shown.
        - With `per_skill`, each skill named gets its own evidence and the item's other skills are left alone.
          Otherwise the skills of an item share one likelihood.

        Raises:
            ValueError: `now` has no time zone, or `per_skill` names a skill that the item does not have.
            CurriculumError: the curriculum does not have the item.
        """
        minute = minutes(now)
        item = self.curriculum.item(response.item.id)
        found = self._candidates[item.id]
        if response.per_skill and (unknown := sorted(response.per_skill.keys() - set(item.skills))):
            raise ValueError(f"per_skill names {unknown}, but item {item.id!r} has the skills {list(item.skills)}.")
        shown = learner.shown(item.id, found.tag)
        if response.outcome == "no_evidence":
            return shown
        before = {s: p_known_now(self._models[s], learner, minute, member_of(item)) for s in item.skills}
        for skill_id, (p_after, right) in _read(response, found, before).items():
            shown = self._take_in(shown, _Share(skill_id, p_after, right, response, found, minute))
        return shown

    def report(self, learner: Learner, *, now: datetime, within: Iterable[str] | None = None) -> dict[str, SkillReport]:
        """Where the pupil stands in each skill, touched or not.

        Args:
            learner: the pupil.
            now: an aware datetime.
            within: ids of the skills to report on; None for all. Those that the curriculum does not have (an older
                bank's) are left out.

        Raises:
            ValueError: `now` has no time zone.
        """
        minute = minutes(now)
        wanted = self._models if within is None else [skill_id for skill_id in within if skill_id in self._models]
        return {skill_id: self._report_one(self._models[skill_id], learner, minute) for skill_id in wanted}

    def _report_one(self, model: SkillModel, learner: Learner, minute: int) -> SkillReport:
        record = learner.skills.get(model.skill.id)
        p_known = p_known_now(model, learner, minute)
        typed = self.parameters.for_item(ItemRef("", (model.skill.id,), "typed"), model.skill.id)
        decided = p_known if record is None else record.p_known
        return SkillReport(
            p_meets_standard=p_meets(model, learner, decided, self.policy.standard),
            p_known=p_known,
            p_correct_typed=predict_correct(p_known, typed.guess, typed.slip),
            state=state_of(record, self.policy),
            opportunities=0 if record is None else record.opportunities,
            evidence=() if record is None else tuple(EVIDENCE[code] for code in record.history),
        )

    def _take_in(self, learner: Learner, share: _Share) -> Learner:
        """Work one skill's share of an answer into belief, counts and state, and tell the stuck skills above."""
        skill_id, minute = share.skill_id, share.minute
        model = self._models[skill_id]
        p_known = stored(after_learning(share.p_after, model.parameters.learn))
        verdict = share.right if share.found.item.response_format in model.deciding else None
        if model.is_list:
            learner = _with_member(learner, share, p_known, verdict)
            p_known = stored(p_known_now(model, learner, minute))
        record = learner.skills.get(skill_id) or SkillRecord(p_known, 0, minute, "growing")
        record = record._replace(
            p_known=p_known,
            opportunities=record.opportunities + 1,
            last=minute,
            history=(record.history + _code(share, verdict))[-HISTORY_LENGTH:],
        )
        learner = learner.with_record(skill_id, _with_streak(record, verdict, model, share.found.tag))
        learner = learner.with_record(skill_id, judge(model, learner, self.policy, minute, verdict))
        for dependent in self._dependents[skill_id]:
            above = learner.skills.get(dependent)
            if above is not None and above.state == "stuck" and not above.revisited:
                learner = learner.with_record(dependent, above._replace(revisited=1))
        return learner


@dataclass(frozen=True, slots=True)
class _Share:
    """What one answer says about one of its skills; `right` is None where it is no evidence."""

    skill_id: str
    p_after: float
    right: bool | None
    response: Response
    found: Candidate
    minute: int


def _read(response: Response, found: Candidate, before: Mapping[str, float]) -> dict[str, tuple[float, bool | None]]:
    """P(known) of each skill after the evidence, and the verdict on it; None where there is no evidence."""
    gave_up = response.outcome == "dont_know"
    if not response.unaided:
        return {s: (p, None) for s, p in before.items() if s in (response.per_skill or before)}
    if response.per_skill:
        return {
            s: (posterior(before[s], right, 0.0 if gave_up and not right else found.guess, found.slip), right)
            for s, right in response.per_skill.items()
        }
    right = response.correct and not gave_up
    after = posterior_of_each(list(before.values()), right, 0.0 if gave_up else found.guess, found.slip)
    return {s: (p, right) for s, p in zip(before, after, strict=True)}


def _code(share: _Share, verdict: bool | None) -> str:
    if share.right is None:
        return "h"
    code = "r" if share.right else "d" if share.response.outcome == "dont_know" else "w"
    return code if verdict is None else code.upper()


def _with_member(learner: Learner, share: _Share, p_known: float, verdict: bool | None) -> Learner:
    member = member_of(share.found.item)
    old = learner.members.get(share.skill_id, {}).get(member)
    right = (old.right if old else -1) if verdict is None else int(verdict)
    return learner.with_member(share.skill_id, member, MemberRecord(p_known, share.minute, right))


def _with_streak(record: SkillRecord, verdict: bool | None, model: SkillModel, tag: str) -> SkillRecord:
    if verdict is None or (verdict and model.different_items and record.last_right == tag):
        return record
    if not verdict:
        return record._replace(streak=0, last_right="")
    last_right = tag if model.different_items else ""
    return record._replace(streak=min(MAX_STREAK, record.streak + 1), last_right=last_right)
