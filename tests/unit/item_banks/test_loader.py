"""An author makes a mistake in a bank file and is told the file, the line and what to do."""

from __future__ import annotations

import re
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

import item_banks
from item_banks.check import check_bank, prove
from item_banks.loader import BankError, load_bank, load_banks, read_banks
from item_banks.reading.reader import Reader
from item_banks.words.sentences import blanked

SHIPPED = Path(item_banks.__file__).parent
SPELLING = "spelling/en/SP.DOUBLE.yaml"
ORDER = "math/skills/addition.yaml"
FRACTIONS = "math/skills/fractions.yaml"
ENGLISH = "math/en/addition.yaml"
HEAD = "math/en/bank.yaml"


TOPICS = ("addition", "fractions", "stories", "bank")


@pytest.fixture
def banks(tmp_path: Path) -> Path:
    """A copy of a part of the shipped banks for an author to work on: nothing in it needs what was left out."""
    files = [f"math/{folder}/{topic}.yaml" for folder in ("skills", "en") for topic in TOPICS]
    files += [SPELLING, "spelling/en/bank.yaml"]
    for file in files:
        if (SHIPPED / file).is_file():
            (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(SHIPPED / file, tmp_path / file)
    skills = {
        found for file in tmp_path.glob("*/*/*.yaml") for found in re.findall(r"\bid: ([\w.]+)", file.read_text())
    }
    for file in tmp_path.glob("*/*/*.yaml"):
        file.write_text(re.sub(r"(?<=prerequisites: \[)[^]]+", lambda m: _known(m[0], skills), file.read_text("utf-8")))
    return tmp_path


def _known(prerequisites: str, skills: set[str]) -> str:
    return ", ".join(each for each in prerequisites.split(", ") if each in skills)


def edit(banks: Path, file: str, old: str, new: str) -> int:
    """Replace the first `old` in a file; the line where it stood."""
    text = (banks / file).read_text("utf-8")
    assert old in text
    (banks / file).write_text(text.replace(old, new, 1), "utf-8")
    return text[: text.index(old)].count("\n") + 1


def complaints(banks: Path) -> list[str]:
    """What loading says; of a bank that loads, what the first items of its templates say."""
    try:
        loaded = read_banks(banks)
    except BankError as error:
        problems = str(error).splitlines()
    else:
        problems = [str(problem) for bank in loaded.values() for problem in prove(bank)]
    assert problems
    return [problem.removeprefix(f"{banks}/") for problem in problems]


def complaint(banks: Path) -> str:
    found = complaints(banks)
    assert len(found) == 1, found
    return found[0]


def test_the_shipped_banks_load_with_their_skills() -> None:
    banks = load_banks()
    assert set(banks) == {"math-en", "spelling-en", "spelling-nl"}
    assert {"M.NBT2.ADDREG", "M.NBT2.SUBREG", "M.NBT3.SUB0", "M.NF4.EQ"} <= set(banks["math-en"].skills)
    assert {"SP.VCE_A", "SP.DROPE", "SP.DOUBLE", "SP.HF34"} <= set(banks["spelling-en"].skills)
    assert banks["math-en"].skills["M.NBT3.SUB0"].prerequisites == ("M.NBT3.SUB",)
    assert banks["math-en"].subject == "math"


def test_only_items_of_a_list_have_members_because_only_those_are_learned_one_by_one() -> None:
    for bank in load_banks().values():
        for template in bank.templates.values():
            kind = bank.skills[template.skill].kind
            assert template.member == (template.id.split("/")[1] if kind == "list" else None)


def test_every_word_can_be_dictated_and_read_instead_by_who_does_not_hear() -> None:
    bank = load_banks()["spelling-en"]
    for key in bank.words:
        assert f"{key}/dictation" in bank.templates
        assert bank.templates[f"{key}/cloze"].twin_of == f"{key}/dictation"


def test_what_shows_a_mistake_is_offered_only_in_the_place_of_something_else() -> None:
    templates = load_banks()["spelling-en"].templates
    proofs = [template for template in templates.values() if template.format == "proofread"]
    assert len(proofs) > 1000
    assert all(templates[proof.twin_of].format == "missing" for proof in proofs)


def test_a_bank_has_the_same_version_until_a_file_of_it_changes(banks: Path) -> None:
    before = read_banks(banks)
    assert {name: bank.version for name, bank in read_banks(banks).items()} == {
        name: bank.version for name, bank in before.items()
    }
    edit(banks, ENGLISH, "Add the numbers.", "Add both numbers.")
    after = read_banks(banks)
    assert after["math-en"].version != before["math-en"].version
    assert after["spelling-en"].version == before["spelling-en"].version


def test_a_school_adds_a_second_language_with_files_alone(banks: Path) -> None:
    shutil.copytree(banks / "math/en", banks / "math/nl")
    text = (banks / HEAD).read_text("utf-8")
    dutch = text.replace("id: math-en", "id: math-nl").replace("language: en", "language: nl")
    dutch = dutch.replace('decimal: ".", group: ","', 'decimal: ",", group: "."')
    (banks / "math/nl/bank.yaml").write_text(dutch, "utf-8")
    bank = read_banks(banks)["math-nl"]
    item = bank.draw("M.NBT2.ADDREG/number", 1)
    assert (bank.language, item.language, item.rules.decimal) == ("nl", "nl", ",")


def test_a_plain_no_or_on_or_a_year_stays_the_text_that_the_author_wrote(tmp_path: Path) -> None:
    (tmp_path / "x.yaml").write_text("words: [no, on, 3-4, 2026-01-02, 1.50]\n", "utf-8")
    reader = Reader(tmp_path / "x.yaml")
    assert reader.texts(reader.mapping(reader.root)["words"]) == ("no", "on", "3-4", "2026-01-02", "1.50")


def test_digits_are_a_number_of_an_option_unless_quotes_or_a_colon_make_them_a_text(tmp_path: Path) -> None:
    (tmp_path / "x.yaml").write_text('one: 12\nsome: [-3, 4]\nquoted: "12"\ntime: 1:30\nmixed: [1, x]\n', "utf-8")
    reader = Reader(tmp_path / "x.yaml")
    expected = {"one": 12, "some": (-3, 4), "quoted": "12", "time": "1:30", "mixed": ("1", "x")}
    assert reader.options(reader.root) == expected
    (tmp_path / "x.yaml").write_text("one: 1_200\n", "utf-8")
    reader = Reader(tmp_path / "x.yaml")
    reader.options(reader.root)
    with pytest.raises(BankError, match="'1_200' is not a whole number; write digits only"):
        reader.finish()


WORD_MISTAKES = [
    ("graphemes: [r, u, nn, i, ng]", "graphemes: [r, u, n, i, ng]", "these join to 'runing', not 'running'"),
    ('sounds: [r, ʌ, "n", ɪ, ŋ]', "sounds: [r, ʌ]", "2 sounds for 5 graphemes"),
    ("gap: [2]", "gap: [9]", "indexes of graphemes go from 0 to 4"),
    ("gap: [2]", "gap: []", "indexes of graphemes go from 0 to 4"),
    ("gap: [2]", "gap: [two]", "'two' is not a whole number"),
    ("The dog is running after the ball.", "The dog runs after the ball.", "it has 'running' 0 times"),
    ("The dog is running after", "Running, running after", "it has 'running' 2 times"),
    ("moving fast on your legs", "running fast", "it gives 'running' away"),
    ("moving fast on your legs", "", "this is empty"),
]


@pytest.mark.parametrize(("old", "new", "what"), WORD_MISTAKES)
def test_a_mistake_in_a_word_is_named_with_its_line(banks: Path, old: str, new: str, what: str) -> None:
    line = edit(banks, SPELLING, old, new)
    found = complaint(banks)
    assert found.startswith(f"{SPELLING}:{line}: ")
    assert what in found
    assert ";" in found


ALL_NUMBERS = " ".join(map(str, range(101)))
MATH_MISTAKES = [
    (ORDER, "grade: 2", "grade: two", "'two' is not a whole number; write digits only"),
    (ORDER, "format: number", "format: numbr", "'numbr' is no format"),
    (ORDER, "generator: add_regroup", "generator: add", "'add' is no generator"),
    (ORDER, "    strand: addition", "    strandt: addition", "did you mean 'strand'?"),
    (ORDER, "    strand: addition", "    colour: addition", "'colour' is not known; known here: id, grade"),
    (ORDER, "kind: rule", "kind: rules", "'rules' is no kind of skill"),
    (ORDER, "prerequisites: [M.NBT2.ADDREG]", "prerequisites: [M.OTHER]", "'M.OTHER', which this bank lacks"),
    (ORDER, "first: [12, 87]", "first: [87, 12]", "a range holds nothing"),
    (ORDER, "first: [12, 87], ", "", "lacks 'first'; add it to its options or to en/addition.yaml"),
    (ORDER, "first: [12, 87]", "first: [12]", "can't be drawn"),
    (ORDER, "most: 99", "most: 1", "allow no item; widen them"),
    (FRACTIONS, "factors: [2, 10], choices: 4", "factors: [2, 10]", "add choices: 4 to its options"),
    (ORDER, "[no_carry, write_both, carry_wrong]", "[no_cary]", "'no_cary' has no feedback"),
    (ORDER, "- id: ten\n", "- id: number\n", "'M.NBT2.ADDREG/number' is already defined"),
    (HEAD, "language: en", "language: nl", "the folder's name says 'en'"),
    (HEAD, 'title: "Math"', "title: [Math]", "this should be text; put it in quotes"),
    (HEAD, 'title: "Math"', "Title: Math", "did you mean 'title'?"),
    (ENGLISH, "equals what?", "equals {what}?", "{what} in "),
    (ENGLISH, 'instruction: "Add the numbers."', 'say: "Add."', "lacks 'skills.M.OA2.ADD20.instruction'"),
    (ENGLISH, "Do they make a new ten?", ALL_NUMBERS, "always contain the answer; leave numbers out"),
    (HEAD, '  number: "Your answer"', '  numbr: "Your answer"', "lacks 'fields.number'"),
    (HEAD, "fields:\n", "fields: [none]\nfield:\n", "did you mean 'fields'?"),
]


@pytest.mark.parametrize(("file", "old", "new", "what"), MATH_MISTAKES)
def test_a_mistake_in_a_math_file_is_named(banks: Path, file: str, old: str, new: str, what: str) -> None:
    edit(banks, file, old, new)
    found = "\n".join(complaints(banks))
    assert what in found
    assert ".yaml:" in found.split(" ")[0]


def test_opening_a_page_waits_for_no_proof_but_the_check_still_finds_a_missing_sentence(banks: Path) -> None:
    edit(banks, HEAD, '  number: "Your answer"', '  numbr: "Your answer"')
    bank = read_banks(banks)["math-en"]
    only = {name: each for name, each in bank.templates.items() if name == "M.NBT2.ADDREG/number"}
    (problem,) = check_bank(replace(bank, templates=only), 2)
    assert problem.line == bank.sources["M.NBT2.ADDREG/number"][1]
    assert "lacks 'fields.number'; add it to its options or to en/addition.yaml" in str(problem)


def test_a_list_where_text_belongs_and_text_where_a_list_belongs_are_told(banks: Path) -> None:
    edit(banks, SPELLING, "meaning: ", "meaning: [] # ")
    edit(banks, SPELLING, "gap: [2]", "gap: 2")
    found = "\n".join(complaints(banks))
    assert "this should be text; put it in quotes" in found
    assert "this should be a list; write [one, two]" in found


def test_all_mistakes_of_a_file_are_told_at_once(banks: Path) -> None:
    first = edit(banks, SPELLING, "[r, u, nn, i, ng]", "[r, u, n, i, ng]")
    second = edit(banks, SPELLING, "kind: rule", "kind: rool")
    third = edit(banks, ORDER, "grade: 2", "grade: two")
    lines = sorted(problem.split(" ")[0] for problem in complaints(banks))
    assert lines == sorted([f"{SPELLING}:{first}:", f"{SPELLING}:{second}:", f"{ORDER}:{third}:"])


def test_a_mistake_in_the_bank_s_sentences_does_not_hide_one_in_its_words(banks: Path) -> None:
    edit(banks, "spelling/en/bank.yaml", "  rule:", "  rul:")
    edit(banks, SPELLING, "gap: [2]", "gap: [9]")
    found = complaints(banks)
    assert "the sentence feedback: rule is missing" in found[0]
    assert len(found) == 2


def test_prerequisites_in_a_ring_are_refused(banks: Path) -> None:
    edit(banks, ORDER, "prerequisites: []", "prerequisites: [M.OA2.SUB20]")
    found = complaints(banks)
    assert found[0].startswith(f"{ORDER}:")
    assert any("M.OA2.ADD20 needs itself through its prerequisites; break the ring" in each for each in found)


def test_a_prerequisite_of_a_later_grade_is_refused(banks: Path) -> None:
    edit(banks, ORDER, "prerequisites: []", "prerequisites: [M.NF4.EQ]")
    assert "M.OA2.ADD20 needs 'M.NF4.EQ' of a later grade; remove it" in complaint(banks)


def test_a_skill_without_a_title_in_the_language_is_told(banks: Path) -> None:
    line = edit(banks, FRACTIONS, "- id: M.NF4.EQ\n", "- id: M.NF4.EQUAL\n")
    found = complaints(banks)
    assert f"{FRACTIONS}:{line}: M.NF4.EQUAL has no title" in "\n".join(found)


def test_a_word_twice_in_one_list_is_told(banks: Path) -> None:
    text = (banks / SPELLING).read_text("utf-8")
    first = text[text.index("  - word: running") :]
    first = first[: first.index("  - word:", 5)]
    (banks / SPELLING).write_text(text.rstrip("\n") + "\n" + first, "utf-8")
    assert "'SP.DOUBLE/running' is already defined" in complaint(banks)


def test_a_skill_in_two_files_is_told(banks: Path) -> None:
    shutil.copy(banks / SPELLING, banks / "spelling/en/SP.SECOND.yaml")
    assert "'SP.DOUBLE' is already defined" in complaint(banks)


def test_a_name_written_twice_is_told(banks: Path) -> None:
    edit(banks, SPELLING, "  grade: 3", "  grade: 3\n  grade: 4")
    assert "'grade' is there twice; remove one" in complaint(banks)


@pytest.mark.parametrize("part", ["skill", "words"])
def test_a_list_without_skill_or_words_is_told(banks: Path, part: str) -> None:
    edit(banks, SPELLING, f"\n{part}:", f"\n{part}s:")
    assert any(f"'{part}' is missing; add it" in problem for problem in complaints(banks))


def test_a_skill_of_a_list_that_lacks_its_rule_is_told(banks: Path) -> None:
    edit(banks, SPELLING, "  strand:", "  strands:")
    assert any("'strand' is missing" in problem for problem in complaints(banks))


def test_a_word_without_a_sentence_is_told(banks: Path) -> None:
    edit(banks, SPELLING, "    sentence:", "    sentense:")
    found = complaints(banks)
    assert any("'sentence' is missing; add it" in problem for problem in found)
    assert any("did you mean 'sentence'?" in problem for problem in found)


@pytest.mark.parametrize("part", ["templates:", "generator: add_regroup", "id: M.NBT2.ADDREG", "grade: 2"])
def test_a_skill_that_lacks_a_part_is_told(banks: Path, part: str) -> None:
    edit(banks, ORDER, part, f"x{part}")
    assert any(f"{part.split(':')[0]!r} is missing; add it" in problem for problem in complaints(banks))


@pytest.mark.parametrize(("file", "part"), [(HEAD, "subject"), (ORDER, "skills"), (ENGLISH, "skills")])
def test_a_file_of_skills_that_lacks_a_part_is_told(banks: Path, file: str, part: str) -> None:
    edit(banks, file, f"{part}:", f"x{part}:")
    assert any(f"'{part}' is missing; add it" in problem for problem in complaints(banks))


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"", "the file is empty"),
        (b"# only a comment\n", "the file is empty"),
        (b"skill: [1, 2\nwords: x\n", "not YAML"),
        (b"\xff\xfe\x00", "not text in UTF-8"),
        (b"skill: \x07\n", "not text in UTF-8"),
        (b"[" * 1500, "not YAML"),
        (b"- one\n- two\n", "this should be a mapping"),
    ],
)
def test_a_file_that_is_not_a_bank_at_all_is_told(banks: Path, content: bytes, what: str) -> None:
    (banks / SPELLING).write_bytes(content)
    assert any(what in problem for problem in complaints(banks))


def test_sentences_that_contain_themselves_end(banks: Path) -> None:
    edit(banks, "spelling/en/bank.yaml", "strings:\n", "strings: &ring\n  more: *ring\n")
    assert any("nested too deep" in problem for problem in complaints(banks))


def test_options_that_contain_themselves_end(banks: Path) -> None:
    edit(banks, ORDER, "options:\n          draw:", "options: &ring\n          more: *ring\n          draw:")
    assert any("nested too deep" in problem for problem in complaints(banks))


def test_a_sentence_in_two_files_is_told(banks: Path) -> None:
    edit(banks, "math/en/fractions.yaml", "  M.NF4.EQ:\n", "  M.OA2.ADD20:\n    title: Again\n  M.NF4.EQ:\n")
    assert any("'skills.M.OA2.ADD20.title' is in another file too; remove one" in each for each in complaints(banks))


def test_a_language_that_is_not_there_is_told(banks: Path) -> None:
    with pytest.raises(BankError, match=r"fr/bank\.yaml:1: can't be read"):
        load_bank(banks / "math", "fr")


def test_two_banks_of_one_name_are_told(banks: Path) -> None:
    shutil.copytree(banks / "math", banks / "more-math")
    assert "a second bank is called 'math-en'" in complaint(banks)


def test_the_folder_s_name_is_the_language_of_its_words(banks: Path) -> None:
    (banks / "spelling/en").rename(banks / "spelling/fr")
    assert "the folder's name says 'fr'" in complaint(banks)


def test_a_sentence_without_its_word_can_not_be_blanked() -> None:
    with pytest.raises(ValueError, match="does not contain 'dog'"):
        blanked("A hotdog and the dog's ball.", "dog")
    assert blanked("Dog, sit!", "dog") == ("", ", sit!")
