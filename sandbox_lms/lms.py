"""What every request needs: the settings, the database, the keys and the clock, in one object per app."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from flask import current_app

from sandbox_lms.config import LmsConfig, ToolRegistration
from sandbox_lms.database import Database
from sandbox_lms.keys import PlatformKey, ToolKeys


@dataclass(frozen=True)
class Lms:
    """One running practice LMS. `now` gives an aware datetime; tests hand in a clock of their own."""

    config: LmsConfig
    database: Database
    key: PlatformKey
    tool_keys: ToolKeys
    now: Callable[[], datetime]

    @property
    def tool(self) -> ToolRegistration:
        """The registered tool."""
        return self.config.tool


def current_lms() -> Lms:
    """The LMS that the request in hand belongs to."""
    return cast(Lms, current_app.extensions["practice_lms"])
