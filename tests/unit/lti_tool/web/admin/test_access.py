"""The console's door: only those whom the proxy, an invitation or the server's own command line let in."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from lti_tool.persistence.tables.administration import AdminGrant, Administrator, AdminSession
from lti_tool.persistence.tables.audit import AuditEvent
from lti_tool.services.admin.access import sessions
from lti_tool.services.admin.access.roles import forget_administrator
from lti_tool.services.platforms.districts import first_district
from lti_tool.web.admin.rights import COOKIE
from tests.support.console import PROXY, Console, by_proxy, console, give_role
from tests.support.databases import Servers
from tests.support.school import TOOL_URL, School, open_school


@pytest.fixture
def behind_proxy(database_url: str, tmp_path: Path) -> Iterator[School]:
    """A tool whose administrators are signed in by a proxy; the group "it" runs the district."""
    with open_school(database_url, tmp_path, **PROXY) as school:
        give_role(school, "it", "district")
        yield school


@pytest.fixture
def open_tool(database_url: str, tmp_path: Path) -> Iterator[School]:
    """A tool without any sign-in."""
    with open_school(database_url, tmp_path) as school:
        yield school


def signed_out(answer: Any) -> bool:
    """Whether the visitor was sent to the sign-in."""
    return answer.status_code == 303 and "/admin/sign-in?next=" in answer.location


def test_imani_whom_the_proxy_signed_in_runs_her_district(behind_proxy: School) -> None:
    imani = console(behind_proxy, "imani@district.example", "staff", "it")
    page = imani.follow("/admin/lms/")
    assert page.status_code == 200
    assert "imani@district.example" in page.text
    assert "runs the district" in page.text
    held = imani.browser.get_cookie(COOKIE, domain="127.0.0.1")
    assert held is not None
    assert (held.secure, held.http_only, held.same_site, held.path, held.domain) == (
        True,
        True,
        "Lax",
        "/",
        "127.0.0.1",
    )


def test_somebody_without_a_role_sees_nothing(behind_proxy: School) -> None:
    page = console(behind_proxy, "jo", "staff").follow()
    assert page.status_code == 403
    assert "You have no role here" in page.text


@pytest.mark.parametrize(
    ("headers", "address"),
    [
        (by_proxy("imani", "it", secret="guessed"), "127.0.0.1"),
        (by_proxy("imani", "it", secret=""), "127.0.0.1"),
        ({"X-Proximal-User": "imani", "X-Proximal-Groups": "it"}, "127.0.0.1"),
        (by_proxy("imani", "it"), "192.0.2.7"),
        (by_proxy("imani", "it"), "::ffff:192.0.2.7"),
        (by_proxy("", "it"), "127.0.0.1"),
        (by_proxy("mallory,imani", "it"), "127.0.0.1"),
    ],
    ids=["wrong secret", "no secret", "headers alone", "another machine", "mapped address", "nobody", "two headers"],
)
def test_a_forged_header_opens_nothing(behind_proxy: School, headers: dict[str, str], address: str) -> None:
    answer = behind_proxy.app.test_client().get(
        "/admin/sign-in", base_url=TOOL_URL, headers=headers, environ_base={"REMOTE_ADDR": address}
    )
    assert answer.status_code == 403
    assert COOKIE not in answer.headers.get("Set-Cookie", "")


def test_an_address_that_a_client_claims_is_not_the_proxys(database_url: str, tmp_path: Path) -> None:
    with open_school(database_url, tmp_path, trusted_proxies=1, **PROXY) as school:
        give_role(school, "it", "district")
        claims = by_proxy("imani", "it") | {"X-Forwarded-For": "127.0.0.1"}
        far = school.app.test_client().get(
            "/admin/sign-in", base_url=TOOL_URL, headers=claims, environ_base={"REMOTE_ADDR": "192.0.2.7"}
        )
        assert far.status_code == 403
        claims["X-Forwarded-For"] = "198.51.100.4"
        near = school.app.test_client().get(
            "/admin/sign-in", base_url=TOOL_URL, headers=claims, environ_base={"REMOTE_ADDR": "127.0.0.1"}
        )
        assert near.status_code == 303
        over_a_socket = school.app.test_client().get(
            "/admin/sign-in", base_url=TOOL_URL, headers=by_proxy("imani"), environ_base={"REMOTE_ADDR": ""}
        )
        assert over_a_socket.status_code == 303


def test_the_session_ends_with_the_proxys(behind_proxy: School) -> None:
    imani = console(behind_proxy, "imani", "it")
    assert imani.follow().status_code == 200
    for headers in ({}, by_proxy("somebody else", "it"), by_proxy("imani", "it", secret="stale")):
        assert signed_out(Console(imani.browser, headers).get())
    assert imani.get().status_code == 200


def test_a_sign_in_makes_a_new_secret_and_ends_the_session_that_was_there(behind_proxy: School) -> None:
    mallory, imani = console(behind_proxy, "mallory", "it"), console(behind_proxy, "imani", "it")
    mallory.follow()
    planted = mallory.cookie
    assert planted
    imani.browser.set_cookie(COOKIE, planted, domain="127.0.0.1", secure=True, path="/")
    assert signed_out(imani.get())
    assert imani.follow().status_code == 200
    assert imani.cookie != planted
    made_up = "x" * 43
    jo = console(behind_proxy, "jo", "it")
    jo.browser.set_cookie(COOKIE, made_up, domain="127.0.0.1", secure=True, path="/")
    jo.follow()
    assert jo.cookie not in (None, made_up)


def test_signing_out_ends_the_session_on_the_server_too(behind_proxy: School) -> None:
    imani = console(behind_proxy, "imani", "it")
    imani.follow()
    secret = imani.cookie
    assert secret
    left = imani.browser.post(
        "/admin/sign-out", data={"form_token": imani.token()}, base_url=TOOL_URL, headers=imani.headers
    )
    assert left.headers["Clear-Site-Data"] == '"cache", "storage"'
    assert "You are signed out" in imani.get(left.location).text
    again = console(behind_proxy, "imani", "it")
    again.browser.set_cookie(COOKIE, secret, domain="127.0.0.1", secure=True, path="/")
    assert signed_out(again.get())


@pytest.mark.parametrize(
    ("idle", "age", "alive"),
    [(29, 29, True), (31, 31, False), (1, 8 * 60 + 1, False), (1, 8 * 60 - 1, True)],
    ids=["in use", "left alone", "after eight hours", "just before"],
)
def test_a_session_ends_after_rest_and_in_any_case(behind_proxy: School, idle: int, age: int, alive: bool) -> None:
    imani = console(behind_proxy, "imani", "it")
    imani.follow()
    now = datetime.now(UTC)
    with behind_proxy.runtime.database.write() as session:
        session.execute(
            update(AdminSession).values(
                seen_at=now - timedelta(minutes=idle), expires_at=now + timedelta(hours=8) - timedelta(minutes=age)
            )
        )
    assert (imani.get().status_code == 200) is alive


@pytest.mark.parametrize("token", ["", "0" * 64, "é", None], ids=["empty", "guessed", "odd", "of another session"])
def test_a_form_of_another_site_changes_nothing(behind_proxy: School, token: str | None) -> None:
    imani, jo = console(behind_proxy, "imani", "it"), console(behind_proxy, "jo", "it")
    imani.follow()
    sent = jo.token() if token is None else token
    answer = imani.post("/admin/schools", name="Forged", form_token=sent)
    assert answer.status_code == 403
    assert "Forged" not in imani.get("/admin/schools").text


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example",
        "//evil.example",
        "/\\evil.example",
        "/admin//evil.example",
        "/admin/../a/x",
        "/admin@evil.example",
        "/admin/%0d%0aLocation:x",
        "javascript:alert(1)",
        "/a/launch",
        "/admin/sign-in?next=https://evil.example",
    ],
)
def test_a_sign_in_leads_nowhere_else(behind_proxy: School, target: str) -> None:
    imani = console(behind_proxy, "imani", "it")
    answer = imani.browser.get(
        "/admin/sign-in", query_string={"next": target}, base_url=TOOL_URL, headers=imani.headers
    )
    assert (answer.status_code, answer.location) == (303, "/admin/")
    assert imani.browser.get(
        "/admin/sign-in", query_string={"next": "/admin/lms/7"}, base_url=TOOL_URL, headers=imani.headers
    ).location == ("/admin/lms/7")


def test_no_page_may_show_the_console_in_a_frame(behind_proxy: School) -> None:
    page = console(behind_proxy, "imani", "it").follow()
    assert "frame-ancestors 'none'" in page.headers["Content-Security-Policy"]
    assert page.headers["Cache-Control"] == "no-store"
    assert "unsafe" not in page.headers["Content-Security-Policy"]
    assert not re.search(r"<script(?![^>]*\bsrc=)|\son\w+=|\sstyle=|<style", page.text)


def test_a_browser_that_came_by_tls_never_asks_in_clear_again(database_servers: Servers, tmp_path: Path) -> None:
    with database_servers.fresh("sqlite") as url:
        for address in (TOOL_URL, "https://proximal.school.example"):
            with open_school(url, tmp_path, base_url=address) as school:
                answer = school.app.test_client().get("/healthz", base_url=address)
                kept = answer.headers.get("Strict-Transport-Security", "")
                assert kept == ("max-age=31536000; includeSubDomains" if address.startswith("https") else "")


def test_a_role_that_is_taken_away_is_gone_with_the_next_click(behind_proxy: School) -> None:
    imani = console(behind_proxy, "imani", "it")
    assert imani.follow().status_code == 200
    with behind_proxy.runtime.database.write() as session:
        session.delete(session.scalars(select(AdminGrant)).one())
    assert imani.get().status_code == 403


def test_changing_how_people_sign_in_ends_the_sessions_that_were_opened_otherwise(
    database_url: str, tmp_path: Path
) -> None:
    with open_school(database_url, tmp_path, **PROXY) as school:
        give_role(school, "it", "district")
        imani = console(school, "imani", "it")
        imani.follow()
        secret = imani.cookie
    with open_school(database_url, tmp_path) as school:
        later = console(school, "imani", "it")
        later.browser.set_cookie(COOKIE, str(secret), domain="127.0.0.1", secure=True, path="/")
        assert signed_out(later.get())


# The first administrator, and the emergency door


def test_the_first_administrator_comes_with_an_invitation_that_works_once(behind_proxy: School) -> None:
    with behind_proxy.runtime.database.write() as session:
        secret = sessions.invite_administrator(session, first_district(session), datetime.now(UTC))
    path = f"/admin/join?invitation={secret}"
    first, second = console(behind_proxy, "first"), console(behind_proxy, "second")
    page = first.follow(path)
    assert "You are signed in as first" in page.text
    token = re.search(r'name="form_token" value="([^"]+)"', page.text)
    assert token
    assert "runs the district" in first.post("/admin/join", invitation=secret, form_token=token[1]).text
    assert "This address is used up" in second.follow(path).text
    assert second.get().status_code == 403


def test_an_invitation_is_over_after_three_days(open_tool: School) -> None:
    now = datetime.now(UTC)
    with open_tool.runtime.database.write() as session:
        secret = sessions.invite_administrator(session, first_district(session), now)
    with open_tool.runtime.database.read() as session:
        assert sessions.find_invitation(session, secret, "join", now + timedelta(days=2)) is not None
        assert sessions.find_invitation(session, secret, "join", now + timedelta(days=4)) is None
        assert sessions.find_invitation(session, secret, "break-glass", now) is None


def test_the_emergency_door_opens_once_for_an_hour_and_says_so(open_tool: School) -> None:
    now = datetime.now(UTC)
    with open_tool.runtime.database.write() as session:
        secret = sessions.break_glass(session, first_district(session), now)
    browser = open_tool.app.test_client()
    path = f"/admin/emergency?invitation={secret}"
    assert "Open the console" in browser.get(path, base_url=TOOL_URL).text
    assert "Open the console" in browser.get(path, base_url=TOOL_URL).text  # looking does not use it up
    data = {"invitation": secret}
    page = browser.post("/admin/emergency", data=data, base_url=TOOL_URL, follow_redirects=True)
    assert "You came in by the emergency address" in page.text
    other = open_tool.app.test_client()
    assert other.post("/admin/emergency", data=data, base_url=TOOL_URL).status_code == 403
    with open_tool.runtime.database.read() as session:
        row = session.scalars(select(AdminSession)).one()
        assert row.expires_at - now <= timedelta(hours=1, minutes=1)
        actions = set(session.scalars(select(AuditEvent.action)))
        assert {"admin.break-glass_made", "admin.break_glass_used"} <= actions
        assert secret not in str([row.secret_hash for row in session.scalars(select(AdminSession))])
    # What belongs to all districts is reached where there is one alone.
    assert browser.get("/admin/districts/", base_url=TOOL_URL).status_code == 200
    give_role(open_tool, "others", "district", district="Eastbank")
    assert browser.get("/admin/districts/", base_url=TOOL_URL).status_code == 403


def test_where_no_sign_in_is_set_up_the_page_says_what_to_do(open_tool: School) -> None:
    page = open_tool.app.test_client().get("/admin/", base_url=TOOL_URL, follow_redirects=True)
    assert "proximal admin break-glass" in page.text
    for path in ("/admin/sign-in/start", "/admin/sign-in/callback?state=x&code=y"):
        assert open_tool.app.test_client().get(path, base_url=TOOL_URL).status_code == 404


def test_an_administrator_is_forgotten_with_all_traces(behind_proxy: School) -> None:
    imani = console(behind_proxy, "imani@district.example", "it")
    imani.post("/admin/schools", name="North")
    with behind_proxy.runtime.database.write() as session:
        row = session.scalars(select(Administrator)).one()
        forget_administrator(session, row.id)
    with behind_proxy.runtime.database.read() as session:
        assert session.scalars(select(Administrator)).all() == []
        added = session.scalars(select(AuditEvent).where(AuditEvent.action == "school.added")).one()
        assert added.administrator_id is None
        assert "imani" not in str([(event.subject, event.detail) for event in session.scalars(select(AuditEvent))])
    assert signed_out(imani.get())


def test_one_who_has_not_come_for_400_days_is_forgotten(behind_proxy: School) -> None:
    console(behind_proxy, "imani", "it").follow()
    later = datetime.now(UTC) + timedelta(days=399)
    with behind_proxy.runtime.database.write() as session:
        sessions.forget_ended(session, later)
        assert len(session.scalars(select(Administrator)).all()) == 1
        assert session.scalars(select(AdminSession)).all() == []
        sessions.forget_ended(session, later + timedelta(days=2))
        assert session.scalars(select(Administrator)).all() == []
