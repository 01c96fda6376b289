"""What a teacher set for one child holds everywhere, and every change can be read in the audit log."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from lti_tool.persistence.database import Database
from lti_tool.persistence.tables.activities import Activity
from lti_tool.persistence.tables.audit import AuditEvent
from lti_tool.services.assigning.practice_settings import PracticeSettings
from lti_tool.services.helping.accommodations import NONE, Accommodations, accommodations_of, set_accommodations
from tests.unit.lti_tool.persistence.rows import MONDAY, add_lms, add_person, add_place


def test_marit_gives_ada_larger_text_and_later_takes_it_back(database: Database) -> None:
    with database.write() as session:
        registration = add_lms(session)
        place = add_place(session, registration)
        ada, marit = add_person(session, registration, "ada"), add_person(session, registration, "marit")
        assert accommodations_of(session, ada) == NONE
        for n, wanted in enumerate((Accommodations(larger_text=True, extra_days=2), Accommodations(extra_days=2))):
            for _ in range(2):  # pressed twice: the second time changes nothing
                set_accommodations(
                    session,
                    ada,
                    wanted,
                    context_id=place.context_id,
                    author_id=marit,
                    now=MONDAY + timedelta(days=n),
                )
            assert accommodations_of(session, ada) == wanted
        events = session.scalars(select(AuditEvent).where(AuditEvent.action == "accommodation.set")).all()
        assert [event.detail["larger_text"] for event in events] == [True, False]
        assert {event.person_id for event in events} == {marit}


@pytest.mark.parametrize("bad", [{"extra_days": -1}, {"extra_days": 1000}, {"start_grade": 12}])
def test_what_cannot_be_is_refused_with_what_to_give(bad: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="Give"):
        Accommodations(**bad)  # type: ignore[arg-type]


def test_an_activity_begins_with_shared_control_and_reflects_in_spelling_only(database: Database) -> None:
    with database.write() as session:
        place = add_place(session, add_lms(session))
        settings = PracticeSettings.of(session.get_one(Activity, place.activity_id))
    assert settings == PracticeSettings()
    assert settings.control == "shared"
    assert (settings.reflects("spelling"), settings.reflects("math")) == (True, False)
    assert not PracticeSettings(metacognition=False).reflects("spelling")
    assert PracticeSettings(metacognition=True).reflects("math")
