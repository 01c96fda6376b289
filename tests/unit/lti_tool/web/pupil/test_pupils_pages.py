"""A pupil's pages over HTTP: warm-up, Today, goal, plan, worked example, strategies, settings, accommodations."""

import re
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from item_banks.schema import Item
from lti_tool.persistence.tables.activities import Activity
from lti_tool.persistence.tables.launches import LaunchSession
from lti_tool.persistence.tables.practice import Exposure, PresentedItem
from lti_tool.persistence.tables.pupils import StrategyPlan
from lti_tool.services.helping.accommodations import Accommodations, set_accommodations
from lti_tool.services.helping.pairs import end_pair, start_pair
from tests.support.pupils import Desk, wrong_answer
from tests.support.school import TOOL_URL, Page, School

GARDEN = ("M.OA2.ADD20", "M.NBT2.ADDREG", "M.NBT2.SUBREG", "M.OA3.X34", "M.NF3.UNIT")


def settle(school: School, **settings: object) -> None:
    with school.runtime.database.write() as session:
        for activity in session.scalars(select(Activity)):
            for name, value in settings.items():
                setattr(activity, name, value)


def get(page: Page, step: str) -> Page:
    answer = page.school.browser(page.who).get(f"{page.place}/{step}", base_url=TOOL_URL)
    return Page(page.school, page.who, page.place, answer)


def frontier(school: School, **settings: object) -> Page:
    link = school.add_activity(*GARDEN)
    settle(school, own_frontier=True, **settings)
    return school.open("ada", link)


def give(page: Page, **needs: bool) -> None:
    with page.school.runtime.database.write() as session:
        launch = session.get_one(LaunchSession, page.place.rsplit("/", 1)[-1])
        assert launch.context_id is not None
        set_accommodations(
            session,
            launch.person_id,
            Accommodations(**needs),
            context_id=launch.context_id,
            author_id=launch.person_id,
            now=datetime.now(UTC),
        )


def test_the_first_visit_warms_up_and_every_later_one_opens_today(school: School) -> None:
    page = frontier(school)
    assert "Type the number 5." in page.text
    assert "Try once more" in page.send("warm-up/next", part="type", response="7").text
    assert "Tap the sun." in page.send("warm-up/next", part="type", response="5").text
    assert "Can you hear" in page.send("warm-up/next", part="tap", response="sun").text
    with get(page, "warm-up/sound").answer as sound:
        assert (sound.status_code, sound.mimetype) == (200, "audio/mpeg")
    today = page.send("warm-up/next", part="listen")
    assert 'id="today"' in today.text
    assert 'id="today"' in page.reload().text
    assert page.send("warm-up/next", part="sing").status == 400


def test_the_warm_up_can_be_passed(school: School) -> None:
    page = frontier(school)
    assert 'id="today"' in page.send("warm-up/next", part="type", skip="1").text


def test_from_today_through_a_topic_to_the_end_and_back(school: School) -> None:
    page = frontier(school, start_check=False)
    today = page.send("warm-up/next", part="type", skip="1")
    topics = re.findall(r'<button class="topic" name="topic" value="([^"]+)"', today.text)
    assert len(topics) == 3
    practice = page.send("begin", topic=topics[1])
    assert f'data-skill="{topics[1]}"' in practice.text
    assert "Go on where you were" in page.reload().text
    feedback = practice.respond(practice.item.answer)
    assert "Easier, please" in feedback.text
    assert "data-item" in feedback.send("wish", level="easier").text
    end = feedback.send("stop")
    assert 'data-end="stopped"' in end.text
    assert "Back to Today" in end.text
    assert page.send("begin", topic="no such skill").status == 400
    assert page.send("wish", level="impossible").status == 400


def test_a_goal_is_chosen_and_what_is_not_offered_is_refused(school: School) -> None:
    page = frontier(school, start_check=False)
    assert "0 of 3 so far" in page.send("goal", goal="days:3").text
    for wrong in ("days:99", "days:x", "wishes:3", ""):
        assert page.send("goal", goal=wrong).status == 400


def test_after_a_first_error_one_is_shown_that_is_done(school: School) -> None:
    page = school.open("ada", school.add_activity("M.NBT2.ADDREG"))
    item, token = page.item, page.item_token
    feedback = page.respond(wrong_answer(item))
    assert "See one that is done" in feedback.text
    example = get(page, f"example/{token}")
    assert "Here is one that is done." in example.text
    assert example.text.count("solution") == 1
    assert 'role="img"' in example.text
    with school.runtime.database.read() as session:
        assert session.scalars(select(Exposure.kind).where(Exposure.kind == "worked_example")).all()
    page = page.reload()
    again = page.respond(wrong_answer(page.item))
    assert "See one that is done" not in again.text
    assert get(page, f"example/{page.item_token}").status == 404


def test_the_start_check_goes_up_and_down_by_itself(school: School) -> None:
    page = frontier(school).send("begin")
    token = page.item_token
    feedback = page.respond(wrong_answer(page.item))
    assert "See one that is done" not in feedback.text
    assert "Harder, please" not in feedback.text
    assert get(page, f"example/{token}").status == 404
    with school.runtime.database.read() as session:
        waiting = session.scalars(select(PresentedItem.token).where(PresentedItem.answered_at.is_(None))).one()
    assert feedback.send("wish", level="harder").item_token == waiting
    assert 'role="status" class="judged">Saved.' in page.send("settings/save", look="old").text


def test_the_bar_counts_on_where_more_questions_come_than_were_asked_for(school: School) -> None:
    link = school.add_activity(*GARDEN)
    settle(school, attempts_for_full_points=2, start_check=False)
    page = school.open("ada", link)
    seen = []
    for _ in range(4):
        seen.append(re.findall(r'<div class="progress">.*?<span>(.*?)</span>', page.text, re.S))
        assert ("Stop here" in page.text) == (len(seen) > 2)  # the way out stands where the bar speaks of it
        page = page.respond(page.item.answer).reload()
    assert seen == [["0 of 2"], ["1 of 2"], ["2 of 2: stop when you like"], ["2 of 2, and 1 more"]]


def test_hints_can_be_switched_off(school: School) -> None:
    link = school.add_activity("M.NBT2.ADDREG")
    settle(school, hints=False)
    page = school.open("ada", link)
    assert ">Hint<" not in page.text
    assert "newest-hint" not in page.send("hint", item=page.item_token).text


def test_a_plan_is_made_and_shown_and_looked_back_on(school: School) -> None:
    page = school.open("ada", school.add_activity("SP.DOUBLE"))
    [first, *_] = re.findall(r'name="strategy" value="([^"]+)"', page.text)
    planned = page.send("plan", strategy=first)
    assert "My plan:" in planned.text
    assert 'name="strategy"' not in planned.text
    assert page.send("plan", strategy="none").status == 400
    page.reload().respond(page.reload().item.answer, confidence="3")
    end = page.send("stop")
    assert "Did your plan help?" in end.text
    assert "Thank you." in end.send("reflect", helped="a_bit").text
    assert end.send("reflect", helped="perhaps").status == 400
    with school.runtime.database.read() as session:
        assert session.scalars(select(StrategyPlan.helped)).one() == "a_bit"


def test_in_math_nobody_plans_unless_the_teacher_wants_it(school: School) -> None:
    link = school.add_activity("M.NBT2.ADDREG")
    assert "My plan" not in school.open("ada", link).text
    settle(school, metacognition=True)
    assert "My plan" in school.open("ada", link).text


def test_how_sure_is_answered_calmly(school: School) -> None:
    page = school.open("ada", school.add_activity("SP.DOUBLE"))
    answered = page.respond(page.item.answer, confidence="3")
    assert "You were sure, and it is right." in answered.text
    page = page.reload()
    assert "You noticed that it was not easy." in page.respond(wrong_answer(page.item), confidence="1").text


def test_strategies_are_shown_one_by_one(school: School) -> None:
    page = school.open("ada", school.add_activity("SP.DOUBLE"))
    overview = get(page, "strategies")
    lessons = re.findall(r"/strategies/(\w+)", overview.text)
    assert len(set(lessons)) >= 6
    assert "Now I try" in get(page, f"strategies/{lessons[0]}").text
    assert get(page, "strategies/none").status == 404


def test_my_skills_say_what_was_done_this_week(school: School) -> None:
    page = school.open("ada", school.add_activity("M.NBT2.ADDREG", "M.NF4.EQ"))
    assert "This week has just begun." in get(page, "learned").text
    page.respond(page.item.answer)
    assert "This week: 1 question, on 1 day, 1 minute." in " ".join(get(page, "learned").text.split())


def test_a_pupil_chooses_the_look(school: School) -> None:
    page = school.open("ada", school.add_activity("M.NBT2.ADDREG"))
    assert "look-young" in page.text
    assert "look-old" in page.send("settings/save", locale="", look="old").text
    assert page.send("settings/save", locale="xx", look="old").status == 400
    assert page.send("settings/save", locale="", look="glass").status == 400


def test_ada_chooses_the_sea_and_her_next_story_is_about_it(school: School) -> None:
    page = school.open("ada", school.add_activity("M.NF4.MUL"))
    assert "All sorts of things" in get(page, "settings").text
    saved = page.send("settings/save", locale="", look="", theme="sea")
    assert re.search(r'value="sea"\s+checked', saved.text)
    told = []
    for _ in range(5):
        page = page.respond(page.item.answer).reload()
        told.append(page.item.features.get("theme"))
    assert "sea" in told
    assert set(told) <= {"sea", None}
    assert page.send("settings/save", locale="", look="", theme="dragons").status == 400


@pytest.mark.parametrize(
    ("need", "seen"),
    [
        ("larger_text", lambda text: "look-young larger" in text),
        ("dyslexia_font", lambda text: "look-young dyslexia" in text),
        ("high_contrast", lambda text: "look-young contrast" in text),
        ("reduced_motion", lambda text: "look-young still" in text),
        ("no_audio", lambda text: "look-young no-sound" in text),
        ("audio_always", lambda text: "data-reads-aloud" in text),
    ],
)
def test_what_a_teacher_set_for_one_child_is_seen_by_this_child(
    school: School, need: str, seen: Callable[[str], bool]
) -> None:
    link = school.add_activity("M.NBT2.ADDREG")
    ada, ben = school.open("ada", link), school.open("nino", link)
    give(ada, **{need: True})
    assert seen(ada.reload().text)
    assert not seen(ben.reload().text)


def test_a_child_without_sound_reads_the_word_in_a_sentence(school: School) -> None:
    page = school.open("ada", school.add_activity("SP.HF34"))
    give(page, no_audio=True)
    for _ in range(6):
        page = page.reload()
        assert page.item.format != "dictation" or page.item_token == first(page)
        page.respond(page.item.answer)


def first(page: Page) -> str:
    """The token of the item that waited before the teacher had said anything."""
    desk = Desk.of(page)
    return desk.presented[0].token


def test_a_child_with_fewer_choices_has_three_and_the_answer_is_among_them(school: School) -> None:
    page = school.open("ada", school.add_activity("M.NF4.CMP", "M.NF4.EQ"))
    give(page, fewer_choices=True)
    choices = []
    for _ in range(14):
        page = page.reload()
        if "data-item" not in page.text:
            break
        if page.item_token != first(page) and page.item.response.kind == "choice":
            choices.append(page.item.response.choices)
            assert page.item.answer in [choice.value for choice in page.item.response.choices]
        page.respond(page.item.answer)
    assert all(len(each) <= 3 for each in choices)
    shown = {row.id: Item.from_json(row.item).response.choices for row in Desk.of(page).presented}
    for row in Desk.of(page).opportunities:  # the engine reads each answer as one among those that were there
        among = len(shown[row.presented_item_id])
        assert not row.response_format.startswith("choice") or row.response_format == f"choice{among}"


def test_two_pupils_talk_about_one_question_each_with_a_part_of_their_own(school: School) -> None:
    link = school.add_activity("M.NBT2.ADDREG")
    ada, nino = school.open("ada", link), school.open("nino", link)
    assert "Work together" not in ada.text
    with school.runtime.database.write() as session:
        people = [session.get_one(LaunchSession, page.place.rsplit("/", 1)[-1]).person_id for page in (ada, nino)]
        activity = session.scalars(select(Activity)).one()
        start_pair(
            session,
            activity.id,
            first_id=people[0],
            second_id=people[1],
            skill_ids=["M.NBT2.ADDREG"],
            author_id=people[0],
            now=datetime.now(UTC),
        )
    assert "Work together" in ada.reload().text
    explains, listens = get(ada, "with-partner").text, get(nino, "with-partner").text
    assert "You explain." in explains
    assert "You listen and ask." in listens
    questions = {
        re.sub(r"\s+", " ", text[text.index('id="prompt"') : text.index("<ol")]) for text in (explains, listens)
    }
    assert len(questions) == 1  # the same on both screens
    with school.runtime.database.write() as session:
        end_pair(
            session,
            session.scalars(select(Activity.id)).one(),
            first_id=people[0],
            second_id=people[1],
            author_id=people[0],
            now=datetime.now(UTC),
        )
    assert "You both are done." in get(nino, "with-partner").text
