"""The practice LMS and a fake tool on two real sites: what only real HTTP shows."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest
import requests

from lti_tool.cli.running.processes import free_port
from sandbox_lms.app import create_lms
from sandbox_lms.config import ALL_SCOPES, LmsConfig, ToolRegistration
from sandbox_lms.lti.messages import AGS_CLAIM, DEEP_LINKING
from tests.lti.sandbox_sites import Sites, two_sites

SCORE = "application/vnd.ims.lis.v1.score+json"


@pytest.fixture
def sites(tmp_path: Path) -> Iterator[Sites]:
    with two_sites(str(tmp_path / "lms.sqlite")) as both:
        yield both


def follow_login(sites: Sites, who: str, link: int | None) -> None:
    """Open an activity, or the choosing of activities, up to the tool's own page."""
    start = sites.lms.start_launch(who, link) if link else sites.lms.start_deep_linking(who)
    redirect = requests.post(start.url, data=dict(start.fields), allow_redirects=False, timeout=10)
    form = sites.lms.authorize(who, redirect.headers["Location"])
    assert requests.post(form.url, data=dict(form.fields), timeout=10).status_code == 200


def score_headers(sites: Sites) -> dict[str, str]:
    """What a score is posted with."""
    form = sites.tool.token_request(" ".join(ALL_SCOPES))
    token = requests.post(f"{sites.address}/lti/token", data=form, timeout=10).json()["access_token"]
    return {"Authorization": f"Bearer {token}", "Content-Type": SCORE}


def score(sub: str, points: float) -> str:
    """A score of 10 points, made now."""
    body = {"userId": sub, "timestamp": datetime.now(UTC).isoformat(timespec="microseconds")}
    progress = {"activityProgress": "InProgress", "gradingProgress": "FullyGraded"}
    return json.dumps({**body, **progress, "scoreGiven": points, "scoreMaximum": 10})


def test_from_the_deep_link_to_the_grade(sites: Sites) -> None:
    follow_login(sites, "marit", None)
    settings = sites.tool.launches[-1][DEEP_LINKING + "deep_linking_settings"]
    sites.tool.content_items = [{"type": "ltiResourceLink", "title": "Fractions", "lineItem": {"scoreMaximum": 10}}]
    page = sites.lms.return_deep_link(
        "marit", settings["deep_link_return_url"], sites.tool.deep_link_response(settings)
    )
    assert page.status == 200
    follow_login(sites, "ada", 1)
    claims = sites.tool.launches[-1]
    headers = score_headers(sites)
    answer = requests.post(
        claims[AGS_CLAIM]["lineitem"].replace("?", "/scores?"),
        data=score(claims["sub"], 7.5),
        headers=headers,
        timeout=10,
    )
    assert answer.status_code == 204
    assert sites.lms.gradebook("class-5a")["pupils"][0]["grades"]["1"]["score"] == 7.5


def test_twenty_five_pupils_at_once_lose_no_score(sites: Sites) -> None:
    [link] = sites.lms.add_activity(
        "class-5a", {"type": "ltiResourceLink", "title": "Fractions", "lineItem": {"scoreMaximum": 10}}
    )
    headers = score_headers(sites)
    pupils = sites.lms.gradebook("class-5a")["pupils"]

    def send(pupil: dict[str, str], points: int) -> int:
        url = f"{sites.address}/lti/courses/class-5a/lineitems/{link}/scores"
        return requests.post(url, data=score(pupil["sub"], points), headers=headers, timeout=30).status_code

    def practise(pupil: dict[str, str]) -> list[int]:
        return [send(pupil, points) for points in (1, 2, 3)]

    with ThreadPoolExecutor(25) as pool:
        answers = list(pool.map(practise, pupils))
    assert answers == [[204, 204, 204]] * 25
    found = sites.lms.gradebook("class-5a")
    assert found["scores_received"] == 75
    assert [pupil["grades"]["1"]["score"] for pupil in found["pupils"]] == [3] * 25


def test_a_score_sent_five_times_at_once_counts_once(sites: Sites) -> None:
    sites.lms.add_activity("class-5a", {"type": "ltiResourceLink", "lineItem": {"scoreMaximum": 10}})
    headers = score_headers(sites)
    body = score(sites.lms.sub("ada"), 5)

    def send(_: int) -> int:
        url = f"{sites.address}/lti/courses/class-5a/lineitems/1/scores"
        return requests.post(url, data=body, headers=headers, timeout=30).status_code

    with ThreadPoolExecutor(5) as pool:
        assert sorted(pool.map(send, range(5))) == [204, 409, 409, 409, 409]


def test_a_tool_that_is_down_gets_a_sentence(sites: Sites) -> None:
    registration = ToolRegistration.by_convention(f"http://127.0.0.1:{free_port()}")
    lonely = create_lms(LmsConfig(sites.address, registration))
    answer = lonely.test_client().post("/lti/token", data=sites.tool.token_request(ALL_SCOPES[0]))
    assert answer.status_code == 401
    assert "could not be read" in answer.text
