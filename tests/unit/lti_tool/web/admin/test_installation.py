"""Who looks after the whole installation makes districts and keys, and looks into no district; sessions are ended."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.console import PROXY, Console, add_school, console, give_role
from tests.support.school import School, open_school


@pytest.fixture
def school(database_url: str, tmp_path: Path) -> Iterator[School]:
    with open_school(database_url, tmp_path, **PROXY) as opened:
        give_role(opened, "it", "district")
        yield opened


def test_odd_who_runs_the_installation_makes_a_district_that_pia_then_runs(school: School) -> None:
    give_role(school, "operators", "server", district="Operators")
    add_school(school, "Northfield", district="My district")
    odd = console(school, "Odd", "operators")
    assert "runs the installation" in odd.follow("/admin/districts/").text
    assert odd.post("/admin/districts/", name=" ").status_code == 422
    assert odd.post("/admin/districts/", name="My district").status_code == 422
    page = odd.post("/admin/districts/", name="Eastbank").text
    assert "Nobody runs it yet" in page
    [address] = re.findall(r"<code>[^<]*(/admin/join\?invitation=[^<]+)</code>", page)
    pia = console(school, "Pia")
    pia.follow(address)
    token = re.search(r'name="form_token" value="([^"]+)"', pia.get(address).text)
    assert token
    secret = address.partition("=")[2]
    assert "Eastbank" in pia.post("/admin/join", invitation=secret, form_token=token[1]).text
    assert "Nobody runs it yet" not in odd.get("/admin/districts/").text
    assert "Northfield" not in odd.get("/admin/schools").text
    assert odd.post("/admin/districts/4711/invite").status_code == 404
    assert "It signs from tomorrow" in odd.post("/admin/keys/rotate").text
    for who in (pia, console(school, "Imani", "it")):
        assert who.follow("/admin/districts/").status_code == 403
        assert who.post("/admin/keys/rotate").status_code == 403
    assert "district.added" in pia.get("/admin/audit").text


def test_a_role_that_reaches_further_is_neither_given_nor_taken_by_who_lacks_it(school: School) -> None:
    give_role(school, "operators", "server", district="My district")
    imani, odd = console(school, "Imani", "it"), console(school, "Odd", "operators")
    assert imani.post("/admin/roles", group="it", role="server").status_code == 422
    numbers = re.findall(r"/admin/roles/(\d+)/remove", imani.get("/admin/roles").text)
    assert len(numbers) == 1
    [theirs] = set(re.findall(r"/admin/roles/(\d+)/remove", odd.follow("/admin/roles").text)) - set(numbers)
    assert imani.post(f"/admin/roles/{theirs}/remove").status_code == 404
    assert odd.post("/admin/roles", group="more", role="server").status_code == 200


def sessions(who: Console) -> list[str]:
    """Those that somebody could end from where they are."""
    return re.findall(r"/admin/sessions/([^/]+)/end", who.follow("/admin/sessions/").text)


def test_sessions_are_listed_and_ended_by_their_owner_and_by_who_runs_the_district(school: School) -> None:
    give_role(school, "eyes", "reader")
    give_role(school, "others", "district", district="Eastbank")
    give_role(school, "eyes", "reader", district="Eastbank")
    imani, rea, rea_at_home = (console(school, *who) for who in (("Imani", "it"), ("Rea", "eyes"), ("Rea", "eyes")))
    ola = console(school, "Ola", "others")
    for who in (imani, rea, rea_at_home, ola):
        who.follow()
    assert len(sessions(imani)) == 2
    assert len(sessions(ola)) == 2
    [at_home] = sessions(rea)
    [here] = sessions(rea_at_home)
    assert "That session has ended" in rea.post(f"/admin/sessions/{at_home}/end").text
    assert rea_at_home.get().status_code == 303
    [own] = set(sessions(imani)) - {here} or {here}
    assert rea.post(f"/admin/sessions/{own}x/end").status_code == 404
    ended = imani.post(f"/admin/sessions/{here}/end").text
    assert "That session has ended" in ended
    assert rea.get().status_code == 303
    assert "ended in the console" in imani.get("/admin/audit").text
    assert sessions(imani) == []
