"""States and grades, in a teacher's words."""

from collections.abc import Mapping, Sequence
from itertools import groupby

from flask_babel import format_decimal, ngettext
from flask_babel import gettext as _

from lti_tool.services.classroom.class_page import GradeStatus
from lti_tool.services.classroom.pupil_page import SeenAnswer
from lti_tool.services.platforms.roster import RosterStatus
from lti_tool.web.locale import ago, percent


def state_words(state: str) -> str:
    """A skill's state on the class page."""
    words = {
        "new": _("not started"),
        "growing": _("growing"),
        "strong": _("strong"),
        "kept": _("kept"),
        "stuck": _("stuck"),
    }
    return str(words[state])


def evidence_words(codes: Sequence[str]) -> str:
    """The latest answers of a skill, as the engine keeps them (engine.mastery.EVIDENCE); alike ones counted."""
    words = {
        "right": _("right"),
        "wrong": _("not right"),
        "did_not_know": _("said so: not yet"),
        "right_easier_format": _("right (easier form)"),
        "wrong_easier_format": _("not right (easier form)"),
        "did_not_know_easier_format": _("said so: not yet (easier form)"),
        "with_help": _("with help"),
    }
    runs = [(words.get(code, code), len(list(alike))) for code, alike in groupby(codes)]
    return str(_(", ")).join(what if times == 1 else f"{times} × {what}" for what, times in runs)


def trace_words(trace: Mapping[str, float]) -> str:
    """What the tutor reckoned with when it chose an item; empty where it did not choose it."""
    if not trace:
        return ""
    parts = (
        _("meets your standard: %(share)s", share=percent(trace["p_meets_standard"])),
        _("known: %(share)s", share=percent(trace["p_known"])),
        _("expected to be right: %(share)s", share=percent(trace["p_correct"])),
        _("tells %(nats)s nats", nats=format_decimal(trace["information"], format="0.000")),
        ngettext("seen %(num)d time lately", "seen %(num)d times lately", int(trace["times_used"])),
    )
    return " · ".join(map(str, parts))


def answer_words(answer: SeenAnswer) -> str:
    """What came of one answer."""
    if answer.outcome == "no_evidence":
        return str(_("could not hear it"))
    if answer.outcome == "dont_know":
        return str(_("said: I don't know this yet"))
    return str(_("right")) if answer.correct else str(_("not right"))


def error_words(code: str) -> str:
    """A class of misspellings (item_banks.words.diagnosis)."""
    words = {
        "rule": _("the rule was not used"),
        "word_part": _("a beginning or an ending was not kept"),
        "order": _("letters in another order"),
        "silent": _("a silent letter left out"),
        "sound_plausible": _("sounds right, other letters"),
        "omission": _("a sound left out"),
        "addition": _("a letter too many"),
        "slip": _("a key beside the right one"),
        "capital": _("no capital letter"),
        "other": _("other letters"),
    }
    return str(words.get(code) or _("the word that sounds the same"))


def missed_words(missed: int, written: int) -> str:
    """In how many of the words that were written."""
    return str(
        ngettext("%(missed)d of %(num)d word missed", "%(missed)d of %(num)d words missed", written, missed=missed)
    )


def confidence_words(level: int) -> str:
    """How sure a pupil said to be (persistence.tables.pupils.Confidence)."""
    return str({1: _("not sure"), 2: _("a bit sure"), 3: _("sure")}[level])


def needs_words() -> dict[str, str]:
    """What each accommodation that can be on does, by its name in services.helping.accommodations."""
    return {
        "audio_always": str(_("Every question is read aloud when it opens")),
        "no_audio": str(_("No dictation: words are read in a sentence with a gap")),
        "fewer_choices": str(_("Fewer choices to choose from")),
        "larger_text": str(_("Larger text")),
        "dyslexia_font": str(_("A font that some children with dyslexia like")),
        "high_contrast": str(_("Stronger contrast")),
        "reduced_motion": str(_("Nothing moves")),
    }


def roster_words(roster: RosterStatus) -> str:
    """How old the class list is."""
    if roster.asked:
        return str(_("The LMS is being asked for the class list; it comes within a minute."))
    if roster.problem is not None:
        return str(_("The LMS did not give the class list (%(code)s).", code=roster.problem))
    if roster.read_at is None:
        return str(_("The class list has not been read yet: only pupils who have opened Proximal are shown."))
    return str(_("Class list from the LMS, %(ago)s.", ago=ago(roster.read_at)))


def grade_words(grade: GradeStatus, points: float) -> str:
    """Where a pupil's grade is."""
    if grade.points is None:
        return str(_("no grade yet"))
    shown = _("%(given)s of %(maximum)s", given=_number(grade.points), maximum=_number(points))
    if grade.state == "delivered":
        return str(_("%(score)s, in the gradebook", score=shown))
    if grade.state == "parked":
        return str(_("%(score)s, not in the gradebook: %(reason)s", score=shown, reason=refusal_words(grade.problem)))
    if grade.state == "held":
        return str(_("%(score)s, not sent yet", score=shown))
    if grade.state == "theirs":
        return str(_("%(score)s; the one in the gradebook was changed there", score=shown))
    return str(_("%(score)s, on its way", score=shown))


def refusal_words(code: str | None) -> str:
    """Why a score was refused for good (codes: `score_refusals` in config/platforms)."""
    words = {
        "not-a-pupil": _("the LMS gives this person no grades"),
        "not-enrolled": _("the LMS says that this pupil is not enrolled any more"),
        "no-column": _("the gradebook has no column for this activity"),
        "column-refused": _("the LMS let Proximal make no gradebook column"),
        "not-allowed": _("the LMS does not allow it; ask your administrator"),
    }
    return str(words.get(code or "") or _("the LMS refused it (%(code)s)", code=code))


def plain_number(value: float) -> str:
    """A number as it is typed into a field."""
    return f"{value:g}"


def _number(value: float) -> str:
    return str(format_decimal(round(value, 2)))
