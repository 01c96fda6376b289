"""The item banks."""

from pathlib import Path

import click

from item_banks.audio import AudioError, render, speaks_by_device
from item_banks.check import check_bank
from item_banks.loader import BankError, load_bank, load_banks
from item_banks.schema import Bank


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
    except BankError as error:
        raise click.ClickException(str(error)) from None
    problems = [str(problem) for bank in found for problem in check_bank(bank, seeds=seeds)]
    for line in problems:
        click.echo(line, err=True)
    if problems:
        raise click.ClickException(f"{len(problems)} problems found.")
    for bank in found:
        click.echo(f"{bank.id} {bank.version}: {len(bank.skills)} skills, {len(bank.templates)} templates, no problem")


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
    click.echo(f"{bank.id}: {done.made} made, {done.kept} kept, {done.removed} removed")
