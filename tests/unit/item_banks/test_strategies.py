"""Strategy lessons are short, in words for a child of eight, and a mistake in their files names the line."""

from pathlib import Path

import pytest

from item_banks.reading.reader import BankError
from item_banks.strategies import Strategy, load_strategies

ALL = [(bank, each) for bank, strategies in load_strategies().items() for each in strategies]


def test_there_are_enough_lessons_to_choose_from() -> None:
    counts = {bank: len(strategies) for bank, strategies in load_strategies().items()}
    assert counts["spelling-en"] >= 6
    assert counts["math-en"] >= 4
    assert counts["spelling-nl"] >= 3


@pytest.mark.parametrize(("bank", "strategy"), ALL, ids=lambda each: each if isinstance(each, str) else each.id)
def test_a_lesson_can_be_read_alone(bank: str, strategy: Strategy) -> None:
    sentences = [strategy.title, strategy.when, *strategy.steps]
    assert all(len(sentence.split()) <= 12 for sentence in sentences)
    assert len(strategy.steps) == 3
    assert 1 <= strategy.grades[0] <= strategy.grades[1]


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        ("example: [a, b]", "'steps' is missing"),
        ("steps: [x, y]\n    example: [a]", "write two of each"),
        ("steps: [x]\n    example: [a, b]\n    extra: z", "'extra' is not known"),
    ],
)
def test_a_mistake_in_a_file_is_named(tmp_path: Path, broken: str, said: str) -> None:
    head = "subject: s\nlanguage: en\nstrategies:\n  - id: one\n    title: t\n    when: w\n    grades: [1, 2]\n"
    text = f"{head}    {broken}\n"
    (tmp_path / "s_en.yaml").write_text(text)
    with pytest.raises(BankError, match=said):
        load_strategies(tmp_path)


def test_two_lessons_with_one_id_are_refused(tmp_path: Path) -> None:
    one = "  - {id: one, title: t, when: w, steps: [a], example: [a, b], grades: [1, 2]}\n"
    (tmp_path / "s_en.yaml").write_text(f"subject: s\nlanguage: en\nstrategies:\n{one}{one}")
    with pytest.raises(BankError, match="one id"):
        load_strategies(tmp_path)
