"""Whatever is posted as an answer: a page comes back, nothing is lost, and nobody is let in elsewhere."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from threading import Barrier

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lti_tool.persistence.tables.launches import LaunchSession
from tests.support.databases import BACKENDS, Servers
from tests.support.pupils import MATH, SPELLING, Desk, wrong_answer
from tests.support.releases import bank_without, released
from tests.support.school import TOOL_URL, Page, School, open_school

pytestmark = pytest.mark.both_databases  # taps at the same time


@pytest.fixture(scope="module", params=BACKENDS)
def school(
    request: pytest.FixtureRequest, database_servers: Servers, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[School]:
    with (
        database_servers.fresh(request.param) as url,
        open_school(url, tmp_path_factory.mktemp("school")) as opened,
    ):
        yield opened


@pytest.fixture(scope="module")
def math(school: School) -> int:
    return school.add_activity(*MATH, title="Sums")


@pytest.fixture(scope="module")
def spelling(school: School) -> int:
    return school.add_activity(*SPELLING, title="Words")


def expire(page: Page) -> None:
    with page.school.runtime.database.write() as session:
        session.get_one(LaunchSession, page.place.rsplit("/", 1)[-1]).expires_at = datetime(2020, 1, 1, tzinfo=UTC)


ODD_TEXTS = {
    "empty": ("", 422),
    "spaces": ("   ", 422),
    "100 KB": ("7" * 100_000, 422),
    "control characters": ("\x01\x02\x1b[31m", 422),
    "NUL": ("4\x002", 200),
    "lone surrogate": ("\ud800", 422),
    "markup": ("<script>alert(1)</script>", 422),
    "emoji": ("\N{SMILING FACE WITH SUNGLASSES}", 422),
    "full-width digits": ("４２", 200),
    "not a number": ("many", 422),
    "infinity": ("inf", 422),
    "an exponent": ("1e999999", 422),
    "right-to-left override": ("\u202e42", 200),
}


@pytest.mark.parametrize("name", ODD_TEXTS)
def test_an_odd_answer_to_a_sum_gets_a_page(school: School, math: int, name: str) -> None:
    text, status = ODD_TEXTS[name]
    page = school.open("ada", math)
    before = len(Desk.of(page).opportunities)
    after = page.send("answer", item=page.item_token, response=text.encode(errors="surrogatepass"))
    assert after.status == status
    assert "<script>alert" not in after.text
    assert len(Desk.of(page).opportunities) - before == (status == 200)
    if status == 422:
        assert page.item_token == after.item_token
        assert 'role="alert"' in after.text


@pytest.mark.parametrize(
    "text",
    ["cafe\u0301", "<b>running</b>", "\N{SMILING FACE WITH SUNGLASSES}g", "ｒｕｎｎｉｎｇ", "running'; DROP"],
)
def test_an_odd_spelling_is_marked_and_shown_as_it_was_typed(school: School, spelling: int, text: str) -> None:
    page = school.open("zoe", spelling)
    Desk.of(page).put("SP.DOUBLE/running/dictation")
    answered = page.respond(text)
    assert answered.status == 200
    assert "<b>" not in answered.text
    [*_, last] = Desk.of(page).opportunities
    assert last.response == text
    assert last.correct == (text == "ｒｕｎｎｉｎｇ")


def test_the_answer_of_another_pupils_item_is_refused_and_the_way_on_is_shown(school: School, math: int) -> None:
    ada, sean = school.open("ada", math), school.open("sean", math)
    answer = sean.send("answer", item=ada.item_token, response=ada.item.answer)
    assert answer.status == 404
    assert "That question has moved on" in answer.text
    assert f'href="{sean.place}"' in answer.text


def test_back_after_answering_and_sending_again_shows_the_same_feedback(school: School, math: int) -> None:
    page = school.open("lina", math)
    first = page.respond(wrong_answer(page.item))
    again = page.respond(page.item.answer)
    assert (first.status, again.status) == (200, 200)
    assert "Not yet." in first.text
    assert "Not yet." in again.text
    assert len(Desk.of(page).opportunities) == 1


def test_two_taps_at_once_are_one_answer(school: School, math: int) -> None:
    page = school.open("yusuf", math)
    token = page.fields("answer-form")["form_token"]
    cookie = school.browser("yusuf").get_cookie(f"__Host-proximal-{page.place.rsplit('/', 1)[-1]}", domain="127.0.0.1")
    assert cookie is not None
    ready = Barrier(3)

    def tap(_: int) -> int:
        browser = school.app.test_client(use_cookies=False)
        ready.wait()
        return browser.post(
            f"{page.place}/answer",
            data={"form_token": token, "item": page.item_token, "response": page.item.answer},
            base_url=TOOL_URL,
            headers={"Cookie": f"{cookie.key}={cookie.value}"},
        ).status_code

    with ThreadPoolExecutor(3) as taps:
        assert list(taps.map(tap, range(3))) == [303, 303, 303]
    assert len(Desk.of(page).opportunities) == 1


@pytest.mark.parametrize("action", ["", "give_me_points", "answer\x00", "ANSWER"])
def test_an_unknown_action_is_refused(school: School, math: int, action: str) -> None:
    page = school.open("ada", math)
    answer = page.respond("1", action=action)
    assert answer.status == 400
    assert "Code: bad-request" in answer.text


@pytest.mark.parametrize("token", ["", "forged", "é" * 32, "\x00", "0" * 32])
@pytest.mark.parametrize("step", ["answer", "hint", "again", "speech/x"])
def test_no_post_without_the_sessions_own_form_token(school: School, math: int, token: str, step: str) -> None:
    page = school.open("noa", math)
    before = Desk.of(page).opportunities
    answer = page.send(step, form_token=token, item=page.item_token, response=page.item.answer)
    assert answer.status == 403
    assert Desk.of(page).opportunities == before


@pytest.mark.parametrize("step", ["answer", "hint"])
@pytest.mark.parametrize("token", ["", "nobody's", "\x00", "x" * 10_000])
def test_a_made_up_item_is_nobodys(school: School, math: int, step: str, token: str) -> None:
    page = school.open("ada", math)
    answer = page.send(step, item=token, response="1")
    assert answer.status == 404


@pytest.mark.parametrize("path", ["answered/%00", "sound/%00", "answered/nobody", "sound/nobody", "sound/", "x/y"])
def test_a_made_up_address_is_a_page_that_says_so(school: School, math: int, path: str) -> None:
    page = school.open("ada", math)
    answer = school.browser("ada").get(f"{page.place}/{path}", base_url=TOOL_URL)
    assert answer.status_code == 404


def test_an_unanswered_item_has_no_feedback_yet(school: School, math: int) -> None:
    page = school.open("ada", math)
    answer = school.browser("ada").get(f"{page.place}/answered/{page.item_token}", base_url=TOOL_URL)
    assert answer.status_code == 404


# Sessions


def test_an_answer_that_comes_too_late_is_kept_and_offered_at_the_next_launch(school: School, math: int) -> None:
    page = school.open("kavin", math)
    before = len(Desk.of(page).opportunities)
    expire(page)
    late = page.respond("  36 ")
    assert late.status == 401
    assert "Your answer is kept" in late.text
    assert len(Desk.of(page).opportunities) == before
    again = school.open("kavin", math)
    assert again.item_token == page.item_token
    assert 'value="36"' in again.text


def test_a_late_answer_without_the_cookie_is_shown_but_not_stored(school: School, math: int) -> None:
    page = school.open("mali", math)
    answer = school.app.test_client().post(
        f"{page.place}/answer", data={"item": page.item_token, "response": "<36>"}, base_url=TOOL_URL
    )
    assert answer.status_code == 401
    assert "You typed:" in answer.text
    assert "&lt;36&gt;" in answer.text
    assert school.open("mali", math).text.count("36&gt;") == 0


def test_the_cookie_of_one_launch_does_not_open_another(school: School, math: int) -> None:
    first, second = school.open("nino", math), school.open("selam", math)
    first_id, second_id = (page.place.rsplit("/", 1)[-1] for page in (first, second))
    stolen = school.browser("nino").get_cookie(f"__Host-proximal-{first_id}", domain="127.0.0.1")
    assert stolen is not None
    answer = school.app.test_client(use_cookies=False).get(
        second.place, base_url=TOOL_URL, headers={"Cookie": f"__Host-proximal-{second_id}={stolen.value}"}
    )
    assert answer.status_code == 401
    assert "Time to open it again" in answer.text


@pytest.mark.parametrize("launch_id", ["%00", "nobody", "é", "a" * 5_000, "..%2f..%2fetc"])
def test_a_made_up_launch_is_a_page_that_says_how_to_go_on(school: School, launch_id: str) -> None:
    browser = school.browser("ada")
    for answer in (
        browser.get(f"/a/{launch_id}", base_url=TOOL_URL),
        browser.post(f"/a/{launch_id}/answer", data={"response": "1"}, base_url=TOOL_URL),
    ):
        assert answer.status_code in (401, 404)


@pytest.mark.parametrize("step", ["answer", "hint", "again"])
def test_a_teacher_does_not_answer_for_the_class(school: School, math: int, step: str) -> None:
    ada, marit = school.open("ada", math), school.open("marit", math)
    form_token = ada.fields("answer-form")["form_token"]
    answer = marit.send(step, form_token=form_token, item=ada.item_token, response="1")
    assert answer.status == 403
    assert "This page is not for you" in answer.text


def test_a_pupil_does_not_choose_activities(school: School, math: int) -> None:
    ada = school.open("ada", math)
    form_token = ada.fields("answer-form")["form_token"]
    assert ada.send("choose", form_token=form_token, skill=list(MATH), title="Mine", points="1000").status == 403


# Banks that change


def test_an_old_activity_opens_for_pupil_and_teacher_after_its_skill_has_left_the_bank(school: School) -> None:
    link = school.add_activity("M.OA3.X25", "M.NBT3.SUB0", title="Old")  # whichever comes first asks for a number
    page = school.open("thordis", link)
    skill = page.item.skill
    with released(school, "math-en", bank_without(school, "math-en", skill)):
        page = page.reload()
        assert page.status == 200
        assert page.send("hint", item=page.item_token).status == 200
        assert page.respond("777").status == 200
        assert page.reload().item.skill != skill
        teacher = school.open("marit", link)
        assert teacher.status == 200
        assert "777" in teacher.text
        school.deliver_grades()
    score = Desk.of(page).score
    assert score is not None
    assert (score.state, round(score.points_given, 3)) == ("delivered", 0.833)


def test_an_activity_whose_whole_bank_is_gone_says_so(school: School) -> None:
    link = school.add_activity("M.NBT2.ADDREG", title="Gone")
    ada, marit = school.open("ada", link), school.open("marit", link)
    token = ada.item_token
    with released(school, "math-en", None):
        for page in (ada.reload(), marit.reload(), ada.send("answer", item=token, response="1")):
            assert page.status == 410
            assert "This practice is not here any more" in page.text


def test_an_activity_whose_skills_are_all_gone_shows_an_end_and_no_grade(school: School) -> None:
    link = school.add_activity("M.NF4.EQ", title="Empty")
    with released(school, "math-en", bank_without(school, "math-en", "M.NF4.EQ")):
        page = school.open("anh", link)
        assert page.status == 200
        assert "data-end" in page.text
        assert page.send("again").status == 200
    assert Desk.of(page).score is None


# All at once


text = st.one_of(
    st.text(max_size=50), st.integers().map(str), st.fractions().map(str), st.binary(max_size=50), st.just("1" * 5_000)
)


@settings(max_examples=100)
@given(
    subject=st.sampled_from(["math", "spelling"]),
    step=st.sampled_from(["answer", "hint", "answer", "answer", "again", "speech/{item}", "answered/{item}"]),
    fields=st.dictionaries(
        st.sampled_from(["response", "action", "item", "form_token", "extra"]),
        st.one_of(text, st.lists(text)),
        max_size=4,
    ),
    known=st.booleans(),
    action=st.sampled_from([None, "answer", "dont_know", "cant_hear"]),
    htmx=st.booleans(),
)
def test_nothing_that_is_posted_breaks_the_server(
    school: School,
    math: int,
    spelling: int,
    subject: str,
    step: str,
    fields: dict[str, object],
    known: bool,
    action: str | None,
    htmx: bool,
) -> None:
    place = fuzzed(school, math if subject == "math" else spelling, subject)
    page = place.reload()
    if "data-end" in page.text:
        page = page.send("again")
    token = page.item_token
    if known:
        fields = {**fields, "item": token}
    if action is not None:
        fields = {**fields, "action": action}
    answer = page.send(step.format(item=token), htmx=htmx, **fields)
    assert answer.status < 500, answer.text
    assert page.reload().status == 200


def fuzzed(school: School, link: int, subject: str) -> Page:
    """One launch for all examples: a launch costs more than an answer."""
    pages: dict[str, Page] = school.__dict__.setdefault("fuzzed", {})
    if subject not in pages:
        pages[subject] = school.open("priya", link)
    return pages[subject]


def test_an_activity_that_was_never_set_up_takes_no_answers(school: School) -> None:
    link = school.lms.add_link_by_hand("class-5a", "By hand")
    page = school.open("ada", link)
    assert "Your teacher is still preparing this" in page.text
    other = school.open("ada", school.add_activity(*MATH))
    token = other.fields("answer-form")["form_token"]
    assert page.send("answer", form_token=token, item=other.item_token, response="1").status in (403, 404)
