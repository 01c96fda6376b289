"""Unit tests open no socket (PostgreSQL's own Unix socket apart)."""

import pytest
from pytest_socket import disable_socket


@pytest.fixture(autouse=True)
def no_network() -> None:
    """Refuse every network connection."""
    disable_socket(allow_unix_socket=True)
