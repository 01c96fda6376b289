"""What a teacher sees of an activity."""

import re
from datetime import UTC, datetime, timedelta

from sqlalchemy import event, select

from lti_tool.persistence.tables.activities import Activity
from lti_tool.persistence.tables.people import Membership
from lti_tool.services.classroom.class_page import class_page
from lti_tool.services.delivery.grade_log import grade_log
from tests.support.classes import Child, enrol, seat
from tests.support.pupils import wrong_answer
from tests.support.school import TOOL_URL, School

SKILLS = ("M.OA2.ADD20", "M.OA2.SUB20", "M.NBT2.ADDREG", "M.NBT2.SUBREG")
NAMES = ("Abel", "Bea", "Cas", "Dede", "Eva", "Finn")
MOST_QUERIES = 12


def class_of(school: School, link_title: str, *, names: tuple[str, ...] = NAMES, slow: bool = False) -> list[Child]:
    """Simulated pupils in the course of an activity."""
    with school.runtime.database.read() as session:
        activity = session.scalars(select(Activity).where(Activity.title == link_title)).one()
    assert activity.context_id is not None
    present = datetime.now(UTC) - timedelta(days=2)
    people = enrol(school.runtime, activity.context_id, school.registration_id, names, present)
    return seat(school, activity.id, dict(zip(people, names, strict=True)), seed=3, slow=slow)


def test_a_teacher_opens_an_activity_that_nobody_has_tried(school: School) -> None:
    link = school.add_activity("M.NBT2.ADDREG", title="Adding")
    page = school.open("marit", link)
    assert page.status == 200
    assert "No pupil has opened this activity yet" in page.text


def test_a_teacher_sees_how_often_each_pupil_tried(school: School) -> None:
    link = school.add_activity("M.NBT2.ADDREG", "M.NBT2.SUBREG", title="Adding")
    ada = school.open("ada", link)
    for _ in range(3):
        ada = ada.respond(wrong_answer(ada.item)).reload()
    page = school.open("marit", link)
    assert page.status == 200
    assert '<td class="number">3</td>' in page.text
    assert "Not in the last 7 days:" not in page.text
    class_of(school, "Adding")
    idle = school.open("marit", link).text.split("Not in the last 7 days:")[1].split("</li>")[0]
    assert [name in idle for name in (*NAMES, "Ada")] == [True] * len(NAMES) + [False]


def test_the_page_takes_a_bounded_number_of_queries_however_much_was_practised(school: School) -> None:
    link = school.add_activity(*SKILLS, title="Adding")
    school.open("marit", link)
    for child in class_of(school, "Adding", slow=True):
        child.practise(15, datetime.now(UTC) - timedelta(days=1))
    asked: list[str] = []
    place = school.open("marit", link).place

    def note(*given: object) -> None:
        asked.append(str(given[2]))

    event.listen(school.runtime.database.engine, "before_cursor_execute", note)
    page = school.browser("marit").get(place, base_url=TOOL_URL)
    event.remove(school.runtime.database.engine, "before_cursor_execute", note)
    assert page.status_code == 200
    assert all(name in page.text for name in NAMES)
    assert 0 < len(asked) <= MOST_QUERIES, asked


def test_pupils_and_sections_stand_in_the_order_in_which_one_reads(school: School) -> None:
    link = school.add_activity("M.NBT2.ADDREG", title="Adding")
    school.open("marit", link)
    names = ("Pupil 10", "Zoë", "pupil 9", "", "Pupil 2", "Élodie", "Bo", "Pupil 1" + "0" * 5000)
    children = class_of(school, "Adding", names=names)
    with school.runtime.database.write() as session:
        for number, child in zip((10, 9, 2), children, strict=False):
            row = session.scalars(select(Membership).where(Membership.person_id == child.desk.person_id)).one()
            row.sections = [f"Group {number}"]
        activity = session.scalars(select(Activity).where(Activity.title == "Adding")).one()
        tutor = school.runtime.catalog.tutor(activity.bank_id, activity.standard)
        page = class_page(session, activity, tutor, school.runtime.vault, datetime.now(UTC))
        log = grade_log(session, activity, school.runtime.vault)
    order = ["Bo", "Pupil 2", "pupil 9", "Pupil 10", names[-1], "Zoë", "Élodie", ""]
    assert [row.name for row in page.pupils] == [each.name for each in log.without] == order
    assert page.sections == ["Group 2", "Group 9", "Group 10"]


def test_who_guesses_is_named_with_the_reason_and_not_grouped(school: School) -> None:
    link = school.add_activity(*SKILLS, title="Adding")
    school.open("marit", link)
    children = class_of(school, "Adding", slow=True)
    children[1].guesses = 1.0
    for child in children:
        child.practise(12, datetime.now(UTC) - timedelta(hours=3))
    page = school.open("marit", link)
    needs = page.text[page.text.index('id="needs"') : page.text.index('id="map"')]
    assert "Answers faster than one can read" in needs
    assert re.search(r"Bea</bdi>: \d+ of the latest 10 answers too quick", needs)
    assert "Fast guessing: 2 or more of the latest 10 answers" in needs
    together = needs[needs.index('id="together"') :] if 'id="together"' in needs else ""
    assert "Bea" not in together


def test_a_group_gets_five_minutes_on_paper(school: School) -> None:
    link = school.add_activity(*SKILLS, title="Adding")
    school.open("marit", link)
    for child in class_of(school, "Adding", slow=True):
        child.practise(15, datetime.now(UTC) - timedelta(hours=3))
    page = school.open("marit", link)
    found = re.search(r'href="([^"]*/group\?[^"]*)"', page.text)
    assert found, page.text
    sheet = school.browser("marit").get(found[1].replace("&amp;", "&"), base_url=TOOL_URL)
    assert sheet.status_code == 200
    assert "Talk it through" in sheet.text
    assert sum(name in sheet.text for name in NAMES) >= 3


def test_a_class_is_filtered_by_its_sections(school: School) -> None:
    link = school.add_activity(*SKILLS, title="Adding")
    school.open("marit", link)
    children = class_of(school, "Adding")
    with school.runtime.database.write() as session:
        for number, child in enumerate(children):
            row = session.scalars(select(Membership).where(Membership.person_id == child.desk.person_id)).one()
            row.sections = ["Red"] if number % 2 else ["Blue"]
    place = school.open("marit", link).place
    everybody = school.browser("marit").get(place, base_url=TOOL_URL).text
    reds = school.browser("marit").get(f"{place}?section=Red", base_url=TOOL_URL).text
    assert all(name in everybody for name in NAMES)
    assert [name in reds for name in NAMES] == [False, True] * 3


def test_columns_that_nobody_has_begun_are_folded_away_and_come_on_request(school: School) -> None:
    bank = school.runtime.catalog.banks["math-en"]
    link = school.add_activity(*list(bank.skills)[:40], title="Adding")
    school.open("ada", link).respond("1")
    place = school.open("marit", link).place
    folded = school.browser("marit").get(place, base_url=TOOL_URL).text
    whole = school.browser("marit").get(f"{place}?skills=all", base_url=TOOL_URL).text
    assert "skills that nobody has begun" in folded
    assert "skills that nobody has begun" not in whole
    assert whole.count('<th scope="col" lang="en">') == 40
    assert folded.count('<th scope="col" lang="en">') < 5
