"""An answer: counted once, whoever sends it how often, and whatever has become of the bank meanwhile."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from threading import Barrier

import pytest
from sqlalchemy import select

from item_banks.schema import Item
from item_banks.words.audio import name_of
from lti_tool.persistence.tables.activities import Activity
from lti_tool.persistence.tables.practice import Certificate, Exposure
from lti_tool.services.catalog import BankGone
from lti_tool.services.practising.practice import Unmarkable
from lti_tool.services.practising.presented import Feedback, NotYourItem, find_presented, keep_draft
from lti_tool.services.practising.sound_reports import ReportedSound, reported_sounds
from tests.support.databases import BACKENDS, Servers
from tests.support.pupils import MATH, SPELLING, Desk, wrong_answer
from tests.support.releases import bank_without, released
from tests.support.school import School, open_school

DICTATION = "SP.DOUBLE/running/dictation"


@pytest.fixture(scope="module", params=BACKENDS)
def school(
    request: pytest.FixtureRequest, database_servers: Servers, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[School]:
    with (
        database_servers.fresh(request.param) as url,
        open_school(url, tmp_path_factory.mktemp("school")) as opened,
    ):
        yield opened


# Once


def test_an_answer_that_is_sent_again_gets_the_first_ones_feedback_and_counts_once(school: School) -> None:
    ada = Desk.newcomer(school, *MATH)
    waiting = ada.open().open_item
    assert waiting is not None
    first = ada.send(waiting.token, waiting.item.answer)
    second = ada.send(waiting.token, wrong_answer(waiting.item))
    assert isinstance(first, Feedback)
    assert isinstance(second, Feedback)
    assert (first.correct, second.correct, second.mark) == (True, True, first.mark)
    assert len(ada.opportunities) == 1


def test_two_taps_at_once_count_once(school: School) -> None:
    ada = Desk.newcomer(school, *MATH)
    for _ in range(5):
        waiting = ada.open().open_item
        assert waiting is not None
        ready = Barrier(4)

        def tap(correct: bool, item=waiting, ready=ready) -> object:  # type: ignore[no-untyped-def]
            ready.wait()
            return ada.send(item.token, item.item.answer if correct else wrong_answer(item.item))

        with ThreadPoolExecutor(4) as taps:
            results = list(taps.map(tap, [True, False, True, False]))
        assert len({result.correct for result in results if isinstance(result, Feedback)}) == 1
        assert all(isinstance(result, Feedback) for result in results)
    assert len(ada.opportunities) == 5
    assert ada.learner.presented == 5


def test_tabs_that_open_the_activity_for_the_first_time_at_once_share_one_item(school: School) -> None:
    for _ in range(3):
        noa = Desk.newcomer(school, *MATH)
        ready = Barrier(4)

        def visit(_: int, noa=noa, ready=ready) -> str:  # type: ignore[no-untyped-def]
            ready.wait()
            waiting = noa.open().open_item
            assert waiting is not None
            return str(waiting.token)

        with ThreadPoolExecutor(4) as tabs:
            assert len(set(tabs.map(visit, range(4)))) == 1
        assert noa.sittings == [None]


def test_two_activities_answered_at_once_both_teach_the_model(school: School) -> None:
    sean = Desk.newcomer(school, *MATH)
    with school.runtime.database.write() as session:
        other = Activity(
            registration_id=school.registration_id,
            title="Second",
            bank_id="math-en",
            skill_ids=["M.NF4.EQ"],
            created_at=sean.now,
        )
        session.add(other)
        session.flush()
        second = replace(sean, activity_id=other.id)
    desks = (sean, second)
    for _ in range(4):
        ready = Barrier(2)

        def work(desk: Desk, ready=ready) -> None:  # type: ignore[no-untyped-def]
            ready.wait()
            desk.answer(correct=False)

        with ThreadPoolExecutor(2) as tabs:
            list(tabs.map(work, desks))
    assert sean.learner.presented == 8
    assert [len(desk.opportunities) for desk in desks] == [4, 4]


def test_a_class_that_begins_at_the_same_second_gets_thirty_items(school: School) -> None:
    pupils = [Desk.newcomer(school, *MATH) for _ in range(12)]
    with ThreadPoolExecutor(8) as tabs:
        views = list(tabs.map(lambda pupil: pupil.answer(correct=False), pupils))
    assert len({view.open_item.token for view in views if view.open_item}) == 12


# Whose


def test_zoe_can_not_answer_adas_item(school: School) -> None:
    ada, zoe = Desk.newcomer(school, *MATH), Desk.newcomer(school, *MATH)
    waiting = ada.open().open_item
    assert waiting is not None
    with pytest.raises(NotYourItem):
        zoe.send(waiting.token, waiting.item.answer)
    assert not ada.opportunities
    assert not zoe.opportunities


@pytest.mark.parametrize("token", ["", "nobody's", "\x00", "a" * 100_000, "\N{BABY ANGEL}", "' OR 1=1 --"])
def test_a_made_up_token_is_nobodys_item(school: School, token: str) -> None:
    ada = Desk.newcomer(school, *MATH)
    with pytest.raises(NotYourItem):
        ada.send(token, "1")


def test_an_item_of_another_activity_is_not_answered_in_this_one(school: School) -> None:
    ada = Desk.newcomer(school, *MATH)
    waiting = ada.open().open_item
    assert waiting is not None
    with pytest.raises(NotYourItem):
        replace(ada, activity_id=Desk.newcomer(school, *MATH).activity_id).send(waiting.token, "1")


# What can't be marked


@pytest.mark.parametrize("typed", ["", "  \n", "\x00\x07", "\ud800", "hello", "9" * 100_000, "\N{WINKING FACE}"])
def test_what_says_nothing_is_asked_again_and_stored_nowhere(school: School, typed: str) -> None:
    ada = Desk.newcomer(school, "M.NBT2.ADDREG")
    waiting = ada.open().open_item
    assert waiting is not None
    result = ada.send(waiting.token, typed)
    assert isinstance(result, Unmarkable)
    assert result.message
    assert len(result.response) <= 200
    assert not ada.opportunities
    assert ada.open().open_item == waiting


def test_full_width_digits_are_the_number(school: School) -> None:
    sakura = Desk.newcomer(school, "M.NBT2.ADDREG")
    waiting = sakura.open().open_item
    assert waiting is not None
    answer = sakura.put("M.NBT2.ADDREG/number").answer
    full_width = "".join(chr(ord(digit) + 0xFEE0) for digit in answer)
    result = sakura.send(waiting.token, f" {full_width} ")
    assert isinstance(result, Feedback)
    assert result.correct


# Sound


def test_i_cant_hear_it_is_no_attempt_and_teaches_the_model_nothing(school: School) -> None:
    noa = Desk.newcomer(school, *SPELLING)
    noa.put(DICTATION)
    noa.answer(action="cant_hear")
    [opportunity] = noa.opportunities
    assert (opportunity.outcome, opportunity.correct) == ("no_evidence", False)
    assert opportunity.p_before == opportunity.p_after
    assert noa.learner.skills == {}
    assert noa.open().progress.attempts == 0


def test_a_word_that_pupils_could_not_hear_is_listed_with_the_file_that_would_replace_its_sound(school: School) -> None:
    def listed() -> dict[str, ReportedSound]:
        with school.runtime.database.read() as session:
            return {each.word: each for each in reported_sounds(session, school.runtime.catalog.banks)}

    assert "dropped" not in listed()
    for _ in range(2):
        pupil = Desk.newcomer(school, *SPELLING)
        item = pupil.put("SP.DOUBLE/dropped/dictation")
        pupil.answer(action="cant_hear")
    assert item.speech is not None
    found = listed()["dropped"]
    assert (found.unheard, found.recording) == (2, name_of("recorded", item.speech))


def test_after_three_unheard_words_the_sitting_does_without_dictation(school: School) -> None:
    noa = Desk.newcomer(school, *SPELLING)
    for _ in range(3):
        noa.open()
        noa.put(DICTATION)
        noa.answer(action="cant_hear")
    formats = []
    while (waiting := noa.open().open_item) is not None:
        formats.append(waiting.item.format)
        noa.answer()
    assert set(formats) >= {"missing", "cloze"}
    assert "dictation" not in formats


def test_an_item_that_can_be_read_can_not_be_skipped_as_unheard(school: School) -> None:
    lina = Desk.newcomer(school, *MATH)
    lina.answer(action="cant_hear")
    [opportunity] = lina.opportunities
    assert opportunity.outcome == "dont_know"


# Hints and drafts


def test_hints_come_one_by_one_and_are_noted(school: School) -> None:
    ada = Desk.newcomer(school, "M.NBT2.ADDREG")
    waiting = ada.open().open_item
    assert waiting is not None
    for _ in range(5):
        with school.runtime.database.write() as session:
            activity = session.get_one(Activity, ada.activity_id)
            school.runtime.practice.hint(session, activity, ada.person_id, waiting.token, ada.now)
    after = ada.open().open_item
    assert after is not None
    assert after.hints == waiting.item.hints
    assert not after.more_hints
    ada.answer()
    assert ada.opportunities[0].hints == len(waiting.item.hints)
    with school.runtime.database.read() as session:
        shown = session.scalars(select(Exposure.detail).where(Exposure.person_id == ada.person_id)).all()
    assert shown == ["1", "2", "3"]


def test_a_hint_after_the_answer_changes_nothing(school: School) -> None:
    ada = Desk.newcomer(school, "M.NBT2.ADDREG")
    waiting = ada.open().open_item
    assert waiting is not None
    ada.answer()
    with school.runtime.database.write() as session:
        activity = session.get_one(Activity, ada.activity_id)
        school.runtime.practice.hint(session, activity, ada.person_id, waiting.token, ada.now)
    assert ada.presented[0].hints_shown == 0


def test_a_draft_is_cleaned_and_offered_again(school: School) -> None:
    ada = Desk.newcomer(school, "M.NBT2.ADDREG")
    waiting = ada.open().open_item
    assert waiting is not None
    with school.runtime.database.write() as session:
        assert keep_draft(session, ada.activity_id, ada.person_id, waiting.token, "4\x002\ud800" + " " * 9 + "9" * 500)
    again = ada.launch().open_item
    assert again is not None
    assert again.draft.startswith("42 999")
    assert len(again.draft) == 200


def test_no_draft_is_kept_for_an_answered_item_or_anothers(school: School) -> None:
    ada, zoe = Desk.newcomer(school, *MATH), Desk.newcomer(school, *MATH)
    waiting = ada.open().open_item
    assert waiting is not None
    ada.answer()
    with school.runtime.database.write() as session:
        assert not keep_draft(session, ada.activity_id, ada.person_id, waiting.token, "1")
        assert not keep_draft(session, zoe.activity_id, zoe.person_id, waiting.token, "1")


# What is remembered


def test_an_opportunity_says_everything_that_led_to_the_belief(school: School) -> None:
    ada = Desk.newcomer(school, "M.NBT2.ADDREG")
    ada.answer(correct=False)
    [one] = ada.opportunities
    assert one.p_after < 0.5
    assert one.p_after != one.p_before
    assert one.seconds == pytest.approx(20)
    assert one.bank_version == school.runtime.catalog.banks["math-en"].version
    assert one.parameter_version == school.runtime.catalog.parameters["math-en"].version
    assert one.response == wrong_answer(Item.from_json(ada.presented[0].item))
    assert (one.skill_id, one.outcome, one.correct, one.hints) == ("M.NBT2.ADDREG", "answered", False, 0)


def test_no_two_items_ask_the_same_for_a_while(school: School) -> None:
    ada = Desk.newcomer(school, "M.NBT2.ADDREG")
    for _ in range(12):
        ada.answer(correct=False)
    keys = [item.item_key for item in ada.presented]
    assert len(keys) == len(set(keys))


def test_mastery_is_certified_and_never_taken_back(school: School) -> None:
    ada = Desk.newcomer(school, "M.NBT2.ADDREG")
    while ada.open().open_item is not None:
        ada.answer()

    def certificates() -> list[tuple[object, ...]]:
        query = select(Certificate.skill_id, Certificate.standard, Certificate.state)
        with school.runtime.database.read() as session:
            return [tuple(row) for row in session.execute(query.where(Certificate.person_id == ada.person_id))]

    assert certificates() == [("M.NBT2.ADDREG", 0.8, "strong")]
    ada.now += timedelta(days=2)
    ada.launch()
    ada.answer()
    assert certificates() == [("M.NBT2.ADDREG", 0.8, "kept")]
    ada.now += timedelta(days=2)
    ada.again()
    while ada.open().open_item is not None and len(ada.opportunities) < 40:
        ada.answer(correct=False)
    assert certificates() == [("M.NBT2.ADDREG", 0.8, "kept")]


# Banks that change


def test_practice_goes_on_when_a_skill_has_left_the_bank(school: School) -> None:
    ada = Desk.newcomer(school, "M.NBT2.ADDREG", "M.NF4.EQ")
    ada.answer(correct=False)
    open_before = ada.open().open_item
    assert open_before is not None
    gone = open_before.skill_id
    with released(school, "math-en", bank_without(school, "math-en", gone)):
        ada.answer(correct=True)
        last = ada.opportunities[-1]
        assert (last.skill_id, last.correct) == (gone, True)
        assert last.p_before == last.p_after
        view = ada.answer(correct=False)
        assert view.open_item is not None
        assert view.open_item.skill_id != gone
        assert view.progress.skills == 1
        assert view.progress.attempts == 3


def test_a_skill_never_answered_before_it_left_the_bank_is_believed_nothing_of(school: School) -> None:
    ada = Desk.newcomer(school, "M.NBT2.ADDREG")
    ada.open()
    with released(school, "math-en", bank_without(school, "math-en", "M.NBT2.ADDREG")):
        view = ada.answer()
        assert (ada.opportunities[0].p_before, ada.opportunities[0].p_after) == (0.0, 0.0)
        assert (view.open_item, view.report, view.progress.all_mastered) == (None, {}, False)


def test_a_bank_that_is_gone_is_said_to_be_gone(school: School) -> None:
    ada = Desk.newcomer(school, *MATH)
    with released(school, "math-en", None), pytest.raises(BankGone):
        ada.open()


def test_a_stored_item_is_found_by_its_pupil_only(school: School) -> None:
    ada, zoe = Desk.newcomer(school, *MATH), Desk.newcomer(school, *MATH)
    waiting = ada.open().open_item
    assert waiting is not None
    with school.runtime.database.read() as session:
        assert find_presented(session, ada.activity_id, ada.person_id, waiting.token).token == waiting.token
        with pytest.raises(NotYourItem):
            find_presented(session, ada.activity_id, zoe.person_id, waiting.token)


def test_a_finger_that_slips_may_try_again_once_and_then_it_counts(school: School) -> None:
    noa = Desk.newcomer(school, *SPELLING)
    noa.put("SP.DOUBLE/stopped/dictation")
    waiting = noa.open().open_item
    assert waiting is not None
    asked_again = noa.send(waiting.token, "stoppwd")
    assert isinstance(asked_again, Unmarkable)
    assert asked_again.message == "Look at each letter again. Did a finger slip?"
    assert noa.opportunities == []
    noa.send(waiting.token, "stoppwd")
    assert [each.misconceptions for each in noa.opportunities] == [["slip"]]
