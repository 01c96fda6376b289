"""Every way of not getting through, as a page with one clear sentence, what to do, and a code for IT."""

from dataclasses import dataclass

import structlog
from flask import Flask, g, render_template, request
from flask_babel import lazy_gettext as _l
from sqlalchemy.exc import InternalError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as NoFreeConnection
from werkzeug.exceptions import HTTPException

from lti_tool.lti.errors import LaunchRefused, RegistrationRefused
from lti_tool.persistence.tables.launches import LaunchSession
from lti_tool.services.admin.access.identity import SignInRefused
from lti_tool.services.catalog import BankGone
from lti_tool.web.pupil.practising.drafts import rescue_answer, typed_response

log = structlog.get_logger()


class Stopped(Exception):  # noqa: N818 - a page that ends a request, not always an error
    """Ends a request with the page for `code` (see `_PAGES`)."""

    def __init__(self, code: str, status: int) -> None:
        super().__init__(code)
        self.code = code
        self.status = status


class SessionGone(Exception):  # noqa: N818
    """There is no session (None), or it has expired."""

    def __init__(self, launch: LaunchSession | None) -> None:
        super().__init__("session gone")
        self.launch = launch


@dataclass(frozen=True)
class Page:
    """Title, what happened, what to do. All are lazy strings: put into words in the reader's language."""

    title: object
    text: object
    advice: object


_OPEN_AGAIN = _l("Go back to your LMS and open the activity again.")
_TELL_IT = _l("Tell the person who looks after your LMS, with the code below.")

_TELL_US = _l("Tell the person who looks after Proximal, with the code below.")

_REFUSED = Page(_l("This did not open"), _l("Proximal could not be sure who sent you here."), _TELL_IT)
_ONCE = Page(_l("Please open it again"), _l("A link into Proximal works once, and only for a short time."), _OPEN_AGAIN)
_COOKIE = Page(
    _l("Your browser kept the door shut"),
    _l("It did not keep a cookie that Proximal needs to know that it is still you."),
    _l("Open the activity in a new window of its own, or try another browser."),
)

_PAGES = {
    "used-state": _ONCE,
    "expired-state": _ONCE,
    "unknown-state": _ONCE,
    "expired": _ONCE,
    "no-cookie": _COOKIE,
    "foreign-state": _ONCE,
    "anonymous": Page(
        _l("We don't know who you are"),
        _l("Your LMS does not tell Proximal who opens the activity."),
        _l("An administrator can allow it in the tool's privacy settings, then open it again."),
    ),
    "unknown-platform": Page(
        _l("This LMS is not connected yet"), _l("Proximal does not know the LMS that sent you here."), _TELL_IT
    ),
    "waiting-platform": Page(
        _l("Almost ready"),
        _l("Your LMS is registered. Proximal's administrator has to approve it first."),
        _l("Try again when that is done."),
    ),
    "unknown-deployment": Page(
        _l("This place is not connected yet"),
        _l("Proximal knows your LMS, but not this installation in it."),
        _TELL_IT,
    ),
    "not-a-teacher": Page(
        _l("Only teachers can do this"), _l("Choosing activities for a course is a teacher's job."), _OPEN_AGAIN
    ),
    "platform-error": Page(
        _l("Your LMS stopped the launch"), _l("It told Proximal that it can't open the activity now."), _OPEN_AGAIN
    ),
    "not-allowed": Page(_l("This page is not for you"), _l("Your role in the course does not open it."), _OPEN_AGAIN),
    "no-role": Page(
        _l("You have no role here"),
        _l("Your LMS sent no role that Proximal knows: neither pupil nor teacher of this course."),
        _l("Ask your teacher or administrator to enrol you in the course, then open it again."),
    ),
    "mentor": Page(
        _l("This page is for pupils and teachers"),
        _l("Your LMS says that you look on as a parent or mentor."),
        _l("How the practice goes stands in the LMS's gradebook, with a comment in words."),
    ),
    "administrator": Page(
        _l("You are not in this course"),
        _l("Your LMS says that you look after it, and names no role of yours in this course."),
        _l("Enrol yourself as a teacher of the course, then open it again."),
    ),
    "open-an-activity": Page(
        _l("Choose an activity"),
        _l("This page is for teachers. Your practice is in the activities of your course."),
        _l("Go back to the course and open one."),
    ),
    "item-not-yours": Page(
        _l("That question has moved on"),
        _l("It is not the one that waits for you now. Nothing is lost."),
        _l("Go on with your practice."),
    ),
    "no-admin-role": Page(
        _l("You have no role here"),
        _l("You are signed in, and nobody has given you or one of your groups a role in Proximal's console."),
        _l("Ask an administrator of your district to do so."),
    ),
    "admin-not-allowed": Page(
        _l("Your role does not open this"), _l("It takes another role in this district."), _l("Go back to the console.")
    ),
    "admin-not-found": Page(
        _l("There is no such thing here"), _l("It is gone, or belongs to others."), _l("Go back to the console.")
    ),
    "admin-session-gone": Page(
        _l("Please sign in again"),
        _l("Your session has ended, or this page was open for too long. Nothing was changed."),
        _l("Open the console again."),
    ),
    "sign-in-gone": Page(
        _l("Please sign in again"), _l("A sign-in works once, and for ten minutes."), _l("Open the console again.")
    ),
    "sign-in-failed": Page(
        _l("You are not signed in"), _l("What your identity provider answered could not be trusted."), _TELL_US
    ),
    "provider-silent": Page(
        _l("You can't sign in now"),
        _l("Your identity provider gives no usable answer."),
        _l("On the server, `proximal doctor` says why, and `proximal admin break-glass` opens a way in."),
    ),
    "not-by-proxy": Page(
        _l("You are not signed in"), _l("This request did not come by the proxy that signs people in."), _TELL_US
    ),
    "invitation-gone": Page(
        _l("This address is used up"),
        _l("It works once, and only for a short time."),
        _l("Make another one on the server: proximal admin --help"),
    ),
    "page-not-found": Page(_l("There is no such page"), _l("Nothing stands at this address."), _OPEN_AGAIN),
    "bad-request": Page(
        _l("Proximal can't read that"), _l("Something was sent that none of its pages sends."), _OPEN_AGAIN
    ),
    "bank-gone": Page(
        _l("This practice is not here any more"),
        _l("The questions of this activity are no longer part of Proximal. What was done and graded is kept."),
        _l("Your teacher can replace the activity by a new one."),
    ),
    "too-large": Page(_l("That is too much"), _l("More was sent than this page can take."), _OPEN_AGAIN),
    "session-gone": Page(
        _l("Time to open it again"),
        _l("This page was open for a long time, so Proximal let go of it."),
        _l("Go back to your LMS and open the activity again. Your work is saved."),
    ),
    "busy": Page(
        _l("One moment"),
        _l("Proximal can't save anything right now."),
        _l("Wait a little, then open it again."),
    ),
    "too-many": Page(
        _l("One moment"), _l("Much was asked at once. Nothing is lost."), _l("Wait half a minute, then go on.")
    ),
    "server-error": Page(
        _l("Something went wrong"), _l("It is our fault, not yours. Answers sent before are saved."), _OPEN_AGAIN
    ),
}


def install(app: Flask) -> None:
    """Give every kind of failure its page."""
    app.register_error_handler(LaunchRefused, _launch_refused)
    app.register_error_handler(RegistrationRefused, _registration_refused)
    app.register_error_handler(Stopped, lambda error: error_page(error.code, error.status))
    app.register_error_handler(SessionGone, _session_gone)
    app.register_error_handler(SignInRefused, _sign_in_refused)
    app.register_error_handler(HTTPException, _http_error)
    # A database that may only be read is an InternalError to PostgreSQL's driver, and a full disk an OperationalError.
    for trouble in (OperationalError, InternalError, NoFreeConnection):
        app.register_error_handler(trouble, _database_trouble)
    app.register_error_handler(BankGone, _bank_gone)
    app.register_error_handler(Exception, _server_error)


def error_page(code: str, status: int, *, typed: str = "", kept: bool = False) -> tuple[str, int]:
    """The page for a code; `typed` shows an answer that must not be lost, `kept` that it will be offered again."""
    page = _PAGES.get(code, _REFUSED)
    back = g.launch.id if g.get("launch") is not None and code in ("item-not-yours", "not-allowed") else None
    resend = request.form.items() if code == "busy" and typed else None
    html = render_template(
        "message.html", layout=page_layout(), page=page, code=code, typed=typed, kept=kept, back=back, resend=resend
    )
    return html, status


def page_layout() -> str:
    """The template around a page: none where htmx swaps only the middle of one."""
    return "fragment.html" if "HX-Request" in request.headers else "base.html"


def _launch_refused(error: LaunchRefused) -> tuple[str, int]:
    log.warning("launch.refused", code=error.code, detail=error.detail)
    cannot_be_read = error.code.startswith(("malformed", "missing", "incomplete", "not-a-jwt"))
    return error_page(error.code, 400 if cannot_be_read else 403)


def _registration_refused(error: RegistrationRefused) -> tuple[str, int]:
    log.warning("registration.refused", code=error.code, detail=error.detail)
    return render_template("lti/not_registered.html", error=error), 400


def _sign_in_refused(error: SignInRefused) -> tuple[str, int]:
    log.warning("admin.sign_in_refused", code=error.code, detail=error.detail)
    return error_page(error.code, 403)


def _session_gone(error: SessionGone) -> tuple[str, int]:
    typed, kept = rescue_answer(error.launch)
    return error_page("session-gone", 401, typed=typed, kept=kept)


def _http_error(error: HTTPException) -> tuple[str, int]:
    status = error.code or 500
    codes = {400: "bad-request", 404: "page-not-found", 405: "page-not-found", 413: "too-large", 403: "session-gone"}
    return error_page(codes.get(status, "server-error" if status >= 500 else "page-not-found"), status)


def _bank_gone(error: BankGone) -> tuple[str, int]:
    log.warning("bank.gone", bank=str(error))
    return error_page("bank-gone", 410)


def _database_trouble(error: SQLAlchemyError) -> tuple[str, int]:
    cause = getattr(error, "orig", None) or error
    log.error("database.trouble", error=type(cause).__name__, path=request.endpoint)
    return error_page("busy", 503, typed=typed_response()[:200])


def _server_error(error: Exception) -> tuple[str, int]:
    log.exception("server.error", endpoint=request.endpoint)
    return error_page("server-error", 500)
