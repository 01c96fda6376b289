"""The math bank in other places: the same mathematics with a Dutch or British child's words, coins, units and signs."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

import item_banks
from item_banks.check import check_pack
from item_banks.loader import load_banks, read_banks
from item_banks.marking import mark
from item_banks.schema import Bank, Item

FOLDER = Path(item_banks.__file__).parent / "math"
BANK = load_banks()["math-en"]
DUTCH, BRITISH = BANK.packs["nl-NL"], BANK.packs["en-GB"]
_NAMES = re.compile(r"\{(\w+)")


def named(pack: Bank, key: str) -> list[set[str]]:
    return [set(_NAMES.findall(text)) for text in pack.texts(key)]


def sentences(bank: Bank) -> set[str]:
    shared = ("skills.", "templates.", "words.", "pictures.", "fields.", "unreadable.", "steps.", "themes.")
    return {key for key in bank.strings if key.startswith(shared)}


def test_every_sentence_of_the_bank_has_its_dutch_twin_with_the_same_numbers_in_it() -> None:
    assert sentences(DUTCH) == sentences(BANK)
    for key in sentences(BANK):
        assert named(DUTCH, key) == named(BANK, key), key


def test_an_english_sentence_left_in_the_dutch_pack_is_found() -> None:
    left = {key: text for key, text in BANK.strings.items() if key.startswith("skills.M.NF4.EQ.")}
    found = check_pack(replace(DUTCH, strings={**DUTCH.strings, **left}, templates={}), BANK)
    assert len(found) == 1
    assert "fractions.yaml" in found[0].file
    assert "M.NF4.EQ: in nl-NL: still in en" in found[0].what


@pytest.mark.parametrize("locale", ["nl-NL", "en-GB"])
def test_the_items_of_a_pack_are_solved_in_its_own_words(locale: str) -> None:
    """One template in eight; `make check` proves all of them, over more seeds."""
    pack = BANK.packs[locale]
    some = {name: pack.templates[name] for name in list(pack.templates)[::8]}
    assert check_pack(replace(pack, templates=some), BANK, seeds=2) == []


def item(pack: Bank, template: str, text: str = "") -> Item:
    """The first item whose page shows a text."""
    drawn = (pack.draw(template, seed) for seed in range(200))
    return next(each for each in drawn if text in " ".join(block.text for block in each.prompt))


def test_daan_types_a_decimal_comma_and_is_told_about_it_where_he_types_a_point() -> None:
    sums = item(DUTCH, "M.NBT5.DECADD/number")
    assert mark(sums, sums.answer.replace(".", ",")).verdict == "correct"
    asked_again = mark(sums, sums.answer)
    assert (asked_again.verdict, "komma" in asked_again.message) == ("unreadable", True)


@pytest.mark.parametrize(
    ("pack", "template", "shown"),
    [
        (DUTCH, "M.NBT5.DECADD/money", "€ "),
        (BRITISH, "M.NBT5.DECADD/money", "£"),
        (DUTCH, "M.MD4.CONV/number", " uur = ? min"),
        (DUTCH, "M.MD4.CONV/number", " dm"),
        (DUTCH, "M.OA3.DIVF/8÷2", " : "),
        (DUTCH, "M.NBT4.ROUND/number", "."),
        (DUTCH, "M.MD2.MONEY/number", "50"),
        (BRITISH, "M.MD2.MONEY/howmany", "pence"),
    ],
)
def test_a_place_has_its_own_money_units_and_signs(pack: Bank, template: str, shown: str) -> None:
    names = [name for name in pack.templates if name == template or name.startswith(template.split("/8")[0] + "/")]
    assert item(pack, names[0] if template not in pack.templates else template, shown)


@pytest.mark.parametrize(
    ("template", "typed"),
    [("M.MD2.MONEY/money", "€ {}"), ("M.MD2.MONEY/money", "{}"), ("M.MD2.MONEY/money", "{} euro")],
)
def test_an_amount_in_euros_is_read_as_dutch_children_write_it(template: str, typed: str) -> None:
    coins = item(DUTCH, template)
    assert mark(coins, typed.format(coins.answer.replace(".", ","))).verdict == "correct"


def test_feet_and_gallons_are_asked_for_in_america_alone() -> None:
    def units(pack: Bank) -> str:
        return " ".join(pack.draw("M.MD4.CONV/number", seed).prompt[0].text for seed in range(120))

    assert {" ft", " gal"} <= {unit for unit in (" ft", " gal") if unit in units(BANK)}
    assert not any(unit in units(pack) for unit in (" ft", " gal", " lb", " yd") for pack in (DUTCH, BRITISH))


def test_an_afternoon_in_the_netherlands_is_on_a_clock_of_24_hours() -> None:
    hours = [int(hour) for seed in range(40) for hour in _hours(DUTCH.draw("M.MD3.TIME/number", seed))]
    assert max(hours) > 12
    assert max(int(hour) for seed in range(40) for hour in _hours(BANK.draw("M.MD3.TIME/number", seed))) <= 12


def _hours(drawn: Item) -> list[str]:
    return re.findall(r"(\d+):\d\d", drawn.prompt[0].text)


def test_the_same_seed_is_the_same_mathematics_in_every_language() -> None:
    for name in ("M.NBT2.ADDREG/number", "M.NF4.EQ/fraction", "M.OA4.REM/full"):
        assert DUTCH.draw(name, 7).answer == BANK.draw(name, 7).answer == BRITISH.draw(name, 7).answer


@pytest.mark.parametrize(
    ("locale", "language"),
    [("nl-NL", "nl"), ("nl", "nl"), ("nl-BE", "nl"), ("en-GB", "en-GB"), ("en-AU", "en"), ("fr", "en"), ("", "en")],
)
def test_a_locale_gets_the_nearest_pack(locale: str, language: str) -> None:
    assert BANK.in_locale(locale).language == language


def test_a_sentence_that_asks_for_something_else_is_found() -> None:
    key = "templates.M.MD2.LEN/compare.prompt"
    wrong = tuple(text.replace("{b}", "{x}").replace("{a}", "{b}").replace("{x}", "{a}") for text in DUTCH.texts(key))
    swapped = replace(DUTCH, strings={**DUTCH.strings, "templates.M.NBT2.WORD1/change.prompt": ("",) * 3, key: wrong})
    only = {name: DUTCH.templates[name] for name in ("M.NBT2.WORD1/change",)}
    assert "solving the prompt gives another answer" in str(check_pack(replace(swapped, templates=only), BANK, seeds=2))


def test_a_pack_may_have_no_sentence_that_its_bank_lacks(tmp_path: Path) -> None:
    import shutil

    shutil.copytree(FOLDER, tmp_path / "math")
    path = tmp_path / "math" / "nl" / "stories.yaml"
    whole = yaml.safe_load(path.read_text("utf-8"))
    whole["skills"]["M.OA4.REM"]["titel"] = "Rest"
    path.write_text(yaml.safe_dump(whole, allow_unicode=True), "utf-8")
    with pytest.raises(item_banks.loader.BankError, match=r"'skills.M.OA4.REM.titel' is no sentence of en"):
        read_banks(tmp_path)


STORIES = [template for template in BANK.templates.values() if "story" in template.options]


def test_stories_are_told_for_25_skills_about_5_themes_in_several_frames() -> None:
    assert len({template.skill for template in STORIES}) >= 25
    assert len(BANK.themes) >= 5
    for pack in (BANK, DUTCH, BRITISH):
        for template in STORIES:
            frames = [pack.texts(f"stories.{template.options['story']}.prompt.{theme}") for theme in BANK.themes]
            assert min(map(len, frames)) >= 2


def test_the_theme_that_omar_chooses_changes_the_story_and_not_the_mathematics() -> None:
    for template in STORIES:
        told = [BANK.about(theme).draw(template.id, 5) for theme in BANK.themes]
        assert len({each.answer for each in told}) == 1
        assert len({each.prompt for each in told}) == len(BANK.themes)
        assert [each.features["theme"] for each in told] == list(BANK.themes)


def test_grammar_is_right_for_one_and_for_many() -> None:
    for pack, one, many in ((BANK, " 1 of them is ", " 2 of them are "), (DUTCH, "is er 1 ", "zijn er 2 ")):
        shown = {pack.draw("M.NF3.UNIT/number", seed).prompt[0].text for seed in range(60)}
        assert any(one in text for text in shown)
        assert any(many in text for text in shown)
