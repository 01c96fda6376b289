"""An LMS that was registered anew keeps its pupils' history."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import func, select

from lti_tool.persistence.tables.audit import AuditEvent
from lti_tool.persistence.tables.grades import ScoreOutbox
from lti_tool.persistence.tables.people import Membership, Person
from lti_tool.persistence.tables.practice import LearnerState, Opportunity
from lti_tool.persistence.tables.tenancy import Context, Deployment, District, Registration
from lti_tool.services.platforms.registrations import BadRegistration, add_registration
from lti_tool.services.upkeep.merging import TO_REPLAY, merge_registrations
from tests.support.pupils import MATH, wrong_answer
from tests.support.school import School, practice_lms_registration


def count(school: School, model: type) -> int:
    with school.runtime.database.read() as session:
        return session.scalar(select(func.count()).select_from(model)) or 0


def practise(school: School, who: str, link: int) -> None:
    page = school.open(who, link)
    page.respond(wrong_answer(page.item))


def rename_registration(school: School, client_id: str) -> None:
    """As if what there is had been made under another client id, which the LMS uses no more."""
    with school.runtime.database.write() as session:
        session.get_one(Registration, school.registration_id).client_id = client_id


def merge(school: School, old: str = "of last year") -> int:
    with school.runtime.database.write() as session:
        rows = {row.client_id: row for row in session.scalars(select(Registration))}
        return merge_registrations(session, rows[old], rows["proximal-demo"], datetime.now(UTC))


def register_anew(school: School) -> int:
    with school.runtime.database.write() as session:
        return add_registration(session, practice_lms_registration(), datetime.now(UTC)).id


def test_people_of_both_become_one_with_all_their_answers(school: School) -> None:
    link = school.add_activity(*MATH, title="Sums")
    for who in ("ada", "noa"):
        practise(school, who, link)
    rename_registration(school, "of last year")
    newer = register_anew(school)
    link = school.add_activity(*MATH, title="More sums")
    for who in ("ada", "sean"):
        practise(school, who, link)
    assert (count(school, Person), count(school, Context), count(school, Opportunity)) == (6, 2, 4)
    assert merge(school) == 2  # Ada and Marit
    with school.runtime.database.read() as session:
        [row] = session.scalars(select(Registration)).all()
        assert (row.id, row.client_id) == (school.registration_id, "proximal-demo")
        assert newer != row.id
        ada = session.scalars(
            select(Opportunity.person_id).group_by(Opportunity.person_id).having(func.count() == 2)
        ).one()
        assert session.get_one(LearnerState, (ada, "math-en")).parameter_version == TO_REPLAY
        event = session.scalars(select(AuditEvent).where(AuditEvent.action == "registration.merged")).one()
        assert event.detail["people_of_both"] == 2
    assert (count(school, Person), count(school, Context), count(school, Deployment)) == (4, 1, 1)
    assert (count(school, Opportunity), count(school, ScoreOutbox), count(school, Membership)) == (4, 4, 4)
    practise(school, "ada", link)
    assert count(school, Person) == 4
    assert count(school, Opportunity) == 5
    with school.runtime.database.read() as session:
        learner = session.get_one(LearnerState, (ada, "math-en"))
        assert learner.parameter_version != TO_REPLAY
        assert '"presented": 3' in learner.learner or '"presented":3' in learner.learner


def test_an_lms_that_nobody_used_under_its_new_name_takes_everything_over(school: School) -> None:
    link = school.add_activity(*MATH, title="Sums")
    practise(school, "ada", link)
    rename_registration(school, "of last year")
    register_anew(school)
    assert merge(school) == 0
    practise(school, "ada", link)
    assert count(school, Opportunity) == 2


def test_registrations_of_two_lmss_or_districts_stay_apart(school: School) -> None:
    with school.runtime.database.write() as session:
        now = datetime.now(UTC)
        one = session.get_one(Registration, school.registration_id)
        other = add_registration(session, practice_lms_registration(issuer="https://other.example"), now)
        with pytest.raises(BadRegistration):
            merge_registrations(session, one, other, now)
        with pytest.raises(BadRegistration):
            merge_registrations(session, one, one, now)
        session.add(district := District(name="Eastbank"))
        session.flush()
        foreign = practice_lms_registration(client_id="theirs", district_id=district.id)
        with pytest.raises(BadRegistration):
            merge_registrations(session, one, add_registration(session, foreign, now), now)
