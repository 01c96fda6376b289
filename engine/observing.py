"""From an answer to the pupil after it: evidence, a chance to learn, and what follows for the states."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from engine.beliefs.lists import p_list_meets, p_member, share_known
from engine.beliefs.mixture import Mixture, Opened, SkillView, View
from engine.beliefs.records import (
    HISTORY_LENGTH,
    MAX_PROVEN,
    MAX_STREAK,
    Detail,
    Form,
    SkillRecord,
    StartAnswer,
    settled_member,
)
from engine.beliefs.skills import SkillModel, member_of
from engine.beliefs.traits import Traits, settled_traits
from engine.beliefs.two_state import expectation
from engine.choosing.plan import Candidate, Plan
from engine.choosing.start_check import StartCheck
from engine.haste import p_looked
from engine.knowledge_tracing import after_learning, posterior_of_each
from engine.learner import OPEN_SKILLS, Learner, Response
from engine.mastery import Outlook, Policy, judge, reopened_below
from engine.reviews import member_reviews


@dataclass(frozen=True, slots=True)
class Engine:
    """What taking in an answer needs beside the pupil."""

    plan: Plan
    mixture: Mixture
    policy: Policy
    start: StartCheck | None

    def observe(self, learner: Learner, response: Response, minute: int) -> Learner:
        """The pupil after an answer that says something (see `Tutor.observe`)."""
        found = self.plan.by_item[response.item.id]
        if response.choices is not None:
            found = found.among(self.plan.formats[f"choice{response.choices}"])
        again = learner.last_item == found.item.id
        before = learner
        learner = learner.shown(found.item.id, found.tag, minute)
        touched = list(response.per_skill) if response.per_skill else list(found.item.skills)
        verdicts = _verdicts(response, touched)
        looked = 1.0 if response.outcome == "dont_know" else p_looked(found.item.response_format, response.seconds)
        belief = self._belief(learner, touched, found, minute)
        if response.unaided and self.start is not None and self.start.taken(before, found.item):
            learner = learner.with_start(StartAnswer(found.item.id, all(verdicts.values())))
        if response.unaided:
            for group in [[s] for s in touched] if response.per_skill else [touched]:
                guessed = response.outcome != "dont_know" or bool(verdicts[group[0]])
                evidence = _Evidence(found, bool(verdicts[group[0]]), guessed, looked)
                belief = self._after_evidence(belief, group, evidence)
        forms = dict[str, Form]()
        if response.unaided and response.choices is None and self.plan.predictions is not None:
            # Fewer choices say nothing of how hard the item is for others: the predictor is not fitted to such answers.
            traits, forms = self.plan.predictions.after(
                belief.traits, learner.skills, touched, found.item, all(verdicts.values())
            )
            belief = _Belief(traits, belief.details, belief.members)
        traits = settled_traits(belief.traits)
        view = self.mixture.view(traits)
        learner = learner.with_traits(traits)
        for skill_id in touched:
            code, form = _code(response, verdicts[skill_id]), forms.get(skill_id)
            answer = _Answer(skill_id, verdicts[skill_id], code, again, found, minute, looked, form)
            learner = self._written(learner, view, answer, belief)
        if False in verdicts.values():
            learner = self._rechecked(learner, view, touched)
        return self._settled(learner, view)

    def _belief(self, learner: Learner, touched: list[str], found: Candidate, minute: int) -> _Belief:
        traits, details, members = learner.traits, dict[str, Detail](), dict[str, float]()
        for skill_id in touched:
            model = self.plan.models[skill_id]
            if model.is_list:
                members[skill_id] = p_member(model, learner, minute, member_of(found.item))
            else:
                record = learner.skills.get(skill_id)
                placed = self.start.of(learner).get(skill_id) if self.start else None
                traits, details[skill_id] = self.mixture.opened(traits, skill_id, record, minute, placed)
        return _Belief(traits, details, members)

    def _after_evidence(self, belief: _Belief, group: list[str], given: _Evidence) -> _Belief:
        """All skills of the group share one likelihood, and with them whether the pupil has looked at all."""
        view = self.mixture.view(belief.traits)
        listed = [s for s in group if s in belief.members]
        traced = {s: belief.details[s] for s in group if s in belief.details}
        traits, details, members = belief.traits, belief.details, belief.members
        if listed:
            guess = given.found.guess if given.guessed else 0.0
            known = [members[s] for s in listed] + [expectation(view.classes, d.known) for d in traced.values()]
            known += [given.looked] if given.looked < 1.0 else []
            after = posterior_of_each(known, given.correct, guess, given.found.slip)
            members = {**members, **dict(zip(listed, after, strict=False))}
        if traced:
            others = given.looked * math.prod(belief.members[s] for s in listed)
            evidence = given.found.evidence(given.correct, guessed=given.guessed, others=others)
            traits, changed = self.mixture.answered(view, traits, traced, evidence)
            details = {**details, **changed}
        return _Belief(traits, details, members)

    def _written(self, learner: Learner, view: View, answer: _Answer, belief: _Belief) -> Learner:
        """The learner with one skill's new belief, counts and state, and word of it to the stuck skills above."""
        model = self.plan.models[answer.skill_id]
        record = learner.skills.get(answer.skill_id) or SkillRecord("growing", 0.0, 0.0, 0.0, 0, answer.minute)
        decided = answer.right if model.decides(answer.found.item) else None
        record = _counted(record, model, answer, decided)
        if model.is_list:
            learner, record, outlook = self._list(learner, model, record, answer, belief, decided)
        else:
            record, outlook = self._rule(learner, view, record, answer, belief)
            if answer.found.item.member is not None:
                learner = _met(learner, answer, 0.0, decided)
        record = judge(model, learner, record, self.policy, outlook, minute=answer.minute, right=decided)
        skills = learner.skills.practised(answer.skill_id, record)
        above = {s: skills[s] for s in self.plan.dependents[answer.skill_id] if s in skills}
        told = {s: r._replace(revisited=True) for s, r in above.items() if r.state == "stuck" and not r.revisited}
        return learner.with_skills(skills.changed(told) if told else skills)

    def _list(
        self,
        learner: Learner,
        model: SkillModel,
        record: SkillRecord,
        answer: _Answer,
        belief: _Belief,
        decided: bool | None,
    ) -> tuple[Learner, SkillRecord, Outlook]:
        minute = answer.minute
        p_known = after_learning(belief.members[answer.skill_id], model.parameters.learn * answer.looked)
        learner = _met(learner, answer, p_known, decided)
        record = record._replace(p_known=share_known(model, learner, minute))
        return learner, record, _list_outlook(model, learner)

    def _rule(
        self, learner: Learner, view: View, record: SkillRecord, answer: _Answer, belief: _Belief
    ) -> tuple[SkillRecord, Outlook]:
        skill_id, mixture, policy = answer.skill_id, self.mixture, self.policy
        basis = [r for p in self.plan.prerequisites[skill_id] if (r := learner.skills.get(p))]
        ready = mixture.readiness(basis)
        detail = mixture.practised(skill_id, belief.details[skill_id], ready, answer.looked)
        skill = mixture.skill_view(view, Opened(learner.traits, detail), skill_id)
        outlook = Outlook(
            lambda standard: mixture.p_meets(view, skill, standard),
            lambda: mixture.p_reaches(view, skill_id, skill, policy.standard, policy.horizon, ready),
            lambda standard: mixture.p_holds(view, Opened(learner.traits, detail), skill_id, standard),
        )
        level, spread = skill.level
        return record._replace(p_known=skill.p_known, level=level, spread=spread, detail=detail), outlook

    def _rechecked(self, learner: Learner, view: View, touched: list[str]) -> Learner:
        """Strong skills that a wrong answer to another skill made doubtful are open again."""
        doubtful = {}
        for skill_id in learner.skills.open_ids():
            record = learner.skills[skill_id]
            if record.state != "strong" or skill_id in touched or record.detail is None:
                continue
            if skill_id not in self.plan.models:
                continue
            skill = self._now(learner, view, skill_id, record)
            limit = reopened_below(self.plan.models[skill_id], self.policy)
            if self.mixture.p_meets(view, skill, record.standard / 100) < limit:
                doubtful[skill_id] = record._replace(state="growing", since=0)
        return learner.with_skills(learner.skills.changed(doubtful)) if doubtful else learner

    def _settled(self, learner: Learner, view: View) -> Learner:
        """Skills not practised for long keep their marginals only."""
        rest = {}
        for skill_id in learner.skills.open_ids()[:-OPEN_SKILLS]:
            record = learner.skills[skill_id]
            record = record._replace(detail=None, form=record.form and record.form._replace(recent=None))
            if skill_id in self.plan.models and not self.plan.models[skill_id].is_list:
                skill = self._now(learner, view, skill_id, learner.skills[skill_id])
                record = record._replace(p_known=skill.p_known, level=skill.level.mean, spread=skill.level.sd)
            rest[skill_id] = record
        return learner.with_skills(learner.skills.changed(rest)) if rest else learner

    def _now(self, learner: Learner, view: View, skill_id: str, record: SkillRecord) -> SkillView:
        opened = self.mixture.opened(learner.traits, skill_id, record, record.last)
        return self.mixture.skill_view(view, opened, skill_id)


@dataclass(frozen=True, slots=True)
class _Belief:
    """Beliefs on their way through an answer: rule skills whole, of list skills P(the member is known)."""

    traits: Traits
    details: Mapping[str, Detail]
    members: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class _Evidence:
    """An unaided answer: its verdict, whether it can have been a guess, and P(the pupil has looked at the question)."""

    found: Candidate
    correct: bool
    guessed: bool
    looked: float


@dataclass(frozen=True, slots=True)
class _Answer:
    """What one answer says about one of its skills; `right` is None where it is no evidence."""

    skill_id: str
    right: bool | None
    code: str
    again: bool
    found: Candidate
    minute: int
    looked: float
    form: Form | None


def _list_outlook(model: SkillModel, learner: Learner) -> Outlook:
    """A list's words have dates of their own, which see to what may be forgotten."""

    def p_meets(standard: float) -> float:
        return p_list_meets(model, learner, standard)

    return Outlook(p_meets, lambda: 1.0, p_meets)


def _met(learner: Learner, answer: _Answer, p_known: float, decided: bool | None) -> Learner:
    """The learner with the word or fact that the answer was about."""
    name = member_of(answer.found.item)
    old = learner.members.get(answer.skill_id, {}).get(name)
    right, reviews, first = (old.right, old.reviews, old.first) if old else (-1, 0, -1)
    if decided is not None:
        # Earlier releases kept the last answer only, which stands in for the first.
        first = first if first >= 0 else right if right >= 0 else int(decided)
        right, reviews = int(decided), member_reviews(old, decided, answer.minute)
    return learner.with_member(answer.skill_id, name, settled_member(p_known, answer.minute, right, reviews, first))


def _verdicts(response: Response, touched: list[str]) -> dict[str, bool | None]:
    if not response.unaided:
        return dict.fromkeys(touched)
    if response.per_skill:
        return dict(response.per_skill)
    return dict.fromkeys(touched, response.correct and response.outcome != "dont_know")


def _code(response: Response, right: bool | None) -> str:
    """The answer as the history remembers it; small letters, as long as the format is not known to decide."""
    if right is None:
        return "h"
    return "r" if right else "d" if response.outcome == "dont_know" else "w"


def _counted(record: SkillRecord, model: SkillModel, answer: _Answer, decided: bool | None) -> SkillRecord:
    streak, proven = record.streak, record.proven
    if answer.right is not None:
        streak = min(MAX_STREAK, streak + 1) if answer.right else 0
    if decided and not (answer.again and model.different_items):
        proven = min(MAX_PROVEN, proven + 1)
    return record._replace(
        opportunities=record.opportunities + 1,
        last=answer.minute,
        history=(record.history + (answer.code if decided is None else answer.code.upper()))[-HISTORY_LENGTH:],
        streak=streak,
        proven=proven,
        form=answer.form or record.form,
    )
