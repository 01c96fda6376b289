"""What we know of families of LMSs, each in a file of its own."""

from datetime import timedelta

import pytest

from lti_tool.lti.platform_profile import (
    GENERIC,
    PROFILES,
    platform_profile,
    profile_names,
    profile_of_family,
    serves_configuration,
)


def test_every_file_loads_and_there_is_one_for_each_lms_that_we_name() -> None:
    assert {"brightspace", "canvas", "generic", "moodle"} <= set(profile_names())
    assert [file.stem for file in sorted(PROFILES.glob("*.toml"))] == profile_names()


@pytest.mark.parametrize("name", profile_names())
def test_a_profile_says_everything_in_the_right_kind(name: str) -> None:
    profile = platform_profile(name)
    assert profile.name == name
    assert timedelta(0) < profile.score_timestamp_resolution <= timedelta(seconds=1)
    assert profile.stale_score_status in range(400, 500)
    assert profile.token_audience != ""
    assert all(family == family.lower() for family in profile.product_families), "they are looked up in lower case"
    assert all(status in range(400, 500) for status in profile.score_refusals)
    assert set(profile.score_refusals.values()) <= {"not-a-pupil", "not-enrolled", "no-column", "not-allowed"}
    assert profile.rate_limit is None or profile.rate_limit[0] in range(400, 600)
    assert all(host == host.lower() for hosts in profile.configuration_hosts.values() for host in hosts)


def test_no_product_family_belongs_to_two_profiles() -> None:
    families = [family for name in profile_names() for family in platform_profile(name).product_families]
    assert len(families) == len(set(families))


def test_an_unknown_profile_is_an_error_that_names_the_known_ones() -> None:
    with pytest.raises(KeyError, match=r"no platform profile 'blackbord'.*brightspace, canvas, generic, moodle"):
        platform_profile("blackbord")
    with pytest.raises(KeyError):
        platform_profile("../default")


@pytest.mark.parametrize(
    ("family", "name"),
    [
        ("moodle", "moodle"),
        ("Canvas", "canvas"),
        ("desire2learn", "brightspace"),
        ("an-lms-of-tomorrow", GENERIC),
        ("", GENERIC),
    ],
)
def test_a_profile_is_found_by_the_family_that_the_platform_calls_itself(family: str, name: str) -> None:
    assert profile_of_family(family).name == name


def test_what_a_file_leaves_out_is_the_letter_of_the_standard() -> None:
    moodle, generic = platform_profile("moodle"), platform_profile(GENERIC)
    assert moodle.stale_score_status == generic.stale_score_status == 409
    assert (moodle.token_audience, moodle.rate_limit, moodle.score_extension) == (None, None, {})


@pytest.mark.parametrize(
    ("host", "issuer", "speaks"),
    [
        ("moodle.example", "https://moodle.example", True),
        ("MOODLE.example", "https://moodle.Example/path", True),
        ("moodle.example:8443", "https://moodle.example", False),
        ("evil.example", "https://moodle.example", False),
        ("sso.canvaslms.com", "https://canvas.instructure.com", True),
        ("sso.canvaslms.com", "https://moodle.example", False),
        ("sso.beta.canvaslms.com", "https://canvas.instructure.com", False),
    ],
)
def test_only_an_issuers_own_host_or_one_that_a_profile_names_speaks_for_it(
    host: str, issuer: str, speaks: bool
) -> None:
    assert serves_configuration(host, issuer) is speaks
