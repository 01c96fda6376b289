"""What the console says after a change, and why one was not made."""

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _


def done_words() -> str:
    """The sentence for the page to which a change led back, if it was one."""
    words = {
        "saved": _("Saved."),
        "removed": _("Removed."),
        "sent": _("They will be sent again."),
        "nothing": _("There was nothing to send."),
        "rotated": _("The new key is published. It signs from tomorrow, when LMSs have read it."),
        "approved": _("This LMS may launch Proximal now."),
        "disabled": _("Launches from this LMS are refused now. Nothing was deleted."),
        "merged": _("The two registrations are one now. Pupils keep what they had in both."),
        "erased": _("Erased. The audit log keeps that it was done, and not of whom."),
        "nothing-held": _("There was nothing to erase."),
        "ended": _("That session has ended."),
        "names-off": _("Names are no longer kept. Those that were there are deleted."),
    }
    return str(words.get(request.args.get("said", ""), ""))


def problem_words(code: str) -> str:
    """Why a form was not taken."""
    words = {
        "name": _("A name has 1 to 100 characters."),
        "name-taken": _("There is one of that name already."),
        "time-zone": _("Choose a time zone such as Europe/Amsterdam."),
        "school-has-role": _("Somebody has a role for this school. Take that away first."),
        "group": _("Write the group's name as your identity provider does, without commas."),
        "role": _("Choose a role."),
        "school": _("Choose the school that the role is for."),
        "last-admin": _("This is the last role that runs the district. Give it to another group first."),
        "not-sure": _("This can't be undone: tick the box first."),
        "nobody": _("Nothing is held about a user of that id in this LMS."),
        "name-differs": _("Type the name exactly as it stands here."),
        "host": _("Write a host such as https://portal.school.example."),
    }
    return str(words[code])


def job_words(name: str) -> str:
    """What a background job is for."""
    words = {
        "grades": _("Send grades"),
        "housekeeping": _("Forget old sign-ins and retired keys"),
        "due_dates": _("Let grades go at their due date"),
        "columns": _("Tell LMSs of changed activities"),
        "rosters": _("Read class lists"),
        "retention": _("Delete what is too old"),
        "reconciliation": _("Read gradebooks back"),
        "nightly_fit": _("Fit parameters at night"),
        "samples": _("Take old sample classes away"),
    }
    return str(words.get(name, name))


def back_to(endpoint: str, said: str, **values: object) -> ResponseReturnValue:
    """To a page with a sentence about what was done; by a redirect, so that a reload does nothing again."""
    return redirect(url_for(endpoint, said=said, **values), 303)  # type: ignore[arg-type]


def number_in_form(name: str) -> int | None:
    """A row's number out of a form; None where it is empty or no number."""
    text = request.form.get(name, "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else None


def page_number() -> int:
    """Which page of a long list is asked for."""
    text = request.args.get("page", "0")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 6 else 0
