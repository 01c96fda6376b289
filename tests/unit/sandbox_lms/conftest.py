from __future__ import annotations

import pytest

from sandbox_lms.lti.keys import PlatformKey
from tests.unit.sandbox_lms.school import School, open_school


@pytest.fixture(scope="session")
def pem() -> str:
    """One platform key for all tests: making one takes longer than most of them."""
    return PlatformKey.generate_pem()


@pytest.fixture(autouse=True)
def _one_key(pem: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(PlatformKey, "generate_pem", lambda: pem)


@pytest.fixture
def school() -> School:
    """A practice LMS and a fake tool in one process, without sockets."""
    return open_school()
