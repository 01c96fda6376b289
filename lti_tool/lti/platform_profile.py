"""How one family of LMSs differs from the letter of the standard: data in config/platforms, not branches in code."""

import tomllib
from dataclasses import dataclass
from datetime import timedelta
from functools import cache

from lti_tool.config import CONFIG_DIR


@dataclass(frozen=True)
class PlatformProfile:
    """The facts about an LMS that the services need."""

    score_timestamp_resolution: timedelta


@cache
def platform_profile(name: str) -> PlatformProfile:
    """The profile in config/platforms/<name>.toml. Raises `KeyError` naming the ones that exist."""
    path = CONFIG_DIR / "platforms" / f"{name}.toml"
    if not path.is_file():
        known = ", ".join(sorted(file.stem for file in path.parent.glob("*.toml")))
        raise KeyError(f"There is no platform profile {name!r}; choose one of: {known}")
    data = tomllib.loads(path.read_text())
    return PlatformProfile(score_timestamp_resolution=timedelta(seconds=data["score_timestamp_resolution_seconds"]))
