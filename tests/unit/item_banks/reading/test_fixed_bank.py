"""A school's own questions: read from a spreadsheet or from YAML, marked like ours, refused with file and line."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from item_banks.loader import load_banks, load_own_banks, sentences_for
from item_banks.marking import mark
from item_banks.reading.fixed_bank import bank_of, read_csv, read_yaml
from item_banks.reading.reader import BankError
from item_banks.schema import Bank, Item
from tests.support.office import EXCEL, LIBREOFFICE, WORD

SHIPPED = load_banks()
_CAESAR = "Caesar writes a number. Which number is XIV?"
ROMAN = """id: roman
title: Roman numerals
language: en
questions:
  - skill: Reading
    question: Caesar writes a number. Which number is XIV?
    answer: "14"
    hint: X is ten.
    worked: X is 10 and IV is 4.
    feedback: Not yet. I before V takes one away.
    grade: 4
  - skill: Reading
    question: Which is the largest?
    answer: XC
    choices: [XC, LX, XL]
  - skill: Clocks
    question: When does the bell ring at quarter past ten?
    answer: "10:15"
    kind: clock
"""


def bank(tmp_path: Path, text: str = ROMAN, language: str = "en") -> Bank:
    (tmp_path / "own.yaml").write_text(text.replace("language: en", f"language: {language}"), "utf-8")
    return bank_of(read_yaml(tmp_path / "own.yaml"), sentences_for(language, SHIPPED))


def items(of: Bank) -> list[Item]:
    return [of.draw(template, 1) for template in of.templates]


def test_questions_of_a_skill_are_its_members_and_each_is_marked(tmp_path: Path) -> None:
    made = bank(tmp_path)
    assert [(skill.title, skill.kind, skill.grade) for skill in made.skills.values()] == [
        ("Reading", "list", 4),
        ("Clocks", "list", 0),
    ]
    assert [mark(item, item.answer).verdict for item in items(made)] == ["correct"] * 3
    number, choice, clock = items(made)
    assert (number.prompt[0].text, number.instruction) == ("Caesar writes a number.", "Which number is XIV?")
    assert mark(number, "16").feedback == "Not yet. I before V takes one away."
    assert mark(number, "16").solution == "X is 10 and IV is 4."
    assert mark(choice, "LX").verdict == "incorrect"
    assert "minutes" in mark(clock, "10").message
    assert {template.engine_format for template in made.templates.values()} == {"typed", "choice3"}


def test_a_dutch_school_writes_decimal_commas(tmp_path: Path) -> None:
    (item,) = items(bank(tmp_path, ROMAN.partition("  - skill: Reading\n")[0] + _ROW.format("1.250,5"), "nl"))
    assert (item.answer, mark(item, "1250,5").verdict) == ("1250.5", "correct")
    assert mark(item, "3").feedback.startswith("Nog niet.")


_ROW = '  - {{skill: A, question: "Hoeveel is het?", answer: "{}"}}\n'


@pytest.mark.parametrize("mark_between", [",", ";", "\t"])
def test_a_spreadsheet_becomes_the_same_bank(tmp_path: Path, mark_between: str) -> None:
    rows = [
        ["skill", "question", "answer", "choices"],
        ["Tens", "What is 4 × 10?", "40", ""],
        ["Tens", "Which?", "a", "a|b"],
    ]
    path = tmp_path / "sums.csv"
    path.write_text("\ufeff" + "\r\n".join(mark_between.join(row) for row in rows), "utf-8")
    found = read_csv(path, "sums", "Sums", "en")
    again = tmp_path / "sums.yaml"
    again.write_text(found.to_yaml(), "utf-8")
    assert [each.question for each in read_yaml(again).questions] == ["What is 4 × 10?", "Which?"]
    assert [item.format for item in items(bank_of(found, sentences_for("en", SHIPPED)))] == ["number", "choice"]


def test_a_question_keeps_its_id_where_rows_move(tmp_path: Path) -> None:
    head, *rows = ROMAN.split("  - skill:")
    moved = "  - skill:".join((head, *reversed(rows)))
    assert set(bank(tmp_path).templates) == set(bank(tmp_path, moved).templates)


@pytest.mark.parametrize(
    ("broken", "told"),
    [
        (('answer: "14"', "answer: fourteen"), ":5: the answer 'fourteen' can't be read as number"),
        (("choices: [XC, LX, XL]", "choices: [LX, XL]"), ":12: the choices must differ, and the answer 'XC'"),
        (("kind: clock", "kind: essay"), "'essay' is no kind of question"),
        (("id: roman", "id: Roman!"), ":1: the id 'Roman!' must be small letters"),
        (("    grade: 4", "    grade: four"), "the grade 'four' is no number"),
        (("    hint:", "    hnt:"), ":8: 'hnt' is not known; did you mean 'hint'?"),
        (("question: Which is the largest?", 'question: ""'), "this is empty"),
        (
            ("Which is the largest?\n    answer: XC", "Caesar writes a number. Which number is XIV?\n    answer: '14'"),
            "same",
        ),
    ],
)
def test_what_is_wrong_is_told_with_its_line(tmp_path: Path, broken: tuple[str, str], told: str) -> None:
    with pytest.raises(BankError) as refused:
        bank(tmp_path, ROMAN.replace(*broken))
    assert told in str(refused.value)
    assert "own.yaml:" in str(refused.value)


def test_a_spreadsheet_without_its_columns_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "sums.csv"
    path.write_text("skill,vraag,answer\nA,B,1\n", "utf-8")
    with pytest.raises(BankError, match=r"sums.csv:1: the column 'question' is missing"):
        read_csv(path, "sums", "Sums", "en")
    path.write_bytes(b"skill,question,answer\nA,\xff,1\n")
    with pytest.raises(BankError, match="UTF-8"):
        read_csv(path, "sums", "Sums", "en")


def test_a_spreadsheet_that_was_not_saved_as_csv_is_told_so_with_its_programs_menu(tmp_path: Path) -> None:
    path = tmp_path / "sums.csv"
    for data, told in ((EXCEL, "Excel choose File, Save As"), (LIBREOFFICE, "LibreOffice"), (WORD, "no text file")):
        path.write_bytes(data)
        with pytest.raises(BankError, match=told):
            read_csv(path, "sums", "Sums", "en")


def test_own_banks_stand_beside_ours_and_take_no_id_of_them(tmp_path: Path) -> None:
    (tmp_path / "roman.yaml").write_text(ROMAN, "utf-8")
    assert list(load_own_banks(tmp_path, SHIPPED)) == ["roman"]
    (tmp_path / "zz.yaml").write_text(ROMAN.replace("id: roman", "id: math-en"), "utf-8")
    with pytest.raises(BankError, match="a bank is called 'math-en' already"):
        load_own_banks(tmp_path, SHIPPED)
    assert load_own_banks(tmp_path / "none", SHIPPED) == {}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("skill,question,answer\nTens,Add 3, 4 and 5,12\n", ":2: there are more cells than columns"),
        ("skill,question,answer,answer\nTens,What is 4 × 10?,40,\n", ":1: the column 'answer' is there twice"),
    ],
)
def test_nothing_of_a_spreadsheet_is_left_out_in_silence(tmp_path: Path, text: str, told: str) -> None:
    path = tmp_path / "sums.csv"
    path.write_text(text, "utf-8")
    with pytest.raises(BankError) as refused:
        read_csv(path, "sums", "Sums", "en")
    assert told in str(refused.value)


def test_empty_columns_at_the_right_do_no_harm(tmp_path: Path) -> None:
    path = tmp_path / "sums.csv"
    path.write_text("skill,question,answer,,\nTens,What is 4 × 10?,40,,\n", "utf-8")
    assert [each.answer for each in read_csv(path, "sums", "Sums", "en").questions] == ["40"]


def test_a_quotation_mark_that_is_never_closed_is_said_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "sums.csv"
    path.write_text('skill,question,answer\nTens,"What is 4 × 10?,40\n' + "Tens,What is 5 × 10?,50\n" * 50, "utf-8")
    usual = csv.field_size_limit(1000)
    try:
        with pytest.raises(BankError, match=r":2: can't be read .*; look for a quotation mark alone"):
            read_csv(path, "sums", "Sums", "en")
    finally:
        csv.field_size_limit(usual)
