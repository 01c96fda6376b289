"""Which word of a pattern a pupil is asked: new ones, missed ones, and in checks those not seen for three weeks."""

import random
from datetime import datetime, timedelta

from sqlalchemy import inspect, select

from engine.learner import SkillReport
from lti_tool.persistence.base import random_id
from lti_tool.persistence.tables.practice import PresentedItem
from lti_tool.services.practising.choosing.word_choice import fitting_word
from tests.support.pupils import Desk
from tests.support.school import School

NEW = SkillReport(0.1, 0.2, 0.3, "growing", 3, ())
NEAR = SkillReport(0.6, 0.5, 0.8, "growing", 9, ())
STRONG = SkillReport(0.98, 0.95, 0.9, "strong", 30, ())


def words(school: School, *, reserved: bool) -> set[str]:
    bank = school.runtime.catalog.banks["spelling-en"]
    doubled = (word for key, word in bank.words.items() if key.startswith("SP.DOUBLE/"))
    return {word.word for word in doubled if word.reserved == reserved}


def asked(desk: Desk, report: SkillReport, *, form: str = "dictation", at: datetime | None = None) -> set[str]:
    """The words that chance takes in a hundred tries, whatever the tutor chose."""
    school = desk.school
    bank, rng = school.runtime.catalog.banks["spelling-en"], random.Random(1)
    templates = [each for each in bank.templates if each.startswith("SP.DOUBLE/") and each.endswith(f"/{form}")]
    with school.runtime.database.read() as session:
        found = [
            fitting_word(session, bank, desk.person_id, rng.choice(templates), report, 0.8, rng=rng, now=at or desk.now)
            for _ in range(100)
        ]
    return {template_id.split("/")[1] for template_id in found}


def practise(desk: Desk, *answers: tuple[str, bool]) -> None:
    """Dictate these words in this order; each is written right or not."""
    for word, right in answers:
        desk.put(f"SP.DOUBLE/{word}/dictation")
        waiting = desk.open().open_item
        assert waiting is not None
        desk.now += desk.pace
        desk.send(waiting.token, word if right else "qqqq")
        if desk.sittings[-1] is not None:
            desk.again()


def show(desk: Desk, *shown: str) -> None:
    """Put these words before the pupil, as if in sittings before; none was answered."""
    desk.open()
    with desk.school.runtime.database.write() as session:
        row = session.scalars(select(PresentedItem).where(PresentedItem.person_id == desk.person_id)).one()
        copied = {column.key: getattr(row, column.key) for column in inspect(PresentedItem).column_attrs}
        for word in shown:
            template_id = f"SP.DOUBLE/{word}/dictation"
            own = {"id": None, "token": random_id(), "template_id": template_id, "answered_at": desk.now}
            session.add(PresentedItem(**copied | own))


def test_practice_leaves_the_words_for_checks_alone(school: School) -> None:
    assert asked(Desk.newcomer(school, "SP.DOUBLE"), NEW) == words(school, reserved=False)


def test_a_missed_word_rests_and_then_comes_back_between_new_ones(school: School) -> None:
    noa = Desk.newcomer(school, "SP.DOUBLE")
    practise(noa, ("running", False), ("funny", True))
    assert "running" not in asked(noa, NEW)
    practise(noa, ("bigger", True), ("stopped", True), ("planned", True))
    found = asked(noa, NEW)
    assert "running" in found
    assert found & {"funny", "bigger", "stopped", "planned"} == set()


def test_near_mastery_no_word_is_asked_that_was_shown_in_three_weeks(school: School) -> None:
    noa = Desk.newcomer(school, "SP.DOUBLE")
    practise(noa, ("running", False), ("funny", True), ("bigger", True), ("stopped", True), ("planned", True))
    found = asked(noa, NEAR)
    assert found & {"running", "funny", "bigger", "stopped", "planned"} == set()
    assert found <= words(school, reserved=False)
    assert "running" in asked(noa, NEAR, at=noa.now + timedelta(days=22))


def test_where_all_others_were_shown_a_check_takes_a_word_kept_for_it(school: School) -> None:
    noa = Desk.newcomer(school, "SP.DOUBLE")
    every = sorted(words(school, reserved=False))
    show(noa, *every)
    assert asked(noa, NEAR) == words(school, reserved=True)
    opened = noa.presented[0].template_id.split("/")[1]
    # In practice the one that has rested longest comes instead.
    assert asked(noa, NEW) == {next(word for word in every if word != opened)} | ({every[0]} - {opened})


def test_once_strong_each_word_comes_back_at_its_own_date(school: School) -> None:
    noa = Desk.newcomer(school, "SP.DOUBLE")
    noa.pace = timedelta(minutes=2)  # dates are kept in minutes
    practise(noa, ("running", True), ("funny", False))
    assert asked(noa, STRONG) == {"funny"}  # missed: due at once
    practise(noa, ("funny", True))
    opened = noa.presented[-1].template_id.split("/")[1]
    before = asked(noa, STRONG, at=noa.now + timedelta(days=1))
    assert before == words(school, reserved=False) - {"running", "funny", opened}
    assert asked(noa, STRONG, at=noa.now + timedelta(days=2)) == {"running"}


def test_words_of_a_pattern_are_sorted_before_one_is_completed_and_count_as_seen_not_as_asked(school: School) -> None:
    noa = Desk.newcomer(school, "SP.ER")
    bank, rng = school.runtime.catalog.banks["spelling-en"], random.Random(1)
    item = noa.put("SP.ER/bird/sort")
    cards = {card.label for card in item.response.choices}
    noa.answer(correct=True)

    def found(report: SkillReport) -> set[tuple[str, str]]:
        with school.runtime.database.read() as session:
            chosen = [
                fitting_word(session, bank, noa.person_id, "SP.ER/girl/missing", report, 0.8, rng=rng, now=noa.now)
                for _ in range(150)
            ]
        return {(bank.templates[each].format, each.split("/")[1]) for each in chosen}

    assert {form for form, _ in found(NEW)} == {"missing", "sort"}
    assert cards & {word for _, word in found(NEW)} != set()
    assert {form for form, _ in found(NEAR)} == {"missing"}
    assert cards & {word for _, word in found(NEAR)} == set()


def test_who_is_strong_looks_for_mistakes_and_words_of_a_list_stay_as_chosen(school: School) -> None:
    noa = Desk.newcomer(school, "SP.DOUBLE")
    bank, rng = school.runtime.catalog.banks["spelling-en"], random.Random(1)
    with school.runtime.database.read() as session:

        def found(template_id: str, report: SkillReport) -> str:
            return fitting_word(session, bank, noa.person_id, template_id, report, 0.8, rng=rng, now=noa.now)

        assert found("SP.DOUBLE/running/missing", STRONG) == "SP.DOUBLE/running/proofread"
        assert found("SP.HF34/busy/dictation", NEW) == "SP.HF34/busy/dictation"
