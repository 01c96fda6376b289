"""Brings each language's catalogue up to date with messages.pot, and compiles it (`make translations`).

The compiled files are kept in the repository, so that a clean clone speaks every language at once. They carry no dates:
the same sentences make the same bytes.
"""

from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

TRANSLATIONS = Path(__file__).resolve().parents[2] / "translations"
WIDTH = 120
NO_DATE = datetime(2026, 1, 1, tzinfo=UTC)
"""Stands where a date must."""


def updated(path: Path, template: Catalog) -> Catalog:
    """A catalogue with exactly the template's sentences, translated as far as they were; none is guessed."""
    with path.open("rb") as file:
        old = read_po(file, locale=path.parent.parent.name)
    new = Catalog(locale=old.locale, header_comment=old.header_comment, fuzzy=False)
    for message in template:
        if message.id:
            known = old.get(message.id)
            new.add(message.id, known.string if known and not known.fuzzy else "", flags=message.flags)
    return new


def write(path: Path, catalogue: Catalog) -> None:
    """Write a catalogue, and beside it the compiled one."""
    with path.open("wb") as file:
        write_po(file, catalogue, width=WIDTH, sort_output=True, omit_header=True)
    with path.with_suffix(".mo").open("wb") as file:
        write_mo(file, compiled(catalogue))


def compiled(catalogue: Catalog) -> Catalog:
    """What a program needs of a catalogue: the translated sentences, and how the language counts."""
    bare = Catalog(
        locale=catalogue.locale, project="Proximal", creation_date=NO_DATE, revision_date=NO_DATE, fuzzy=False
    )
    for message in catalogue:
        if message.id and message.string and all(message.string):
            bare.add(message.id, message.string)
    return bare


def main() -> None:
    """Update and compile all."""
    with (TRANSLATIONS / "messages.pot").open("rb") as file:
        template = read_po(file)
    for path in sorted(TRANSLATIONS.glob("*/LC_MESSAGES/messages.po")):
        write(path, updated(path, template))


if __name__ == "__main__":
    main()
