"""Every table of the teacher's pages as a CSV file."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from flask import Blueprint, Response, g
from flask_babel import gettext as _

from lti_tool.persistence.tables.activities import Activity
from lti_tool.services.classroom.class_page import ClassPage, class_page
from lti_tool.services.classroom.mistakes import question_in_words
from lti_tool.services.classroom.pupil_page import NotInThisClass, PupilPage, pupil_page
from lti_tool.services.delivery.grade_log import grade_log
from lti_tool.services.paper.tables import Cell, as_csv
from lti_tool.web.context import now, runtime
from lti_tool.web.errors import Stopped
from lti_tool.web.sessions import with_launch
from lti_tool.web.teacher.classroom.class_summary import ClassSummary, name_or_label, pupil_name, summarise
from lti_tool.web.teacher.grading.grade_words import grade_sentence, label_of
from lti_tool.web.teacher.reach import activity_in_reach
from lti_tool.web.teacher.words import answer_words, confidence_words, evidence_words, grade_words, state_words

blueprint = Blueprint("downloads", __name__, url_prefix="/a/<launch_id>/activity/<activity_id>")

EVERY_ANSWER = 100_000


@blueprint.route("/skills.csv", methods=["GET", "POST"])
@with_launch(role="teacher")
def skills(activity_id: str) -> Response:
    """Pupils by skills."""
    activity = activity_in_reach(activity_id)
    page, bank = _class_page(activity), runtime().catalog.bank_of(activity)
    shown = [bank.skills[skill] for skill in page.skill_ids if skill in bank.skills]
    rows = [
        [pupil_name(pupil), *(state_words(pupil.skills[skill.id].state) for skill in shown)] for pupil in page.pupils
    ]
    return csv_file("skills", [str(_("Pupil")), *(skill.title for skill in shown)], rows)


@blueprint.route("/needs.csv", methods=["GET", "POST"])
@with_launch(role="teacher")
def needs(activity_id: str) -> Response:
    """Everybody who needs help: why, in which skill, what to do next, and the numbers."""
    header = [_("Why"), _("Skill"), _("Pupil"), _("What to do next"), _("The numbers")]
    summary = _summary(activity_in_reach(activity_id))
    rows = [
        [line.what, line.skill, pupil_name(pupil), line.next_step, numbers]
        for line in (*summary.needs, *summary.more_needs)
        for pupil, numbers in line.evidence
    ]
    return csv_file("needs", [str(each) for each in header], rows)


@blueprint.route("/mistakes.csv", methods=["GET", "POST"])
@with_launch(role="teacher")
def mistakes(activity_id: str) -> Response:
    """Each mistake that was made more than once, by pupil, with one real answer."""
    header = [_("Skill"), _("Pupil"), _("Times"), _("Question"), _("Answer"), _("They were told")]
    rows: list[list[Cell]] = [
        [line.skill, pupil_name(pupil), times, line.example.question, line.example.response, line.told]
        for line in _summary(activity_in_reach(activity_id)).mistakes
        for pupil, times in line.pupils
    ]
    return csv_file("mistakes", [str(each) for each in header], rows)


@blueprint.route("/together.csv", methods=["GET", "POST"])
@with_launch(role="teacher")
def together(activity_id: str) -> Response:
    """Groups, and pairs with what each explains: one pupil a row."""
    summary = _summary(activity_in_reach(activity_id))
    header = [_("Group or pair"), _("Pupil"), _("Skill")]
    rows: list[list[Cell]] = [
        [str(_("Group %(number)d", number=number)), pupil_name(pupil), group.skill.title]
        for number, group in enumerate(summary.groups, 1)
        for pupil in group.pupils
    ]
    for number, pair in enumerate(summary.pairs, 1):
        name = str(_("Pair %(number)d", number=number))
        rows.append([name, pupil_name(pair.first), pair.first_explains])
        rows.append([name, pupil_name(pair.second), pair.second_explains])
    return csv_file("together", [str(each) for each in header], rows)


@blueprint.route("/work.csv", methods=["GET", "POST"])
@with_launch(role="teacher")
def work(activity_id: str) -> Response:
    """Time, sittings, tries, the last answer and the grade of each pupil."""
    activity = activity_in_reach(activity_id)
    header = [
        _("Pupil"),
        _("Minutes in the last 7 days"),
        _("Sittings in the last 7 days"),
        _("Minutes in all"),
        _("Sittings in all"),
        _("Tries"),
        _("Last answer"),
        _("Last answer at"),
        _("Grade"),
    ]
    rows: list[list[Cell]] = [
        [
            pupil_name(row),
            round(row.week.minutes),
            row.week.sittings,
            round(row.total.minutes),
            row.total.sittings,
            row.attempts,
            row.last_answer,
            _moment(row.last_answer_at),
            grade_words(row.grade, activity.points),
        ]
        for row in _class_page(activity).pupils
    ]
    return csv_file("work", [str(each) for each in header], rows)


@blueprint.route("/grades.csv", methods=["GET", "POST"])
@with_launch(role="teacher")
def grades(activity_id: str) -> Response:
    """What stands in the gradebook, or why it does not."""
    activity = activity_in_reach(activity_id)
    with runtime().database.read() as session:
        log = grade_log(session, activity, runtime().vault)
    header = [str(each) for each in (_("Pupil"), _("Points"), _("Of"), _("Where"), _("Sent at"))]
    rows: list[list[Cell]] = [
        [
            label_of(pupil),
            pupil.score.points_given if pupil.score else None,
            pupil.score.points_maximum if pupil.score else None,
            grade_sentence(pupil, activity),
            _moment(pupil.score.delivered_at if pupil.score else None),
        ]
        for pupil in log.pupils
    ]
    return csv_file("grades", header, rows)


@blueprint.route("/pupil/<person_id>/skills.csv", methods=["GET", "POST"])
@with_launch(role="teacher")
def pupil_skills(activity_id: str, person_id: str) -> Response:
    """One pupil's skills with their evidence."""
    activity = activity_in_reach(activity_id)
    bank = runtime().catalog.bank_of(activity)
    page = _pupil_page(activity, person_id, 1)
    header = [_("Skill"), _("State"), _("Meets the standard"), _("P(known)"), _("Answers"), _("Latest answers")]
    rows: list[list[Cell]] = [
        [
            bank.skills[skill_id].title,
            state_words(report.state),
            round(report.p_meets_standard, 4) if report.opportunities else None,
            round(report.p_known, 4) if report.opportunities else None,
            report.opportunities,
            evidence_words(report.evidence),
        ]
        for skill_id, report in page.skills.items()
        if skill_id in bank.skills
    ]
    return csv_file(f"{name_or_label(page.name, person_id)} skills", [str(each) for each in header], rows)


@blueprint.route("/pupil/<person_id>/answers.csv", methods=["GET", "POST"])
@with_launch(role="teacher")
def pupil_answers(activity_id: str, person_id: str) -> Response:
    """Every answer of one pupil in this activity."""
    activity = activity_in_reach(activity_id)
    bank = runtime().catalog.bank_of(activity)
    page = _pupil_page(activity, person_id, EVERY_ANSWER)
    header = [
        _("Answered at"),
        _("Skill"),
        _("Question"),
        _("Answer"),
        _("Result"),
        _("Hints"),
        _("Seconds"),
        _("Said"),
    ]
    rows: list[list[Cell]] = [
        [
            _moment(answer.answered_at),
            bank.skills[answer.skill_id].title if answer.skill_id in bank.skills else answer.skill_id,
            question_in_words(answer.item),
            answer.response,
            answer_words(answer),
            answer.hints,
            None if answer.seconds is None else round(answer.seconds, 1),
            confidence_words(answer.confidence) if answer.confidence else "",
        ]
        for answer in page.answers
    ]
    return csv_file(f"{name_or_label(page.name, person_id)} answers", [str(each) for each in header], rows)


def _class_page(activity: Activity) -> ClassPage:
    parts = runtime()
    tutor = parts.catalog.tutor(activity.bank_id, activity.standard)
    with parts.database.read() as session:
        return class_page(session, activity, tutor, parts.vault, now())


def _summary(activity: Activity) -> ClassSummary:
    page, bank = _class_page(activity), runtime().catalog.bank_of(activity)
    return summarise(page, [bank.skills[skill] for skill in page.skill_ids if skill in bank.skills])


def _pupil_page(activity: Activity, person_id: str, most: int) -> PupilPage:
    parts = runtime()
    tutor = parts.catalog.tutor(activity.bank_id, activity.standard)
    try:
        with parts.database.read() as session:
            return pupil_page(session, activity, person_id.replace("\x00", ""), tutor, parts.vault, now(), most=most)
    except NotInThisClass:
        raise Stopped("not-allowed", 403) from None


def _moment(moment: datetime | None) -> str:
    return moment.isoformat(timespec="seconds") if moment else ""


def csv_file(name: str, header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Response:
    """A CSV file to be saved, named by what it holds: names of people stay out of browsers' histories."""
    answer = Response(as_csv(header, rows), mimetype="text/csv")
    plain = "".join(letter if letter.isalnum() and letter.isascii() else "-" for letter in name.rpartition(" ")[2])
    answer.headers.set("Content-Disposition", "attachment", filename=f"proximal-{plain}-{g.launch.id[:6]}.csv")
    answer.headers["Cache-Control"] = "no-store"
    return answer
