"""One who asks without end waits; everybody else at the same address does not."""

from pathlib import Path

from lti_tool.web.rates import MOST_BUCKETS, Rates
from tests.support.databases import Servers
from tests.support.pupils import MATH
from tests.support.school import TOOL_URL, open_school


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
    assert len(rates._buckets) == MOST_BUCKETS


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
        open_school(url, tmp_path, platform_launches_per_minute=10) as school,
    ):
        fields = {"iss": "http://localhost:9000", "login_hint": "x", "target_link_uri": f"{TOOL_URL}/lti/launch"}
        statuses = [school.begin_login("ada", fields).status_code for _ in range(12)]
        assert statuses.count(429) >= 2
        other = school.begin_login("ada", fields | {"iss": "https://other.example"})
        assert other.status_code == 403
