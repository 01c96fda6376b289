"""Settings: a pupil's own language and look, and what stories are about."""

from collections.abc import Mapping
from typing import cast, get_args

from flask import Blueprint, abort, current_app, g, redirect, request, url_for
from flask.typing import ResponseReturnValue

from lti_tool.services.pupil.preferences import Look, Preferences, prefer, prefer_stories, preferences_of
from lti_tool.web.context import runtime
from lti_tool.web.pupil.pages import answers_in_place, render
from lti_tool.web.sessions import with_launch

blueprint = Blueprint("settings", __name__, url_prefix="/a/<launch_id>")
NAMES = {"en": "English", "nl": "Nederlands"}
"""Languages of the interface, each in itself."""


def settings_page(*, saved: bool = False) -> ResponseReturnValue:
    """The choices, with the present ones; `saved`: they were kept just now."""
    preferences: Preferences = g.get("preferences", Preferences())
    themes = _themes()
    language = runtime().catalog.bank_of(g.launch.activity).language if themes else ""
    return render(
        "pupil/settings.html",
        preferences=preferences,
        languages=_languages(),
        themes=themes,
        language=language,
        saved=saved,
    )


@blueprint.route("/settings", methods=["GET", "POST"])
@with_launch(role="pupil")
def show() -> ResponseReturnValue:
    """The page by its own address; a POST asks for the same, where no cookie carries the session."""
    return settings_page(saved=request.args.get("saved") == "1")


@blueprint.post("/settings/save")
@with_launch(role="pupil")
def save() -> ResponseReturnValue:
    """Keep what was chosen."""
    locale, look = request.form.get("locale", ""), request.form.get("look", "")
    theme = request.form.get("theme", "")
    if (
        (locale and locale not in _languages())
        or (look and look not in get_args(Look))
        or theme not in {"", *_themes()}
    ):
        abort(400)
    with runtime().database.write() as session:
        prefer(session, g.launch.person_id, locale=locale or None, look=cast(Look, look) if look else None)
        if "theme" in request.form:
            prefer_stories(session, g.launch.person_id, theme or None)
        session.flush()
        g.preferences = preferences_of(session, g.launch.person_id)
    if answers_in_place():
        return settings_page(saved=True)
    return redirect(url_for(".show", launch_id=g.launch.id, saved=1), 303)


def _themes() -> Mapping[str, str]:
    """What stories of the activity's bank may be about, and what children call it; nothing where it tells none."""
    activity = g.launch.activity
    if activity is None or activity.bank_id not in runtime().catalog.banks:
        return {}
    return runtime().catalog.bank_of(activity).themes


def _languages() -> dict[str, str]:
    there = {"en", *(str(locale) for locale in current_app.extensions["babel"].instance.list_translations())}
    return {code: name for code, name in NAMES.items() if code in there}
