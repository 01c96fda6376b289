"""What a machine may lack."""

import os
from typing import NoReturn

import pytest


def skip_or_fail(reason: str) -> NoReturn:
    """Skip loudly where something is not installed; fail where everything is required (CI)."""
    if os.environ.get("PROXIMAL_REQUIRE_ALL") == "1":
        pytest.fail(f"PROXIMAL_REQUIRE_ALL=1, and {reason}")
    pytest.skip(reason)
