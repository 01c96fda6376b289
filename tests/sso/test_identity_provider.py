"""Signing in to the console with a real OpenID Connect provider (npm's oidc-provider, run by Node)."""

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from lti_tool.web.admin.rights import COOKIE, LOGIN_COOKIE
from tests.sso.provider import CLIENT_ID, CLIENT_SECRET, Provider, running_provider
from tests.support.console import Console, give_role
from tests.support.databases import Servers
from tests.support.school import TOOL_URL, School, open_school

CALLBACK = f"{TOOL_URL}/admin/sign-in/callback"


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    with running_provider(callbacks=[CALLBACK], signed_out=[f"{TOOL_URL}/admin/signed-out"]) as running:
        yield running


@pytest.fixture
def school(provider: Provider, database_url: str, tmp_path: Path) -> Iterator[School]:
    settings = {
        "admin_sign_in": "oidc",
        "admin_oidc_issuer": provider.issuer,
        "admin_oidc_client_id": CLIENT_ID,
        "admin_oidc_client_secret": CLIENT_SECRET,
    }
    with open_school(database_url, tmp_path, **settings) as opened:
        give_role(opened, "it", "district")
        yield opened


def begin(browser: FlaskClient, next_path: str = "/admin/lms/") -> str:
    """Press "Sign in"; return the provider's address."""
    page = browser.get(next_path, base_url=TOOL_URL, follow_redirects=True)
    link = re.search(r'href="(/admin/sign-in/start[^"]*)"', page.text)
    assert link, page.text
    answer = browser.get(link[1].replace("&amp;", "&"), base_url=TOOL_URL)
    assert answer.status_code == 303
    return str(answer.location)


def come_back(browser: FlaskClient, address: str) -> TestResponse:
    parts = urlsplit(address)
    assert address.startswith(CALLBACK)
    return browser.get(f"{parts.path}?{parts.query}", base_url=TOOL_URL)


def sign_in(school: School, provider: Provider, who: str) -> FlaskClient:
    browser = school.app.test_client()
    answer = come_back(browser, provider.sign_in(requests.Session(), begin(browser), who))
    assert (answer.status_code, answer.location) == (303, "/admin/lms/"), answer.text
    return browser


def test_imani_signs_in_with_her_group_and_out_again(school: School, provider: Provider) -> None:
    browser = school.app.test_client()
    address = begin(browser)
    asked = parse_qs(urlsplit(address).query)
    assert asked["code_challenge_method"] == ["S256"]
    assert asked["response_type"] == ["code"]
    assert len(asked["state"][0]) >= 43
    assert len(asked["nonce"][0]) >= 43
    back = provider.sign_in(requests.Session(), address, "imani")
    assert come_back(browser, back).location == "/admin/lms/"
    page = browser.get("/admin/lms/", base_url=TOOL_URL)
    assert page.status_code == 200
    assert "imani of the district" in page.text
    out = Console(browser, {}).post("/admin/sign-out")
    onward = out.headers["Refresh"].partition("url=")[2]
    assert onward.startswith(provider.issuer)
    assert "id_token_hint=" in onward
    assert requests.get(onward, timeout=20).status_code == 200
    assert browser.get("/admin/lms/", base_url=TOOL_URL).status_code == 303
    assert browser.get_cookie(COOKIE, domain="127.0.0.1") is None


def test_jo_whose_groups_have_no_role_sees_nothing(school: School, provider: Provider) -> None:
    page = sign_in(school, provider, "jo").get("/admin/lms/", base_url=TOOL_URL)
    assert page.status_code == 403
    assert "You have no role here" in page.text


def test_an_answer_of_the_provider_works_once_and_in_one_browser(school: School, provider: Provider) -> None:
    browser, thief = school.app.test_client(), school.app.test_client()
    back = provider.sign_in(requests.Session(), begin(browser), "imani")
    begin(thief)
    for attempt in (thief, school.app.test_client()):  # one with a sign-in of its own, one without
        assert come_back(attempt, back).status_code == 403
        assert attempt.get_cookie(COOKIE, domain="127.0.0.1") is None
    assert come_back(browser, back).status_code == 303
    assert come_back(browser, back).status_code == 403


@pytest.mark.parametrize(
    ("part", "value"),
    [
        ("code", "guessed"),
        ("state", "guessed"),
        ("state", ""),
        ("iss", "https://evil.example"),
        ("error", "access_denied"),
    ],
)
def test_an_answer_that_was_changed_on_the_way_opens_nothing(
    school: School, provider: Provider, part: str, value: str
) -> None:
    browser = school.app.test_client()
    back = urlsplit(provider.sign_in(requests.Session(), begin(browser), "imani"))
    query = {name: values[0] for name, values in parse_qs(back.query).items()} | {part: value}
    answer = browser.get("/admin/sign-in/callback", query_string=query, base_url=TOOL_URL)
    assert answer.status_code == 403
    assert browser.get_cookie(COOKIE, domain="127.0.0.1") is None
    assert "imani" not in answer.text


def test_a_code_is_worth_nothing_without_the_verifier_of_its_own_sign_in(school: School, provider: Provider) -> None:
    mine, other = school.app.test_client(), school.app.test_client()
    stolen = parse_qs(urlsplit(provider.sign_in(requests.Session(), begin(other), "imani")).query)
    own = parse_qs(urlsplit(begin(mine)).query)
    query = {"code": stolen["code"][0], "state": own["state"][0], "iss": provider.issuer}
    assert mine.get("/admin/sign-in/callback", query_string=query, base_url=TOOL_URL).status_code == 403
    assert mine.get_cookie(COOKIE, domain="127.0.0.1") is None


def test_the_cookie_of_a_sign_in_is_first_party_and_gone_afterwards(school: School, provider: Provider) -> None:
    browser = school.app.test_client()
    address = begin(browser)
    held = browser.get_cookie(LOGIN_COOKIE, domain="127.0.0.1")
    assert held is not None
    assert (held.secure, held.http_only, held.same_site) == (True, True, "Lax")
    come_back(browser, provider.sign_in(requests.Session(), address, "imani"))
    assert browser.get_cookie(LOGIN_COOKIE, domain="127.0.0.1") is None


@pytest.mark.parametrize("issuer", ["http://127.0.0.1:1", "the provider's, under another name"])
def test_a_provider_that_does_not_answer_for_itself_lets_nobody_in(
    provider: Provider, database_servers: Servers, tmp_path: Path, issuer: str
) -> None:
    issuer = issuer if issuer.startswith("http") else provider.issuer.replace("127.0.0.1", "localhost")
    settings = {"admin_sign_in": "oidc", "admin_oidc_issuer": issuer, "admin_oidc_client_id": CLIENT_ID}
    with database_servers.fresh("sqlite") as url, open_school(url, tmp_path, **settings) as school:
        answer = school.app.test_client().get("/admin/sign-in/start", base_url=TOOL_URL)
        assert answer.status_code == 403
        assert "proximal doctor" in answer.text
