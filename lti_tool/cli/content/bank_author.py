"""What authors do with banks: begin a skill, and bring a school's own questions."""

import re
from pathlib import Path

import click

from item_banks.loader import BankError, load_banks, sentences_for
from item_banks.reading.fixed_bank import FixedBank, bank_of, read_csv, read_yaml
from lti_tool.config import Settings
from lti_tool.services.catalog import OWN_BANKS

_NUMBERS = """
  - id: {id}
    grade: {grade}
    uk_year: "{grade}"
    strand: {strand}
    kind: rule
    templates:
      - id: number
        format: number
        generator: formula
        options:
          draw: {{a: 11..89, b: 11..89}}
          where: "a != b"
          answer: a + b
          expression: "{{a}} + {{b}} ="
          features: {{sum: a + b}}
"""
_SENTENCES = """
  {id}:
    title: "{title}"
    child_title: "{title}"
    instruction: "Add the numbers."
    other: "Not yet. Add tens to tens and ones to ones."
    question: "Which numbers do you add?"
    first_step: "One like it: {{a}} + {{b}}. Add the tens first."
    worked: "{{a}} + {{b}} = {{answer}}."
"""


@click.group("new")
def new() -> None:
    """Begin something new in a bank's folder."""


@new.command("skill")
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.argument("skill_id")
@click.option("--topic", required=True, help="Name of the files that it stands in: skills/TOPIC.yaml.")
@click.option("--title", required=True, help="What teachers call it.")
@click.option("--grade", required=True, type=click.IntRange(1, 12))
@click.option("--strand", required=True, help='The part of the subject: "addition and subtraction".')
@click.option("--language", default="en", show_default=True)
def new_skill(folder: Path, skill_id: str, topic: str, title: str, grade: int, strand: str, language: str) -> None:
    """Write a skill that works, to be changed: its numbers and its sentences in FOLDER (item_banks/math)."""
    numbers = folder / "skills" / f"{topic}.yaml"
    for path in folder.glob("*/*.yaml"):
        if f"id: {skill_id}\n" in path.read_text("utf-8"):
            raise click.ClickException(f"{path} has {skill_id} already; ids are used once.")
    languages = [language, *_translations(folder, language)]
    values = {"id": skill_id, "grade": grade, "strand": strand, "title": title.replace('"', "”")}
    click.echo(f"{numbers}:{_write_into(numbers, _NUMBERS.format(**values))}")
    for each in languages:
        sentences = folder / each / f"{topic}.yaml"
        still = "" if each == language else f"  (still in {language}: to be translated)"
        click.echo(f"{sentences}:{_write_into(sentences, _SENTENCES.format(**values))}{still}")
    click.echo(f"Change them, then: proximal banks check {folder} --language {language}")


def _translations(folder: Path, language: str) -> list[str]:
    """The packs that have every sentence of their own, so that a skill without any could not be read."""
    heads = {path.parent.name: path.read_text("utf-8") for path in sorted(folder.glob("*/bank.yaml"))}
    return [name for name, head in heads.items() if re.search(rf"^translates: {language}$", head, re.MULTILINE)]


def _write_into(path: Path, text: str) -> int:
    """Put an entry below the line `skills:`, in a file that is made if need be; the line where it begins."""
    before = path.read_text("utf-8") if path.is_file() else "skills:\n"
    head, found, rest = before.partition("skills:\n")
    if not found:
        raise click.ClickException(f"{path} has no line `skills:`; add one.")
    path.parent.mkdir(parents=True, exist_ok=True)
    entry = text.lstrip("\n")
    path.write_text(f"{head}{found}{entry}{chr(10) if rest else ''}{rest}", "utf-8")
    return head.count("\n") + 2


@click.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--id", "bank_id", default="", help="Id of the bank, for a CSV file: small letters, digits, hyphens.")
@click.option("--title", default="", help="What teachers see, for a CSV file.")
@click.option("--language", default="en", show_default=True, help="Of a CSV file: en, nl, en-GB.")
@click.option("--replace", is_flag=True, help="Take the place of the bank that has this id.")
def import_bank(file: Path, bank_id: str, title: str, language: str, *, replace: bool) -> None:
    """Bring a school's own questions from FILE (.csv or .yaml); they stand beside ours from the next start on."""
    shipped = load_banks()
    try:
        found = _read(file, bank_id, title, language)
        bank = bank_of(found, sentences_for(found.language, shipped))
    except BankError as error:
        raise click.ClickException(str(error)) from None
    if found.id in shipped:
        raise click.ClickException(f"{found.id!r} is the id of a bank that ships with Proximal; choose another one.")
    target = Settings.load().data_dir / OWN_BANKS / f"{found.id}.yaml"
    if target.exists() and not replace:
        raise click.ClickException(f"{target} is there; add --replace to take its place, or choose another id.")
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(found.to_yaml(), "utf-8")
    click.echo(f"{found.id}: {len(bank.skills)} skills, {len(bank.templates)} questions, in {target}")
    click.echo("Restart Proximal; then they stand in the picker, below ours.")


def _read(file: Path, bank_id: str, title: str, language: str) -> FixedBank:
    if file.suffix.lower() in (".yaml", ".yml"):
        return read_yaml(file)
    if not bank_id or not title:
        raise click.ClickException("A CSV file has no place for the bank's name: add --id and --title.")
    return read_csv(file, bank_id, title, language)


@click.command("export")
@click.argument("bank_id")
def export_bank(bank_id: str) -> None:
    """A school's own bank as YAML, to keep, to change or to pass on."""
    path = Settings.load().data_dir / OWN_BANKS / f"{bank_id}.yaml"
    if not path.is_file():
        raise click.ClickException(f"There is no {path}. Banks that ship with Proximal are files already: item_banks/.")
    click.echo(read_yaml(path).to_yaml(), nl=False)
