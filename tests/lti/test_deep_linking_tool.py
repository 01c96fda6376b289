"""The tool's half of deep linking: what goes back to the LMS, signed, and what stays away (Deep Linking 2.0)."""

import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import jwt
import pytest
from sqlalchemy import func, select

from lti_tool.lti.messages.claims import DEEP_LINKING, LTI
from lti_tool.persistence.tables.activities import Activity
from sandbox_lms.testing import DROP
from tests.support.databases import BACKENDS, Servers
from tests.support.school import CLIENT_ID, DEPLOYMENT_ID, LMS_URL, TOOL_URL, Page, School, open_school

ITEMS = DEEP_LINKING + "content_items"


@pytest.fixture(scope="module", params=BACKENDS)
def place(
    request: pytest.FixtureRequest, database_servers: Servers, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[School]:
    """One school for all of these requests."""
    with (
        database_servers.fresh(request.param) as url,
        open_school(url, tmp_path_factory.mktemp("deep-linking")) as opened,
    ):
        opened.lms.add_activity("class-5a", {"type": "ltiResourceLink", "title": "Fractions"})
        yield opened


def open_picker(school: School, **settings: Any) -> Page:
    """Marit adds an activity; `settings` are what the LMS says it accepts."""
    state, nonce = school.pending_login("marit", 1)
    token = school.lms.sign_deep_linking("marit", nonce=nonce, settings=settings)
    answer = school.post_launch("marit", {"state": state, "id_token": token})
    assert answer.status_code == 303, answer.text
    return Page(school, "marit", answer.location, school.browser("marit").get(answer.location, base_url=TOOL_URL))


def skills(school: School, *, subjects: int = 1) -> list[str]:
    """One skill of each of some subjects."""
    return [next(iter(bank.skills)) for bank in list(school.runtime.catalog.banks.values())[:subjects]]


def response(school: School, page: Page) -> dict[str, Any]:
    """The message that goes back, checked as an LMS checks it."""
    assert page.status == 200, page.text
    token = page.fields("send-back")["JWT"]
    jwks = school.browser("lms").get("/lti/jwks", base_url=TOOL_URL).json
    kid = jwt.get_unverified_header(token)["kid"]
    [key] = [jwt.PyJWK(one) for one in jwks["keys"] if one["kid"] == kid]
    return jwt.decode(token, key, algorithms=["RS256"], audience=LMS_URL, issuer=CLIENT_ID)


def count_activities(school: School) -> int:
    with school.runtime.database.read() as session:
        return session.scalar(select(func.count()).select_from(Activity)) or 0


def test_one_activity_goes_back_with_its_column(place: School) -> None:
    page = open_picker(place, data="opaque; ünïcode", accept_lineitem=True)
    message = response(place, page.send("choose", skill=skills(place), title="Adding", points="8"))
    assert message["nonce"]
    assert message["iat"] <= time.time() < message["exp"]
    assert message[LTI + "message_type"] == "LtiDeepLinkingResponse"
    assert message[LTI + "version"] == "1.3.0"
    assert message[LTI + "deployment_id"] == DEPLOYMENT_ID
    assert message[DEEP_LINKING + "data"] == "opaque; ünïcode"
    [item] = message[ITEMS]
    activity_id = item["custom"]["activity_id"]
    assert item["type"] == "ltiResourceLink"
    assert item["title"] == "Adding"
    assert item["url"] == f"{TOOL_URL}/lti/launch"
    assert item["lineItem"] == {"label": "Adding", "scoreMaximum": 8.0, "resourceId": activity_id, "tag": "grade"}
    with place.runtime.database.read() as session:
        activity = session.get_one(Activity, activity_id)
        assert (activity.points, activity.skill_ids, activity.context_id) == (8.0, skills(place), None)


def test_the_form_goes_to_the_address_that_the_lms_gave_and_the_page_may_send_it_there(place: School) -> None:
    address = "https://lms.example/return?a=1&b=2"
    page = open_picker(place, deep_link_return_url=address).send("choose", skill=skills(place), points="8")
    assert page.action("send-back") == address
    policy = page.answer.headers["Content-Security-Policy"]
    [form_action] = [part for part in policy.split(";") if part.strip().startswith("form-action")]
    parts = urlsplit(address)
    assert f"{parts.scheme}://{parts.netloc}" in form_action.split()


def test_data_that_was_not_sent_is_not_echoed(place: School) -> None:
    page = open_picker(place, data=DROP)
    assert DEEP_LINKING + "data" not in response(place, page.send("choose", skill=skills(place), points="8"))


def test_two_subjects_become_two_activities_where_the_lms_takes_several(place: School) -> None:
    page = open_picker(place, accept_multiple=True)
    message = response(place, page.send("choose", skill=skills(place, subjects=2), points="8"))
    ids = {item["custom"]["activity_id"] for item in message[ITEMS]}
    assert len(ids) == 2


def test_two_subjects_are_one_too_many_where_the_lms_takes_one(place: School) -> None:
    before = count_activities(place)
    for answer in (False, "false", DROP, None):
        page = open_picker(place, accept_multiple=answer)
        page = page.send("choose", skill=skills(place, subjects=2), points="8")
        assert page.status == 422
        assert "JWT" not in page.text
    assert count_activities(place) == before


@pytest.mark.parametrize(("accepted", "column"), [(False, False), ("false", False), (True, True), (DROP, True)])
def test_a_column_goes_along_only_where_the_lms_takes_one(place: School, accepted: Any, column: bool) -> None:
    page = open_picker(place, accept_lineitem=accepted)
    [item] = response(place, page.send("choose", skill=skills(place), points="8"))[ITEMS]
    assert ("lineItem" in item) is column


def test_an_lms_that_takes_no_links_is_offered_none(place: School) -> None:
    page = open_picker(place, accept_types=["file", "html"])
    assert page.status == 200
    assert 'name="skill"' not in page.text
    assert response(place, page.send("cancel"))[ITEMS] == []


def test_cancel_sends_back_nothing_and_makes_nothing(place: School) -> None:
    before = count_activities(place)
    assert response(place, open_picker(place, data="d").send("cancel"))[ITEMS] == []
    assert count_activities(place) == before


def test_each_response_has_a_nonce_of_its_own(place: School) -> None:
    page = open_picker(place)
    assert len({response(place, page.send("cancel"))["nonce"] for _ in range(3)}) == 3


@pytest.mark.parametrize(
    "fields",
    [
        {"skill": []},
        {"skill": ["M.NOT.THERE"]},
        {"skill": ["\x00"]},
        {"points": ""},
        {"points": "0"},
        {"points": "nan"},
        {"points": "1e400"},
        {"points": "-5"},
        {"points": "eight"},
    ],
    ids=str,
)
def test_a_choice_that_makes_no_activity_comes_back_with_a_sentence(place: School, fields: dict[str, Any]) -> None:
    before = count_activities(place)
    page = open_picker(place).send("choose", **({"skill": skills(place), "points": "8"} | fields))
    assert page.status == 422
    assert count_activities(place) == before


def test_no_other_site_can_choose_in_a_teachers_name(place: School) -> None:
    before = count_activities(place)
    page = open_picker(place)
    for token in ("", "made-up", "é"):
        answer = place.browser("marit").post(
            f"{page.place}/choose",
            data={"skill": skills(place), "points": "8", "form_token": token},
            base_url=TOOL_URL,
        )
        assert answer.status_code == 403
    assert count_activities(place) == before


def test_a_pupil_can_neither_choose_nor_cancel(place: School) -> None:
    before = count_activities(place)
    page = place.open("ada", 1)
    for step in ("choose", "cancel"):
        assert page.send(step, skill=skills(place), points="8").status == 403
    assert count_activities(place) == before


def test_the_returned_link_opens_its_activity_for_a_pupil(place: School) -> None:
    link = place.add_activity(*skills(place), title="Adding")
    page = place.open("ada", link)
    assert page.status == 200
    assert "Adding" in page.text


def test_an_lms_that_takes_no_links_gets_none_whatever_is_posted(place: School) -> None:
    before = count_activities(place)
    page = open_picker(place, accept_types=["file", "html"])
    assert page.send("choose", skill=skills(place), points="8").status == 403
    assert count_activities(place) == before
