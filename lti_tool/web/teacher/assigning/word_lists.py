"""A teacher's own words: paste or upload, look at what was understood, save; then they stand in the picker."""

from collections.abc import Sequence

from flask import Blueprint, g, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from item_banks.schema import Bank
from item_banks.words.own_lists import (
    JOINT,
    MAX_LETTERS,
    MAX_SENTENCE,
    MAX_WORDS,
    OwnWord,
    RowProblem,
    check_words,
    decoded,
    not_text,
    own_skill_id,
    read_list,
)
from lti_tool.persistence.tables.launches import LaunchSession
from lti_tool.services.assigning.word_lists import create_list, segmenter, word_banks
from lti_tool.web.context import now, runtime
from lti_tool.web.sessions import with_launch
from lti_tool.web.teacher.assigning.picker import show_picker

blueprint = Blueprint("word_lists", __name__, url_prefix="/a/<launch_id>/words")

MAX_SHOWN = 50_000
"""Characters of a refused list that are shown again, to be corrected where they were pasted."""


@blueprint.post("")
@with_launch(role="teacher")
def begin() -> ResponseReturnValue:
    """An empty page for a new list."""
    return _entry("")


@blueprint.post("/check")
@with_launch(role="teacher")
def check() -> ResponseReturnValue:
    """Read what was pasted or uploaded: the words with their proposed parts, or every row that is wrong."""
    uploaded = request.files.get("file")
    data, pasted = uploaded.read() if uploaded else b"", request.form.get("words", "")
    if unreadable := not_text(data):
        return _entry(pasted[:MAX_SHOWN], unreadable)
    text = decoded(data)
    text = text if text.strip() else pasted
    base = _base()
    words, problems = read_list(text, unfit_words(base))
    if problems:
        return _entry(text[:MAX_SHOWN], problems)
    proposing = segmenter(runtime().catalog, base.id)
    known = {word.word: word for word in base.words.values()}
    rows = [
        OwnWord(
            each.word,
            each.sentence or (known[each.word].sentence if each.word in known else ""),
            known[each.word].graphemes if each.word in known else proposing.graphemes(each.word),
        )
        for each in words
    ]
    return _preview(base, rows)


@blueprint.post("/save")
@with_launch(role="teacher")
def save() -> ResponseReturnValue:
    """Store the list as the teacher has corrected it, and go back to the picker with it ticked."""
    base = _base()
    fields = (request.form.getlist(name) for name in ("word", "sentence", "parts"))
    words = [
        OwnWord(word.strip(), sentence.strip(), tuple(part.strip() for part in parts.split(JOINT)))
        for word, sentence, parts in zip(*fields, strict=False)
    ]
    problems = check_words(words, unfit_words(base))
    if problems:
        return _preview(base, words, problems)
    with runtime().database.write() as session:
        made = create_list(
            session,
            runtime().catalog,
            session.get_one(LaunchSession, g.launch.id),
            title=_title(),
            base_bank_id=base.id,
            words=words,
            now=now(),
        )
        skill_id = own_skill_id(made.id)
    return show_picker(ticked=(skill_id,))


def unfit_words(base: Bank) -> tuple[str, ...]:
    """Words of a language that do not belong before children."""
    return base.texts("unfit") if "unfit" in base.strings else ()


def problem_sentence(problem: RowProblem) -> str:
    """Where a list is wrong, and why."""
    words = {
        "empty": _("There are no words in it."),
        "too-many": _(
            "%(count)s rows are too many. A list has at most %(most)d words.", count=problem.text, most=MAX_WORDS
        ),
        "no-word": _("There is a sentence without a word before it."),
        "too-long": _("The word is longer than %(most)d letters.", most=MAX_LETTERS),
        "formula": _("It starts like a formula of a spreadsheet."),
        "not-a-word": _("It has signs that no word has. Each row is a word, then maybe a comma and a sentence."),
        "twice": _("The word is in the list already."),
        "unfit": _("This word is not for children."),
        "sentence": _("The sentence must have the word once, spelled the same."),
        "long-sentence": _("The sentence is longer than %(most)d letters.", most=MAX_SENTENCE),
        "parts": _("The parts do not join to the word."),
        "excel": _(
            "This is a spreadsheet file. In Excel choose File, Save As, “CSV UTF-8”, and give that file. Or copy the "
            "cells and paste them below."
        ),
        "libreoffice": _(
            "This is a spreadsheet file. In LibreOffice choose File, Save As, “Text CSV”, UTF-8, and give that file. "
            "Or copy the cells and paste them below."
        ),
        "no-text": _(
            "This is no text file. Save it as CSV (UTF-8) in the program that made it and give that file, or copy the "
            "words and paste them below."
        ),
    }
    reason = str(words[problem.reason])
    if not problem.row:
        return reason
    return str(_("Row %(row)d, “%(text)s”: %(reason)s", row=problem.row, text=problem.text, reason=reason))


def _entry(text: str, problems: Sequence[RowProblem] = ()) -> ResponseReturnValue:
    html = render_template(
        "teacher/assigning/word_list.html",
        banks=word_banks(runtime().catalog),
        base=_base(),
        title=request.form.get("title", "")[:120] if problems else "",
        text=text,
        most=MAX_WORDS,
        problems=[problem_sentence(problem) for problem in problems],
        count=_count([problem for problem in problems if problem.row]),
    )
    return html, 422 if problems else 200


def _count(rows: Sequence[RowProblem]) -> str:
    return str(ngettext("%(num)d row can't be used.", "%(num)d rows can't be used.", len(rows))) if rows else ""


def _preview(base: Bank, rows: Sequence[OwnWord], problems: Sequence[RowProblem] = ()) -> ResponseReturnValue:
    html = render_template(
        "teacher/assigning/word_list_preview.html",
        base=base,
        title=_title(),
        rows=rows,
        joint=JOINT,
        max_sentence=MAX_SENTENCE,
        problems=[problem_sentence(problem) for problem in problems],
    )
    return html, 422 if problems else 200


def _base() -> Bank:
    banks = word_banks(runtime().catalog)
    return next((bank for bank in banks if bank.id == request.form.get("bank")), banks[0])


def _title() -> str:
    given = " ".join("".join(c for c in request.form.get("title", "") if c.isprintable()).split())[:120]
    return given or str(_("My words"))
