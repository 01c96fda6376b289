"""How long a pupil practises in one go, and what coming back later does."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lti_tool.persistence.tables.activities import Activity
from tests.support.databases import BACKENDS, Servers
from tests.support.pupils import MATH, SPELLING, Desk
from tests.support.school import School, open_school


@pytest.fixture(scope="module", params=BACKENDS)
def school(
    request: pytest.FixtureRequest, database_servers: Servers, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[School]:
    with (
        database_servers.fresh(request.param) as url,
        open_school(url, tmp_path_factory.mktemp("school")) as opened,
    ):
        yield opened


def test_a_sitting_ends_after_15_items(school: School) -> None:
    ada = Desk.newcomer(school, *MATH)
    while ada.open().open_item is not None:
        ada.answer(correct=False)
    assert len(ada.opportunities) == 15
    assert ada.sittings == ["items"]
    assert ada.open().items_done == 15


def test_a_slow_pupil_is_done_after_15_minutes_with_the_item_that_was_open(school: School) -> None:
    sean = Desk.newcomer(school, *MATH)
    sean.pace = timedelta(minutes=4)
    while sean.open().open_item is not None:
        sean.answer(correct=False)
    assert len(sean.opportunities) == 4  # 4, 8 and 12 minutes are too few, 16 are enough
    assert sean.sittings == ["minutes"]


def test_words_that_were_not_heard_are_no_attempts_so_the_sitting_goes_on_to_12(school: School) -> None:
    zoe = Desk.newcomer(school, *SPELLING)
    zoe.pace = timedelta(seconds=10)
    for _ in range(2):
        zoe.put("SP.DOUBLE/running/dictation")
        zoe.answer(action="cant_hear")
    done = 2
    while zoe.open().open_item is not None:
        zoe.answer(correct=False)
        done += 1
    assert (done, zoe.open().progress.attempts) == (15, 13)


def test_a_sitting_never_ends_before_12_attempts_however_few_items_it_should_have(school: School) -> None:
    lina = Desk.newcomer(school, *MATH)
    with school.runtime.database.write() as session:
        session.get_one(Activity, lina.activity_id).attempts_for_full_points = 20
    while lina.open().open_item is not None:
        lina.answer(correct=False)
    assert len(lina.opportunities) == 20


def test_the_end_stays_on_the_page_until_the_next_launch(school: School) -> None:
    yusuf = Desk.newcomer(school, *MATH)
    while yusuf.open().open_item is not None:
        yusuf.answer(correct=False)
    yusuf.now += timedelta(minutes=3)
    assert yusuf.open().end_reason == "items"
    assert yusuf.launch().open_item is not None
    assert yusuf.sittings == ["items", None]


def test_more_practice_after_the_end_begins_one_sitting_however_often_it_is_tapped(school: School) -> None:
    noa = Desk.newcomer(school, *MATH)
    while noa.open().open_item is not None:
        noa.answer(correct=False)
    for _ in range(3):
        noa.again()
    assert noa.sittings == ["items", None]
    assert noa.open().open_item is not None


def test_more_practice_at_the_very_moment_of_the_end_and_with_a_clock_set_back(school: School) -> None:
    mali = Desk.newcomer(school, *MATH)
    while mali.open().open_item is not None:
        mali.answer(correct=False)
    mali.now -= timedelta(minutes=2)
    for _ in range(2):
        mali.again()
    assert mali.open().open_item is not None
    mali.answer(correct=False)
    assert mali.sittings == ["items", None]


def test_who_comes_back_after_half_an_hour_begins_anew_with_the_same_item(school: School) -> None:
    nino = Desk.newcomer(school, *MATH)
    waiting = nino.open().open_item
    nino.now += timedelta(minutes=31)
    back = nino.open().open_item
    assert waiting is not None
    assert back is not None
    assert back.token == waiting.token
    assert nino.sittings == ["left", None]


def test_who_comes_back_after_20_minutes_by_a_new_launch_has_a_whole_sitting_ahead(school: School) -> None:
    kavin = Desk.newcomer(school, *MATH)
    for _ in range(3):
        kavin.answer(correct=False)
    kavin.now += timedelta(minutes=20)
    kavin.launch()
    kavin.answer(correct=False)
    assert kavin.sittings == ["left", None]


def test_who_looks_up_from_the_page_for_20_minutes_answers_and_is_done(school: School) -> None:
    selam = Desk.newcomer(school, *MATH)
    waiting = selam.open().open_item
    assert waiting is not None
    selam.now += timedelta(minutes=20)
    selam.send(waiting.token, waiting.item.answer)
    assert selam.sittings == ["minutes"]
    assert len(selam.opportunities) == 1


def test_two_tabs_show_one_item_and_one_sitting(school: School) -> None:
    priya = Desk.newcomer(school, *MATH)
    first, second = priya.open().open_item, priya.open().open_item
    assert first == second
    priya.now += timedelta(minutes=1)
    second_tab = priya.launch().open_item
    assert first is not None
    assert second_tab is not None
    assert second_tab.token == first.token
    assert priya.sittings == [None]


@settings(max_examples=12)
@given(
    steps=st.lists(
        st.tuples(
            st.integers(-90, 90).map(lambda minutes: timedelta(minutes=minutes)),
            st.sampled_from(["right", "wrong", "dont_know", "cant_hear", "launch", "again", "open"]),
        ),
        max_size=12,
    )
)
def test_whatever_the_clock_does_one_item_is_open_or_the_sitting_has_ended(
    school: School, steps: list[tuple[timedelta, str]]
) -> None:
    anh = Desk.newcomer(school, "M.NBT2.ADDREG", "M.NF4.EQ")
    before = len(anh.opportunities)
    answered = 0
    for jump, step in steps:
        anh.now += jump
        view = anh.open()
        if step == "launch":
            view = anh.launch()
        elif step == "again":
            anh.again()
        elif view.open_item is not None and step in ("right", "wrong"):
            anh.answer(correct=step == "right")
            answered += 1
        elif view.open_item is not None and step in ("dont_know", "cant_hear"):
            anh.answer(action="dont_know" if step == "dont_know" else "cant_hear")
            answered += 1
        view = anh.open()
        assert (view.open_item is None) == (view.end_reason is not None)
        assert sum(item.answered_at is None for item in anh.presented) <= 1
        assert anh.sittings.count(None) <= 1
    assert len(anh.opportunities) - before == answered
