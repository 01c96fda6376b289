"""What a teacher should know before the tables: how far the class is, whom to help first, with what, and together."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from flask_babel import gettext as _
from flask_babel import ngettext

from item_banks.schema import Skill
from lti_tool.services.classroom.attention import SHOWN_FIRST, Need
from lti_tool.services.classroom.class_page import ClassPage, PupilRow
from lti_tool.services.classroom.groups import SMALLEST, Pair
from lti_tool.services.classroom.mistakes import Example
from lti_tool.services.classroom.names import in_order
from lti_tool.web.teacher.classroom.needs_words import definition, evidence, headline, next_step, what
from lti_tool.web.teacher.words import error_words, missed_words

MOST_NAMES = 6


@dataclass(frozen=True)
class NeedLine:
    """One line of "Needs you now": what, in which skill, who, what to do next, and the reason with its numbers."""

    what: str
    skill: str
    pupils: Sequence[PupilRow]
    more: str
    next_step: str
    definition: str
    evidence: Sequence[tuple[PupilRow, str]]


@dataclass(frozen=True)
class MistakeLine:
    """A mistake made more than once: in which skill, what the pupils were told, who made it, one real answer.

    `kind` and `words` are of spelling: what kind of error it is, and in how many words.
    """

    skill: str
    told: str
    pupils: Sequence[tuple[PupilRow, int]]
    example: Example
    kind: str
    words: str


@dataclass(frozen=True)
class GroupLine:
    """Three to five pupils and the skill that they need now."""

    skill: Skill
    pupils: Sequence[PupilRow]


@dataclass(frozen=True)
class PairLine:
    """Two pupils, and what each explains to the other."""

    first: PupilRow
    second: PupilRow
    first_explains: str
    second_explains: str
    skill_ids: tuple[str, str]


@dataclass(frozen=True)
class ClassSummary:
    """How many have started and finished, who needs what (`more_needs`: after the first five), who goes together."""

    started: int
    practised: int
    """In the last seven days."""
    idle: Sequence[PupilRow]
    """Who did nothing in the last seven days, whether begun or not."""
    finished: int
    headline: str
    headline_skill: str
    headline_group: GroupLine | None
    needs: Sequence[NeedLine]
    more_needs: Sequence[NeedLine]
    mistakes: Sequence[MistakeLine]
    groups: Sequence[GroupLine]
    pairs: Sequence[PairLine]
    running: Sequence[tuple[PupilRow, PupilRow]]
    refused: int
    to_review: int
    """Grades that wait for the teacher to look through them."""
    delivered: int
    """Grades that are in the gradebook."""


def summarise(page: ClassPage, skills: Sequence[Skill]) -> ClassSummary:
    """The figures of the sentences, from the same rows as the tables: the two can't disagree."""
    known = {skill.id: skill for skill in skills}
    titles = {skill.id: skill.title for skill in skills}
    rows = {pupil.person_id: pupil for pupil in page.pupils}
    points = page.activity.points
    told = [need for need in page.needs if need.skill_id is None or need.skill_id in titles]
    lines = [_need_line(need, known, rows) for need in told]
    groups = [
        GroupLine(known[group.skill_id], [rows[who] for who in group.people])
        for group in page.groups
        if group.skill_id in known
    ]
    first = _to_begin_with(told, {group.skill.id for group in groups})
    return ClassSummary(
        started=sum(pupil.attempts > 0 for pupil in page.pupils),
        practised=sum(pupil.week.tries > 0 for pupil in page.pupils),
        idle=[pupil for pupil in page.pupils if not pupil.week.tries],
        finished=sum(pupil.grade.points is not None and pupil.grade.points >= points for pupil in page.pupils),
        headline=headline(first.kind, len(first.people)) if first else "",
        headline_skill=titles.get(first.skill_id or "", "") if first else "",
        headline_group=next((one for one in groups if first and one.skill.id == first.skill_id), None),
        needs=lines[:SHOWN_FIRST],
        more_needs=lines[SHOWN_FIRST:],
        mistakes=[
            MistakeLine(
                titles[mistake.skill_id],
                mistake.told,
                [(rows[person], times) for person, times in mistake.times.items()],
                mistake.example,
                error_words(mistake.code) if mistake.words else "",
                missed_words(*mistake.words) if mistake.words else "",
            )
            for mistake in page.mistakes
            if mistake.skill_id in titles
        ],
        groups=groups,
        pairs=[_pair_line(pair, titles, rows) for pair in page.pairs if _is_idle(pair, page, titles)],
        running=[(rows[one], rows[other]) for one, other in page.running],
        refused=page.refused,
        to_review=page.grade_states.get("held", 0) if page.activity.posting == "review" else 0,
        delivered=page.grade_states.get("delivered", 0),
    )


def _to_begin_with(told: Sequence[Need], with_group: Collection[str]) -> Need | None:
    """What the first sentence says: of the lines shown, one for whose skill there is a group, else the first."""
    shown = told[:SHOWN_FIRST]
    for_group = (need for need in shown if need.skill_id in with_group and len(need.people) >= SMALLEST)
    return next(for_group, shown[0] if shown else None)


def pupil_name(pupil: PupilRow) -> str:
    """The name that the LMS gives, or a label that stays the same."""
    return name_or_label(pupil.name, pupil.person_id)


def name_or_label(name: str, person_id: str) -> str:
    """A name, or the label that takes its place on every page."""
    return name or str(_("Pupil %(label)s", label=person_id[:5]))


def _is_idle(pair: Pair, page: ClassPage, titles: Mapping[str, str]) -> bool:
    busy = {who for together in page.running for who in together}
    return not {pair.first, pair.second} & busy and {pair.first_explains, pair.second_explains} <= titles.keys()


def _pair_line(pair: Pair, titles: Mapping[str, str], rows: Mapping[str, PupilRow]) -> PairLine:
    skills = (pair.first_explains, pair.second_explains)
    return PairLine(rows[pair.first], rows[pair.second], titles[skills[0]], titles[skills[1]], skills)


def _need_line(need: Need, known: Mapping[str, Skill], rows: Mapping[str, PupilRow]) -> NeedLine:
    skill = known.get(need.skill_id or "")
    of_list = skill is not None and skill.kind == "list"
    people = sorted((rows[person] for person in need.people), key=lambda row: in_order(row.name, row.person_id))
    hidden = len(people) - MOST_NAMES
    return NeedLine(
        what=what(need.kind),
        skill=skill.title if skill else "",
        pupils=people[:MOST_NAMES],
        more=str(ngettext("and %(num)d more", "and %(num)d more", hidden)) if hidden > 0 else "",
        next_step=next_step(need.kind, of_list=of_list),
        definition=definition(need.kind, of_list=of_list),
        evidence=[(row, evidence(need, row, of_list=of_list)) for row in people],
    )
