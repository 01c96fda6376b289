"""Calls with a token: refreshed once, and lists followed over their pages, but to no other host."""

import pytest

from lti_tool.lti.errors import ServiceError
from lti_tool.lti.services.platform_services import MAX_PAGES
from tests.unit.lti_tool.lti.scripted import Call, Reply
from tests.unit.lti_tool.lti.services_of import Peer
from tests.unit.lti_tool.persistence.rows import LMS

LIST = f"{LMS}/list?type_id=1"
OPTIONS = {"scopes": ("a", "b"), "headers": {"Accept": "application/json"}}


def linked(*pages: str) -> Peer:
    """A list whose pages name the given next ones."""

    def answer(call: Call) -> Reply:
        number = len(peer.platform.calls)
        headers = {"Link": f'<{pages[number - 1]}>; rel="next"'} if number <= len(pages) else {}
        return Reply.json([number], **headers)

    peer = Peer(answer)
    return peer


def test_a_call_carries_the_token_for_its_scopes() -> None:
    peer = Peer(lambda _: Reply.json({}))
    assert peer.services.json("GET", LIST, **OPTIONS) == {}
    [call] = peer.platform.calls
    assert call.headers["Authorization"] == "Bearer token-1"
    assert call.headers["Accept"] == "application/json"
    assert peer.tokens.asked == [("a", "b")]


def test_a_token_that_the_platform_forgot_is_replaced_and_the_call_repeated() -> None:
    peer = Peer(lambda call: Reply.json("done") if call.headers["Authorization"] == "Bearer token-2" else Reply(401))
    assert peer.services.json("GET", LIST, **OPTIONS) == "done"
    assert len(peer.urls) == 2


def test_a_platform_that_refuses_the_new_token_too_is_not_asked_a_third_time() -> None:
    peer = Peer(lambda _: Reply(401))
    with pytest.raises(ServiceError, match="http-401"):
        peer.services.call("GET", LIST, **OPTIONS)
    assert len(peer.urls) == 2


@pytest.mark.parametrize("status", [400, 403, 404, 500])
def test_another_refusal_is_told_at_once(status: int) -> None:
    peer = Peer(lambda _: Reply(status))
    with pytest.raises(ServiceError, match=f"http-{status}"):
        peer.services.call("GET", LIST, **OPTIONS)
    assert len(peer.urls) == 1


@pytest.mark.parametrize("body", [b"\r\n<!DOCTYPE html><title>Back soon</title>", b"<html>"])
def test_a_page_for_people_is_no_answer_whatever_its_status(body: bytes) -> None:
    with pytest.raises(ServiceError, match="web-page") as refusal:
        Peer(lambda _: Reply(200, body)).services.call("POST", LIST, **OPTIONS)
    assert not refusal.value.permanent


@pytest.mark.parametrize("body", [b"Hello", b"", b"[" * 50_000], ids=["a word", "nothing", "nested without end"])
def test_an_answer_that_is_no_json_is_an_error(body: bytes) -> None:
    with pytest.raises(ServiceError, match="not-json"):
        Peer(lambda _: Reply(200, body)).services.json("GET", LIST, **OPTIONS)


def test_a_list_is_read_to_its_end() -> None:
    peer = linked(f"{LMS}/list?page=2", f"{LMS}/list?page=3")
    assert list(peer.services.pages(LIST, **OPTIONS)) == [[1], [2], [3]]
    assert peer.urls == [LIST, f"{LMS}/list?page=2", f"{LMS}/list?page=3"]


@pytest.mark.parametrize(
    "header",
    [
        f'<{LMS}/list?page=1>; rel="current", <{LMS}/list?page=2>; rel="next", <{LMS}/list?page=1>; rel="first"',
        f"<{LMS}/list?page=2>; title=page; rel=next",
        f'<{LMS}/list?page=2>; rel="last next"',
        f"<{LMS}/list?page=2>; rel=\xe2\x80\x9cnext\xe2\x80\x9d",
    ],
    ids=["as Canvas writes it", "without quotes", "one of several relations", "in Moodle's typographic quotes"],
)
def test_the_next_page_is_found_however_the_link_is_written(header: str) -> None:
    peer = Peer(lambda call: Reply.json([call.url], **({"Link": header} if call.url == LIST else {})))
    assert list(peer.services.pages(LIST, **OPTIONS)) == [[LIST], [f"{LMS}/list?page=2"]]


@pytest.mark.parametrize(
    "header",
    [f'<{LMS}/x>; rel="prev"', f'<{LMS}/x>; rel="next-archive"', f"<{LMS}/x>; title=next", "nonsense", ";" * 60_000],
)
def test_a_link_to_something_else_is_not_followed(header: str) -> None:
    peer = Peer(lambda _: Reply.json([1], Link=header))
    assert list(peer.services.pages(LIST, **OPTIONS)) == [[1]]


def test_moodles_escaped_address_is_read_as_it_was_meant() -> None:
    header = f'<{LIST}&amp;from=30>; rel="next"'
    peer = Peer(lambda call: Reply.json([], **({"Link": header} if call.url == LIST else {})))
    list(peer.services.pages(LIST, **OPTIONS))
    assert peer.urls[1] == f"{LIST}&from=30"


def test_a_next_page_may_be_named_by_its_path() -> None:
    peer = linked("/list?page=2")
    assert list(peer.services.pages(LIST, **OPTIONS)) == [[1], [2]]
    assert peer.urls[1] == f"{LMS}/list?page=2"


@pytest.mark.parametrize(
    "address",
    ["https://evil.example/list", "//evil.example/list", "http://169.254.169.254/", f"{LMS}:8443/list", "javascript:x"],
)
def test_a_next_page_on_another_host_is_not_fetched(address: str) -> None:
    peer = linked(address)
    with pytest.raises(ServiceError, match="foreign-page") as refusal:
        list(peer.services.pages(LIST, **OPTIONS))
    assert refusal.value.permanent
    assert peer.urls == [LIST]


def test_a_next_page_that_is_no_address_is_an_error_of_the_platforms() -> None:
    with pytest.raises(ServiceError, match="bad-next-page"):
        list(linked("https://[x").services.pages(LIST, **OPTIONS))


def test_a_next_page_without_tls_is_not_fetched() -> None:
    peer = linked(LIST.replace("https:", "http:"))
    with pytest.raises(ServiceError, match="insecure-url"):
        list(peer.services.pages(LIST, **OPTIONS))
    assert peer.urls == [LIST]


def test_a_list_that_trickles_in_is_given_up_when_its_time_is_over() -> None:
    peer = linked(*[f"{LIST}&page={number}" for number in range(MAX_PAGES + 5)])
    with pytest.raises(ServiceError, match="timeout") as refusal:
        list(peer.services.pages(LIST, within=0.0, **OPTIONS))
    assert not refusal.value.permanent
    assert peer.urls == [LIST]


def test_a_list_of_one_page_is_whole_however_long_it_took() -> None:
    assert list(linked().services.pages(LIST, within=0.0, **OPTIONS)) == [[1]]


def test_a_list_that_never_ends_is_given_up() -> None:
    peer = linked(*[f"{LIST}&page={number}" for number in range(MAX_PAGES + 5)])
    with pytest.raises(ServiceError, match="too-many-pages"):
        list(peer.services.pages(LIST, **OPTIONS))
    assert len(peer.urls) == MAX_PAGES


def test_a_list_that_leads_back_to_a_page_of_before_is_given_up_at_once() -> None:
    peer = linked(f"{LIST}&page=2", f"{LIST}&page=3", *[f"{LIST}&page=2"] * 100)
    with pytest.raises(ServiceError, match="endless-list"):
        list(peer.services.pages(LIST, **OPTIONS))
    assert len(peer.urls) == 3


def test_a_token_that_is_refused_in_the_middle_of_a_list_costs_that_page_a_second_try() -> None:
    def answer(call: Call) -> Reply:
        second = "page=2" in call.url
        if second and call.headers["Authorization"] == "Bearer token-1":
            return Reply(401)
        return Reply.json([call.url], **({} if second else {"Link": f'<{LIST}&page=2>; rel="next"'}))

    peer = Peer(answer)
    assert list(peer.services.pages(LIST, **OPTIONS)) == [[LIST], [f"{LIST}&page=2"]]
    assert len(peer.urls) == 3
