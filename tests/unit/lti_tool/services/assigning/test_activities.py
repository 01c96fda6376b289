"""Which activity a link opens: made in the picker, by hand, copied, edited, or claimed by a whole class at once."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lti_tool.lti.messages.claims import EndpointClaim
from lti_tool.persistence.database import Database
from lti_tool.persistence.tables.activities import Activity, LineItem, ResourceLink
from lti_tool.persistence.tables.launches import LaunchSession
from lti_tool.persistence.tables.tenancy import Deployment, Registration
from lti_tool.services.assigning.activities import (
    ActivityChoice,
    BadChoice,
    connect_line_item,
    create_activity,
    resolve_activity,
    set_up_link,
)
from lti_tool.services.grading.rules import GradeRules
from lti_tool.services.launching.copies import Provenance
from tests.unit.lti_tool.persistence.rows import LMS, MONDAY, add_lms, add_person

CHOICE = ActivityChoice(bank_id="math", skill_ids=("M.NBT2.ADDREG",), title="Adding", rules=GradeRules(points=8.0))
CLASS_SIZE = 6


class Lms:
    """An LMS with a teacher who picks, and links that are launched."""

    def __init__(self, database: Database, client_id: str = "client-1") -> None:
        self.database = database
        with database.write() as session:
            registration = add_lms(session, client_id=client_id)
            self.registration_id = registration.id
            self.teacher = add_person(session, registration, "marit")

    def pick(self) -> str:
        """Deep-link an activity; returns its id."""
        with self.database.write() as session:
            return create_activity(session, self._launch(session), CHOICE, MONDAY).id

    def add_link(self, name: str) -> int:
        with self.database.write() as session:
            deployment = session.scalars(
                select(Deployment).where(Deployment.registration_id == self.registration_id)
            ).one()
            link = ResourceLink(deployment_id=deployment.id, lms_id=name)
            session.add(link)
            session.flush()
            return link.id

    def launch(self, link: int, activity_id: str | None) -> str | None:
        """What the link opens when its custom parameter says `activity_id`."""
        with self.database.write() as session:
            registration = session.get_one(Registration, self.registration_id)
            row = session.get_one(ResourceLink, link)
            activity = resolve_activity(session, registration, row, Provenance(activity_id), MONDAY)
            return activity and activity.id

    def set_up(self, link: int | None) -> str:
        """A teacher picks for a link that was made by hand."""
        with self.database.write() as session:
            return set_up_link(session, self._launch(session, link), CHOICE, MONDAY).id

    def activities(self) -> int:
        with self.database.read() as session:
            return session.scalar(select(func.count()).select_from(Activity)) or 0

    def _launch(self, session: Session, link: int | None = None) -> LaunchSession:
        return LaunchSession(
            registration_id=self.registration_id,
            person_id=self.teacher,
            resource_link=session.get(ResourceLink, link) if link else None,
            endpoint={"scopes": (), "lineitems": f"{LMS}/columns", "lineitem": None},
        )


@pytest.fixture
def lms(database: Database) -> Lms:
    return Lms(database)


def all_at_once(number: int, act: Callable[[int], object]) -> list[object]:
    """Let several threads do something at the same moment."""
    barrier = threading.Barrier(number)

    def go(index: int) -> object:
        barrier.wait()
        return act(index)

    with ThreadPoolExecutor(number) as pool:
        return list(pool.map(go, range(number)))


class TestDeepLinkedActivities:
    def test_the_first_launch_gives_it_its_place(self, lms: Lms) -> None:
        activity, link = lms.pick(), lms.add_link("l-1")
        assert lms.launch(link, activity) == activity
        assert lms.launch(link, activity) == activity
        assert lms.launch(link, None) == activity, "the LMS lost the parameter"

    def test_a_copied_course_gets_a_copy_once_and_the_original_stays(self, lms: Lms) -> None:
        activity, link, copied = lms.pick(), lms.add_link("l-1"), lms.add_link("l-2")
        lms.launch(link, activity)
        copy = lms.launch(copied, activity)
        assert copy not in (None, activity)
        assert lms.launch(copied, activity) == copy
        assert lms.launch(link, activity) == activity
        with lms.database.read() as session:
            row = session.get_one(Activity, copy)
            assert (row.copied_from_id, row.title, row.points, row.skill_ids) == (
                activity,
                "Adding",
                8.0,
                ["M.NBT2.ADDREG"],
            )

    def test_a_copy_of_a_copy_is_a_third_activity(self, lms: Lms) -> None:
        activity = lms.pick()
        opened = {lms.launch(lms.add_link(f"l-{number}"), activity) for number in range(3)}
        assert len(opened) == 3

    def test_a_teacher_who_picks_anew_for_the_same_link_gets_the_new_one(self, lms: Lms) -> None:
        first, second, link = lms.pick(), lms.pick(), lms.add_link("l-1")
        lms.launch(link, first)
        assert lms.launch(link, second) == second
        assert lms.launch(link, first) == first, "and may go back"

    @pytest.mark.parametrize("edited", ["", "nobody", "x" * 5000, "a?b"])
    def test_an_edited_parameter_opens_what_the_link_had_before(self, lms: Lms, edited: str) -> None:
        activity, link, fresh = lms.pick(), lms.add_link("l-1"), lms.add_link("l-2")
        lms.launch(link, activity)
        assert lms.launch(link, edited) == activity
        assert lms.launch(fresh, edited) is None

    def test_another_registrations_activity_is_nobodys(self, lms: Lms, database: Database) -> None:
        foreign, link = Lms(database, client_id="client-2").pick(), lms.add_link("l-1")
        assert lms.launch(link, foreign) is None

    def test_a_class_that_opens_a_copied_link_at_once_gets_one_copy(self, lms: Lms) -> None:
        activity, link, copied = lms.pick(), lms.add_link("l-1"), lms.add_link("l-2")
        lms.launch(link, activity)
        opened = all_at_once(CLASS_SIZE, lambda _: lms.launch(copied, activity))
        assert len(set(opened)) == 1
        assert activity not in opened
        assert lms.activities() == 2

    def test_courses_that_claim_one_activity_at_once_share_nothing(self, lms: Lms) -> None:
        activity = lms.pick()
        links = [lms.add_link(f"l-{number}") for number in range(CLASS_SIZE)]
        opened = all_at_once(CLASS_SIZE, lambda index: lms.launch(links[index], activity))
        assert len(set(opened)) == CLASS_SIZE
        assert activity in opened
        assert lms.activities() == CLASS_SIZE


class TestLinksMadeByHand:
    def test_nothing_opens_until_a_teacher_picked(self, lms: Lms) -> None:
        link = lms.add_link("l-1")
        assert lms.launch(link, None) is None
        activity = lms.set_up(link)
        assert lms.launch(link, None) == activity

    def test_picking_twice_makes_one_activity(self, lms: Lms) -> None:
        link = lms.add_link("l-1")
        assert lms.set_up(link) == lms.set_up(link)
        assert lms.activities() == 1

    def test_two_teachers_who_pick_at_once_make_one_activity_and_one_column(self, lms: Lms) -> None:
        link = lms.add_link("l-1")
        assert len(set(all_at_once(CLASS_SIZE, lambda _: lms.set_up(link)))) == 1
        assert lms.activities() == 1
        with lms.database.read() as session:
            assert session.scalars(select(LineItem.collection_url)).all() == [f"{LMS}/columns"]

    def test_a_launch_without_a_link_has_nothing_to_set_up(self, lms: Lms) -> None:
        with pytest.raises(BadChoice, match="no-link"):
            lms.set_up(None)


class TestColumns:
    def connect(self, lms: Lms, link: int, activity: str, endpoint: EndpointClaim) -> LineItem | None:
        with lms.database.write() as session:
            connect_line_item(
                session, session.get_one(Activity, activity), session.get_one(ResourceLink, link), endpoint
            )
        with lms.database.read() as session:
            return session.scalars(select(LineItem)).one_or_none()

    def test_an_address_seen_before_is_kept_when_a_launch_leaves_it_out(self, lms: Lms) -> None:
        activity, link = lms.pick(), lms.add_link("l-1")
        self.connect(lms, link, activity, EndpointClaim(("a",), f"{LMS}/columns", f"{LMS}/columns/1"))
        column = self.connect(lms, link, activity, EndpointClaim(("a", "b"), f"{LMS}/columns", None))
        assert column is not None
        assert (column.url, column.scopes, column.points) == (f"{LMS}/columns/1", ["a", "b"], 8.0)

    def test_a_launch_without_any_address_leaves_no_column(self, lms: Lms) -> None:
        assert self.connect(lms, lms.add_link("l-1"), lms.pick(), EndpointClaim((), None, None)) is None

    def test_an_activity_that_moved_to_another_link_leaves_the_old_links_column(self, lms: Lms) -> None:
        activity, first, second = lms.pick(), lms.add_link("l-1"), lms.add_link("l-2")
        self.connect(lms, first, activity, EndpointClaim((), f"{LMS}/columns", f"{LMS}/columns/1"))
        column = self.connect(lms, second, activity, EndpointClaim((), f"{LMS}/columns", None))
        assert column is not None
        assert (column.resource_link_id, column.url) == (second, None)
