"""A school's own bank of fixed questions, from one file: YAML, or CSV as a spreadsheet saves it.

    id: roman                     # no bank has it yet
    title: Roman numerals
    language: en
    questions:
      - skill: Reading numerals   # questions of one skill are practised together
        question: Which number is XIV?
        answer: "14"

A question may have a `kind` (number, fraction, remainder, clock, choice), `choices`, a `hint`, what is `worked` out
after it, `feedback` for a wrong answer, and a `grade`. A CSV file has these names in its first row, and choices with
| between them; title, language and id are told when it is imported. Sentences that are not the author's are those of
the bank that ships in the language.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from io import StringIO
from pathlib import Path
from types import MappingProxyType
from typing import Any, get_args

import yaml

from item_banks.marking import as_typed, mark
from item_banks.numbers import read_number
from item_banks.reading.office_files import SAVE_AS, office_file
from item_banks.reading.reader import BankError, Reader, line
from item_banks.schema import Bank, Block, Choice, Item, ItemTemplate, MarkingRules, ResponseKind, ResponseSpec, Skill

HEAD = ("id", "title", "language", "questions")
NEEDS = ("skill", "question", "answer")
MAY = ("kind", "choices", "hint", "worked", "feedback", "grade")
KINDS = ("number", "fraction", "remainder", "clock", "choice")
MOST_QUESTIONS = 5000
_ID = re.compile(r"[a-z][a-z0-9-]{1,30}")
_MOST_CHOICES, _FEWEST_CHOICES = 6, 2
_LENGTH = {"question": 400, "answer": 100, "skill": 80, "hint": 200, "worked": 400, "feedback": 200}
_ASKED_AGAIN = {"remainder": ("incomplete",), "clock": ("form", "incomplete")}


@dataclass(frozen=True)
class Question:
    """One row of a file; `at` is its line."""

    at: int
    skill: str
    question: str
    answer: str
    kind: str
    choices: tuple[str, ...] = ()
    hint: str = ""
    worked: str = ""
    feedback: str = ""
    grade: int = 0

    @property
    def code(self) -> str:
        """What stays the same while question and answer do, wherever the row moves."""
        return sha256(f"{self.question}\0{self.answer}".encode()).hexdigest()[:10]


@dataclass(frozen=True)
class FixedBank:
    """What a file holds, before it is joined with the sentences of its language."""

    path: Path
    id: str
    title: str
    language: str
    questions: tuple[Question, ...]

    def to_yaml(self) -> str:
        """The same as a YAML file."""
        rows = [
            {name: value for name in (*NEEDS, *MAY) if (value := _plain(getattr(each, name)))}
            for each in self.questions
        ]
        head = {"id": self.id, "title": self.title, "language": self.language, "questions": rows}
        return yaml.safe_dump(head, allow_unicode=True, sort_keys=False, width=120)


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def read_yaml(path: Path) -> FixedBank:
    """Raises BankError with file and line of everything that is wrong."""
    reader = Reader(path)
    root = reader.mapping(reader.root, needs=HEAD, may=())
    reader.finish()
    head = {name: reader.text(root[name]) for name in HEAD[:3]}
    problems: list[str] = []
    questions = []
    for node in reader.sequence(root["questions"]):
        entry = reader.mapping(node, needs=NEEDS, may=MAY)
        texts = {name: reader.text(value) for name, value in entry.items() if name != "choices"}
        choices = reader.texts(entry["choices"]) if "choices" in entry else ()
        questions.append(_question(path, line(node), texts, choices, problems))
    reader.finish()
    return _finished(FixedBank(path, **head, questions=tuple(questions)), problems)


def read_csv(path: Path, bank_id: str, title: str, language: str) -> FixedBank:
    """A file as Excel, Numbers or LibreOffice save it: commas, semicolons or tabs. Raises BankError as `read_yaml`."""
    try:
        data = path.read_bytes()
        if kind := office_file(data):
            raise BankError([f"{path}: {SAVE_AS[kind]}"])
        text = data.decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise BankError([f"{path}:1: can't be read as UTF-8; save it as “CSV UTF-8”"]) from error
    first = text.partition("\n")[0]
    between = max(",;\t", key=first.count)
    rows = csv.DictReader(StringIO(text, newline=""), delimiter=between)
    names = [name.strip().lower() for name in rows.fieldnames or ()]
    while names and not names[-1]:  # empty columns at the right, as spreadsheets write them
        names.pop()
    missing = [name for name in NEEDS if name not in names]
    strange = [name for name in names if name not in (*NEEDS, *MAY)]
    if missing or strange:
        wrong = [f"{path}:1: the column {name!r} is missing; the first row names the columns" for name in missing]
        raise BankError(
            wrong + [f"{path}:1: {name!r} is no column; use {', '.join((*NEEDS, *MAY))}" for name in strange]
        )
    if twice := [name for name in dict.fromkeys(names) if names.count(name) > 1]:
        raise BankError([f"{path}:1: the column {name!r} is there twice; remove one" for name in twice])
    rows.fieldnames = names
    problems: list[str] = []
    questions = []
    for row in _rows(path, rows):
        if any(cell.strip() for cell in row.pop(None, ())):
            where = f"{path}:{rows.line_num}"
            problems.append(
                f"{where}: there are more cells than columns; write quotation marks around {between!r} in texts"
            )
            continue
        texts = {name: (row.get(name) or "").strip() for name in names}
        choices = tuple(each.strip() for each in texts.pop("choices", "").split("|") if each.strip())
        if any(texts.values()):
            given = {name: value for name, value in texts.items() if value or name in NEEDS}
            questions.append(_question(path, rows.line_num, given, choices, problems))
    return _finished(FixedBank(path, bank_id, title, language, tuple(questions)), problems)


def _rows(path: Path, rows: csv.DictReader[str]) -> Iterator[dict[str | Any, Any]]:
    try:
        yield from rows
    except csv.Error as error:
        raise BankError(
            [f"{path}:{rows.line_num + 1}: can't be read ({error}); look for a quotation mark alone"]
        ) from None


def _question(path: Path, at: int, texts: Mapping[str, str], choices: Sequence[str], problems: list[str]) -> Question:
    def complain(what: str) -> None:
        problems.append(f"{path}:{at}: {what}")

    answer = texts.get("answer", "")
    kind = texts.get("kind") or ("choice" if choices else "number")
    for name in NEEDS:
        if not texts.get(name):
            complain(f"{name!r} is empty; fill it in")
    for name, most in _LENGTH.items():
        if len(texts.get(name, "")) > most:
            complain(f"{name!r} has more than {most} characters; shorten it")
    if kind not in KINDS:
        complain(f"{kind!r} is no kind of question; write one of {', '.join(KINDS)}")
    if kind == "choice" and not _FEWEST_CHOICES <= len(choices) <= _MOST_CHOICES:
        complain(f"a choice needs {_FEWEST_CHOICES} to {_MOST_CHOICES} choices, and has {len(choices)}")
    if kind == "choice" and (len(set(choices)) < len(choices) or answer not in choices):
        complain(f"the choices must differ, and the answer {answer!r} must be one of them")
    grade = texts.get("grade", "0")
    if not (grade.isascii() and grade.isdigit() and len(grade) < len("100")):
        complain(f"the grade {grade!r} is no number; write digits or nothing")
        grade = "0"
    rest = {name: texts.get(name, "") for name in ("skill", "question", "hint", "worked", "feedback")}
    return Question(at, **rest, answer=answer, kind=kind, choices=tuple(choices), grade=int(grade))


def _finished(found: FixedBank, problems: list[str]) -> FixedBank:
    path = found.path
    if not _ID.fullmatch(found.id):
        problems.append(f"{path}:1: the id {found.id!r} must be small letters, digits and hyphens, 2 to 31 of them")
    if not 0 < len(found.questions) <= MOST_QUESTIONS:
        problems.append(f"{path}:1: there are {len(found.questions)} questions; 1 to {MOST_QUESTIONS} can be imported")
    seen: dict[str, int] = {}
    for each in found.questions:
        if each.code in seen:
            problems.append(f"{path}:{each.at}: the same question and answer as in line {seen[each.code]}; remove one")
        seen.setdefault(each.code, each.at)
    if problems:
        raise BankError(problems)
    return found


def bank_of(found: FixedBank, base: Bank) -> Bank:
    """The bank, with the sentences and the notation of `base`. Raises BankError for answers that do not mark right."""
    prefix = f"OWN.{found.id}"
    skills: dict[str, Skill] = {}
    templates: dict[str, ItemTemplate] = {}
    sources: dict[str, tuple[str, int]] = {}
    marks = _marks(found)
    for each in found.questions:
        skill = f"{prefix}.{sha256(each.skill.encode()).hexdigest()[:8]}"
        if skill not in skills:
            skills[skill] = Skill(skill, found.id, each.skill, each.skill, each.grade, "", found.title, kind="list")
            sources[skill] = (str(found.path), each.at)
        name = f"{skill}/{each.code}"
        options = {"question": each, "choices": len(each.choices)} | marks
        templates[name] = ItemTemplate(name, skill, (skill,), each.kind, "fixed", options, each.code)
        sources[name] = (str(found.path), each.at)
    bank = Bank(
        id=found.id,
        subject=found.id,
        language=base.language,
        title=found.title,
        version=sha256(f"{base.version}\0{found.to_yaml()}".encode()).hexdigest()[:12],
        folder=found.path.parent,
        skills=MappingProxyType(skills),
        templates=MappingProxyType(templates),
        strings=base.strings,
        generators=MappingProxyType({"fixed": fixed}),
        sources=MappingProxyType(sources),
        locale=base.locale,
    )
    _prove(bank)
    return bank


def _marks(found: FixedBank) -> dict[str, str]:
    """What `item_banks.keys` reads in a template's options: of all questions together, so that no key is a hint."""
    answers = "".join(each.answer for each in found.questions if each.kind == "number")
    signs = {"decimals": ".,", "signed": "-−", "fractions": "/"}
    return {option: "yes" for option, any_of in signs.items() if set(any_of) & set(answers)}


def _prove(bank: Bank) -> None:
    problems = []
    for template in bank.templates.values():
        file, at = bank.sources[template.id]
        item = bank.draw(template.id, 0)
        if mark(item, as_typed(item, item.answer)).verdict != "correct":
            kind = template.format
            problems.append(f"{file}:{at}: the answer {item.answer!r} can't be read as {kind}; change it or the kind")
    if problems:
        raise BankError(problems)


def fixed(bank: Bank, template: ItemTemplate, seed: int) -> Item:
    """The item of a fixed question: the same for every seed but for the order of its choices."""
    row: Question = template.options["question"]
    *story, asked = re.split(r"(?<=[.!?])\s+|\n+", row.question.strip())
    decimal, group = bank.text("numbers.decimal"), bank.text("numbers.group")
    value = read_number(row.answer, decimal, group) if row.kind == "number" else None
    strings = {
        "correct": bank.texts("feedback.correct")[0],
        "other": row.feedback or bank.text("feedback.other"),
        "solution": row.worked or row.answer,
        "unreadable": bank.text(f"unreadable.{row.kind}"),
    }
    strings |= {why: bank.text(f"unreadable.{row.kind}_{why}") for why in _ASKED_AGAIN.get(row.kind, ())}
    turn = seed % len(row.choices) if row.choices else 0
    choices = tuple(Choice(each, each) for each in (*row.choices[turn:], *row.choices[:turn]))
    return Item(
        template=template.id,
        skill=template.skill,
        seed=seed,
        format=template.format,
        key=template.id,
        language=bank.language,
        instruction=asked,
        prompt=tuple(Block("text", text=each) for each in story),
        response=ResponseSpec(_response_kind(row.kind), bank.text(f"fields.{row.kind}"), _LENGTH["answer"], choices),
        answer=row.answer if value is None else _canonical(row.answer, decimal, group),
        strings=strings,
        rules=MarkingRules(decimal=decimal, group=group, form="any" if row.kind == "fraction" else ""),
        features={"words": len(row.question.split())},
        hints=(row.hint,) if row.hint else (),
    )


def _response_kind(kind: str) -> ResponseKind:
    return next(each for each in get_args(ResponseKind) if each == kind)


def _canonical(answer: str, decimal: str, group: str) -> str:
    """A number as items hold it: with a decimal point, and without marks between thousands."""
    return answer.replace(group, "").replace(decimal, ".").replace(" ", "") if "/" not in answer else answer
