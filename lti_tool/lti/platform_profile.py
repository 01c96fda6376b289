"""How one family of LMSs differs from the letter of the standard: data in config/platforms, not branches in code."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from lti_tool.config import CONFIG_DIR

PROFILES = CONFIG_DIR / "platforms"
GENERIC = "generic"


@dataclass(frozen=True)
class RegistrationExtras:
    """What one family of LMSs wants beyond the standard when Proximal is registered."""

    tool_configuration: Mapping[str, Any] = field(default_factory=dict)
    custom_parameters: Mapping[str, str] = field(default_factory=dict)
    message: Mapping[str, Any] = field(default_factory=dict)
    deep_linking_placements: tuple[str, ...] = ()
    course_navigation_placements: tuple[str, ...] = ()


@dataclass(frozen=True)
class PlatformProfile:
    """The facts about a family of LMSs. config/platforms/generic.toml explains each one."""

    name: str
    product_families: frozenset[str]
    score_timestamp_resolution: timedelta
    stale_score_status: int
    comment_with_every_score: bool
    token_audience: str | None
    one_at_a_time: bool
    extra_columns_advice: str
    rate_limit: tuple[int, str] | None
    line_items_query: Mapping[str, str]
    roster_query: Mapping[str, str]
    keeps_windows: bool
    course_is_a_link: bool
    new_maximum_fills_empty_cells: bool
    score_extension: Mapping[str, Any]
    score_refusals: Mapping[int, str]
    configuration_hosts: Mapping[str, Sequence[str]]
    registration: RegistrationExtras


@cache
def platform_profile(name: str) -> PlatformProfile:
    """The profile in config/platforms/<name>.toml. Raises `KeyError` naming the ones that exist."""
    if name not in profile_names():
        raise KeyError(f"There is no platform profile {name!r}; choose one of: {', '.join(profile_names())}")
    data = {**_read(PROFILES / f"{GENERIC}.toml"), **_read(PROFILES / f"{name}.toml")}
    registration = data["registration"]
    return PlatformProfile(
        name=name,
        product_families=frozenset(data["product_families"]),
        score_timestamp_resolution=timedelta(seconds=data["score_timestamp_resolution_seconds"]),
        stale_score_status=data["stale_score_status"],
        comment_with_every_score=data["comment_with_every_score"],
        token_audience=data["token_audience"] or None,
        one_at_a_time=data["one_at_a_time"],
        extra_columns_advice=data["extra_columns_advice"],
        rate_limit=(data["rate_limit_status"], data["rate_limit_body"]) if data["rate_limit_status"] else None,
        line_items_query=data["line_items_query"],
        roster_query=data["roster_query"],
        keeps_windows=data["keeps_windows"],
        course_is_a_link=data["course_is_a_link"],
        new_maximum_fills_empty_cells=data["new_maximum_fills_empty_cells"],
        score_extension=data["score_extension"],
        score_refusals={int(status): code for status, code in data["score_refusals"].items()},
        configuration_hosts=data["configuration_hosts"],
        registration=RegistrationExtras(
            tool_configuration=registration.get("tool_configuration", {}),
            custom_parameters=registration.get("custom_parameters", {}),
            message=registration.get("message", {}),
            deep_linking_placements=tuple(registration.get("deep_linking", {}).get("placements", ())),
            course_navigation_placements=tuple(registration.get("course_navigation", {}).get("placements", ())),
        ),
    )


def profile_names() -> list[str]:
    """All profiles that there are."""
    return sorted(file.stem for file in PROFILES.glob("*.toml"))


def profile_of_family(product_family: str) -> PlatformProfile:
    """The profile for a `product_family_code`; the generic one where nothing more is known."""
    for name in profile_names():
        profile = platform_profile(name)
        if product_family.lower() in profile.product_families:
            return profile
    return platform_profile(GENERIC)


def serves_configuration(host: str, issuer: str) -> bool:
    """Whether a host (with its port) speaks for an issuer: its own host, or one that a profile names."""
    named = (platform_profile(name).configuration_hosts.get(issuer, ()) for name in profile_names())
    return host.lower() == urlsplit(issuer).netloc.lower() or any(host.lower() in hosts for hosts in named)


def _read(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text(encoding="utf-8"))
