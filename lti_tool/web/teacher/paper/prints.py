"""Pages to print: a dictation to read aloud, a paper practice with its key."""

from random import Random

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from lti_tool.persistence.tables.activities import Activity
from lti_tool.services.paper.worksheets import dictation_words, paper_items
from lti_tool.web.context import now, runtime
from lti_tool.web.sessions import with_launch
from lti_tool.web.teacher.reach import activity_in_reach, class_page_address

blueprint = Blueprint("prints", __name__, url_prefix="/a/<launch_id>/activity/<activity_id>/print")

COUNTS = (10, 15, 20)
SEEDS = 1_000_000


@blueprint.route("/dictation", methods=["GET", "POST"])
@with_launch(role="teacher")
def dictation(activity_id: str) -> ResponseReturnValue:
    """Words with their sentences, for the teacher to read; lines to write on, for the pupils."""
    activity = activity_in_reach(activity_id)
    bank = runtime().catalog.bank_of(activity)
    seed, count, skills = _seed(), _count(), _skills(activity)
    words = dictation_words(bank, skills, count, seed)
    return render_template("teacher/paper/dictation.html", words=words, **_common(activity, seed, count))


@blueprint.route("/paper", methods=["GET", "POST"])
@with_launch(role="teacher")
def paper(activity_id: str) -> ResponseReturnValue:
    """Questions of the activity's skills in turn, and the answers on a page of their own."""
    activity = activity_in_reach(activity_id)
    seed, count = _seed(), _count()
    items = paper_items(runtime().catalog.bank_of(activity), _skills(activity), count, seed)
    return render_template("teacher/paper/paper.html", items=items, **_common(activity, seed, count))


def _skills(activity: Activity) -> list[str]:
    """What was ticked, as far as it is assigned; else all."""
    wanted = set(request.values.getlist("skill"))
    return [skill for skill in activity.skill_ids if skill in wanted] or list(activity.skill_ids)


def _seed() -> int:
    """The sheet's number: the same number is the same sheet."""
    sent = request.values.get("sheet", "")
    if sent.isascii() and sent.isdecimal() and len(sent) < 7:
        return int(sent)
    return Random(now().isoformat()).randrange(SEEDS)


def _count() -> int:
    sent = request.values.get("count", "")
    return next((count for count in COUNTS if str(count) == sent), COUNTS[0])


def _common(activity: Activity, seed: int, count: int) -> dict[str, object]:
    bank = runtime().catalog.bank_of(activity)
    return {
        "activity": activity,
        "language": bank.language,
        "sheet": seed,
        "count": count,
        "counts": COUNTS,
        "today": now().date(),
        "back": class_page_address(activity.id),
    }
