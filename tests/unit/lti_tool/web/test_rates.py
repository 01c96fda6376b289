"""One who asks without end waits; everybody else at the same address does not."""

from pathlib import Path

from sqlalchemy import func, select

from lti_tool.persistence.tables.launches import LoginAttempt
from lti_tool.web.rates import MOST_BUCKETS, Rates
from tests.support.databases import Servers
from tests.support.pupils import MATH
from tests.support.school import LMS_URL, TOOL_URL, open_school


def test_a_bucket_holds_a_minutes_worth_and_refills() -> None:
    present = 0.0
    rates = Rates(clock=lambda: present)
    assert [rates.takes("person", "ada", 3) for _ in range(4)] == [True, True, True, False]
    assert rates.takes("person", "ben", 3)
    assert rates.takes("platform", "ada", 3)
    present = 19.0
    assert not rates.takes("person", "ada", 3)
    present = 21.0
    assert rates.takes("person", "ada", 3)
    assert not rates.takes("person", "ada", 3)
    present = 1000.0
    assert [rates.takes("person", "ada", 3) for _ in range(4)] == [True, True, True, False]


def test_no_flood_of_names_fills_the_memory() -> None:
    rates = Rates(clock=lambda: 0.0)
    for number in range(MOST_BUCKETS + 10):
        rates.takes("platform", str(number), 3)
        rates.prove(str(number), "https://lms.example")
    assert len(rates._buckets) == len(rates._proven) == MOST_BUCKETS


def test_a_pupil_who_clicks_without_end_waits_and_the_others_of_the_school_do_not(
    database_servers: Servers, tmp_path: Path
) -> None:
    with (
        database_servers.fresh("sqlite") as url,
        open_school(url, tmp_path, person_requests_per_minute=10) as school,
    ):
        link = school.add_activity(*MATH)
        ada, ben = school.open("ada", link), school.open("noa", link)
        answers = [ada.reload() for _ in range(12)]
        assert [page.status for page in answers].count(429) >= 2
        assert "Nothing is lost" in answers[-1].text
        assert ben.reload().status == 200


def test_an_lms_that_launches_without_end_waits(database_servers: Servers, tmp_path: Path) -> None:
    with (
        database_servers.fresh("sqlite") as url,
        open_school(url, tmp_path, platform_launches_per_minute=20) as school,
    ):
        fields = {"iss": LMS_URL, "login_hint": "x", "target_link_uri": f"{TOOL_URL}/lti/launch"}
        statuses = [school.begin_login("ada", fields).status_code for _ in range(4)]
        assert statuses == [302, 302, 429, 429], "a tenth, for who has shown nothing yet"
        other = school.begin_login("ada", fields | {"iss": "https://other.example"})
        assert other.status_code == 403


def test_a_stranger_who_begins_logins_and_finishes_none_is_in_nobodys_way(
    database_servers: Servers, tmp_path: Path
) -> None:
    with (
        database_servers.fresh("sqlite") as url,
        open_school(url, tmp_path, platform_launches_per_minute=20) as school,
    ):
        school.app.extensions["proximal-rates"].clock = lambda: 0.0
        link = school.add_activity(*MATH)  # from the school's address, which has proven itself by that
        start = school.lms.start_launch("ada", link).fields
        stranger = school.app.test_client()

        def begin(address: str) -> int:
            origin = {"REMOTE_ADDR": address}
            return stranger.post("/lti/login", data=start, base_url=TOOL_URL, environ_overrides=origin).status_code

        household = [begin(f"2001:db8:0:7::{number:x}") for number in range(50)]
        assert household.count(302) == 2
        assert begin("198.51.100.7") == 302, "another household, on its first visit"
        many = [begin(f"203.0.113.{number}") for number in range(40)]
        assert many.count(302) == 16, "and no more from as many addresses as there are: each login is kept for a while"
        assert school.launch("ada", link).status_code == 303
        with school.runtime.database.read() as session:
            assert session.scalar(select(func.count()).select_from(LoginAttempt)) == 20 + 1
