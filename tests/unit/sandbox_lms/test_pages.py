"""What people see: who am I, my classes, activities, grades, people."""

from __future__ import annotations

import json
import re
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from flask import Flask

from sandbox_lms import texts
from sandbox_lms.app import create_lms
from sandbox_lms.config import LmsConfig, ToolRegistration
from sandbox_lms.records.people import PUPILS
from tests.unit.sandbox_lms.school import LMS_URL, TOOL_URL, School, open_school


def where(school: School, who: str) -> str:
    """Where a click on a person leads."""
    response = school.app.test_client().post("/sign-in", data={"person": who}, base_url=LMS_URL)
    assert response.status_code == 303
    return response.headers["Location"]


def test_the_first_page_shows_the_whole_school_and_how_to_begin(school: School) -> None:
    page = school.app.test_client().get("/", base_url=LMS_URL)
    assert page.status_code == 200
    assert page.text.count('name="person"') == 28
    assert "Who are you today?" in page.text
    assert "add an activity from Proximal" in page.text


def test_names_come_from_many_scripts() -> None:
    names = [full or f"{given} {family}" for _, given, family, full in PUPILS]
    assert len(names) == len(set(names)) == 25
    assert max(map(len, names)) > 60
    assert any("\u0590" <= name[0] <= "\u06ff" for name in names)
    assert any("'" in name for name in names)
    assert any("’" in name for name in names)


def test_one_click_leads_to_the_class_or_to_the_choice_of_classes(school: School) -> None:
    assert where(school, "noa") == "/courses/class-5a"
    assert where(school, "tomas") == "/courses/class-5b"
    assert where(school, "ada") == "/courses"
    assert where(school, "marit") == "/courses"
    assert where(school, "admin") == "/courses"


def test_nobody_is_somebody_unknown(school: School) -> None:
    response = school.app.test_client().post("/sign-in", data={"person": "nobody"}, base_url=LMS_URL)
    assert response.status_code == 404
    assert texts.NO_SUCH_PERSON in response.text


def test_whoever_is_not_signed_in_starts_at_the_first_page(school: School) -> None:
    school.lms.post("ada", "/sign-out", {})
    page = school.lms.get("ada", "/courses/class-5a")
    assert (page.status, page.headers["location"]) == (302, "/")


def test_the_admin_sees_the_registration_and_pupils_do_not(school: School) -> None:
    assert "proximal-demo" in school.lms.get("admin", "/tools").text
    assert "proximal-demo" not in school.lms.get("ada", "/courses").text


def test_noa_cannot_enter_a_class_that_is_not_hers(school: School) -> None:
    page = school.lms.get("noa", "/courses/class-5b")
    assert page.status == 403
    assert "You are not in Class 5B" in page.text
    assert school.lms.get("noa", "/courses/none").status == 404


def test_an_empty_class_tells_teacher_and_pupil_what_to_expect(school: School) -> None:
    assert texts.NO_ACTIVITIES_TEACHER in school.lms.get("marit", "/courses/class-5a").text
    assert texts.NO_ACTIVITIES_PUPIL in school.lms.get("ada", "/courses/class-5a").text


def test_an_activity_opens_in_a_frame_and_in_a_new_window(school: School) -> None:
    link = school.activity("Fractions & more")
    page = school.lms.get("ada", f"/courses/class-5a/links/{link}").text
    assert f'<iframe class="tool" src="/courses/class-5a/links/{link}/launch" title="Fractions &amp; more"' in page
    assert "launch?target=window" in page
    assert texts.OPEN_IN_WINDOW in page


def test_a_teacher_adds_renames_and_deletes_a_link_by_hand(school: School) -> None:
    link = school.lms.add_link_by_hand("class-5a", "  By   hand ")
    school.lms.post("marit", f"/courses/class-5a/links/{link}/rename", {"title": "<b>Renamed</b>"})
    page = school.lms.get("marit", "/courses/class-5a").text
    assert "<bdi>&lt;b&gt;Renamed&lt;/b&gt;</bdi>" in page
    assert texts.NO_COLUMN in page
    school.lms.post("marit", f"/courses/class-5a/links/{link}/delete", {})
    assert "Renamed" not in school.lms.get("marit", "/courses/class-5a").text
    assert school.lms.get("marit", f"/courses/class-5a/links/{link}").status == 404


def test_a_link_without_title_is_refused(school: School) -> None:
    page = school.lms.post("marit", "/courses/class-5a/links", {"title": " \n "})
    assert page.status == 400
    assert texts.TITLE_NEEDED in page.text


def test_deleting_an_activity_deletes_its_column_and_grades(school: School) -> None:
    link = school.activity()
    school.send(school.score("ada", 5))
    school.lms.post("marit", f"/courses/class-5a/links/{link}/delete", {})
    assert school.line_items() == []
    assert school.lms.gradebook("class-5a")["scores_received"] == 0


@pytest.mark.parametrize("path", ["links", "links/1/rename", "links/1/delete"])
def test_pupils_change_nothing(school: School, path: str) -> None:
    school.activity()
    assert school.lms.post("ada", f"/courses/class-5a/{path}", {"title": "Mine"}).status == 403
    assert "Fractions" in school.lms.get("ada", "/courses/class-5a").text


def test_the_gradebook_shows_points_comment_and_progress(school: School) -> None:
    school.activity()
    school.send(school.score("ada", 7.5, comment="Next: <b>zero</b>"))
    school.send(school.score("yusuf", 20 / 3, activityProgress="Completed"))
    school.send(school.score("noa", None, gradingProgress="Pending"))
    page = school.lms.get("marit", "/courses/class-5a/grades").text
    ada = re.search(r'<td title="Next: &lt;b&gt;zero&lt;/b&gt;" data-pupil="ada".*?</td>', page, re.DOTALL)
    assert ada is not None
    assert "7.5 / 10" in ada[0]
    assert texts.STILL_WORKING in ada[0]
    assert '<span class="comment"><bdi>Next: &lt;b&gt;zero&lt;/b&gt;</bdi></span>' in ada[0]
    assert "6.67 / 10" in page
    assert texts.COMPLETED in page
    assert texts.NOT_GRADED_YET in page


def test_an_empty_gradebook_says_so(school: School) -> None:
    assert texts.NO_COLUMNS in school.lms.get("marit", "/courses/class-5a/grades").text
    assert texts.NO_COLUMNS in school.lms.get("ada", "/courses/class-5a/grades").text


def test_a_pupil_sees_the_own_grade_and_nobody_elses(school: School) -> None:
    school.activity()
    school.activity("Spelling")
    first, _ = (one["id"] for one in school.line_items())
    school.send(school.score("ada", 7.5, comment="Well begun"), first)
    school.send(school.score("yusuf", 9.25, comment="Secret"), first)
    page = school.lms.get("ada", "/courses/class-5a/grades").text
    assert "7.5 / 10" in page
    assert "Well begun" in page
    assert texts.NO_GRADE in page
    assert "9.25" not in page
    assert "Secret" not in page
    assert "<b>7.5 / 10</b>" in school.lms.get("ada", "/courses/class-5a").text


def test_the_history_of_a_cell_keeps_every_score_newest_first(school: School) -> None:
    school.activity()
    for points in (3, 5):
        school.send(school.score("ada", points))
    school.send(school.score("ada", 9, timestamp="2026-09-01T08:00:00.5Z"))
    page = school.lms.get("marit", "/courses/class-5a/grades/1/ada").text
    assert page.index("is already here") < page.index("5 / 10") < page.index("3 / 10")
    assert page.count(">Accepted<") == 2
    assert page.count(">Refused<") == 1
    assert texts.NOTHING_RECEIVED in school.lms.get("marit", "/courses/class-5a/grades/1/noa").text


def test_the_history_of_a_column_names_the_pupils_and_the_unknown(school: School) -> None:
    school.activity()
    school.send(school.score("ada", 3))
    school.send(school.score("ada", 3, userId="stranger"))
    page = school.lms.get("marit", "/courses/class-5a/grades/1").text
    assert "Ada Okonkwo" in page
    assert texts.UNKNOWN_PERSON in page
    assert "stranger" in page


@pytest.mark.parametrize(
    ("who", "path", "status"),
    [
        ("ada", "/courses/class-5a/grades/1", 403),
        ("marit", "/courses/class-5a/grades/2", 404),
        ("marit", "/courses/class-5a/grades/1/nobody", 404),
        ("marit", "/api/gradebook/class-5a", 403),
        ("admin", "/api/gradebook/none", 404),
        ("admin", "/nowhere", 404),
        ("admin", "/sign-in", 405),
    ],
)
def test_what_is_not_there_or_not_yours_is_a_page_that_says_so(
    school: School, who: str, path: str, status: int
) -> None:
    school.activity()
    page = school.lms.get(who, path)
    assert page.status == status
    assert texts.REFUSED_TITLE in page.text


def test_the_admin_reads_the_gradebook_as_json(school: School) -> None:
    school.activity()
    school.send(school.score("ada", 7.5))
    found = school.lms.gradebook("class-5a")
    assert [column["label"] for column in found["columns"]] == ["Fractions"]
    assert len(found["pupils"]) == 25
    assert found["pupils"][0]["id"] == "ada"
    assert found["pupils"][0]["sub"] == school.lms.sub("ada")
    assert found["pupils"][0]["grades"]["1"]["score"] == 7.5
    assert found["pupils"][1]["grades"] == {}


def test_the_roster_page_lists_teachers_and_pupils(school: School) -> None:
    page = school.lms.get("ada", "/courses/class-5a/people").text
    assert page.count("<tr>") == 27
    assert "Teacher" in page
    assert "has left" not in page


def test_pages_ask_no_other_host_and_are_not_framed_by_others(school: School) -> None:
    page = school.lms.get("ada", "/courses/class-5a")
    assert "default-src 'self'" in page.headers["content-security-policy"]
    assert "frame-ancestors 'self'" in page.headers["content-security-policy"]
    assert "http" not in page.text.replace(LMS_URL, "")


def test_the_session_cookie_is_lax_and_out_of_reach_of_scripts() -> None:
    def cookie(base_url: str) -> str:
        config = LmsConfig(base_url, ToolRegistration.by_convention(TOOL_URL))
        response = create_lms(config).test_client().post("/sign-in", data={"person": "ada"}, base_url=base_url)
        return response.headers["Set-Cookie"]

    assert "HttpOnly" in cookie("http://localhost:8000")
    assert "SameSite=Lax" in cookie("http://localhost:8000")
    assert "Secure" not in cookie("http://localhost:8000")
    assert "Secure" in cookie("https://lms.test")
    assert cookie("http://localhost:8000").partition("=")[0] != cookie("http://localhost:8001").partition("=")[0]


def test_the_lms_says_that_it_runs(school: School) -> None:
    response = school.app.test_client().get("/healthz")
    assert (response.status_code, response.text) == (200, "ok\n")


def test_a_fault_of_ours_is_a_page_too(school: School, monkeypatch: pytest.MonkeyPatch) -> None:
    def breaks(*values: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("sandbox_lms.records.school.people", breaks)
    response = school.app.test_client().get("/", base_url=LMS_URL)
    assert response.status_code == 500
    assert texts.REFUSED_TITLE in response.text


class TestTheDatabase:
    def test_everything_survives_a_restart(self, tmp_path: Path) -> None:
        file = str(tmp_path / "lms.sqlite")
        before = open_school(file)
        link = before.activity()
        before.send(before.score("ada", 7.5))
        key = before.lms.lms.key.kid
        location = before.login(before.lms.start_launch("ada", link))
        before.lms.lms.database.close()
        after = open_school(file)
        assert after.lms.lms.key.kid == key
        assert after.grade("ada") is not None
        assert len(after.lms.gradebook("class-5a")["pupils"]) == 25
        assert "login_required" in after.lms.authorize("ada", location).fields["error"]

    def test_without_the_school_the_lms_is_empty(self) -> None:
        app: Flask = create_lms(LmsConfig(LMS_URL, ToolRegistration.by_convention(TOOL_URL), seed=False))
        assert 'name="person"' not in app.test_client().get("/", base_url=LMS_URL).text

    @pytest.mark.parametrize("base_url", ["http://lms.test/", "lms.test"])
    def test_an_address_that_cannot_be_an_issuer_is_refused(self, base_url: str) -> None:
        with pytest.raises(ValueError, match="base_url must be"):
            LmsConfig(base_url, ToolRegistration.by_convention(TOOL_URL))

    def test_a_transaction_that_fails_leaves_nothing(self, school: School) -> None:
        database = school.lms.lms.database

        def half() -> None:
            with database.transaction() as connection:
                connection.execute("DELETE FROM membership")
                raise RuntimeError

        with pytest.raises(RuntimeError):
            half()
        assert len(json.dumps(school.lms.gradebook("class-5a")["pupils"])) > 1000


def test_data_of_the_first_version_is_brought_up_to_date(tmp_path: Path) -> None:
    file = str(tmp_path / "old.sqlite")
    before = open_school(file)
    link = before.activity()
    before.lms.lms.database.close()
    with closing(sqlite3.connect(file)) as old:
        old.execute("ALTER TABLE resource_link DROP COLUMN history")
        old.execute("ALTER TABLE line_item DROP COLUMN allowed_attempts")
    after = open_school(file)
    assert after.launch("ada", link)
