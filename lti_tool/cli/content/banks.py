"""The item banks."""

from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import click

from item_banks.check import Problem, check_bank, check_pack, different_items
from item_banks.loader import BankError, load_bank, load_banks
from item_banks.marking import answer_in_words
from item_banks.schema import Bank, Item
from item_banks.words.audio import speaks_by_device
from item_banks.words.rendering import AudioError, render
from lti_tool.cli.content.bank_author import export_bank, import_bank, new
from lti_tool.cli.content.bank_sheet import sheet
from lti_tool.cli.opening import open_database
from lti_tool.services.practising.sound_reports import reported_sounds


@click.group()
def banks() -> None:
    """The item banks: what pupils practise."""


@banks.command("check")
@click.argument("folder", required=False, type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--language", default="en", show_default=True, help="Language of the bank in FOLDER.")
@click.option("--seeds", default=50, show_default=True, help="Items drawn from each template.")
def check(folder: Path | None, language: str, seeds: int) -> None:
    """Prove that each item can be asked, answered and marked: all shipped banks, or the one in FOLDER."""
    try:
        found = [load_bank(folder, language)] if folder else list(load_banks().values())
        problems = _of_folder(found[0], folder, seeds) if folder else _of_shipped(found, seeds)
    except BankError as error:
        raise click.ClickException(str(error)) from None
    for problem in problems:
        click.echo(str(problem), err=True)
    if problems:
        raise click.ClickException(f"{len(problems)} problems found.")
    for bank in found:
        click.echo(f"{bank.id} {bank.version}: {len(bank.skills)} skills, {len(bank.templates)} templates, no problem")


def _of_folder(bank: Bank, folder: Path, seeds: int) -> list[Problem]:
    """Of one bank and its packs, or of a pack whose bank stands beside it."""
    if bank.source:
        return check_pack(bank, load_bank(folder, bank.source), seeds)
    return [problem for locale in ("", *bank.packs) for problem in _of_part(bank, locale, seeds)]


def _of_shipped(found: Sequence[Bank], seeds: int) -> list[Problem]:
    """Of all shipped banks; each bank, and each pack, has a process to itself."""
    parts = [(bank.id, locale) for bank in found for locale in ("", *bank.packs)]
    with ProcessPoolExecutor() as processes:
        answers = [processes.submit(_of_shipped_part, bank_id, locale, seeds) for bank_id, locale in parts]
        return [problem for answer in answers for problem in answer.result()]


def _of_shipped_part(bank_id: str, locale: str, seeds: int) -> list[Problem]:
    return _of_part(load_banks()[bank_id], locale, seeds)


def _of_part(bank: Bank, locale: str, seeds: int) -> list[Problem]:
    """Of the bank itself, or of its pack for a locale."""
    return check_pack(bank.packs[locale], bank, max(2, seeds // 10)) if locale else check_bank(bank, seeds)


@banks.command("list")
@click.argument("bank_id", required=False)
def list_skills(bank_id: str | None) -> None:
    """The skills of all banks, or of one: grade, id, title, and how many templates."""
    for bank in load_banks().values():
        if bank_id in (None, bank.id):
            for skill in bank.skills.values():
                count = sum(template.skill == skill.id for template in bank.templates.values())
                click.echo(f"{skill.grade}  {skill.id:16} {count:4}  {skill.title}")


@banks.command("few")
@click.argument("skills", nargs=-1)
def few(skills: tuple[str, ...]) -> None:
    """Templates with fewer than 200 different items: how many they have, and why; of all SKILLS, or of some."""
    for bank in load_banks().values():
        small = [template for template in bank.templates.values() if "few" in template.options]
        facts = Counter(template.skill for template in small if template.member)
        for template in small:
            if (not skills or template.skill in skills) and not template.member:
                click.echo(f"{different_items(bank, template.id):4}  {template.id:24} {template.options['few']}")
        for skill, count in facts.items():
            if not skills or skill in skills:
                click.echo(f"{count:4}  {skill:24} Facts that are learned one by one.")


@banks.command("show")
@click.argument("name")
@click.option("--seed", default=1, show_default=True, help="Which item of the template.")
@click.option("--locale", default="", help="The place for which it is asked: nl-NL, en-GB.")
def show(name: str, seed: int, locale: str) -> None:
    """One item in words: NAME is a template like M.NBT2.ADDREG/steps, or a skill for one item of each template."""
    found = [
        bank.in_locale(locale).draw(template.id, seed)
        for bank in load_banks().values()
        for template in bank.templates.values()
        if name in (template.id, template.skill)
    ]
    if not found:
        raise click.ClickException(f"No bank has {name!r}. `proximal banks list` names the skills.")
    for item in found:
        click.echo("\n".join(_in_words(item)) + "\n")


def _in_words(item: Item) -> list[str]:
    prompt = [block.spoken or block.text or f"{block.before}…{block.after}" for block in item.prompt]
    wrong = [f"  {code}: {answer_in_words(item, answer)}" for code, answer in item.misconceptions.items()]
    answer = f"  Answer: {answer_in_words(item)}"
    return [f"{item.template} (seed {item.seed}, {item.format})", f"  {item.instruction}", *prompt, answer, *wrong]


@banks.command("sheet")
@click.argument("bank_id")
@click.argument("skills", nargs=-1)
@click.option("--each", default=3, show_default=True, help="Items of each skill.")
@click.option("--seed", default=1, show_default=True, help="The first item's seed.")
@click.option("--locale", default="", help="The place for which they are asked: nl-NL, en-GB.")
def print_sheet(bank_id: str, skills: tuple[str, ...], each: int, seed: int, locale: str) -> None:
    """An HTML page to print, with items as pupils see them, their answers and hints: all SKILLS, or some."""
    bank = load_banks().get(bank_id)
    unknown = [skill for skill in skills if bank is not None and skill not in bank.skills]
    if bank is None or unknown:
        raise click.ClickException(
            f"There is no {', '.join(unknown) or bank_id}. `proximal banks list` names the skills."
        )
    click.echo(sheet(bank.in_locale(locale), list(skills), each, seed))


@banks.command("audio")
def audio() -> None:
    """Render the dictation sound that is missing, and remove what no word needs any more (needs flite and lame)."""
    for bank in load_banks().values():
        if bank.words and not speaks_by_device(bank):
            _render(bank)


def _render(bank: Bank) -> None:
    try:
        done = render(bank)
    except AudioError as error:
        raise click.ClickException(str(error)) from None
    click.echo(f"{bank.id}: {len(done.made)} made, {len(done.kept)} kept, {len(done.removed)} removed")


@banks.command("unheard")
def unheard() -> None:
    """Sounds that pupils could not hear, or that anybody found wrong, and the file in `audio/recorded` for each."""
    with open_database().read() as session:
        found = reported_sounds(session, load_banks())
    for each in found:
        people = f"{each.unheard:4} unheard {each.wrong:4} wrong {each.teachers:4} by teachers"
        click.echo(f"{people}  {each.language}  {each.recording}  {each.word}: {each.sentence}")
    if not found:
        click.echo("Nobody has reported a sound.")


for _command in (new, import_bank, export_bank):
    banks.add_command(_command)
