"""Fixtures of the conformance rows: each of the two platforms, on each database."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.lti.platforms import Platform
from tests.lti.platforms.other_platform import OtherPlatform
from tests.lti.platforms.practice_lms import PracticeLms
from tests.support.databases import Servers
from tests.support.school import open_school

PLATFORMS: dict[str, type[Platform]] = {one.name: one for one in (PracticeLms, OtherPlatform)}
LONG = pytest.mark.long
BACKENDS: dict[str, tuple[pytest.MarkDecorator, ...]] = {"sqlite": (), "postgresql": (LONG,)}


def _param(name: str, backend: str, *marks: pytest.MarkDecorator) -> Any:
    return pytest.param(f"{name}/{backend}", id=f"{name}-{backend}", marks=marks)


BOTH = [
    _param(PracticeLms.name, "sqlite"),
    _param(PracticeLms.name, "postgresql"),
    _param(OtherPlatform.name, "sqlite"),
    _param(OtherPlatform.name, "postgresql", LONG),
]
"""Whatever the LMS, the database is asked the same: the second platform meets PostgreSQL in the long run."""
SQLITE_FIRST = [_param(name, backend, *marks) for name in PLATFORMS for backend, marks in BACKENDS.items()]
"""For hundreds of rows that leave the database as it was."""


@contextmanager
def opened(
    which: str, servers: Servers, folder: Path, *, like: str = "standard", registered: bool = True, **settings: Any
) -> Iterator[Platform]:
    """One of `BOTH` with a tool of its own, whose `settings` these are. Not `registered`: neither knows the other."""
    name, _, backend = which.partition("/")
    practice = like if name == PracticeLms.name else "standard"
    with (
        servers.fresh(backend) as url,
        open_school(url, folder, like=practice, registered=registered, **settings) as school,
    ):
        yield PLATFORMS[name](school, like=like, registered=registered)  # type: ignore[call-arg]


@pytest.fixture(params=BOTH)
def platform(request: pytest.FixtureRequest, database_servers: Servers, tmp_path: Path) -> Iterator[Platform]:
    """An LMS and a tool of one's own."""
    with opened(request.param, database_servers, tmp_path) as found:
        yield found


@pytest.fixture(scope="module", params=BOTH)
def shared(
    request: pytest.FixtureRequest, database_servers: Servers, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Platform]:
    """One for all tests of a file that are in nobody's way."""
    with opened(request.param, database_servers, tmp_path_factory.mktemp("shared")) as found:
        yield found


Opener = Callable[..., AbstractContextManager[Platform]]


@pytest.fixture(params=SQLITE_FIRST)
def open_platform(request: pytest.FixtureRequest, database_servers: Servers, tmp_path: Path) -> Opener:
    """Opens an LMS of one's own, as it is in other families (`like`), or with settings of the tool."""
    return lambda **settings: opened(request.param, database_servers, tmp_path, **settings)
