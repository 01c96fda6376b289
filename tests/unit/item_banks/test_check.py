"""`proximal banks check`: whatever an author breaks is found.

That the shipped banks pass it is part of `make check`.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import item_banks
from item_banks.check import Problem, check_bank, different_items, prove
from item_banks.loader import load_bank, load_banks
from item_banks.reading import fixed_bank, generated_bank
from item_banks.schema import Bank, Block, Choice, Item, ItemTemplate
from item_banks.solver import agrees
from item_banks.words import bank as word_bank

FOLDER = Path(item_banks.__file__).parent
BANKS = load_banks()
MATH, SPELLING = BANKS["math-en"], BANKS["spelling-en"]
ADD, OPEN, CHOICE, DICTATION = (
    "M.NBT2.ADDREG/number",
    "M.NF4.EQ/fraction",
    "M.NF4.EQ/choice",
    "SP.DOUBLE/running/dictation",
)


def bank_with(template: str, change: Callable[[Item], Item]) -> Bank:
    """A bank of one template whose items are changed after they are drawn."""
    bank = MATH if template in MATH.templates else SPELLING
    made = bank.templates[template]

    def draw(of: Bank, template: ItemTemplate, seed: int) -> Item:
        return change(bank.generators[template.generator](of, template, seed))

    return replace(bank, templates={template: made}, generators={made.generator: draw})


def found(bank: Bank, seeds: int = 8) -> str:
    return "\n".join(map(str, check_bank(bank, seeds)))


@pytest.mark.parametrize(
    ("template", "change", "what"),
    [
        (ADD, {"answer": "1"}, "solving the prompt gives another answer: '1'"),
        (ADD, {"answer": "-4"}, "the answer is negative"),
        (ADD, {"answer": "nine"}, "the answer does not mark itself right"),
        (ADD, {"features": {}}, "no difficulty features"),
        (ADD, {"instruction": "one two three four five six seven eight nine ten eleven twelve more"}, "12 words"),
        (ADD, {"prompt": (Block("expression", text="4 x 5 ="),)}, "solving the prompt gives another answer"),
        (ADD, {"prompt": (Block("math", mathml="<math></math>"),)}, "solving the prompt gives another answer"),
        (OPEN, {"answer": "nine"}, "solving the prompt gives another answer"),
        (OPEN, {"answer": "1/7"}, "solving the prompt gives another answer"),
        (CHOICE, {"misconceptions": {}}, "choices that no misconception explains"),
        (DICTATION, {"answer": "walking"}, "solving the prompt gives another answer"),
        (DICTATION, {"prompt": (Block("meaning", text="running fast"),)}, "the page gives the answer away: 'running'"),
        (
            DICTATION,
            {"prompt": (Block("sentence", before="I ", after="."),)},
            "solving the prompt gives another answer",
        ),
        (DICTATION, {"hints": ("Write Running.",)}, "a hint gives the answer away"),
        ("SP.DOUBLE/running/missing", {"answer": "n"}, "solving the prompt gives another answer"),
        ("SP.DOUBLE/running/missing", {"hints": ("Write nn.",)}, "a hint gives the answer away"),
    ],
)
def test_a_broken_item_is_found(template: str, change: dict[str, Any], what: str) -> None:
    def broken(item: Item) -> Item:
        return replace(item, **change)

    assert what in found(bank_with(template, broken))


def test_a_hint_with_the_answer_is_found() -> None:
    assert "a hint gives the answer away" in found(
        bank_with(ADD, lambda item: replace(item, hints=(f"It is {item.answer}.",)))
    )


def test_two_equal_choices_are_found() -> None:
    def twice(item: Item) -> Item:
        again = (*item.response.choices, Choice(item.answer, item.answer))
        return replace(item, response=replace(item.response, choices=again))

    assert "two choices are the same" in found(bank_with(CHOICE, twice))


@pytest.mark.parametrize(
    ("wrong", "what"),
    [
        (lambda item: {"no_carry": item.answer}, "no_carry is not recognised"),
        (lambda item: {"no_carry": "7", "write_both": "7"}, "two misconceptions give the same answer"),
        (lambda item: {"no_carry": "-7"}, "no_carry gives a negative answer"),
        (lambda item: {"no_carry": "seven"}, "no_carry is not recognised: 'seven' marks unreadable"),
        (lambda item: {}, "only 0% of the items can tell no_carry"),
    ],
)
def test_a_misconception_that_can_not_be_told_is_found(wrong: Any, what: str) -> None:
    assert what in found(bank_with(ADD, lambda item: replace(item, misconceptions=wrong(item))))


def test_a_sentence_too_long_for_a_child_is_found() -> None:
    long = "word " * 21
    assert "the sentence other has more than 20 words" in found(
        bank_with(ADD, lambda item: replace(item, strings={**item.strings, "other": long}))
    )


def test_an_item_that_changes_between_two_draws_is_found() -> None:
    count = iter(range(10**6))
    changing = bank_with(ADD, lambda item: replace(item, instruction=f"Add {next(count)}."))
    assert "the same seed gives another item" in found(changing)


def test_an_item_that_storing_changes_is_found() -> None:
    assert "storing changes the item" in found(
        bank_with(ADD, lambda item: replace(item, hints=list(item.hints)))  # type: ignore[arg-type]
    )


def test_a_template_that_some_seeds_can_not_draw_is_found() -> None:
    def draws(bank: Bank, template: ItemTemplate, seed: int) -> Item:
        if seed == 5:
            raise KeyError("most")
        return MATH.draw(template.id, seed)

    rarely = replace(MATH, templates={ADD: MATH.templates[ADD]}, generators={MATH.templates[ADD].generator: draws})
    assert prove(rarely) == []
    assert "lacks 'most'; add it to its options or to en/addition.yaml" in found(rarely)


def test_too_few_items_are_found_unless_the_bank_says_why() -> None:
    same = bank_with(ADD, lambda item: replace(item, key="one"))
    assert "only 1 different items" in found(same)
    template = same.templates[ADD]
    excused = replace(template, options={**template.options, "few": "A reason."})
    assert "different items" not in found(replace(same, templates={ADD: excused}))


def test_counting_stops_when_there_are_enough() -> None:
    assert different_items(MATH, ADD, enough=10) == 10


def test_a_problem_says_file_and_line_once(tmp_path: Path) -> None:
    shutil.copytree(FOLDER / "math", tmp_path / "math")
    file = tmp_path / "math/en/addition.yaml"
    text = file.read_text("utf-8")
    at = text.index("Add the numbers.", text.index("M.NBT2.ADDREG:"))
    file.write_text(text[:at] + "Add " + "the numbers " * 9 + text[at + len("Add the numbers") :], "utf-8")
    bank = load_bank(tmp_path / "math", "en")
    regrouping = {name: each for name, each in bank.templates.items() if each.skill == "M.NBT2.ADDREG"}
    problems = check_bank(replace(bank, templates=regrouping), 20)
    assert [problem.file for problem in problems] == [str(tmp_path / "math/skills/addition.yaml")] * 3
    assert all(problem.line and f":{problem.line}: M.NBT2.ADDREG/" in str(problem) for problem in problems)
    assert str(Problem("bank", None, "wrong")) == "bank: wrong"


@pytest.fixture
def words(tmp_path: Path) -> Path:
    """Two word lists without their sounds."""
    (tmp_path / "spelling/en").mkdir(parents=True)
    for name in ("bank", "SP.DOUBLE", "SP.DROPE"):
        text = (FOLDER / f"spelling/en/{name}.yaml").read_text("utf-8")
        (tmp_path / f"spelling/en/{name}.yaml").write_text(re.sub(r"(?<=prerequisites: )\[.*]", "[]", text), "utf-8")
    return tmp_path / "spelling"


def test_words_without_sound_are_found(words: Path) -> None:
    bank = load_bank(words, "en")
    assert found(bank).count("no dictation sound") == len(bank.words)


def test_a_title_that_shows_how_a_word_is_spelled_is_found(words: Path) -> None:
    file = words / "en/SP.DOUBLE.yaml"
    lines = file.read_text("utf-8").splitlines()
    lines = ['  child_title: "As in running"' if "child_title" in line else line for line in lines]
    file.write_text("\n".join(lines), "utf-8")
    assert "the title gives 'running' away" in found(load_bank(words, "en"))


def test_a_word_in_two_patterns_is_found(words: Path) -> None:
    file = words / "en/SP.DROPE.yaml"
    double = (words / "en/SP.DOUBLE.yaml").read_text("utf-8")
    entry = double[double.index("  - word: running") :]
    entry = entry[: entry.index("  - word:", 5)]
    file.write_text(file.read_text("utf-8").rstrip("\n") + "\n" + entry, "utf-8")
    assert "'running' already has its home in SP.DOUBLE" in found(load_bank(words, "en"))


def test_the_solver_proves_nothing_that_it_can_not_read() -> None:
    item = MATH.draw(ADD, 1)
    assert agrees(item)
    assert not agrees(replace(item, prompt=(Block("text", text="What is it?"),)))


def test_the_published_formats_name_the_same_parts_as_the_loader() -> None:
    def parts(name: str, *path: str) -> tuple[set[str], set[str]]:
        node = json.loads((FOLDER / "schemas" / f"{name}.schema.json").read_text("utf-8"))
        for step in path:
            node = node[step]
        return set(node["required"]), set(node["properties"])

    skill = parts("skills", "properties", "skills", "items")
    assert skill == (set(generated_bank.SKILL_NEEDS), {*generated_bank.SKILL_NEEDS, *generated_bank.SKILL_MAY})
    template = parts("skills", "properties", "skills", "items", "properties", "templates", "items")
    assert template[1] == {*generated_bank.TEMPLATE_NEEDS, *generated_bank.TEMPLATE_MAY}
    assert template[0] == set(generated_bank.TEMPLATE_NEEDS)
    head = parts("bank_sentences")
    assert head == (set(generated_bank.HEAD_NEEDS), {*generated_bank.HEAD_NEEDS, *generated_bank.HEAD_MAY})
    pack = parts("pack_sentences")
    assert pack == (set(generated_bank.PACK_NEEDS), {*generated_bank.PACK_NEEDS, *generated_bank.PACK_MAY})
    topic = parts("sentences")
    assert topic == (set(generated_bank.SENTENCES), {*generated_bank.SENTENCES, *generated_bank.SENTENCES_MAY})
    own = parts("fixed_bank")
    assert own == (set(fixed_bank.HEAD), set(fixed_bank.HEAD))
    question = parts("fixed_bank", "properties", "questions", "items")
    assert question == (set(fixed_bank.NEEDS), {*fixed_bank.NEEDS, *fixed_bank.MAY})
    word = parts("word_list", "properties", "words", "items")
    assert word == (set(word_bank.WORD_NEEDS), {*word_bank.WORD_NEEDS, *word_bank.WORD_MAY})
    pattern = parts("word_list", "properties", "skill")
    assert pattern == (set(word_bank.SKILL_NEEDS), {*word_bank.SKILL_NEEDS, *word_bank.SKILL_MAY})
    bank = parts("word_bank")
    assert bank == (set(word_bank.BANK_NEEDS), {*word_bank.BANK_NEEDS, *word_bank.BANK_MAY})
    assert parts("word_bank", "properties", "feedback")[0] == set(word_bank.FEEDBACK)
