"""What all of a pupil's pages share: the activity of the launch, how pages are drawn, and how a form leads on."""

from collections.abc import Callable
from zoneinfo import ZoneInfo

from flask import g, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from lti_tool.persistence.tables.activities import Activity
from lti_tool.persistence.tables.tenancy import District
from lti_tool.services.district_time import district_zone
from lti_tool.web.errors import Stopped, page_layout
from lti_tool.web.sessions import keeps_cookies


def require_activity() -> str:
    """The id of the launch's activity; without one there is nothing here."""
    if g.launch.activity_id is None:
        raise Stopped("item-not-yours", 404)
    return str(g.launch.activity_id)


def activity_of(session: Session) -> Activity:
    """The launch's activity."""
    return session.get_one(Activity, require_activity())


def zone(session: Session) -> ZoneInfo:
    """The district's time zone."""
    return district_zone(session.get_one(District, g.launch.registration.district_id))


def render(template: str, **values: object) -> str:
    """A page, or its middle where htmx swaps only that."""
    address = url_for(practice_endpoint(), launch_id=g.launch.id)
    return render_template(template, layout=page_layout(), practice_url=address, **values)


def practice_endpoint() -> str:
    """Where practice goes on: at the launch itself, or behind Today."""
    activity = g.launch.activity
    return "practice.practise" if activity is not None and activity.own_frontier else "places.open_launch"


def answers_in_place() -> bool:
    """Whether a POST is answered with the page itself: for htmx, and where a redirect would lose the session."""
    return page_layout() == "fragment.html" or not keeps_cookies()


def onward(endpoint: str, page: Callable[[], ResponseReturnValue]) -> ResponseReturnValue:
    """After a form: the next page, by a redirect where one keeps the session, so that a reload sends nothing again."""
    return page() if answers_in_place() else redirect(url_for(endpoint, launch_id=g.launch.id), 303)
