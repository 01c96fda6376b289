"""A gradebook column that a teacher takes away, and one that comes in its place."""

import pytest

from lti_tool.lti.services.scopes import SCOPE_LINEITEM, SCOPE_LINEITEM_READ, SCOPE_SCORE
from lti_tool.persistence.database import Database
from lti_tool.persistence.tables.activities import LineItem
from tests.unit.lti_tool.lti.gradebook import COLUMN, Office, open_office
from tests.unit.lti_tool.lti.scripted import Call, Reply
from tests.unit.lti_tool.persistence.rows import LMS, MONDAY, Place, later

SUCCESSOR = f"{LMS}/columns/99?type_id=4"


@pytest.fixture
def office(database: Database) -> Office:
    office = open_office(database)
    delete_column(office)
    return office


def delete_column(office: Office) -> None:
    def without_the_old_column(call: Call) -> Reply:
        return Reply(404) if call.url.startswith(f"{COLUMN}/scores") else office.gradebook.answer(call)

    office.gradebook.platform.answer = without_the_old_column


def place_of(office: Office, *scopes: str) -> Place:
    return office.new_place(link="link-9", column_url=COLUMN, scopes=(SCOPE_SCORE, *scopes))


def test_a_score_goes_to_the_column_that_took_the_old_ones_place(office: Office) -> None:
    place = place_of(office, SCOPE_LINEITEM_READ)
    office.gradebook.columns = [{"id": SUCCESSOR, "resourceLinkId": "link-9"}]
    office.earn("ada", 4, place=place)
    office.worker().deliver_due(MONDAY)
    assert office.gradebook.score("ada", f"{LMS}/columns/99") == 4.0
    assert office.row("ada").state == "delivered"
    with office.database.read() as session:
        assert session.get_one(LineItem, place.column_id).url == SUCCESSOR


def test_classmates_whose_scores_were_parked_get_them_too(office: Office) -> None:
    place = place_of(office, SCOPE_LINEITEM)
    office.earn("ben", 3, place=place)
    worker = office.worker()
    worker.deliver_due(MONDAY)
    assert office.row("ben").state == "parked"
    office.gradebook.columns = [{"id": SUCCESSOR, "resourceLinkId": "link-9"}]
    office.earn("ada", 4, place=place)
    worker.deliver_due(MONDAY)
    worker.deliver_due(MONDAY)
    assert [office.row(pupil).state for pupil in ("ada", "ben")] == ["delivered", "delivered"]
    assert office.gradebook.score("ben", f"{LMS}/columns/99") == 3.0


@pytest.mark.parametrize("scopes", [(SCOPE_LINEITEM,), (SCOPE_LINEITEM_READ,), ()], ids=["full", "read only", "none"])
def test_a_column_that_the_teacher_deleted_for_good_is_not_made_again(office: Office, scopes: tuple[str, ...]) -> None:
    place = place_of(office, *scopes)
    office.earn("ada", 4, place=place)
    office.worker().deliver_due(MONDAY)
    assert office.gradebook.columns == []
    assert (office.row("ada").state, office.row("ada").problem) == ("parked", "no-column")


def test_a_column_that_is_listed_and_takes_no_scores_is_asked_once(office: Office) -> None:
    place = place_of(office, SCOPE_LINEITEM)
    office.gradebook.columns = [{"id": COLUMN, "resourceLinkId": "link-9"}]
    office.earn("ada", 4, place=place)
    office.worker().deliver_due(MONDAY)
    assert len(office.gradebook.posts()) == 1
    assert office.row("ada").state == "parked"


def test_a_deleted_column_is_made_again_where_the_teacher_wants_it_and_filled(database: Database) -> None:
    office = open_office(database, scopes=(SCOPE_SCORE, SCOPE_LINEITEM))
    for pupil in ("ada", "ben"):
        office.earn(pupil, 3)
    worker = office.worker()
    while worker.deliver_due(MONDAY):
        pass
    delete_column(office)
    office.gradebook.columns = [{"id": "a column in whose place nothing came"}]
    office.change(remake_column=True)
    office.earn("ada", 4, later(minutes=1))
    for second in range(4):
        worker.deliver_due(later(minutes=1, seconds=second))
    [column] = [each for each in office.gradebook.columns if "label" in each]
    address = str(column["id"]).partition("?")[0]
    assert [office.gradebook.score(pupil, address) for pupil in ("ada", "ben")] == [4.0, 3.0]
    assert column["resourceLinkId"] == "link-1"
