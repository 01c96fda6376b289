"""Who is in the class: the LMS's roster, merged with what launches have told."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from lti_tool.lti.errors import ServiceError
from lti_tool.lti.messages.roles import Role
from lti_tool.lti.services.nrps import Member
from lti_tool.persistence.tables.people import DisplayName, Membership, Person
from lti_tool.persistence.tables.tenancy import Context
from lti_tool.services.platforms.roster import merge_roster
from tests.support.school import School

NOW = datetime.now(UTC).replace(microsecond=0)


def the_context(school: School) -> Context:
    """The one class that has been opened."""
    with school.runtime.database.read() as session:
        return session.scalars(select(Context)).one()


def roles(school: School) -> dict[str, tuple[str, bool]]:
    """Role and activity by `sub`."""
    with school.runtime.database.read() as session:
        rows = session.execute(select(Person.sub, Membership.role, Membership.active).join(Membership))
        return {sub: (role, active) for sub, role, active in rows}


def merge(school: School, *members: Member) -> None:
    """Take in a roster with these members."""
    context = the_context(school)
    parts = school.runtime
    merge_roster(parts.database, parts.vault, school.registration_id, context.id, members, datetime.now(UTC))


def test_all_pupils_of_the_class_are_known_before_they_open_anything(school: School) -> None:
    school.open("marit", school.add_activity("M.NBT2.ADDREG"))
    moment = datetime.now(UTC).replace(microsecond=0)
    assert school.runtime.rosters.read(the_context(school).id, moment) == 26
    page = school.open("marit", 1)
    assert "25 pupils" in page.text
    assert "Ada Okonkwo" in page.text
    assert "يوسف المصري" in page.text
    assert the_context(school).roster_read_at == moment


def test_a_teacher_whom_the_roster_calls_a_learner_stays_a_teacher(school: School) -> None:
    school.open("marit", school.add_activity("M.NBT2.ADDREG"))
    merge(school, Member(school.lms.sub("marit"), None, Role.PUPIL, active=True))
    assert roles(school)[school.lms.sub("marit")] == ("teacher", True)


def test_who_left_the_class_is_no_longer_on_its_page_and_comes_back_with_everything(school: School) -> None:
    link = school.add_activity("M.NBT2.ADDREG")
    page = school.open("ada", link)
    page.respond(page.item.answer)
    ada = Member(school.lms.sub("ada"), "Ada Okonkwo", Role.PUPIL, active=True)
    merge(school)
    assert roles(school)[ada.sub] == ("pupil", False)
    assert "Ada Okonkwo" not in school.open("marit", link).text
    merge(school, ada)
    assert "Ada Okonkwo" in school.open("marit", link).text


def test_the_name_of_who_is_in_no_class_any_more_is_deleted(school: School) -> None:
    ada, noa, ben = school.lms.sub("ada"), school.lms.sub("noa"), "ben-of-the-roster"
    school.open("tomas", school.add_activity("M.NBT2.SUBREG", course="class-5b"), course="class-5b")
    link = school.add_activity("M.NBT2.ADDREG")
    for who in ("ada", "noa"):
        school.open(who, link)
    with school.runtime.database.read() as session:
        courses = dict(session.execute(select(Context.lms_id, Context.id)).all())

    def listed(course: str, *members: Member) -> set[str]:
        """Whose names are kept once a course's class list was read."""
        parts = school.runtime
        merge_roster(parts.database, parts.vault, school.registration_id, courses[course], members, datetime.now(UTC))
        with parts.database.read() as session:
            kept = session.scalars(select(Person.sub).join(DisplayName, DisplayName.person_id == Person.id)).all()
        return set(kept) & {ada, noa, ben}

    also_in_5b = Member(noa, "Noa Levi", Role.PUPIL, active=True)
    assert listed("class-5b", also_in_5b) == {ada, noa}
    assert listed("class-5a", Member(ben, "Ben Bakker", Role.PUPIL, active=False)) == {noa}
    assert listed("class-5b") == set()
    assert listed("class-5a", Member(ada, "Ada Okonkwo", Role.PUPIL, active=True)) == {ada}


def test_an_administrator_who_is_on_no_roster_stays_a_teacher(school: School) -> None:
    school.open("marit", school.add_activity("M.NBT2.ADDREG"))
    merge(school)
    assert roles(school)[school.lms.sub("marit")] == ("teacher", True)


def test_a_new_name_replaces_the_old_one_and_is_kept_encrypted(school: School) -> None:
    school.open("ada", school.add_activity("M.NBT2.ADDREG"))
    merge(school, Member(school.lms.sub("ada"), "Ada O. New", Role.PUPIL, active=True))
    with school.runtime.database.read() as session:
        [name] = session.scalars(
            select(DisplayName.encrypted_name)
            .join(Person, Person.id == DisplayName.person_id)
            .where(Person.sub == school.lms.sub("ada"))
        )
    assert b"Ada" not in name
    assert school.runtime.vault.decrypt(name) == "Ada O. New"


def test_rosters_of_opened_classes_are_read_in_the_background_once_in_a_while(school: School) -> None:
    school.open("marit", school.add_activity("M.NBT2.ADDREG"))
    now = datetime.now(UTC)
    assert school.runtime.rosters.read_due(now) == 1
    assert school.runtime.rosters.read_due(now + timedelta(hours=1)) == 0
    assert school.runtime.rosters.read_due(now + timedelta(hours=13)) == 1
    assert school.runtime.rosters.read_due(now + timedelta(days=3)) == 0


def test_an_lms_that_does_not_answer_is_not_asked_all_the_time(school: School, monkeypatch: pytest.MonkeyPatch) -> None:
    school.open("marit", school.add_activity("M.NBT2.ADDREG"))

    def fails(*_: object) -> None:
        raise ServiceError("timeout", "the LMS did not answer")

    monkeypatch.setattr("lti_tool.services.platforms.roster.read_roster", fails)
    now = datetime.now(UTC)
    assert school.runtime.rosters.read_due(now) == 1
    assert school.runtime.rosters.read_due(now + timedelta(minutes=29)) == 0
    assert school.runtime.rosters.read_due(now + timedelta(minutes=31)) == 1


def test_somebody_who_teaches_another_class_is_no_pupil_of_this_one(school: School) -> None:
    """Moodle's roster calls a non-editing teacher a learner in each of her classes."""
    school.open("tomas", school.add_activity("M.NBT2.SUBREG", course="class-5b"), course="class-5b")
    link = school.add_activity("M.NBT2.ADDREG")
    school.open("ada", link)
    with school.runtime.database.read() as session:
        context_id = session.scalars(select(Context.id).where(Context.lms_id == "class-5a")).one()
    parts, now = school.runtime, datetime.now(UTC)
    tomas = Member(school.lms.sub("tomas"), "Tomás Adeyemi", Role.PUPIL, active=True)
    merge_roster(parts.database, parts.vault, school.registration_id, context_id, [tomas], now)
    assert "Tomás" not in school.open("marit", link).text


def test_a_roster_that_says_teacher_overrules_a_launch_with_the_role_switched(school: School) -> None:
    school.open("ada", school.add_activity("M.NBT2.ADDREG"))
    merge(school, Member(school.lms.sub("ada"), None, Role.TEACHER, active=True))
    assert roles(school)[school.lms.sub("ada")] == ("teacher", True)


def test_a_class_larger_than_a_piece_is_taken_in_whole_and_again(
    school: School, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lti_tool.services.platforms.roster.AT_A_TIME", 3)
    school.open("ada", school.add_activity("M.NBT2.ADDREG"))
    everybody = [Member(f"m{number}", f"Pupil {number}", Role.PUPIL, active=True) for number in range(10)]
    merge(school, *everybody)
    merge(school, *everybody[:7])
    found = {sub: active for sub, (role, active) in roles(school).items() if role == "pupil"}
    assert {sub for sub, active in found.items() if active} == {f"m{number}" for number in range(7)}
    assert len(found) == 11, "nobody is deleted, and nobody is there twice"
