"""Each test of a page meets one of the two databases in the short run, by turns, and both in the long one.

Pages ask a database nothing themselves (a test of the repository says so): the services do, whose tests run on both.
"""

from collections import defaultdict
from itertools import count
from pathlib import Path

import pytest

from tests.support.databases import BACKENDS

HERE = Path(__file__).parent


@pytest.hookimpl(tryfirst=True)  # before the marks choose
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave every other test on SQLite to the long run, and the others on PostgreSQL; not where both are meant."""
    turns = defaultdict[Path, "count[int]"](count)  # in each file anew: a new test moves none in other files
    chosen: dict[str, str] = {}
    for item in items:
        backend = _backend(item)
        if backend is None or HERE not in item.path.parents or item.get_closest_marker("both_databases"):
            continue
        test = item.nodeid.replace(backend, "")
        if test not in chosen:
            chosen[test] = BACKENDS[next(turns[item.path]) % 2]
        if chosen[test] != backend:
            item.add_marker(pytest.mark.long)


def _backend(item: pytest.Item) -> str | None:
    """The database with which a test runs here."""
    parameters = item.callspec.params if isinstance(item, pytest.Function) and hasattr(item, "callspec") else {}
    return next((each for each in parameters.values() if isinstance(each, str) and each in BACKENDS), None)
