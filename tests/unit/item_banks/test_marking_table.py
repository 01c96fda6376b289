"""What pupils type into the fields of math items, and what a teacher says to it: responses.yaml, all of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from item_banks.generators.methods import METHODS
from item_banks.marking import Mark, mark
from item_banks.responses import Scale, joined, parts
from item_banks.schema import Choice, Item, MarkingRules, ResponseSpec

TABLE = yaml.safe_load((Path(__file__).parent / "responses.yaml").read_text("utf-8"))
WHY = ("unreadable", "form", "same", "unit", "incomplete")


def item_of(question: dict[str, Any]) -> Item:
    """The item that a group of the table describes."""
    kind = question["kind"]
    method = METHODS[question["method"]](*question["numbers"]) if "method" in question else None
    spec = ResponseSpec(
        kind=kind,
        label="Your answer",
        max_length=200,
        choices=tuple(Choice(each, each) for each in question.get("cards", ())),
        groups=tuple(Choice(each, each) for each in question.get("groups", ())),
        scale=Scale(question.get("low", "0"), question.get("high", "10"), question["steps"])
        if "steps" in question
        else None,
        rows=method.rows if method else (),
        columns=method.columns if method else False,
    )
    names = ("decimal", "group", "unit", "form", "given")
    return Item(
        template="T", skill="S", seed=1, format=kind, key="k", language="en", instruction="Do it.", prompt=(),
        response=spec, answer=question["answer"],
        rules=MarkingRules(**{n: question[n] for n in names if n in question}),
        strings={"correct": "Yes.", "other": "Not yet.", "solution": "So.", **{why: why for why in WHY}},
    )  # fmt: skip


def rows() -> Iterator[tuple[dict[str, Any], str, str, str]]:
    """Question, response, verdict, and why it is asked again."""
    for group in TABLE:
        for verdict in ("correct", "incorrect", "unreadable"):
            for response in group.get(verdict, ()):
                yield group["question"], response, verdict, "unreadable" if verdict == "unreadable" else ""
        for why, responses in group.get("near", {}).items():
            for response in responses:
                yield group["question"], response, "unreadable", why


def test_the_table_has_at_least_four_hundred_responses() -> None:
    assert len(list(rows())) >= 400


@pytest.mark.parametrize("group", TABLE, ids=lambda group: f"{group['question']['kind']} {group['question']['answer']}")
def test_a_response_is_marked_as_a_teacher_would(group: dict[str, Any]) -> None:
    item = item_of(group["question"])
    wrong = []
    for question, response, verdict, why in rows():
        if question is group["question"]:
            marked = mark(item, response)
            if (marked.verdict, marked.message) != (verdict, why):
                wrong.append((response, f"{marked.verdict} {marked.message}", f"{verdict} {why}"))
    assert wrong == []


ITEMS = [item_of(group["question"]) for group in TABLE]
TYPED = st.one_of(
    st.text(max_size=60),
    st.text(alphabet="0123456789/ ,.-−½⅓²=+:;<>()rRhmark$€¢%°cm", max_size=30),
    st.lists(st.sampled_from(["", "1", "0.9", "even", "mark", "12", "x", "½"]), max_size=9).map("; ".join),
)


@given(st.sampled_from(ITEMS), TYPED)
@settings(deadline=None, max_examples=400)
def test_whatever_is_typed_it_is_marked(item: Item, response: str) -> None:
    marked = mark(item, response)
    assert isinstance(marked, Mark)
    assert len(marked.steps) in (0, len(item.answer.split("; ")))


@given(st.sampled_from(ITEMS), TYPED)
@settings(deadline=None, max_examples=200)
def test_the_fields_of_a_page_make_the_line_that_filled_them(item: Item, response: str) -> None:
    fields = parts(item.response.kind, response)
    again = joined(fields)
    assert joined(parts(item.response.kind, again)) == again


@pytest.mark.parametrize(
    ("fields", "line"),
    [
        ({"response": "85"}, "85"),
        ({"response": "3", "response_below": "4"}, "3/4"),
        ({"response": "3", "response_below": " "}, "3"),
        ({"response_whole": "2", "response": "3", "response_below": "4"}, "2 3/4"),
        ({"response_whole": "2", "response": "", "response_below": ""}, "2"),
        ({"response": "17", "response_rest": "3"}, "17 r 3"),
        ({"response": "17", "response_rest": ""}, "17"),
        ({"response": "4", "response_minutes": "05"}, "4:05"),
        ({"response": "4", "response_minutes": ""}, "4"),
        ({"response": "3", "response_up": "4"}, "(3, 4)"),
        ({"response": "", "response_up": ""}, ""),
        ({"response_mark": "6"}, "mark 6"),
        ({"response_mark": "6", "response": "3/4"}, "3/4"),
        ({"response_1": "2", "response_3": "8"}, "2; ; 8"),
        ({"response_1": "", "response_2": ""}, ""),
        ({"response_1": "", "response": "82"}, "82"),
        ({"form_token": "x"}, ""),
    ],
)
def test_several_fields_make_one_line_that_a_person_can_read(fields: dict[str, str], line: str) -> None:
    assert joined(fields) == line


def test_steps_are_marked_one_by_one() -> None:
    item = item_of({"kind": "steps", "answer": "2; 1; 8", "method": "add", "numbers": [47, 35]})
    assert [(step.text, step.wrong) for step in mark(item, "2; ; 7").steps] == [("2", False), ("", False), ("7", True)]
    assert not any(step.wrong for step in mark(item, "82").steps)
