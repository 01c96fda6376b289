"""When the database or Proximal itself fails: one clear page, and what was typed is still on it."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as NoFreeConnection

from lti_tool.services.practising.practice import Practice
from tests.support.databases import Servers
from tests.support.pupils import MATH
from tests.support.school import TOOL_URL, Page, School, open_school


@pytest.fixture
def adas_page(database_servers: Servers, tmp_path: Path) -> Iterator[Page]:
    with database_servers.fresh("sqlite") as url, open_school(url, tmp_path) as school:
        yield school.open("ada", school.add_activity(*MATH))


def failing(error: Exception) -> Callable[..., None]:
    def fail(*_: object, **__: object) -> None:
        raise error

    return fail


@pytest.mark.parametrize(
    "error", [OperationalError("INSERT", {}, Exception("database is locked")), NoFreeConnection("pool is empty")]
)
def test_what_ada_typed_is_still_there_when_the_database_takes_nothing(
    adas_page: Page, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    monkeypatch.setattr(Practice, "answer", failing(error))
    answer = adas_page.respond("41<b>")
    assert answer.status == 503
    assert "One moment" in answer.text
    assert "41&lt;b&gt;" in answer.text
    monkeypatch.undo()
    assert adas_page.respond("41").status == 200


def test_an_error_of_ours_tells_nothing_of_our_inside(adas_page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Practice, "answer", failing(RuntimeError("the secret is 42 in /srv/app.py")))
    answer = adas_page.respond("41")
    assert answer.status == 500
    assert "It is our fault, not yours" in answer.text
    assert "secret" not in answer.text


def test_more_than_a_page_can_take_is_refused_with_a_sentence(adas_page: Page) -> None:
    answer = adas_page.respond("1" * 3_000_000)
    assert answer.status == 413
    assert "That is too much" in answer.text


@pytest.mark.parametrize(("method", "path"), [("GET", "/nowhere"), ("GET", "/a/x/answer"), ("PUT", "/lti/login")])
def test_there_is_a_page_for_what_is_not_there(adas_page: Page, method: str, path: str) -> None:
    answer = adas_page.school.browser("ada").open(path, method=method, base_url=TOOL_URL)
    assert answer.status_code in (404, 405)
    assert "There is no such page" in answer.text


def test_pages_are_kept_by_no_cache_and_framed_by_their_lms_only(adas_page: Page) -> None:
    headers = adas_page.answer.headers
    assert headers["Cache-Control"] == "no-store"
    assert "frame-ancestors http://localhost:9000" in headers["Content-Security-Policy"]
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["X-Content-Type-Options"] == "nosniff"


def test_somebody_without_a_role_is_told_what_to_do(adas_page: Page) -> None:
    school: School = adas_page.school
    answer = school.launch_signed("sean", 1, roles=[])
    seen = school.browser("sean").get(answer.location, base_url=TOOL_URL)
    assert seen.status_code == 403
    assert "You have no role here" in seen.text
