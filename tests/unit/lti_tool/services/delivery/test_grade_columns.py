"""The gradebook column of an activity: found, made once, followed when it is made anew."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from lti_tool.lti.services.scopes import SCOPE_LINEITEM, SCOPE_LINEITEM_READ, SCOPE_SCORE
from lti_tool.persistence.database import Database
from lti_tool.persistence.tables.activities import LineItem
from tests.unit.lti_tool.lti.gradebook import Office, open_office
from tests.unit.lti_tool.lti.scripted import Reply
from tests.unit.lti_tool.persistence.rows import LMS, MONDAY, Place, later

ALL_SCOPES = (SCOPE_SCORE, SCOPE_LINEITEM, SCOPE_LINEITEM_READ)


@pytest.fixture
def office(database: Database) -> Office:
    return open_office(database)


class TestColumns:
    def move_to(self, office: Office, **options: object) -> Place:
        return office.new_place(link="link-9", **({"column_url": None, "scopes": ALL_SCOPES} | options))

    def test_the_links_own_column_is_found(self, office: Office) -> None:
        place = self.move_to(office)
        office.gradebook.columns = [
            {"id": f"{LMS}/columns/5", "resourceLinkId": "link-1"},
            {"id": f"{LMS}/columns/6", "resourceLinkId": "link-9"},
        ]
        office.earn("ada", 1, place=place)
        office.worker().deliver_due(MONDAY)
        assert office.gradebook.score("ada", f"{LMS}/columns/6") == 1.0
        with office.database.read() as session:
            assert session.get_one(LineItem, place.column_id).url == f"{LMS}/columns/6"

    def test_a_column_that_knows_our_name_is_found(self, office: Office) -> None:
        place = self.move_to(office)
        office.gradebook.columns = [{"id": f"{LMS}/columns/7", "resourceId": place.activity_id}]
        office.earn("ada", 1, place=place)
        office.worker().deliver_due(MONDAY)
        assert office.gradebook.score("ada", f"{LMS}/columns/7") == 1.0

    def test_a_platform_that_does_not_filter_gets_no_score_into_another_column(self, office: Office) -> None:
        place = self.move_to(office)
        foreign = {"id": f"{LMS}/columns/exam", "resourceLinkId": "exam", "resourceId": "exam"}
        original = office.gradebook.platform.answer
        office.gradebook.platform.answer = lambda call: (
            Reply.json([foreign, "?", None, {"id": 5, "resourceLinkId": "link-8"}])
            if call.method == "GET"
            else original(call)
        )
        office.earn("ada", 1, place=place)
        office.worker().deliver_due(MONDAY)
        assert office.gradebook.score("ada", f"{LMS}/columns/1") == 1.0
        assert [column["resourceLinkId"] for column in office.gradebook.columns] == ["link-9"]

    def test_one_column_is_made_for_a_class_of_thirty_and_two_workers(self, office: Office) -> None:
        place = self.move_to(office)
        pupils = [f"pupil-{number}" for number in range(30)]
        office.enrol(*pupils)
        for pupil in pupils:
            office.earn(pupil, 3, place=place)
        barrier = threading.Barrier(2)

        def work(_: int) -> None:
            worker = office.worker()
            barrier.wait()
            for round_ in range(60):
                worker.deliver_due(later(seconds=round_))

        with ThreadPoolExecutor(2) as pool:
            list(pool.map(work, range(2)))
        assert len(office.gradebook.columns) == 1
        assert office.gradebook.columns[0]["scoreMaximum"] == 10.0
        assert sorted(str(score["userId"]) for score in office.gradebook.accepted) == sorted(pupils)
        assert len(office.gradebook.posts()) == 30, "each score is sent once"

    @pytest.mark.parametrize(
        ("options", "code"),
        [
            ({"collection_url": None}, "no-column"),
            ({"scopes": (SCOPE_SCORE,)}, "no-column"),
            ({"scopes": (SCOPE_SCORE, SCOPE_LINEITEM_READ)}, "no-column"),
        ],
        ids=["no address", "no right to read", "no right to make one"],
    )
    def test_without_a_column_a_score_is_parked_with_the_reason(
        self, office: Office, options: dict[str, object], code: str
    ) -> None:
        place = self.move_to(office, **options)
        office.earn("ada", 1, place=place)
        office.worker().deliver_due(MONDAY)
        assert (office.row("ada").state, office.row("ada").problem) == ("parked", code)

    @pytest.mark.parametrize(
        ("reply", "code"),
        [
            (Reply.json({"id": "x"}), "bad-line-items"),
            (Reply.json(None), "bad-line-items"),
            (Reply(200, b"columns"), "not-json"),
            (Reply(200, b"<html>"), "web-page"),
        ],
        ids=["an object", "null", "a word", "a page"],
    )
    def test_a_list_of_columns_that_is_none_is_tried_again(self, office: Office, reply: Reply, code: str) -> None:
        place = self.move_to(office)
        original = office.gradebook.platform.answer
        office.gradebook.platform.answer = lambda call: reply if call.method == "GET" else original(call)
        office.earn("ada", 1, place=place)
        office.worker().deliver_due(MONDAY)
        assert (office.row("ada").state, office.row("ada").problem) == ("waiting", code)

    def test_a_column_made_without_an_address_is_tried_again(self, office: Office) -> None:
        place = self.move_to(office)
        original = office.gradebook.platform.answer
        office.gradebook.platform.answer = lambda call: (
            Reply.json({"label": "?"})
            if call.url.startswith(f"{LMS}/columns?") and call.method == "POST"
            else original(call)
        )
        office.earn("ada", 1, place=place)
        office.worker().deliver_due(MONDAY)
        assert office.row("ada").problem == "bad-line-item"
