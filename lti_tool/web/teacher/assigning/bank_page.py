"""The item banks, for teachers: every skill, and any item of it as a pupil sees it, to be tried out."""

from flask import Blueprint, g, render_template, request
from flask.typing import ResponseReturnValue

from item_banks.keys import number_marks
from item_banks.responses import joined
from item_banks.schema import Bank
from item_banks.words.audio import sound_path
from lti_tool.services.assigning.bank_page import MOST_SEED, Preview, grades, preview
from lti_tool.services.practising.sound_reports import report_sound
from lti_tool.web.context import now, runtime
from lti_tool.web.locale import choose_locale
from lti_tool.web.sessions import with_launch

blueprint = Blueprint("bank_page", __name__, url_prefix="/a/<launch_id>")


@blueprint.route("/bank", methods=["GET", "POST"])
@with_launch(role="teacher")
def show() -> ResponseReturnValue:
    """A bank's skills, and the item that the address names. A POST asks for the same, where no cookie is kept."""
    banks = runtime().catalog.banks
    bank = banks.get(request.values.get("bank", ""), next(iter(banks.values())))
    places = _places(bank)
    place = places.get(request.values.get("place", ""), bank.in_locale(choose_locale().replace("_", "-")))
    seed = _seed(request.values.get("next") or request.values.get("seed", "1"))
    tried = joined(request.values) if "try" in request.values else ""
    shown = preview(place, request.values.get("skill", ""), request.values.get("template", ""), seed, tried)
    return render_template(
        "teacher/assigning/bank.html",
        banks=list(banks.values()),
        bank=bank,
        place=place,
        places=places,
        grades=grades(place),
        shown=shown,
        marks=number_marks(place, shown.item) if shown is not None else "",
        seed=seed,
        following=(seed + 1) % MOST_SEED,
        sounds=_sounds(place, shown),
        reported=_reported(shown),
    )


def _sounds(bank: Bank, shown: Preview | None) -> bool:
    """Whether the item's word has a sound that can be played here."""
    speech = shown.item.speech if shown is not None else None
    return speech is not None and sound_path(bank.folder, speech) is not None


def _reported(shown: Preview | None) -> bool:
    """Whether the teacher has just said that the item's sound is missing or wrong; it is noted."""
    speech = shown.item.speech if shown is not None else None
    if speech is None or request.method != "POST" or "report" not in request.form:
        return False
    with runtime().database.write() as session:
        report_sound(session, g.launch.person_id, "teacher", "wrong", speech, now())
    return True


def _places(bank: Bank) -> dict[str, Bank]:
    """Where the bank's items can be asked, by locale."""
    return {each.locale or each.language: each for each in (bank, *bank.packs.values())}


def _seed(text: str) -> int:
    return int(text) % MOST_SEED if text.isascii() and text.isdigit() and len(text) < len(str(MOST_SEED)) + 1 else 1
