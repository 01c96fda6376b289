"""What the tests of all LMS families do: a school like that LMS, and a pupil who practises to a grade."""

import time
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select, update

from lti_tool.persistence.tables.grades import ScoreOutbox
from lti_tool.persistence.tables.launches import LaunchSession
from lti_tool.persistence.tables.people import Membership, Person
from lti_tool.persistence.tables.practice import PresentedItem
from tests.support.school import COURSE, TOOL_URL, Page, School

PATIENCE = 60
"""Seconds that a grade may take: LMSs that count whole seconds make each one wait for the next."""
SKILLS = ("M.NBT2.ADDREG", "M.NBT2.SUBREG", "M.NBT3.SUB0")


def practise(school: School, who: str, link: int, answers: int = 12, *, course: str = COURSE) -> None:
    """Answer items, with time to read each; grades are sent meanwhile, as a worker does, and until none waits."""
    page = school.open(who, link, course=course)
    for _ in range(answers):
        with school.runtime.database.write() as session:  # else a busy machine makes quick guesses of them
            shown_at = datetime.now(UTC) - timedelta(seconds=20)
            session.execute(update(PresentedItem).where(PresentedItem.shown_at.is_not(None)).values(shown_at=shown_at))
        page = page.respond(page.item.answer + "1").reload()
        school.deliver_grades()
    deadline = time.monotonic() + PATIENCE
    while any(row.state == "waiting" for row in outbox(school)) and time.monotonic() < deadline:
        school.deliver_grades()
        time.sleep(0.05)


def grade(school: School, who: str, *, course: str = COURSE) -> dict[str, Any]:
    """The pupil's cell in the LMS's newest column."""
    book = school.lms.gradebook(course)
    column = str(book["columns"][-1]["id"])
    found: dict[str, Any] = next(one for one in book["pupils"] if one["id"] == who)["grades"][column]
    return found


def outbox(school: School) -> list[ScoreOutbox]:
    """What the tool has sent or is about to send."""
    with school.runtime.database.read() as session:
        return list(session.scalars(select(ScoreOutbox)))


def grades_page(marit: Page) -> str:
    """What the teacher reads on the page of the activity's grades."""
    with marit.school.runtime.database.read() as session:
        activity_id = session.get_one(LaunchSession, marit.place.rpartition("/")[2]).activity_id
    place = f"{marit.place}/activity/{activity_id}/grades"
    return marit.school.browser(marit.who).get(place, base_url=TOOL_URL).text


def role_of(school: School, who: str) -> str:
    """What somebody is in the class, as far as the tool knows."""
    with school.runtime.database.read() as session:
        query = select(Membership.role).join(Person, Person.id == Membership.person_id)
        return session.scalars(query.where(Person.sub == school.lms.sub(who))).one()
