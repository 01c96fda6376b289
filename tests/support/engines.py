"""Engines, kept from one test to the next: each statement's text is put together once per engine."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache

import pytest

from lti_tool.persistence import database

KEPT = 16


@contextmanager
def engines_by_address() -> Iterator[None]:
    """Inside, a database that is opened at a known address gets the engine of the one before, without connections."""
    with pytest.MonkeyPatch.context() as patch:
        for maker in ("_sqlite_engine", "_postgres_engine"):
            patch.setattr(database, maker, lru_cache(KEPT)(getattr(database, maker)))
        yield
