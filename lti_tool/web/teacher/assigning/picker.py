"""Choosing skills: the deep-linking dialog, and the same page for a link that was made by hand."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from flask import Blueprint, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from item_banks.schema import Bank, Skill
from item_banks.words.own_lists import own_bank_id
from lti_tool.lti.messages.claims import HISTORY_PARAMETERS
from lti_tool.lti.messages.deep_linking import ActivityLink, Dates, deep_linking_response
from lti_tool.lti.platform_profile import platform_profile
from lti_tool.lti.tool_keys import signing_key
from lti_tool.persistence.tables.activities import Activity
from lti_tool.persistence.tables.launches import LaunchSession
from lti_tool.services.assigning.activities import (
    ActivityChoice,
    BadChoice,
    create_activity,
    latest_of,
    read_choices,
    set_up_link,
)
from lti_tool.services.assigning.practice_settings import PracticeSettings
from lti_tool.services.assigning.word_lists import lists_for
from lti_tool.services.grading.rules import BadRule, GradeRules, read_moment, read_rules
from lti_tool.services.paper.worksheets import sample_items
from lti_tool.web.context import now, runtime
from lti_tool.web.errors import Stopped
from lti_tool.web.lti.addresses import launch_address
from lti_tool.web.security import allow_form_to
from lti_tool.web.sessions import carried_token, keeps_cookies, load_launch, with_launch
from lti_tool.web.strands import strand_name
from lti_tool.web.teacher.assigning.grading_form import (
    chosen_rules,
    columns_advice,
    rule_problem,
    teachers_zone,
    zone_name,
)
from lti_tool.web.teacher.assigning.practice_form import chosen_settings, content_places, control_words, read_settings
from lti_tool.web.teacher.classroom.class_page import show_class

MOST_SAMPLES, MOST_PREVIEWED = 2, 6
"""Questions of one skill, and of all, in a preview."""

blueprint = Blueprint("picker", __name__, url_prefix="/a/<launch_id>")


@dataclass(frozen=True)
class Strand:
    """The skills of one strand in one grade, as far as they fit what is searched for."""

    name: str
    skills: Sequence[Skill]


@dataclass(frozen=True)
class Grade:
    """One grade of a subject: what is shown of it, and how many skills it has in all."""

    number: int
    strands: Sequence[Strand]
    skills: Sequence[Skill]

    @property
    def shown(self) -> Sequence[Skill]:
        """The skills that are on the page."""
        return [skill for strand in self.strands for skill in strand.skills]


def show_picker(
    *, activity: Activity | None = None, message: str = "", status: int = 200, ticked: Sequence[str] = ()
) -> ResponseReturnValue:
    """All skills by subject, grade and strand, with what was ticked; to change `activity`, its subject's."""
    settings = g.launch.deep_linking or {}
    if g.launch.kind == "deep_link" and not settings.get("accepts_resource_links"):
        return render_template("teacher/assigning/nothing_fits.html")
    banks = runtime().catalog.banks
    offered = list(banks.values()) if activity is None else [banks[activity.bank_id]]
    query, model = request.form.get("q", "")[:60], _model()
    chosen = set(ticked or picked() or (activity.skill_ids if activity is not None else ()))
    like = model or activity
    html = render_template(
        "teacher/assigning/picker.html",
        activity=activity,
        subjects=[(bank, _grades(bank, query, chosen)) for bank in offered],
        own_lists=own_lists() if activity is None else [],
        chosen=chosen,
        query=query,
        earlier=_earlier() if activity is None else [],
        model=model,
        title=request.form.get("title", activity.title if activity is not None else _name_in_the_lms())[:200],
        chosen_rules=chosen_rules(GradeRules.of(like) if like is not None else None, sent=model is None),
        chosen_settings=chosen_settings(PracticeSettings.of(like) if like is not None else None, sent=model is None),
        control_words=control_words(),
        content_places=content_places(offered, activity),
        columns_advice=columns_advice(),
        zone=zone_name(),
        several=bool(settings.get("accepts_several")),
        each="each" in request.form,
        takes_dates=_takes_dates(),
        opens=request.form.get("opens", "")[:40],
        closes=request.form.get("closes", "")[:40],
        takes_column=g.launch.kind != "deep_link" or settings["accepts_line_item"],
        message=message,
    )
    return html, status


def picked() -> list[str]:
    """The skills that were ticked, one by one or by whole grades ("math-en:3")."""
    skills = request.form.getlist("skill")
    for whole in request.form.getlist("grade"):
        bank_id, _colon, number = whole.partition(":")
        bank = dict(runtime().catalog.banks).get(bank_id)
        if bank is not None:
            skills += [skill.id for skill in bank.skills.values() if str(skill.grade) == number]
    return list(dict.fromkeys(skills))


@blueprint.post("/skills")
@with_launch(role="teacher")
def search() -> ResponseReturnValue:
    """The picker once more: with what is searched for, or set like an earlier activity. What was ticked stays."""
    return show_picker()


@blueprint.post("/preview")
@with_launch(role="teacher")
def preview() -> ResponseReturnValue:
    """A few questions of what is ticked, as pupils see them; nothing of it is kept."""
    locale = (g.launch.locale or "").replace("_", "-")
    banks = [bank.in_locale(locale) for bank in (*runtime().catalog.banks.values(), *own_lists())]
    samples = [
        (skill, item)
        for bank in banks
        for skill in (bank.skills[each] for each in picked() if each in bank.skills)
        for item in sample_items(bank, skill.id, MOST_SAMPLES)
    ]
    if not samples:
        return show_picker(message=problem_words("no-skill"), status=422)
    by_turns = sorted(enumerate(samples), key=lambda each: each[0] % MOST_SAMPLES)
    fields = [(name, value) for name, value in request.form.items(multi=True) if name != "form_token"]
    return render_template(
        "teacher/assigning/preview.html",
        samples=[sample for _place, sample in by_turns][:MOST_PREVIEWED],
        fields=fields,
    )


def _model() -> Activity | None:
    """The earlier activity of this teacher's that the new one is to be set like."""
    wanted = request.form.get("like", "")
    return next((activity for activity in _earlier() if activity.id == wanted), None) if wanted else None


def _earlier() -> Sequence[Activity]:
    with runtime().database.read() as session:
        return latest_of(session, g.launch.registration_id, g.launch.person_id)


def own_lists() -> list[Bank]:
    """The teacher's own lists of words, as banks of one skill each."""
    with runtime().database.read() as session:
        ids = [own_bank_id(each.id) for each in lists_for(session, session.get_one(LaunchSession, g.launch.id))]
    return [runtime().catalog.banks[bank_id] for bank_id in ids]


@blueprint.post("/choose")
@with_launch(role="teacher")
def choose() -> ResponseReturnValue:
    """Make the activities and hand them to the LMS, or give a hand-made link its activity."""
    if g.launch.kind == "deep_link" and not g.launch.deep_linking["accepts_resource_links"]:
        raise Stopped("not-allowed", 403)
    try:
        choices = read_choices(
            runtime().catalog,
            skill_ids=picked(),
            title=request.form.get("title", ""),
            rules=read_rules(chosen_rules(), teachers_zone()),
            settings=read_settings(),
            each="each" in request.form,
            own_lists=own_lists(),
        )
        if g.launch.kind == "deep_link":
            return _return_activities(choices)
        return _set_up(choices)
    except (BadChoice, BadRule) as problem:
        return show_picker(message=problem_words(problem.code), status=422)


@blueprint.post("/cancel")
@with_launch(role="teacher")
def cancel() -> ResponseReturnValue:
    """Tell the LMS that nothing was chosen."""
    if g.launch.kind != "deep_link":
        raise Stopped("not-allowed", 403)
    return _send_back([])


def _return_activities(choices: list[ActivityChoice]) -> ResponseReturnValue:
    if len(choices) > 1 and not g.launch.deep_linking["accepts_several"]:
        raise BadChoice("one-subject-only")
    opens, closes = _open_between()
    with runtime().database.write() as session:
        launch = session.get_one(LaunchSession, g.launch.id)
        activities = [create_activity(session, launch, choice, now()) for choice in choices]
    return _send_back(activities, opens, closes)


def _takes_dates() -> bool:
    """Whether dates that go along with a link become dates of the LMS's own activity."""
    return g.launch.kind == "deep_link" and platform_profile(g.launch.registration.profile).keeps_windows


def _open_between() -> tuple[datetime | None, datetime | None]:
    if not _takes_dates():
        return None, None
    zone = teachers_zone()
    opens, closes = (read_moment(request.form.get(name, ""), zone) for name in ("opens", "closes"))
    if opens is not None and closes is not None and closes <= opens:
        raise BadChoice("closes-first")
    return opens, closes


def _send_back(
    activities: list[Activity], opens: datetime | None = None, closes: datetime | None = None
) -> ResponseReturnValue:
    launch, settings, parts = g.launch, g.launch.deep_linking, runtime()
    with parts.database.read() as session:
        key = signing_key(session, parts.vault, now())
        deployment_id = session.get_one(LaunchSession, launch.id).deployment.lms_id
    token = deep_linking_response(
        [
            ActivityLink(
                title=activity.title,
                url=launch_address(),
                custom={"activity_id": activity.id, **HISTORY_PARAMETERS},
                points=activity.points if settings["accepts_line_item"] and activity.grading != "none" else None,
                resource_id=activity.id,
                dates=Dates(opens, closes, activity.due_at if _takes_dates() else None),
            )
            for activity in activities
        ],
        issuer=launch.registration.issuer,
        client_id=launch.registration.client_id,
        deployment_id=deployment_id,
        data=settings["data"],
        key=key,
        now=now(),
    )
    # Only in a window of its own may the page know the session's secret: it hands it to our frame in the LMS.
    in_own_window = request.headers.get("Sec-Fetch-Dest") == "document"
    return _send_back_page(token, chosen=bool(activities), carried=carried_token() if in_own_window else None)


@blueprint.post("/hand-back")
@with_launch(role="teacher")
def hand_back() -> ResponseReturnValue:
    """In the LMS's frame, which keeps no cookies: send on what was chosen in a window of its own.

    The LMS waits for the answer in this frame; posted from the window, it would end there.
    """
    if g.launch.kind != "deep_link":
        raise Stopped("not-allowed", 403)
    return _send_back_page(request.form.get("JWT", ""), chosen=True, carried=None)


def _send_back_page(token: str, *, chosen: bool, carried: str | None) -> str:
    return_url = g.launch.deep_linking["return_url"]
    allow_form_to(return_url)
    return render_template(
        "teacher/assigning/send_back.html", return_url=return_url, token=token, chosen=chosen, carried=carried
    )


def _set_up(choices: list[ActivityChoice]) -> ResponseReturnValue:
    if len(choices) > 1:
        raise BadChoice("one-subject-only")
    with runtime().database.write() as session:
        launch = session.get_one(LaunchSession, g.launch.id)
        launch.activity = set_up_link(session, launch, choices[0], now())
    if not keeps_cookies():
        g.launch = load_launch(g.launch.id)
        return show_class(g.launch.activity)
    return redirect(url_for("places.open_launch", launch_id=g.launch.id), 303)


def _name_in_the_lms() -> str:
    """What the teacher called a link that was made by hand; the gradebook and our pages need no second name for it."""
    link = g.launch.resource_link
    return link.title if link is not None else ""


def _grades(bank: Bank, query: str, chosen: Collection[str]) -> list[Grade]:
    """The bank's grades. With a query only what fits it is shown, and what is ticked already."""
    skills = sorted(bank.skills.values(), key=lambda skill: skill.grade)
    grades = []
    for number, group in groupby(skills, key=lambda skill: skill.grade):
        every = list(group)
        strands: dict[str, list[Skill]] = {}
        for skill in every:
            if skill.id in chosen or fits(skill, query):
                strands.setdefault(skill.strand, []).append(skill)
        if strands:
            grades.append(Grade(number, [Strand(name, found) for name, found in strands.items()], every))
    return grades


def fits(skill: Skill, query: str) -> bool:
    """Whether every word that is searched for stands in a skill's names, strand or codes."""
    text = " ".join((skill.title, skill.child_title, strand_name(skill.strand), skill.id, *skill.ccss)).casefold()
    return all(word in text for word in query.casefold().split())


def problem_words(code: str) -> str:
    """What is wrong with a choice, and what to do."""
    words = {
        "no-skill": _("Choose at least one skill."),
        "unknown-skill": _("One of these skills is not in the bank any more. Please choose again."),
        "one-subject-only": _("Choose skills of one subject here. Add the other subject as a second activity."),
        "closes-first": _("The activity closes before it opens. Please look at the two dates."),
        "other-subject": _("An activity keeps its subject. Add the other subject as an activity of its own."),
        "no-link": _("This link can't be set up. Add Proximal as an activity first."),
    }
    return str(words[code]) if code in words else rule_problem(code)
