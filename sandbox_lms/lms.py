"""What every request needs: the settings, the database, the keys and the clock, in one object per app."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from flask import current_app

from sandbox_lms.config import LmsConfig
from sandbox_lms.families import Family
from sandbox_lms.lti.keys import KeyRing, PlatformKey
from sandbox_lms.records import tools
from sandbox_lms.records.database import Database
from sandbox_lms.records.tools import Tool
from sandbox_lms.web.throttle import Throttle


@dataclass(frozen=True)
class Lms:
    """One running practice LMS. `now` gives an aware datetime; tests hand in a clock of their own."""

    config: LmsConfig
    database: Database
    key: PlatformKey
    tool_keys: KeyRing
    now: Callable[[], datetime]
    throttle: Throttle | None

    @property
    def family(self) -> Family:
        """The ways of the LMS that this one is like."""
        return self.config.family

    @property
    def tools(self) -> list[Tool]:
        """The tools that can be launched, oldest first."""
        return [tool for tool in tools.tools(self.database) if tool.active]

    @property
    def tool(self) -> Tool:
        """The first tool that can be launched. Raises LookupError if there is none."""
        if not (active := self.tools):
            raise LookupError("No tool is registered and active in this LMS.")
        return active[0]


def current_lms() -> Lms:
    """The LMS that the request in hand belongs to."""
    return cast(Lms, current_app.extensions["practice_lms"])
