"""Practice: one item at a time, feedback at once, an end with what was learned."""

from typing import cast, get_args

from flask import Blueprint, abort, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from item_banks.generators.problem import pictures_of
from item_banks.keys import number_marks
from item_banks.marking import Groups, response_in_words, sorted_out
from item_banks.responses import parts
from item_banks.schema import Skill, Speech
from lti_tool.persistence.tables.activities import Activity
from lti_tool.services.helping.steering import steer_of
from lti_tool.services.practising.choosing.start_check import ends_check, is_of_check
from lti_tool.services.practising.examples import has_example
from lti_tool.services.practising.practice import Level, PracticeView, Purpose, TopicChoice, Unmarkable
from lti_tool.services.practising.presented import Feedback, NotYourItem, feedback_on, find_presented, keep_draft
from lti_tool.services.practising.retype import asks_to_retype, misspelled
from lti_tool.services.practising.sound_reports import has_reported
from lti_tool.services.practising.tracing import Action
from lti_tool.services.pupil.reflection import LEVELS, calibration_of, how_sure
from lti_tool.web.context import now, runtime
from lti_tool.web.errors import Stopped
from lti_tool.web.pupil.pages import activity_of, answers_in_place, onward, practice_endpoint, render, require_activity
from lti_tool.web.pupil.plan import plan_panel
from lti_tool.web.pupil.practising.drafts import typed_response
from lti_tool.web.pupil.practising.end import end_page
from lti_tool.web.pupil.practising.materials import first_looks
from lti_tool.web.pupil.words import judged_words, reason_words
from lti_tool.web.sessions import with_launch

blueprint = Blueprint("practice", __name__, url_prefix="/a/<launch_id>")


def practice_page(*, message: str = "", typed: str = "", status: int = 200) -> ResponseReturnValue:
    """The open item, the end of the sitting, or "not ready yet" where the teacher has chosen nothing."""
    if g.launch.activity_id is None:
        return render_template("pupil/practising/preparing.html")
    with runtime().database.write() as session:
        activity = activity_of(session)
        if steer_of(session, activity.id, g.launch.person_id).resting:
            return render("pupil/practising/resting.html")
        view = runtime().practice.open(
            session,
            activity,
            g.launch.person_id,
            since=g.launch.created_at,
            locale=g.launch.locale,
            now=now(),
        )
        plan = plan_panel(session, activity, view) if view.open_item is not None else None
        looks = first_looks(session, activity, view.open_item.skill_id) if view.open_item is not None else []
    if view.open_item is None:
        return end_page(view)
    all_hints = view.open_item.hints and not view.open_item.more_hints
    bank = runtime().catalog.bank_of(activity)
    return (
        render(
            "pupil/practising/item.html",
            view=view,
            open_item=view.open_item,
            public=view.open_item.item.public(),
            marks=number_marks(bank, view.open_item.item),
            pictures=pictures_of(bank, view.open_item.item) if all_hints else {},
            language=view.open_item.item.language,
            skill_title=_skill_title(activity, view.open_item.skill_id),
            skill_state=_state(view, view.open_item.skill_id),
            reason=reason_words(view.open_item.reason),
            lesson=_lesson(activity, view, view.open_item.skill_id),
            plan=plan,
            first_looks=looks,
            message=message,
            typed=typed or view.open_item.draft,
            parts=parts(view.open_item.item.response.kind, typed or view.open_item.draft),
        ),
        status,
    )


@blueprint.post("/answer")
@with_launch(role="pupil")
def answer() -> ResponseReturnValue:
    """Take an answer. Without JavaScript a redirect to the feedback, so that a reload sends nothing again."""
    token = request.form.get("item", "")
    typed = typed_response()
    action = request.form.get("action", "answer")
    if action not in get_args(Action):
        abort(400)
    try:
        with runtime().database.write() as session:
            outcome = runtime().practice.answer(
                session,
                activity_of(session),
                g.launch.person_id,
                token=token,
                response=typed,
                action=cast(Action, action),
                locale=g.launch.locale,
                now=now(),
                sure=_said_how_sure(),
            )
    except NotYourItem:
        raise Stopped("item-not-yours", 404) from None
    if isinstance(outcome, Unmarkable):
        return practice_page(message=outcome.message, typed=outcome.response, status=422)
    if answers_in_place():
        return feedback_page(outcome)
    return redirect(url_for(".answered", launch_id=g.launch.id, token=token), 303)


@blueprint.route("/answered/<token>", methods=["GET", "POST"])
@with_launch(role="pupil")
def answered(token: str) -> ResponseReturnValue:
    """The feedback on one answer, as often as it is opened. A POST where no cookie carries the session."""
    try:
        with runtime().database.read() as session:
            presented = find_presented(session, require_activity(), g.launch.person_id, token)
            return feedback_page(feedback_on(session, presented))
    except NotYourItem:
        raise Stopped("item-not-yours", 404) from None


@blueprint.post("/hint")
@with_launch(role="pupil")
def hint() -> ResponseReturnValue:
    """Show one more hint; what was typed stays in the field. Without JavaScript a redirect, as for an answer."""
    token, typed = request.form.get("item", ""), typed_response()
    try:
        with runtime().database.write() as session:
            runtime().practice.hint(session, activity_of(session), g.launch.person_id, token, now())
            if typed:
                keep_draft(session, require_activity(), g.launch.person_id, token, typed)
    except NotYourItem:
        raise Stopped("item-not-yours", 404) from None
    return onward(practice_endpoint(), practice_page)


@blueprint.post("/draft")
@with_launch(role="pupil")
def draft() -> ResponseReturnValue:
    """Keep a half-typed answer, where the browser keeps nothing for a page inside another (static/practice.js)."""
    with runtime().database.write() as session:
        keep_draft(session, require_activity(), g.launch.person_id, request.form.get("item", ""), typed_response())
    return "", 204


@blueprint.post("/again")
@with_launch(role="pupil")
def again() -> ResponseReturnValue:
    """Begin another sitting after one has ended."""
    with runtime().database.write() as session:
        runtime().practice.begin_again(session, activity_of(session), g.launch.person_id, now=now())
    return onward(practice_endpoint(), practice_page)


@blueprint.route("/practice", methods=["GET", "POST"])
@with_launch(role="pupil")
def practise() -> ResponseReturnValue:
    """Practice by its own address, for activities that open with Today."""
    return practice_page()


@blueprint.post("/begin")
@with_launch(role="pupil")
def begin() -> ResponseReturnValue:
    """Begin with a topic, or with what the tutor thinks of."""
    topic, purpose = request.form.get("topic") or None, request.form.get("purpose", "practice")
    with runtime().database.write() as session:
        activity = activity_of(session)
        known = runtime().catalog.bank_of(activity).skills
        if purpose not in get_args(Purpose) or (topic is not None and topic not in known):
            abort(400)
        choice = TopicChoice(topic, cast(Purpose, purpose))
        runtime().practice.choose(session, activity, g.launch.person_id, choice, now=now())
    return onward(practice_endpoint(), practice_page)


@blueprint.post("/wish")
@with_launch(role="pupil")
def wish() -> ResponseReturnValue:
    """Something easier or harder, please."""
    level = request.form.get("level", "")
    if level not in get_args(Level):
        abort(400)
    with runtime().database.write() as session:
        runtime().practice.wish(session, activity_of(session), g.launch.person_id, cast(Level, level), now=now())
    return onward(practice_endpoint(), practice_page)


@blueprint.post("/stop")
@with_launch(role="pupil")
def stop() -> ResponseReturnValue:
    """Enough for now: the sitting ends with what was learned."""
    with runtime().database.write() as session:
        runtime().practice.stop(session, activity_of(session), g.launch.person_id, now=now())
    return onward(practice_endpoint(), practice_page)


def _said_how_sure() -> int | None:
    said = request.form.get("confidence", "")
    return int(said) if said in {str(level) for level in LEVELS} else None


def feedback_page(feedback: Feedback) -> str:
    """What the pupil is told about an answer."""
    presented = feedback.presented
    with runtime().database.read() as session:
        bank = runtime().catalog.bank_of(activity_of(session))
        example = has_example(session, bank, presented, correct=feedback.correct)
        sure = how_sure(session, presented)
        calibration = calibration_of(session, presented.person_id, bank.id) if sure else None
        sound = _sound_of(feedback)
        reported = sound is not None and has_reported(session, presented.person_id, sound)
        checked = ends_check(session, presented)
    return render(
        "pupil/practising/feedback.html",
        feedback=feedback,
        mark=feedback.mark,
        typed=_as_shown(feedback),
        groups=_sorted_out(feedback),
        language=feedback.item.language,
        public=feedback.item.public(),
        spoken=feedback.item.speech if feedback.item.response.kind == "text" else None,
        pictures={} if feedback.correct else pictures_of(bank, feedback.item),
        misspelled=misspelled(feedback),
        retypes=asks_to_retype(feedback),
        token=presented.token,
        example=example,
        judged=judged_words(sure, feedback.correct, calibration) if sure and calibration else "",
        sound=sound,
        reported=reported,
        checking=is_of_check(presented.reason),
        checked=checked,
    )


def _sound_of(feedback: Feedback) -> Speech | None:
    """What the pupil listened to while answering."""
    heard = feedback.outcome != "no_evidence" and any(block.kind == "speech" for block in feedback.item.prompt)
    return feedback.item.speech if heard else None


def _as_shown(feedback: Feedback) -> str:
    """The response as the pupil saw it: of choices and cards their labels."""
    if feedback.outcome != "answered":
        return ""
    if feedback.item.response.kind in ("steps", "group"):
        return ""  # shown step by step, or card by card
    return response_in_words(feedback.item, str(feedback.mark["response"]))


def _sorted_out(feedback: Feedback) -> Groups:
    """For cards in groups: each group with its cards, and which of them the pupil had elsewhere."""
    if feedback.item.response.kind != "group":
        return ()
    return sorted_out(feedback.item, str(feedback.mark["response"]) if feedback.outcome == "answered" else "")


def _lesson(activity: Activity, view: PracticeView, skill_id: str) -> Skill | None:
    """The skill whose lesson is read first: a pattern of which the pupil has answered nothing yet."""
    skill = runtime().catalog.bank_of(activity).skills.get(skill_id)
    report = view.report.get(skill_id)
    new = report is not None and report.opportunities == 0
    return skill if skill is not None and skill.lesson and new else None


def _state(view: PracticeView, skill_id: str) -> str:
    report = view.report.get(skill_id)
    return "growing" if report is None or report.state == "stuck" else report.state


def _skill_title(activity: Activity, skill_id: str) -> str:
    skill = runtime().catalog.bank_of(activity).skills.get(skill_id)
    return skill.child_title if skill else ""  # an item may outlive its skill in the bank
