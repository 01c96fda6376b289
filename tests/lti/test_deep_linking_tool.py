"""The tool's half of deep linking: what goes back to the LMS, signed, and what stays away (Deep Linking 2.0)."""

import time
from typing import Any
from urllib.parse import urlsplit

import pytest
from sqlalchemy import func, select

from lti_tool.lti.messages.claims import DEEP_LINKING, LTI
from lti_tool.persistence.tables.activities import Activity
from sandbox_lms.testing import DROP
from tests.lti.platforms import Platform
from tests.support.school import TOOL_URL

ITEMS = DEEP_LINKING + "content_items"


def skills(platform: Platform, *, subjects: int = 1) -> list[str]:
    """One skill of each of some subjects."""
    return [next(iter(bank.skills)) for bank in list(platform.school.runtime.catalog.banks.values())[:subjects]]


def count_activities(platform: Platform) -> int:
    with platform.school.runtime.database.read() as session:
        return session.scalar(select(func.count()).select_from(Activity)) or 0


def test_one_activity_goes_back_with_its_column(shared: Platform) -> None:
    page = shared.open_picker(settings={"data": "opaque; ünïcode", "accept_lineitem": True})
    message = shared.response(page.send("choose", skill=skills(shared), title="Adding", points="8"))
    assert message["nonce"]
    assert message["iat"] <= time.time() < message["exp"]
    assert message[LTI + "message_type"] == "LtiDeepLinkingResponse"
    assert message[LTI + "version"] == "1.3.0"
    assert message[LTI + "deployment_id"] == shared.registration.deployment_ids[0]
    assert message[DEEP_LINKING + "data"] == "opaque; ünïcode"
    [item] = message[ITEMS]
    activity_id = item["custom"]["activity_id"]
    assert item["type"] == "ltiResourceLink"
    assert item["title"] == "Adding"
    assert item["url"] == f"{TOOL_URL}/lti/launch"
    assert item["lineItem"] == {"label": "Adding", "scoreMaximum": 8.0, "resourceId": activity_id, "tag": "grade"}
    with shared.school.runtime.database.read() as session:
        activity = session.get_one(Activity, activity_id)
        assert (activity.points, activity.skill_ids, activity.context_id) == (8.0, skills(shared), None)


def test_the_form_goes_to_the_address_that_the_lms_gave_and_the_page_may_send_it_there(shared: Platform) -> None:
    address = "https://lms.example/return?a=1&b=2"
    page = shared.open_picker(settings={"deep_link_return_url": address}).send(
        "choose", skill=skills(shared), points="8"
    )
    assert page.action("send-back") == address
    policy = page.answer.headers["Content-Security-Policy"]
    [form_action] = [part for part in policy.split(";") if part.strip().startswith("form-action")]
    parts = urlsplit(address)
    assert f"{parts.scheme}://{parts.netloc}" in form_action.split()


def test_data_that_was_not_sent_is_not_echoed(shared: Platform) -> None:
    page = shared.open_picker(settings={"data": DROP})
    assert DEEP_LINKING + "data" not in shared.response(page.send("choose", skill=skills(shared), points="8"))


def test_two_subjects_become_two_activities_where_the_lms_takes_several(shared: Platform) -> None:
    page = shared.open_picker(settings={"accept_multiple": True})
    back = page.send("choose", skill=skills(shared, subjects=2), points="8")
    ids = {item["custom"]["activity_id"] for item in shared.response(back)[ITEMS]}
    assert len(ids) == 2
    assert len(shared.take_back(back)) == 2, "and the LMS takes both"


def test_two_subjects_are_one_too_many_where_the_lms_takes_one(shared: Platform) -> None:
    before = count_activities(shared)
    for answer in (False, "false", DROP, None):
        page = shared.open_picker(settings={"accept_multiple": answer})
        page = page.send("choose", skill=skills(shared, subjects=2), points="8")
        assert page.status == 422
        assert "JWT" not in page.text
    assert count_activities(shared) == before


@pytest.mark.parametrize(("accepted", "column"), [(False, False), ("false", False), (True, True), (DROP, True)])
def test_a_column_goes_along_only_where_the_lms_takes_one(shared: Platform, accepted: Any, column: bool) -> None:
    page = shared.open_picker(settings={"accept_lineitem": accepted})
    [item] = shared.response(page.send("choose", skill=skills(shared), points="8"))[ITEMS]
    assert ("lineItem" in item) is column


def test_an_lms_that_takes_no_links_is_offered_none(shared: Platform) -> None:
    page = shared.open_picker(settings={"accept_types": ["file", "html"]})
    assert page.status == 200
    assert 'name="skill"' not in page.text
    assert shared.response(page.send("cancel"))[ITEMS] == []


def test_cancel_sends_back_nothing_and_makes_nothing(shared: Platform) -> None:
    before = count_activities(shared)
    assert shared.response(shared.open_picker(settings={"data": "d"}).send("cancel"))[ITEMS] == []
    assert count_activities(shared) == before


def test_each_response_has_a_nonce_of_its_own(shared: Platform) -> None:
    page = shared.open_picker()
    assert len({shared.response(page.send("cancel"))["nonce"] for _ in range(3)}) == 3


@pytest.mark.parametrize(
    "fields",
    [
        {"skill": []},
        {"skill": ["M.NOT.THERE"]},
        {"skill": ["\x00"]},
        {"points": ""},
        {"points": "0"},
        {"points": "10000"},
        {"points": "nan"},
        {"points": "1e400"},
        {"points": "-5"},
        {"points": "eight"},
    ],
    ids=str,
)
def test_a_choice_that_makes_no_activity_comes_back_with_a_sentence(shared: Platform, fields: dict[str, Any]) -> None:
    before = count_activities(shared)
    page = shared.open_picker().send("choose", **({"skill": skills(shared), "points": "8"} | fields))
    assert page.status == 422
    assert count_activities(shared) == before


def test_no_other_site_can_choose_in_a_teachers_name(shared: Platform) -> None:
    before = count_activities(shared)
    page = shared.open_picker()
    for token in ("", "made-up", "é"):
        answer = shared.school.browser(shared.teacher).post(
            f"{page.place}/choose",
            data={"skill": skills(shared), "points": "8", "form_token": token},
            base_url=TOOL_URL,
        )
        assert answer.status_code == 403
    assert count_activities(shared) == before


def test_a_pupil_can_neither_choose_nor_cancel(shared: Platform) -> None:
    before = count_activities(shared)
    page = shared.open(shared.pupil)
    for step in ("choose", "cancel"):
        assert page.send(step, skill=skills(shared), points="8").status == 403
    assert count_activities(shared) == before


def test_the_returned_link_opens_its_activity_for_a_pupil(shared: Platform) -> None:
    link = shared.add_activity(*skills(shared), title="Adding")
    page = shared.open(shared.pupil, link)
    assert page.status == 200
    assert "Adding" in page.text


def test_an_lms_that_takes_no_links_gets_none_whatever_is_posted(shared: Platform) -> None:
    before = count_activities(shared)
    page = shared.open_picker(settings={"accept_types": ["file", "html"]})
    assert page.send("choose", skill=skills(shared), points="8").status == 403
    assert count_activities(shared) == before
