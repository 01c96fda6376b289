"""What a teacher switches off is off for the pupils of the class, in every activity of it."""

from collections.abc import Callable

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.persistence.tables.activities import Activity
from lti_tool.persistence.tables.audit import AuditEvent
from lti_tool.persistence.tables.practice import PresentedItem
from lti_tool.services.assigning.features import FEATURES
from lti_tool.services.helping.pairs import pairs_of, start_pair
from lti_tool.services.practising.choosing.start_check import may_check
from lti_tool.services.practising.examples import has_example
from lti_tool.services.practising.practice import TopicChoice
from lti_tool.services.practising.sittings import latest_sitting
from lti_tool.services.pupil.reflection import reflects
from tests.support.pupils import Desk
from tests.support.school import Page, School

Seen = Callable[[School, Page, Desk, Session, Activity], bool]


def sitting_after(school: School, desk: Desk, session: Session, activity: Activity, purpose: str) -> tuple[str, object]:
    choice = TopicChoice(activity.skill_ids[0], "test_out" if purpose == "test_out" else "practice")
    school.runtime.practice.choose(session, activity, desk.person_id, choice, now=desk.now)
    sitting = latest_sitting(session, activity.id, desk.person_id)
    assert sitting is not None
    return sitting.purpose, sitting.topic


def has_a_partner(_school: School, _page: Page, desk: Desk, session: Session, activity: Activity) -> bool:
    other = session.scalars(select(PresentedItem.person_id).where(PresentedItem.person_id != desk.person_id)).first()
    assert other is not None
    people = {"first_id": desk.person_id, "second_id": other, "author_id": desk.person_id}
    start_pair(session, activity.id, skill_ids=activity.skill_ids[:1], now=desk.now, **people)
    return bool(pairs_of(session, activity.id, desk.person_id))


def sees_an_example(school: School, _page: Page, desk: Desk, session: Session, activity: Activity) -> bool:
    bank = school.runtime.catalog.bank_of(activity)
    last = session.scalars(
        select(PresentedItem)
        .where(PresentedItem.person_id == desk.person_id, PresentedItem.answered_at.is_not(None))
        .order_by(PresentedItem.id.desc())
    ).first()
    assert last is not None
    return has_example(session, bank, last, correct=False)


def has_hints(school: School, _page: Page, desk: Desk, session: Session, activity: Activity) -> bool:
    view = school.runtime.practice.open(
        session, activity, desk.person_id, since=desk.launched_at, locale="en", now=desk.now
    )
    return view.open_item is not None and view.open_item.more_hints


def may_be_checked(_school: School, _page: Page, _desk: Desk, session: Session, activity: Activity) -> bool:
    activity.start_check = True
    return may_check(session, activity, "somebody new")


def may_wish(school: School, _page: Page, desk: Desk, session: Session, activity: Activity) -> bool:
    practice = school.runtime.practice
    view = practice.open(session, activity, desk.person_id, since=desk.launched_at, locale="en", now=desk.now)
    assert view.open_item is not None
    answer = {"token": view.open_item.token, "response": view.open_item.item.answer, "action": "answer"}
    practice.answer(session, activity, desk.person_id, **answer, locale="en", now=desk.now)
    practice.wish(session, activity, desk.person_id, "harder", now=desk.now)
    sitting = latest_sitting(session, activity.id, desk.person_id)
    return sitting is not None and sitting.level == "harder"


SEEN: dict[str, Seen] = {
    "start_check": may_be_checked,
    "hints": has_hints,
    "worked_examples": sees_an_example,
    "metacognition": lambda s, _p, _d, session, activity: reflects(
        session, activity, s.runtime.catalog.bank_of(activity)
    ),
    "level": may_wish,
    "ahead": lambda s, _p, desk, session, a: sitting_after(s, desk, session, a, "test_out")[0] == "test_out",
    "pairs": has_a_partner,
}


ON_TODAY = {"choice": "Or choose something else", "goals": 'name="goal"'}


def test_a_probe_stands_here_for_every_feature() -> None:
    assert SEEN.keys() | ON_TODAY.keys() == set(FEATURES)


def test_each_feature_that_is_switched_off_is_off_for_pupils_and_comes_back(school: School) -> None:
    link = school.add_activity("M.NBT2.ADDREG", "M.NBT2.SUBREG", "M.NBT3.SUB0")
    marit, ada = school.open("marit", link), school.open("ada", link)
    school.open("noa", link)
    desk = Desk.of(ada)
    with school.runtime.database.write() as session:
        activity = session.get_one(Activity, desk.activity_id)
        activity.own_frontier = activity.metacognition = True
        activity.start_check = False
    desk.answer(correct=False)
    ada.send("warm-up/next", part="type", skip="1")

    def seen(feature: str) -> bool:
        if feature in ON_TODAY:
            return ON_TODAY[feature] in ada.reload().text
        with school.runtime.database.write() as session:
            found = SEEN[feature](school, ada, desk, session, session.get_one(Activity, desk.activity_id))
            session.rollback()
            return found

    for off in FEATURES:
        saved = marit.send("features/save", on=[each for each in FEATURES if each != off])
        assert saved.status == 200
        assert saved.text.count("checked") == len(FEATURES) - 1
        assert not seen(off), f"{off} is off"
        marit.send("features/save", on=list(FEATURES))
        assert seen(off), f"{off} is on again"
    with school.runtime.database.read() as session:
        changes = session.scalars(select(AuditEvent).where(AuditEvent.action == "course.features")).all()
    assert len(changes) == 2 * len(FEATURES)
