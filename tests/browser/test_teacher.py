"""A teacher's five minutes inside the LMS: add an activity, see whom to help, act, print."""

import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from random import Random
from types import SimpleNamespace

import pytest
from playwright.sync_api import Locator, expect
from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.learner import Learner, Response
from engine.tutor import Tutor
from lti_tool.persistence.tables.activities import Activity, LineItem
from lti_tool.persistence.tables.grades import ScoreOutbox
from lti_tool.persistence.tables.people import Membership
from lti_tool.persistence.tables.people import Person as Account
from lti_tool.persistence.tables.practice import LearnerState
from lti_tool.persistence.tables.summaries import PracticeTotal
from lti_tool.services.catalog import Catalog
from lti_tool.services.practising.practice import Practice
from lti_tool.services.practising.sittings import SittingRules
from sandbox_lms.records.people import PUPILS, person
from tests.browser.garden import NEWCOMERS
from tests.browser.people import Person
from tests.browser.site import COURSE, Site
from tests.browser.test_looks import assert_fit_for_all
from tests.support.classes import Child, seat

pytestmark = pytest.mark.browser
Visit = Callable[..., Person]

PHONE = (360,)
SKILLS = ("M.OA2.ADD20", "M.OA2.SUB20", "M.NBT2.ADDREG", "M.NBT2.SUBREG", "M.NBT3.SUB0", "M.NF4.EQ")


def practised(site: Site, title: str) -> list[Child]:
    """The class practises through the services for a week; two of them guess."""
    catalog = Catalog.load()
    runtime = SimpleNamespace(
        database=site.database, catalog=catalog, practice=Practice(catalog, SittingRules(15, 15), Random(2))
    )
    with site.database.read() as session:
        activity = session.scalars(select(Activity).where(Activity.title == title)).one()
        newcomers = [person(entry, "pupil").sub for entry in PUPILS if entry[0] in NEWCOMERS]
        pupils = select(Account.id).where(Account.sub.not_in(newcomers), Account.id.in_(pupils_of(session, activity)))
        people = list(session.scalars(pupils.order_by(Account.created_at, Account.sub).limit(12)))
    children = seat(SimpleNamespace(runtime=runtime), activity.id, dict.fromkeys(people, ""), 5, slow=True)
    for child in children[:2]:
        child.guesses = 1.0
    for days in (6, 4, 1):
        for child in children:
            child.practise(12, datetime.now(UTC) - timedelta(days=days))
    return children


@contextmanager
def behind_the_lms(site: Site) -> Iterator[sqlite3.Connection]:
    """What an administrator does to the practice LMS that none of its pages can do."""
    with closing(sqlite3.connect(site.demo.folder / "lms.db", timeout=30)) as lms, lms:
        yield lms


def new_class(site: Site, course: str, pupils: int) -> list[str]:
    """A class of Marit's in the LMS, whose pupils are Pupil 01, Pupil 02 and so on. What the LMS calls them."""
    names = [f"Pupil {number:02}" for number in range(1, pupils + 1)]
    with behind_the_lms(site) as lms:
        lms.execute("INSERT INTO course (id, label, title) VALUES (?, ?, ?)", (course, course, f"The {course}"))
        lms.execute("INSERT INTO membership (course_id, person_id, role) VALUES (?, 'marit', 'Instructor')", (course,))
        for name in names:
            who = f"{course}-{name[-2:]}"
            lms.execute("INSERT INTO person VALUES (?, ?, ?, ?, '', 'pupil')", (who, who, name, name))
            lms.execute("INSERT INTO membership (course_id, person_id, role) VALUES (?, ?, 'Learner')", (course, who))
    return [f"{course}-{name[-2:]}" for name in names]


def answered(tutor: Tutor, learner: Learner, skill: str, right: list[bool]) -> Learner:
    """What is believed of a pupil after these answers, ten minutes apart, the last of them just now."""
    items, last = tutor.curriculum.items_of(skill), len(right) - 1
    for turn, correct in enumerate(right):
        moment = datetime.now(UTC) - timedelta(minutes=10 * (last - turn))
        learner = tutor.observe(learner, Response(items[turn % len(items)], correct), now=moment)
    return learner


def put_aside(tutor: Tutor, learner: Learner, skill: str) -> Learner:
    """After as many wrong answers as it takes until the tutor gives something else first, the last one lately."""
    items, moment = tutor.curriculum.items_of(skill), datetime.now(UTC) - timedelta(hours=12)
    for turn in range(70):
        learner = tutor.observe(learner, Response(items[turn % len(items)], False), now=moment)
        moment += timedelta(minutes=10)
        if tutor.report(learner, now=moment, within=[skill])[skill].state == "stuck":
            return learner
    raise AssertionError(f"{skill} was never put aside")


def pupils_of(session: Session, activity: Activity) -> list[str]:
    """Those whom the tool knows to be in the activity's class, in the order of what the LMS calls them."""
    query = select(Account.id).join(Membership, Membership.person_id == Account.id)
    query = query.where(Membership.context_id == activity.context_id, Membership.role == "pupil")
    return list(session.scalars(query.order_by(Account.sub)))


def pupils_known(site: Site, title: str) -> int:
    """How many pupils the tool has read from the class list, or met."""
    with site.database.read() as session:
        return len(pupils_of(session, session.scalars(select(Activity).where(Activity.title == title)).one()))


def everybody_has_worked(site: Site, title: str, *, hard: str, stuck: set[int], idle: set[int]) -> None:
    """Thirty pupils whose answers are right, but for those who get nowhere in one skill; the idle have given none."""
    catalog = Catalog.load()
    with site.database.write() as session:
        activity = session.scalars(select(Activity).where(Activity.title == title)).one()
        tutor = catalog.tutor(activity.bank_id, activity.standard)
        others = [skill for skill in activity.skill_ids if skill != hard]
        for number, person_id in enumerate(pupils_of(session, activity), 1):
            if number in idle:
                continue
            learner = tutor.new_learner()
            for skill in others[number % 3 :: 9]:
                learner = answered(tutor, learner, skill, [True] * 6)
            if number in stuck:
                learner = put_aside(tutor, learner, hard)
            else:
                learner = answered(tutor, learner, hard, [True] * 20)
            values = {"learner": learner.to_json(), "updated_at": datetime.now(UTC), "version": 1}
            session.add(LearnerState(person_id=person_id, bank_id=activity.bank_id, **values))
            counts = {"tries": 80, "honest": 80, "right": 60, "sittings": 5, "seconds": 1500.0, "latest": "h" * 10}
            session.add(PracticeTotal(activity_id=activity.id, person_id=person_id, **counts))


def refused(site: Site, title: str) -> bool:
    """Whether the LMS did not take a grade of the activity."""
    with site.database.read() as session:
        query = select(ScoreOutbox.state).join(ScoreOutbox.line_item).join(LineItem.activity)
        return "parked" in session.scalars(query.where(Activity.title == title)).all()


def until(person: Person, happened: Callable[[], bool]) -> None:
    """Wait for what no page shows by itself."""
    for _ in range(300):
        if happened():
            return
        person.page.wait_for_timeout(200)
    raise AssertionError("it did not happen within a minute")


class Clicks:
    """Counts what a teacher presses."""

    def __init__(self) -> None:
        self.count = 0

    def on(self, what: Locator) -> None:
        what.click()
        self.count += 1


def test_a_new_teacher_adds_sees_acts_and_prints(visit: Visit, site: Site) -> None:
    marit, clicks = visit("marit"), Clicks()
    marit.page.goto(f"{site.demo.lms_url}/courses/{COURSE}")
    clicks.on(marit.page.get_by_role("link", name="Add an activity"))
    marit.enter_frame()
    for word, skill in (("add within 20", SKILLS[0]), ("across zeros", SKILLS[4])):
        marit.room.locator("#q").fill(word)
        clicks.on(marit.room.locator(f'input[value="{skill}"]'))
    marit.room.locator("#q").fill("")
    for skill in (SKILLS[1], SKILLS[2]):
        clicks.on(marit.room.locator(f'input[value="{skill}"]'))
    clicks.on(marit.room.get_by_role("button", name="Add to the course"))
    marit.page.get_by_role("link", name="Add within 20").first.wait_for()
    assert clicks.count < 10


def test_whom_to_help_a_word_taken_back_and_a_sheet_by_keyboard(visit: Visit, site: Site) -> None:
    link = site.add_activity(*SKILLS, title="Numbers of May")
    for who in ("ada", "noa"):
        site.practise(who, link, [True])
    marit = visit("marit")
    marit.open(link)
    until(marit, lambda: pupils_known(site, "Numbers of May") >= len(PUPILS))
    practised(site, "Numbers of May")
    marit.open(link)
    expect(marit.room.get_by_text(re.compile("Class list from the LMS"))).to_be_visible()
    needs = marit.room.locator(".needs").first
    expect(needs).to_contain_text("Answers faster than one can read")
    expect(marit.room.locator(".headline")).to_be_visible()
    assert needs.locator("> ul > li").count() <= 5
    assert_fit_for_all(marit.page, marit.room, "the class page with needs, groups and a map")
    marit.page.set_viewport_size({"width": 1280, "height": 900})

    marit.room.locator(".work tbody .person").first.focus()
    marit.page.keyboard.press("Enter")
    marit.room.locator("h1 + p").wait_for()
    assert_fit_for_all(marit.page, marit.room, "the pupil's page")
    marit.page.set_viewport_size({"width": 1280, "height": 900})
    marit.room.locator('input[name="act"][value="strong"]').focus()
    marit.page.keyboard.press("Space")
    marit.page.keyboard.press("Tab")
    marit.page.keyboard.type("Explained it at the board.")
    marit.page.keyboard.press("Enter")
    said = marit.room.locator("td", has_text="Explained it at the board.")
    expect(said).to_contain_text("strong")
    said.get_by_role("button", name="Take it back").press("Enter")
    expect(said).to_have_count(0)
    marit.room.get_by_role("link", name="In plain words, for parents").press("Enter")
    marit.room.get_by_text("What helps at home").or_(marit.room.get_by_text("has learned")).first.wait_for()
    assert_fit_for_all(marit.page, marit.room, "the page for parents")

    marit.open(link)
    marit.room.get_by_role("link", name="Five-minute activity", exact=True).first.press("Enter")
    marit.room.get_by_role("heading", name="Talk it through").wait_for()
    assert_fit_for_all(marit.page, marit.room, "five minutes with a group")
    marit.open(link)
    marit.room.get_by_role("link", name="A practice on paper").press("Enter")
    expect(marit.room.locator(".question-on-paper")).to_have_count(10)
    assert_fit_for_all(marit.page, marit.room, "a practice on paper")
    marit.open(link)
    marit.room.get_by_role("link", name="What it does, and why").press("Enter")
    marit.room.get_by_role("heading", name="Find out where to start").wait_for()
    assert_fit_for_all(marit.page, marit.room, "what it does, and why")


def test_four_of_thirty_who_get_nowhere_are_named_first_and_a_click_away(visit: Visit, site: Site) -> None:
    hard, course, name = "M.NBT2.SUBREG", "class-of-thirty", "All of the year"
    new_class(site, course, 30)
    skills = Catalog.load().banks["math-en"].skills
    link = site.add_activity(*[*dict.fromkeys((hard, *skills))][:90], title=name, course=course)
    marit = visit("marit")
    marit.open(link, course=course)
    until(marit, lambda: pupils_known(site, name) == 30)
    everybody_has_worked(site, name, hard=hard, stuck={3, 11, 12, 29}, idle={7, 20})
    marit.open(link, course=course)
    assert marit.room.locator(".skill-map tbody tr").count() == 30
    needs = marit.room.locator(".needs > ul > li")
    assert [line.locator(".person").all_inner_texts() for line in needs.all()] == [
        ["Pupil 03", "Pupil 11", "Pupil 12", "Pupil 29"],
        ["Pupil 07", "Pupil 20"],
    ]
    expect(marit.room.locator(".headline")).to_contain_text(f"4 pupils are stuck on {skills[hard].title}")
    expect(needs.first).to_contain_text("Do one worked example together")
    needs.first.locator("summary").click()
    expect(needs.first.locator("details li").first).to_contain_text(re.compile(r"Pupil 03: \d\d answers"))
    assert_fit_for_all(marit.page, marit.room, "a class of thirty with ninety skills", PHONE)
    marit.page.set_viewport_size({"width": 1280, "height": 900})
    needs.first.locator(".person", has_text="Pupil 11").click()
    expect(marit.room.locator("h1")).to_contain_text("Pupil 11")
    row = marit.room.get_by_role("row").filter(has=marit.room.get_by_role("rowheader", name=skills[hard].title))
    expect(row.first).to_contain_text("stuck")
    expect(row.first).to_contain_text(re.compile(r"\d\d answers"))
    for untouched in marit.room.get_by_role("row").filter(has_text="not started").all()[:3]:
        expect(untouched).not_to_contain_text("%")
    assert_fit_for_all(marit.page, marit.room, "a pupil with ninety skills", PHONE)


def test_a_grade_that_the_lms_refused_is_sent_again_from_the_teachers_page(visit: Visit, site: Site) -> None:
    course, title = "class-with-a-gap", "Sent once more"
    [away, _] = new_class(site, course, 2)
    link = site.add_activity(SKILLS[0], title=title, course=course)

    def enrolled_as(status: str) -> None:
        with behind_the_lms(site) as lms:
            lms.execute("UPDATE membership SET status = ? WHERE person_id = ?", (status, away))

    def leaves_and_answers() -> Iterator[bool]:
        enrolled_as("Inactive")
        yield True

    site.practise(away, link, leaves_and_answers(), course=course)
    marit = visit("marit")
    until(marit, lambda: refused(site, title))
    marit.open(link, course=course)
    told = marit.room.locator(".opening .needs-you", has_text="The LMS did not take 1 grade.")
    told.get_by_role("link", name="Grades of this activity").click()
    expect(marit.room.get_by_text("The LMS did not take 1 grade.")).to_be_visible()
    parked = marit.room.locator(".grade-line.state-parked")
    # With the second sentence once the class list was read, in which the pupil is missing.
    expect(parked).to_contain_text(re.compile("The LMS refused it|is not enrolled any more"))
    assert_fit_for_all(marit.page, marit.room, "grades of which the LMS took one not", PHONE)
    marit.page.set_viewport_size({"width": 1280, "height": 900})
    enrolled_as("Active")
    assert site.grade(away, title, course=course) is None
    parked.get_by_role("button", name="Send again").click()
    expect(parked).to_have_count(0)
    until(marit, lambda: site.grade(away, title, course=course) is not None)
    grade = site.grade(away, title, course=course)
    assert grade is not None
    marit.reload()
    there = marit.room.locator(".grade-line.state-delivered")
    expect(there).to_contain_text("In the gradebook, sent")
    assert there.locator(".points strong").inner_text() == f"{grade['score']:.2f}"


def test_a_dictation_is_printed_with_what_to_read_on_a_page_of_its_own(visit: Visit, site: Site) -> None:
    marit = visit("marit")
    marit.open(site.add_activity("SP.DOUBLE", title="Words to read aloud"))
    marit.room.get_by_text("A dictation to read aloud", exact=True).press("Enter")
    read = marit.room.locator(".read li")
    expect(read).to_have_count(10)
    marit.room.get_by_label("How many").select_option("15")
    marit.room.get_by_role("button", name="Another sheet").press("Enter")
    expect(read).to_have_count(15)
    assert marit.room.locator(".lines li").count() == 15
    words = marit.room.locator(".read strong").all_inner_texts()
    assert len(set(words)) == 15
    for word, line in zip(words, read.all_inner_texts(), strict=True):
        assert re.search(rf"– .*\b{word}\b", line, re.IGNORECASE), line
    assert_fit_for_all(marit.page, marit.room, "a dictation", PHONE)
    marit.page.set_viewport_size({"width": 1280, "height": 900})
    marit.room.evaluate("window.print = () => { window.printed = true; }")
    marit.room.get_by_role("button", name="Print").click()
    assert marit.room.evaluate("window.printed") is True, "the sheet alone, not the LMS's page around it"
    marit.page.emulate_media(media="print")
    assert marit.room.locator(".no-print").evaluate_all("all => all.every(each => !each.getClientRects().length)")
    assert marit.room.locator(".key").evaluate("key => getComputedStyle(key).breakBefore") == "page"
    assert not set(words) & set(re.findall(r"\w+", marit.room.locator(".lines").inner_text()))
