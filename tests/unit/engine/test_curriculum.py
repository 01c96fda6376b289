"""A curriculum is checked once, and says what is wrong with it."""

from __future__ import annotations

import json

import pytest

from engine.curriculum import Curriculum, CurriculumError, ItemRef, Skill

from .builders import chain, items, skills


def test_a_curriculum_survives_a_trip_through_json_with_its_words():
    graph = {**chain("add", "carry"), "tricky": Skill("tricky", kind="list")}
    before = Curriculum(graph, [*items("add"), ItemRef("w1", ("tricky",), "typed", "naïve")])
    after = Curriculum.from_json(before.to_json())
    assert after == before
    assert after.item("w1").member == "naïve"


def test_items_are_found_by_skill_and_by_id():
    both = ItemRef("both", ("add", "carry"), "order")
    curriculum = Curriculum(chain("add", "carry"), [*items("add", count=1), both])
    assert [i.id for i in curriculum.items_of("add")] == ["add.typed.0", "both"]
    assert curriculum.items_of("carry") == (both,)
    assert curriculum.item("both") is both


def test_a_skill_without_items_is_allowed():
    assert Curriculum(skills("silent"), []).items_of("silent") == ()


def test_teaching_order_puts_prerequisites_first_and_otherwise_follows_the_author():
    graph = {"late": Skill("late", ("early",)), **skills("zebra", "early", "ant")}
    assert Curriculum(graph, []).order == ("zebra", "early", "late", "ant")


def test_a_long_chain_written_backwards_is_sorted_without_deep_recursion():
    ids = [f"s{n:05d}" for n in range(5000)]
    graph = chain(*ids)
    assert Curriculum(dict(reversed(graph.items())), []).order == tuple(ids)


@pytest.mark.parametrize(
    ("graph", "bank", "message"),
    [
        ({"a": Skill("a", ("b",)), "b": Skill("b", ("c",)), "c": Skill("c", ("b",))}, [], "circle: b -> c -> b"),
        ({"a": Skill("a", ("a",))}, [], "circle: a -> a"),
        ({"a": Skill("a", ("ghost",))}, [], "'a' needs 'ghost'"),
        ({"a": Skill("b")}, [], "'b' is filed under 'a'"),
        ({"a": Skill("a", kind="mood")}, [], "unknown kind 'mood'"),
        (skills("a"), [ItemRef("i", ("ghost",), "typed")], "'i' names the skill 'ghost'"),
        (skills("a"), [ItemRef("i", (), "typed")], "'i' names no skill"),
        (skills("a"), [ItemRef("i", ("a", "a"), "typed")], "'i' names a skill twice"),
        (skills("a"), [ItemRef("i", ("a",), "choice7")], "'i' has the unknown format 'choice7'"),
        (skills("a"), [ItemRef("i", ("a",), "typed")] * 2, "'i' stands in the curriculum twice"),
    ],
)
def test_a_contradiction_is_refused_with_the_id_concerned(graph, bank, message):
    with pytest.raises(CurriculumError, match=message):
        Curriculum(graph, bank)


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "[]",
        "{}",
        '{"skills": [1], "items": []}',
        '{"skills": [{"id": "a", "prerequisites": "b"}], "items": []}',
        '{"skills": [{"id": "a"}], "items": [{"id": "i", "skills": ["a"]}]}',
    ],
)
def test_a_damaged_file_is_refused_and_told_how_to_be_written(text):
    with pytest.raises(CurriculumError, match=r"Curriculum\.to_json"):
        Curriculum.from_json(text)


def test_a_file_with_a_skill_twice_is_refused_instead_of_losing_one():
    text = json.dumps({"skills": [{"id": "a"}, {"id": "b"}, {"id": "a"}], "items": []})
    with pytest.raises(CurriculumError, match="'a' stands in the curriculum twice"):
        Curriculum.from_json(text)


def test_asking_for_what_is_not_there_names_it():
    curriculum = Curriculum(skills("add"), [])
    with pytest.raises(CurriculumError, match="Item 'ghost'"):
        curriculum.item("ghost")
    with pytest.raises(CurriculumError, match="Skill 'ghost'"):
        curriculum.items_of("ghost")
