"""The map of math skills from grade 2 to 6: what a teacher finds in it, and what each skill has."""

from __future__ import annotations

import re

import pytest

from item_banks.generators.problem import ProblemGenerator
from item_banks.loader import load_banks
from item_banks.marking import mark
from item_banks.schema import ItemTemplate

BANK = load_banks()["math-en"]
MAP = [
    "M.OA2.ADD20",
    "M.OA2.SUB20",
    "M.OA2.FACTFAM",
    "M.OA.EQUAL",
    "M.OA2.ARRAY",
    "M.NBT2.PV",
    "M.NBT2.SKIP",
    "M.NBT2.CMP",
    "M.NBT2.ADD100",
    "M.NBT2.ADDREG",
    "M.NBT2.SUB100",
    "M.NBT2.SUBREG",
    "M.NBT2.ADD1000",
    "M.NBT2.SUB1000",
    "M.NBT2.WORD1",
    "M.MD2.LEN",
    "M.MD2.MONEY",
    "M.MD2.TIME5",
    "M.MD2.GRAPH",
    "M.G2.SHAPE",
    "M.G2.PART",
    "M.OA3.MEAN",
    "M.OA3.DIVMEAN",
    "M.OA3.X25",
    "M.OA3.X34",
    "M.OA3.X01",
    "M.OA3.X6789",
    "M.OA3.PROP",
    "M.OA3.DIVF",
    "M.OA3.UNK",
    "M.OA3.WORD2",
    "M.OA3.PATTERN",
    "M.NBT3.ROUND",
    "M.NBT3.ADD",
    "M.NBT3.SUB",
    "M.NBT3.SUB0",
    "M.NBT3.X10",
    "M.NF3.UNIT",
    "M.NF3.LINE",
    "M.NF3.EQ",
    "M.NF3.CMP",
    "M.NF3.WHOLE",
    "M.MD3.TIME",
    "M.MD3.MASS",
    "M.MD3.SCALE",
    "M.MD3.AREA",
    "M.MD3.AREAL",
    "M.MD3.PERIM",
    "M.G3.QUAD",
    "M.NBT4.PV",
    "M.NBT4.ROUND",
    "M.NBT4.ADDSUB",
    "M.OA4.COMP",
    "M.OA4.FACTOR",
    "M.NBT4.MUL1",
    "M.NBT4.MUL2",
    "M.NBT4.DIV1",
    "M.OA4.REM",
    "M.NF4.EQ",
    "M.NF4.CMP",
    "M.NF4.ADD",
    "M.NF4.MIXED",
    "M.NF4.MUL",
    "M.NF4.DEC",
    "M.NF4.DECCMP",
    "M.MD4.CONV",
    "M.MD4.APRECT",
    "M.MD4.ANGLE",
    "M.G4.SYM",
    "M.OA5.ORDER",
    "M.NBT5.POW",
    "M.NBT5.DECPV",
    "M.NBT5.MUL",
    "M.NBT5.DIV2",
    "M.NBT5.DECADD",
    "M.NBT5.DECMUL",
    "M.NF5.ADD",
    "M.NF5.FRDIV",
    "M.NF5.MUL",
    "M.NF5.SCALE",
    "M.NF5.DIV",
    "M.MD5.VOL",
    "M.G5.COORD",
    "M.RP6.RATIO",
    "M.RP6.PCT",
    "M.NS6.FRDIV",
    "M.NS6.NEG",
    "M.EE6.EXPR",
    "M.EE6.EQN",
    "M.G6.TRI",
    "M.SP6.MEAN",
    "M.NS6.COMMON",
    "M.EE6.POW",
    "M.OA2.EVEN",
    "M.MD2.PLOT",
    "M.MD3.PLOT",
    "M.MD4.PLOT",
    "M.MD5.PLOT",
    "M.NS6.QUAD",
    "M.EE6.INEQ",
    "M.G6.VOL",
    "M.G6.SURF",
    "M.G6.COMP",
    "M.NBT2.TEN",
    "M.NBT2.ADD4",
    "M.OA4.PATTERN",
    "M.OA5.PATTERN",
    "M.RP6.RATE",
    "M.EE6.EQUIV",
    "M.MD5.CONV",
    "M.MD4.PROTR",
    "M.G6.ANGLES",
    "M.NS6.DEC",
    "M.SP6.SPREAD",
    "M.NBT4.ROMAN",
    "M.NS6.ABS",
    "M.EE6.RULE",
    "M.RP6.FDP",
    "M.OA5.WRITE",
    "M.SP6.DISPLAY",
    "M.SP6.PIE",
]
ONLY_RECOGNISED = {"M.G3.QUAD"}
"""Skills of telling shapes apart: there is nothing to write but a name, and that is spelling."""
ONLY_IN_ENGLAND = {"M.G6.ANGLES", "M.NBT4.ROMAN", "M.SP6.PIE"}
"""Skills of England's years 4 to 6 that the Common Core has later, or not at all."""
YEAR = re.compile(r"[1-7](-[1-7])?")


def templates(skill: str) -> list[ItemTemplate]:
    return [template for template in BANK.templates.values() if template.skill == skill]


def test_the_map_is_complete_and_its_ids_stay() -> None:
    assert set(MAP) == set(BANK.skills)
    assert len(MAP) == 121


def test_skills_come_in_the_order_of_their_grades() -> None:
    grades = [skill.grade for skill in BANK.skills.values()]
    assert grades == sorted(grades)
    assert set(grades) == {2, 3, 4, 5, 6}


@pytest.mark.parametrize("name", MAP)
def test_a_skill_says_what_it_is_to_teachers_and_to_children(name: str) -> None:
    skill = BANK.skills[name]
    assert skill.title != skill.child_title
    assert len(skill.child_title.split()) <= 9
    assert YEAR.fullmatch(skill.uk_year)
    assert bool(skill.ccss) is (name not in ONLY_IN_ENGLAND)


@pytest.mark.parametrize("name", MAP)
def test_a_skill_is_shown_by_writing_an_answer_and_not_only_by_choosing(name: str) -> None:
    formats = {template.engine_format for template in templates(name)}
    assert ("typed" in formats) is (name not in ONLY_RECOGNISED)


@pytest.mark.parametrize("name", MAP)
def test_a_skill_tells_at_least_two_misconceptions_apart(name: str) -> None:
    codes = {code for template in templates(name) for code in template.options["misconceptions"]}
    assert len(codes) >= 2
    written = {key.rsplit(".", 1)[1] for key in BANK.strings if key.startswith(f"skills.{name}.misconceptions.")}
    assert written == codes, "a sentence that no template uses"


@pytest.mark.parametrize("name", sorted(BANK.skills))
def test_a_prerequisite_is_never_of_a_later_grade(name: str) -> None:
    skill = BANK.skills[name]
    assert all(BANK.skills[each].grade <= skill.grade for each in skill.prerequisites)


def test_times_tables_are_lists_whose_facts_are_learned_one_by_one() -> None:
    lists = {name: len(templates(name)) for name, skill in BANK.skills.items() if skill.kind == "list"}
    assert lists == {"M.OA3.X25": 24, "M.OA3.X34": 11, "M.OA3.X6789": 10, "M.OA3.DIVF": 45}


def test_every_fact_up_to_ten_times_ten_is_in_one_table() -> None:
    facts = [template.member for name in ("X25", "X34", "X6789") for template in templates(f"M.OA3.{name}")]
    assert sorted(map(str, facts)) == sorted(f"{a}x{b}" for a, b in _once())


def _once() -> set[tuple[int, int]]:
    """Each pair of factors from 2 to 10 once, named after the table in which it is learned first."""
    order = [2, 5, 10, 3, 4, 6, 7, 8, 9]
    pairs = {tuple(sorted((a, b), key=order.index)) for a in range(2, 11) for b in range(2, 11)}
    return {(a, b) for a, b in pairs}


def test_the_hint_to_a_fact_is_about_another_fact() -> None:
    for seed in range(20):
        item = BANK.draw("M.OA3.X6789/7x8/number", seed)
        assert item.answer == "56"
        assert not any("56" in hint for hint in item.hints)


@pytest.mark.parametrize("name", sorted(BANK.templates))
def test_its_key_is_found_without_wording_the_item(name: str) -> None:
    template = BANK.templates[name]
    generator = BANK.generators[template.generator]
    assert isinstance(generator, ProblemGenerator)
    assert [generator.key(BANK, template, seed) for seed in range(3)] == [BANK.draw(name, s).key for s in range(3)]


def test_a_story_has_two_different_children() -> None:
    for seed in range(60):
        text = BANK.draw("M.OA4.COMP/back", seed).prompt[0].text
        first, other = text.split()[0], text.rstrip(".").split()[-1]
        assert first != other
        assert {first, other} <= set(BANK.texts("names"))


def test_a_mixed_number_is_wanted_where_it_is_asked_for() -> None:
    item = BANK.draw("M.NF4.MIXED/mixed", 3)
    whole, top, bottom = re.split("[ /]", item.answer)
    improper = int(whole) * int(bottom) + int(top)
    assert mark(item, item.answer).verdict == "correct"
    assert mark(item, f"{2 * improper}/{2 * int(bottom)}").message == BANK.text("unreadable.as_mixed")
    assert mark(item, f"{improper}/{bottom}").message == BANK.text("unreadable.same")


def test_a_fraction_is_wanted_where_a_mixed_number_is_shown() -> None:
    item = BANK.draw("M.NF4.MIXED/fraction", 3)
    assert mark(item, item.answer).verdict == "correct"
    assert mark(item, item.prompt[0].spoken.replace(" and ", " ").replace(" over ", "/")).message == BANK.text(
        "unreadable.improper"
    )


def test_a_sign_is_a_word_for_those_who_listen() -> None:
    item = BANK.draw("M.NBT2.CMP/choice", 1)
    assert [choice.label for choice in item.response.choices] == ["is less than", "is equal to", "is greater than"]
    assert item.response.choices[0].mathml == "<math><mo>&lt;</mo></math>"
    assert " what sign " in item.prompt[0].spoken


def test_numbers_below_zero_are_shown_with_a_minus_and_stored_with_a_hyphen() -> None:
    item = BANK.draw("M.NS6.NEG/largest", 1)
    assert item.answer.startswith("-")
    assert all(choice.label == choice.value.replace("-", "−") for choice in item.response.choices)
