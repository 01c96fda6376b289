"""Content chosen in a window of its own goes back to the LMS through our frame there (see test_blocked_cookies.py)."""

import re
from collections.abc import Iterator
from html import unescape

import pytest

from tests.support.databases import Servers
from tests.support.school import TOOL_URL, Page, School, open_school

WINDOW = {"Sec-Fetch-Dest": "document", "Sec-Fetch-Site": "same-origin"}
SKILL = "M.NBT2.ADDREG"


@pytest.fixture(scope="module")
def school(database_servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[School]:
    with (
        database_servers.fresh("sqlite") as url,
        open_school(url, tmp_path_factory.mktemp("school")) as opened,
    ):
        yield opened


def chosen(school: School, picker: Page, headers: dict[str, str]) -> str:
    """The page that sends a choice back."""
    token = re.search(r'name="form_token" value="([^"]+)"', picker.text)
    assert token
    fields = {"form_token": token[1], "skill": SKILL, "points": "10"}
    answer = school.browser("marit").post(f"{picker.place}/choose", data=fields, headers=headers, base_url=TOOL_URL)
    assert answer.status_code == 200
    return str(answer.text)


def carried(page: str) -> dict[str, str]:
    return {name: unescape(value) for name, value in re.findall(r'data-(action|token)="([^"]+)"', page)}


def test_a_frame_without_cookies_sends_on_what_the_window_hands_it(school: School) -> None:
    window = chosen(school, school.open_deep_linking(), WINDOW)
    [jwt] = re.findall(r'name="JWT" value="([^"]+)"', window)
    told = carried(window)
    frame = school.app.test_client(use_cookies=False)
    page = frame.post(told["action"], data={"form_token": told["token"], "JWT": jwt}, base_url=TOOL_URL)
    assert page.status_code == 200
    assert f'value="{jwt}"' in page.text
    assert carried(page.text) == {}
    return_url = unescape(re.findall(r'action="([^"]+)"', page.text)[0])
    assert school.lms.return_deep_link("marit", return_url, jwt).status < 400
    refused = frame.post(told["action"], data={"form_token": "made-up", "JWT": jwt}, base_url=TOOL_URL)
    assert refused.status_code == 401


def test_in_the_lms_s_frame_no_page_tells_the_session_s_secret(school: School) -> None:
    frame = chosen(school, school.open_deep_linking(), {"Sec-Fetch-Dest": "iframe"})
    assert carried(frame) == {}


def test_an_activity_s_session_hands_nothing_back(school: School) -> None:
    link = school.add_activity(SKILL)
    assert school.open("marit", link).send("hand-back", JWT="x").status == 403
    assert school.open("ada", link).send("hand-back", JWT="x").status == 403
