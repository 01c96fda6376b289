"""kill -9 at any moment: an acknowledged answer is kept, and its grade arrives."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from random import Random
from time import sleep

import pytest
import requests

from tests.support.databases import BACKENDS, Servers
from tests.support.sites import CLASS, SimulatedPupil, Site, running_site

SKILLS = ("M.NBT2.ADDREG", "M.NBT2.SUBREG", "M.NBT3.SUB0")
ONE_PROCESS = {"PROXIMAL_WEB_PROCESSES": "1"}
"""Enough once nobody practises at the same time: most of what these tests cost is processes that start."""


@pytest.fixture(scope="module", params=BACKENDS)
def site(
    request: pytest.FixtureRequest, database_servers: Servers, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    """One site for all of these: each test has an activity and pupils of its own.

    The lesson is first, while two processes serve it.
    """
    with (
        database_servers.fresh(request.param) as url,
        running_site(tmp_path_factory.mktemp("site"), url) as running,
    ):
        yield running


def pupil(site: Site, link: int, number: int) -> SimulatedPupil:
    return SimulatedPupil(site, site.open(CLASS[number], link), Random(number), "math-en")


def test_no_acknowledged_answer_is_lost_when_the_server_is_killed_in_the_middle_of_a_lesson(site: Site) -> None:
    link = site.add_activity(*SKILLS, title="Lesson", points="12")
    pupils = [pupil(site, link, number) for number in range(1, 7)]

    def until_the_server_is_gone(each: SimulatedPupil) -> None:
        with suppress(requests.ConnectionError):
            each.practise(100)

    with ThreadPoolExecutor(len(pupils)) as lesson:
        running = [lesson.submit(until_the_server_is_gone, each) for each in pupils]
        while sum(each.acknowledged for each in pupils) < 20:
            assert not all(one.done() for one in running)
            sleep(0.02)
        site.kill_tool()
    acknowledged = [each.acknowledged for each in pupils]
    site.start_tool(**ONE_PROCESS)
    site.let_leases_run_out()

    # A browser shows its old page: the pupil sends the answer again that got no reply, and goes on.
    for each in pupils:
        each.visit.go_on()
        each.practise(each.acknowledged + 2)
    site.wait_for_grades()
    figures, grades = site.figures(), site.column("Lesson")
    for number, each in enumerate(pupils, start=1):
        own = figures[CLASS[number]]
        # At most the one answer that was saved when the reply was cut off is more than the pupil knows of.
        assert each.acknowledged <= own.answers <= each.acknowledged + 1
        assert each.acknowledged >= acknowledged[number - 1]
        assert own.traced == own.answers
        assert own.delivered == own.points
        assert grades[CLASS[number]]["score"] == pytest.approx(own.points, abs=1e-3)


def test_a_grade_survives_a_kill_before_it_is_sent_and_an_answer_sent_again_counts_once(site: Site) -> None:
    link = site.add_activity(*SKILLS, title="Killed", points="12")
    received, refused = site.scores_received()
    site.shut_gates()
    ada, sean = pupil(site, link, 0), pupil(site, link, 7)
    ada.practise(5)
    token = sean.visit.token
    assert token is not None
    answer = {"item": token, "response": site.item(token).answer, "action": "answer"}
    assert sean.visit.send("POST", "/answer", **answer).status_code == 200
    assert site.column("Killed") == {}
    site.kill_tool()
    with pytest.raises(requests.ConnectionError):
        sean.visit.send("POST", "/answer", **answer)
    site.start_tool(**ONE_PROCESS)
    assert sean.visit.send("POST", "/answer", **answer).status_code == 200
    site.reopen_gates()
    site.wait_for_grades()
    grades = site.column("Killed")
    assert [grades[CLASS[number]]["score"] for number in (0, 7)] == [pytest.approx(5.0), pytest.approx(1.0)]
    assert site.figures()[CLASS[7]].answers == 1
    assert site.scores_received() == (received + 2, refused)
    ada.visit.go_on()
    ada.practise(6)
    site.wait_for_grades()
    assert site.column("Killed")[CLASS[0]]["score"] == pytest.approx(6.0)


def test_the_practice_lms_being_away_delays_a_grade_and_loses_none(site: Site) -> None:
    link = site.add_activity(*SKILLS, title="Away", points="12")
    lukasz = pupil(site, link, 8)
    site.kill_lms()
    lukasz.practise(3)
    site.start_lms()
    site.reopen_gates()
    site.wait_for_grades()
    assert site.column("Away")[CLASS[8]]["score"] == pytest.approx(3.0)
