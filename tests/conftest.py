"""Fixtures for all tests: databases on both backends, and a school on each."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from lti_tool.persistence.database import Database
from tests.support.databases import BACKENDS, Servers, roomy_memory
from tests.support.engines import engines_by_address
from tests.support.keys import reused_keys
from tests.support.school import School, open_school

# No test is about time, and a busy machine makes no test fail, nor does the luck of the draw: each run has the same
# examples. A school lives as long as its test, for all of them.
settings.register_profile(
    "proximal",
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
settings.load_profile("proximal")
# Compiled loops run as plain Python, so that coverage sees their lines; one test compares them with machine code.
os.environ.setdefault("NUMBA_DISABLE_JIT", "1")
# Each school writes its master key so that it outlives a power cut; a test need not wait for the disk.
if (memory := roomy_memory()) is not None:
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(memory))


@pytest.fixture(scope="session")
def database_servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    """SQLite's template and the PostgreSQL server of this run."""
    servers = Servers(tmp_path_factory.mktemp("databases"))
    yield servers
    servers.close()


@pytest.fixture(scope="session", autouse=True)
def made_once() -> Iterator[None]:
    """Schools take their signing keys from a few that this run has made, and its compiled statements."""
    with reused_keys(), engines_by_address():
        yield


@pytest.fixture(params=BACKENDS)
def database_url(request: pytest.FixtureRequest, database_servers: Servers) -> Iterator[str]:
    """A fresh, migrated database; every test that asks for one runs on both backends."""
    with database_servers.fresh(request.param) as url:
        yield url


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """The same, opened."""
    opened = Database(database_url)
    yield opened
    opened.close()


@pytest.fixture
def school(database_url: str, tmp_path: Path) -> Iterator[School]:
    """A school: the tool and the practice LMS, connected, on both backends."""
    with open_school(database_url, tmp_path) as opened:
        yield opened
