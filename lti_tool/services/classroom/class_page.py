"""The teacher's page of one activity: pupils by skills, whom to help with what, and where the grades are.

Reads counts and states, never all opportunities, in a fixed number of queries: the page costs the same in July as in
September.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Any

from sqlalchemy import and_, func, literal, select, union_all
from sqlalchemy.orm import Session

from engine.learner import Learner, SkillReport
from engine.tutor import Tutor
from item_banks.marking import response_in_words
from item_banks.schema import Item
from lti_tool.lti.messages.roles import Role
from lti_tool.persistence.secrets import Vault
from lti_tool.persistence.tables.accommodations import Accommodation
from lti_tool.persistence.tables.activities import Activity, LineItem
from lti_tool.persistence.tables.grades import ScoreOutbox
from lti_tool.persistence.tables.people import DisplayName, Membership, Person
from lti_tool.persistence.tables.practice import Certificate, LearnerState, MasteryOverride, Opportunity, PresentedItem
from lti_tool.persistence.tables.steering import Steering
from lti_tool.persistence.tables.summaries import PracticeDay, PracticeTotal
from lti_tool.persistence.tables.tenancy import Context, District, Registration
from lti_tool.services.assigning.changes import CELLS_WAIT
from lti_tool.services.classroom.attention import Need, PupilFacts, guesses, needs
from lti_tool.services.classroom.groups import Group, Pair, Standing, suggest_groups, suggest_pairs
from lti_tool.services.classroom.mistakes import Mistake, repeated_mistakes
from lti_tool.services.classroom.names import as_read, in_order
from lti_tool.services.district_time import district_zone
from lti_tool.services.helping.overrides import as_teachers_say
from lti_tool.services.helping.pairs import running_pairs
from lti_tool.services.helping.steering import EVERYTHING
from lti_tool.services.platforms.roster import RosterStatus, status_of

WEEK = timedelta(days=7)


@dataclass(frozen=True)
class GradeStatus:
    """Where a pupil's score is: "none", or a state of `ScoreOutbox`; with the code of the problem if it is "parked"."""

    state: str
    points: float | None
    delivered_points: float | None
    problem: str | None


@dataclass(frozen=True)
class Work:
    """Time at work: minutes, sittings, tries."""

    minutes: float = 0.0
    sittings: int = 0
    tries: int = 0


@dataclass(frozen=True)
class PupilRow:
    """One pupil on the page. `name` is empty where the LMS gives none.

    `overridden`: skills of which a teacher said the state; `resting`: skills that a teacher paused (or
    `EVERYTHING`).
    """

    person_id: str
    name: str
    skills: Mapping[str, SkillReport]
    attempts: int
    last_answer_at: datetime | None
    last_answer: str
    last_answer_correct: bool
    grade: GradeStatus
    week: Work = Work()
    total: Work = Work()
    latest: str = ""
    sections: tuple[str, ...] = ()
    overridden: AbstractSet[str] = frozenset()
    resting: AbstractSet[str] = frozenset()
    standstill: Mapping[str, float] = field(default_factory=dict)
    """Of skills tried often: how likely they hardly get on."""
    extra_days: int = 0
    """So many days more until due dates."""


@dataclass(frozen=True)
class ClassPage:
    """All pupils who have opened the activity's course in Proximal, by name; with `section`, those of one section."""

    activity: Activity
    skill_ids: Sequence[str]
    pupils: Sequence[PupilRow]
    roster: RosterStatus
    needs: Sequence[Need]
    mistakes: Sequence[Mistake]
    column_problem: str | None
    """Code of why the LMS did not take a change of the gradebook column."""
    refused: int = 0
    """Scores of the activity that the LMS did not take, as its grade log counts them: of all sections, of pupils who
    have left as well, and in every column."""
    grade_states: Mapping[str, int] = field(default_factory=dict)
    """How many scores of its own column are in each state, as its grade log counts them."""
    groups: Sequence[Group] = ()
    pairs: Sequence[Pair] = ()
    running: Sequence[tuple[str, str]] = ()
    """Who works in a pair now."""
    sections: Sequence[str] = ()
    section: str = ""
    sample: bool = False
    zone: tzinfo = UTC
    """The district's: in which its days begin and end."""


@dataclass
class _Marks:
    """What is written down of one pupil's skills, beside the belief."""

    certified: set[str] = field(default_factory=set)
    overrides: dict[str, str] = field(default_factory=dict)
    paused: set[str] = field(default_factory=set)


def class_page(
    session: Session, activity: Activity, tutor: Tutor, vault: Vault, now: datetime, *, section: str = ""
) -> ClassPage:
    """Read the page. Only answers of this activity are shown; skill states are the person's."""
    context = session.get(Context, activity.context_id) if activity.context_id is not None else None
    people = _people(session, activity, sample=context is not None and context.sample)
    sections = sorted({name for person in people for name in person.sections}, key=as_read)
    people = [person for person in people if section in ("", *person.sections)]
    ids = [person.person_id for person in people]
    builds_on = {
        skill_id: tutor.curriculum.skills[skill_id].prerequisites
        for skill_id in activity.skill_ids
        if skill_id in tutor.curriculum.skills
    }
    reports, standstill = _reports(session, activity, tutor, ids, builds_on, now)
    zone = _zone(session, activity)
    marks, weeks = _marks(session, activity, ids), _weeks(session, activity, now.astimezone(zone).date())
    scores, problem, refused = _scores(session, activity)
    pairs = context is None or "pairs" not in context.switched_off
    told = {who: as_teachers_say(report, marks[who].overrides) for who, report in reports.items()}
    rows = [
        _row(
            person,
            vault,
            {skill_id: told[person.person_id][skill_id] for skill_id in builds_on},
            marks[person.person_id],
            weeks.get(person.person_id, Work()),
            _grade_status(scores.get(person.person_id)),
            standstill.get(person.person_id, {}),
        )
        for person in people
    ]
    standings = [
        Standing(row.person_id, told[row.person_id], row.resting)
        for row in rows
        if EVERYTHING not in row.resting and not guesses(row.latest)
    ]
    return ClassPage(
        activity=activity,
        skill_ids=activity.skill_ids,
        needs=needs([_facts(row, marks[row.person_id]) for row in rows], opened_at=activity.created_at, now=now),
        mistakes=repeated_mistakes(session, activity.id, ids, now),
        pupils=sorted(rows, key=lambda row: in_order(row.name, row.person_id)),
        roster=status_of(context),
        column_problem=problem,
        refused=refused,
        grade_states=Counter(score.state for score in scores.values()),
        groups=suggest_groups(standings, builds_on),
        pairs=suggest_pairs(standings, builds_on) if pairs else (),
        running=_running(session, activity, ids) if pairs else (),
        sections=sections,
        section=section,
        sample=context is not None and context.sample,
        zone=zone,
    )


def _people(session: Session, activity: Activity, *, sample: bool) -> Sequence[Any]:
    """The pupils of the class, with what each has done in this activity and the answer given last."""
    total = and_(PracticeTotal.person_id == Membership.person_id, PracticeTotal.activity_id == activity.id)
    query = (
        select(
            Membership.person_id,
            Membership.sections,
            DisplayName.encrypted_name,
            func.coalesce(Accommodation.extra_days, 0).label("extra_days"),
            PracticeTotal,
            Opportunity.answered_at,
            Opportunity.response,
            Opportunity.correct,
            PresentedItem.item,
        )
        .join(Person, Person.id == Membership.person_id)
        .outerjoin(DisplayName, DisplayName.person_id == Membership.person_id)
        .outerjoin(Accommodation, Accommodation.person_id == Membership.person_id)
        .outerjoin(PracticeTotal, total)
        .outerjoin(Opportunity, Opportunity.id == PracticeTotal.last_opportunity_id)
        .outerjoin(PresentedItem, PresentedItem.id == Opportunity.presented_item_id)
        .where(
            Membership.context_id == activity.context_id,
            Membership.role == Role.PUPIL.value,
            Membership.active,
            Person.preview.is_(sample),
        )
    )
    return session.execute(query).all()


def _reports(
    session: Session,
    activity: Activity,
    tutor: Tutor,
    people: Sequence[str],
    builds_on: Mapping[str, Sequence[str]],
    now: datetime,
) -> tuple[dict[str, dict[str, SkillReport]], dict[str, dict[str, float]]]:
    """Of each pupil the assigned skills, and those that they build on; and which of the assigned ones stand still."""
    wanted = [*builds_on, *{each for before in builds_on.values() for each in before} - builds_on.keys()]
    query = select(LearnerState.person_id, LearnerState.learner).where(
        LearnerState.bank_id == activity.bank_id, LearnerState.person_id.in_(people)
    )
    known = {who: Learner.from_json(learner) for who, learner in session.execute(query)}
    unknown = tutor.report(tutor.new_learner(), now=now, within=wanted)
    reports = {who: tutor.report(known[who], now=now, within=wanted) if who in known else unknown for who in people}
    return reports, {who: tutor.standstill(learner, within=builds_on) for who, learner in known.items()}


def _row(
    person: Any,
    vault: Vault,
    skills: Mapping[str, SkillReport],
    marks: _Marks,
    week: Work,
    grade: GradeStatus,
    standstill: Mapping[str, float],
) -> PupilRow:
    total: PracticeTotal | None = person.PracticeTotal
    return PupilRow(
        person_id=person.person_id,
        name=vault.decrypt(person.encrypted_name) if person.encrypted_name else "",
        skills=skills,
        attempts=total.tries if total else 0,
        last_answer_at=person.answered_at,
        last_answer=response_in_words(Item.from_json(person.item), person.response) if person.response else "",
        last_answer_correct=bool(person.correct),
        grade=grade,
        week=week,
        total=Work(total.seconds / 60, total.sittings, total.tries) if total else Work(),
        latest=total.latest if total else "",
        sections=tuple(person.sections),
        overridden=marks.overrides.keys(),
        resting=frozenset(marks.paused),
        standstill=standstill,
        extra_days=person.extra_days,
    )


def _facts(row: PupilRow, marks: _Marks) -> PupilFacts:
    resting = {*row.skills} if EVERYTHING in row.resting else row.resting
    return PupilFacts(
        row.person_id, row.skills, marks.certified, row.attempts, row.latest, resting | row.overridden, row.standstill
    )


def _marks(session: Session, activity: Activity, people: Sequence[str]) -> dict[str, _Marks]:
    """Certificates, a teacher's words and pauses, in one query."""
    query = union_all(
        select(
            Certificate.person_id, Certificate.skill_id, Certificate.state, literal("certificate").label("what")
        ).where(Certificate.person_id.in_(people), Certificate.standard == activity.standard),
        select(MasteryOverride.person_id, MasteryOverride.skill_id, MasteryOverride.state, literal("override")).where(
            MasteryOverride.person_id.in_(people)
        ),
        select(Steering.person_id, Steering.skill_id, Steering.kind, literal("steering")).where(
            Steering.activity_id == activity.id
        ),
    )
    found: dict[str, _Marks] = defaultdict(_Marks)
    for person_id, skill_id, state, what in session.execute(query):
        if what == "certificate":
            found[person_id].certified.add(skill_id)
        elif what == "override":
            found[person_id].overrides[skill_id] = state
        elif state == "pause":
            found[person_id].paused.add(skill_id)
    return found


def _zone(session: Session, activity: Activity) -> tzinfo:
    district = (
        select(District)
        .join(Registration, Registration.district_id == District.id)
        .where(Registration.id == activity.registration_id)
    )
    return district_zone(session.scalars(district).one())


def _weeks(session: Session, activity: Activity, today: date) -> dict[str, Work]:
    """Each pupil's last seven days in this activity."""
    query = (
        select(
            PracticeDay.person_id,
            func.sum(PracticeDay.seconds),
            func.sum(PracticeDay.sittings),
            func.sum(PracticeDay.tries),
        )
        .where(PracticeDay.activity_id == activity.id, PracticeDay.day > today - WEEK)
        .group_by(PracticeDay.person_id)
    )
    return {
        who: Work(seconds / 60, int(sittings), int(tries)) for who, seconds, sittings, tries in session.execute(query)
    }


def _scores(session: Session, activity: Activity) -> tuple[dict[str, ScoreOutbox], str | None, int]:
    """Each pupil's score in the activity's own column, why the LMS refused a change of that column, and how many scores
    it refused in all of the activity's columns.
    """
    refused = (
        select(func.count())
        .join_from(ScoreOutbox, LineItem, LineItem.id == ScoreOutbox.line_item_id)
        .where(LineItem.activity_id == activity.id, ScoreOutbox.state == "parked")
        .correlate(None)
        .scalar_subquery()
    )
    query = (
        select(LineItem.change_problem, ScoreOutbox, refused)
        .outerjoin(ScoreOutbox, ScoreOutbox.line_item_id == LineItem.id)
        .where(LineItem.activity_id == activity.id, LineItem.resource_id == activity.id)
    )
    rows = session.execute(query).all()
    problem, refusals = (rows[0][0], rows[0][2]) if rows else (None, 0)
    scores = {row.person_id: row for _, row, _ in rows if row is not None}
    return scores, None if problem == CELLS_WAIT else problem, refusals


def _running(session: Session, activity: Activity, people: Collection[str]) -> list[tuple[str, str]]:
    pairs = [tuple(sorted((pair.first_id, pair.second_id))) for pair in running_pairs(session, activity.id)]
    return [(one, other) for one, other in dict.fromkeys(pairs) if one in people and other in people]


def _grade_status(row: ScoreOutbox | None) -> GradeStatus:
    if row is None:
        return GradeStatus("none", None, None, None)
    return GradeStatus(row.state, row.points_given, row.delivered_points, row.problem)
