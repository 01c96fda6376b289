"""The item banks."""

from pathlib import Path

import click

from item_banks.check import Problem, check_bank, check_pack
from item_banks.loader import BankError, load_bank, load_banks
from item_banks.marking import as_typed, response_in_words
from item_banks.schema import Bank, Item
from item_banks.words.audio import speaks_by_device
from item_banks.words.rendering import AudioError, render
from lti_tool.cli.bank_author import export_bank, import_bank, new
from lti_tool.cli.bank_sheet import sheet
from lti_tool.config import Settings
from lti_tool.persistence import migrate
from lti_tool.persistence.database import Database
from lti_tool.services.practising.unheard import unheard_words


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
        sources = {bank.id: load_bank(folder, bank.source) for bank in found if folder and bank.source}
    except BankError as error:
        raise click.ClickException(str(error)) from None
    problems = [str(problem) for bank in found for problem in _problems(bank, sources.get(bank.id), seeds)]
    for line in problems:
        click.echo(line, err=True)
    if problems:
        raise click.ClickException(f"{len(problems)} problems found.")
    for bank in found:
        click.echo(f"{bank.id} {bank.version}: {len(bank.skills)} skills, {len(bank.templates)} templates, no problem")


def _problems(bank: Bank, source: Bank | None, seeds: int) -> list[Problem]:
    """Of a bank and its packs, or of a pack whose bank is `source`."""
    if source is not None:
        return check_pack(bank, source, seeds)
    packs = [problem for pack in bank.packs.values() for problem in check_pack(pack, bank, max(2, seeds // 10))]
    return [*check_bank(bank, seeds), *packs]


@banks.command("list")
@click.argument("bank_id", required=False)
def list_skills(bank_id: str | None) -> None:
    """The skills of all banks, or of one: grade, id, title, and how many templates."""
    for bank in load_banks().values():
        if bank_id in (None, bank.id):
            for skill in bank.skills.values():
                count = sum(template.skill == skill.id for template in bank.templates.values())
                click.echo(f"{skill.grade}  {skill.id:16} {count:4}  {skill.title}")


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
    wrong = [f"  {code}: {_written(item, answer)}" for code, answer in item.misconceptions.items()]
    answer = f"  Answer: {_written(item, item.answer)}"
    return [f"{item.template} (seed {item.seed}, {item.format})", f"  {item.instruction}", *prompt, answer, *wrong]


def _written(item: Item, answer: str) -> str:
    return response_in_words(item, as_typed(item, answer))


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
    """Words that pupils could not hear, most pupils first, and the file in `audio/recorded` that replaces each."""
    database = Database(Settings.load().sqlalchemy_url)
    migrate.upgrade(database)
    with database.read() as session:
        found = unheard_words(session, load_banks())
    database.close()
    for each in found:
        click.echo(f"{each.pupils:4}  {each.bank_id}  {each.recording}  {each.word}: {each.sentence}")
    if not found:
        click.echo("Every word was heard.")


for _command in (new, import_bank, export_bank):
    banks.add_command(_command)
