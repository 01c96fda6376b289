"""Loads banks from their folders and refuses one that is not right, with file, line and what to do."""

from __future__ import annotations

import gc
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from hashlib import sha256
from pathlib import Path
from types import MappingProxyType

from item_banks.reading.fixed_bank import bank_of, read_yaml
from item_banks.reading.generated_bank import SKILLS, read_generated_bank
from item_banks.reading.reader import BankError
from item_banks.schema import Bank
from item_banks.words.bank import WORDS, read_word_bank

__all__ = ["BankError", "load_bank", "load_banks", "read_banks"]

_FOLDER = Path(__file__).parent


@cache
def load_banks() -> Mapping[str, Bank]:
    """The banks that ship with Proximal, by id, each with its packs; read once per process."""
    return MappingProxyType(read_banks(_FOLDER))


def read_banks(folder: Path) -> dict[str, Bank]:
    """All banks below a folder, as `load_banks` gives them. Raises BankError with the problems of all of them."""
    with _nothing_collected():
        return _read_banks(folder)


@contextmanager
def _nothing_collected() -> Iterator[None]:
    """A bank's files are 100,000 nodes, none of which is garbage before the last one is read; to look for some again
    and again takes a third of the time."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _read_banks(folder: Path) -> dict[str, Bank]:
    banks: dict[str, Bank] = {}
    packs: list[Bank] = []
    problems: list[str] = []
    for path, language in _found(folder):
        try:
            bank = load_bank(path, language)
        except BankError as error:
            problems += error.problems
            continue
        if bank.source:
            packs.append(bank)
        elif bank.id in banks:
            problems.append(f"{bank.folder}:1: a second bank is called {bank.id!r}; give it an id of its own")
        else:
            banks[bank.id] = bank
    if problems:
        raise BankError(problems)
    return {name: _with_packs(bank, packs) for name, bank in banks.items()}


def load_own_banks(folder: Path, shipped: Mapping[str, Bank]) -> dict[str, Bank]:
    """A school's own banks of fixed questions in a folder, by id. Raises BankError with the problems of all of them."""
    banks: dict[str, Bank] = {}
    problems: list[str] = []
    for path in sorted(folder.glob("*.yaml")) if folder.is_dir() else ():
        try:
            found = read_yaml(path)
            if found.id in shipped or found.id in banks:
                raise BankError([f"{path}:1: a bank is called {found.id!r} already; give this one another id"])
            banks[found.id] = bank_of(found, sentences_for(found.language, shipped))
        except BankError as error:
            problems += error.problems
    if problems:
        raise BankError(problems)
    return banks


def sentences_for(language: str, shipped: Mapping[str, Bank]) -> Bank:
    """The bank whose sentences and notation a school's own questions take: of their language, or else English."""
    return next(bank for bank in shipped.values() if not bank.words).in_locale(language)


def _with_packs(bank: Bank, packs: list[Bank]) -> Bank:
    """The bank with the packs of its id; all of them are one version, which changes with each of them."""
    found = [pack for pack in packs if pack.id == bank.id]
    if not found:
        return bank
    version = sha256("".join((bank.version, *(pack.version for pack in found))).encode()).hexdigest()
    version = version[: len(bank.version)]
    by_locale = {pack.locale: replace(pack, version=version) for pack in found}
    return replace(bank, version=version, packs=MappingProxyType(by_locale))


def load_bank(path: Path, language: str) -> Bank:
    """The bank of one subject folder in one language. Raises BankError.

    A folder with a folder `skills` holds generated items and a folder of sentences per language; any other folder
    holds a folder per language, with `bank.yaml` and a file per word list.
    """
    if (path / SKILLS).is_dir():
        return read_generated_bank(path, language)
    return read_word_bank(path / language)


def _found(folder: Path) -> list[tuple[Path, str]]:
    """Subject folder and language of each bank below a folder."""
    return [(file.parent.parent, file.parent.name) for file in sorted(folder.glob(f"*/*/{WORDS}"))]
