"""Files of responses as people really have them, and what they are told where one can't be used."""

from __future__ import annotations

import gzip
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet
import pytest

from engine.curriculum import Curriculum, ItemRef, Skill
from lti_tool.services.parameters.response_columns import ResponseFileError
from lti_tool.services.parameters.response_files import read_responses, with_formats
from tests.support.office import EXCEL, OLD_EXCEL

PLAIN = "learner_id,skill_id,item_id,correct\nada,add,a1,1\nben,add,a1,0\nada,carry,c1,0\n"


def file(folder: Path, text: str | bytes, name: str = "responses.csv") -> Path:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def rows(path: Path) -> list[tuple[str, str, str, int]]:
    """Learner, skills, item, right; in the order in which they are used."""
    r = read_responses(path).responses
    return [
        (
            r.learners[r.learner[n]],
            ";".join(r.skills[k] for k in r.skill[r.skill_start[n] : r.skill_start[n + 1]]),
            r.items[r.item[n]],
            int(r.right[n]),
        )
        for n in range(len(r))
    ]


EXPECTED = [("ada", "add", "a1", 1), ("ada", "carry", "c1", 0), ("ben", "add", "a1", 0)]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("plain.csv", PLAIN),
        ("tabs.tsv", PLAIN.replace(",", "\t")),
        ("semicolons.csv", PLAIN.replace(",", ";")),
        ("windows.csv", PLAIN.replace("\n", "\r\n")),
        ("mark.csv", b"\xef\xbb\xbf" + PLAIN.encode()),
        ("utf16.csv", PLAIN.encode("utf-16")),
        ("packed.csv.gz", gzip.compress(PLAIN.encode(), mtime=0)),
        ("packed-without-saying-so.csv", gzip.compress(PLAIN.encode(), mtime=0)),
        ("aliases.csv", PLAIN.replace("learner_id", " User_ID ").replace("item_id", "problem_id")),
        ("more.csv", PLAIN.replace("\n", ",x\n")),
        ("quoted.csv", PLAIN.replace("add", '"add"')),
        ("words.csv", PLAIN.replace(",1\n", ",True\n").replace(",0\n", ",false\n")),
        ("decimals.csv", PLAIN.replace(",1\n", ",1.00\n")),
        ("old-mac.csv", PLAIN.replace("\n", "\r")),
        ("spaces.csv", PLAIN.replace("ada", " ada ").replace("a1", "a1 ")),
        ("open-end.csv", PLAIN.rstrip("\n")),
    ],
)
def test_a_table_is_read_however_it_was_written(tmp_path, name, text):
    assert rows(file(tmp_path, text, name)) == EXPECTED


def test_parquet_is_read_with_numbers_and_times_of_its_own(tmp_path):
    table = pa.table(
        {
            "learner_id": [7, 7],
            "skill_id": pa.array(["add", "add"]).dictionary_encode(),
            "item_id": [1, 2],
            "correct": [True, False],
            "timestamp": pa.array([7200_000, 3600_000], pa.timestamp("ms")),
        }
    )
    path = tmp_path / "responses.parquet"
    pyarrow.parquet.write_table(table, path)
    found = read_responses(path)
    assert rows(path) == [("7", "add", "2", 0), ("7", "add", "1", 1)]
    assert found.responses.hours is not None
    assert found.responses.hours.tolist() == [1.0, 2.0]
    assert "row 1: rows were put in the order of timestamp" in found.notes[0]


def test_times_are_dates_or_seconds_in_whole_thousandths_and_finer(tmp_path):
    header = "learner_id,skill_id,item_id,correct,timestamp\n"
    for first, second in (
        ("0", "3600"),
        ("2026-11-23T09:00:00Z", "2026-11-23 10:00:00"),
        ("1.7e12", "1700003600000"),
        ("1.7e15", "1700003600000000"),
        ("1.7e18", "1700003600000000000"),
    ):
        path = file(tmp_path, f"{header}ada,add,a,1,{first}\nada,add,b,1,{second}\n")
        hours = read_responses(path).responses.hours
        assert hours is not None
        assert hours[1] - hours[0] == pytest.approx(1.0)


@pytest.mark.parametrize("moment", ["order_id", "timestamp"])
def test_a_column_of_times_without_any_time_is_as_none(tmp_path, moment):
    path = file(tmp_path, f"learner_id,skill_id,item_id,correct,{moment}\nada,add,a,1,\nada,add,b,1,\n")
    assert (read_responses(path).responses.hours, read_responses(path).notes) == (None, ())


def test_times_of_which_none_can_be_read_are_not_left_out_in_silence(tmp_path):
    path = file(tmp_path, "learner_id,skill_id,item_id,correct,timestamp\nada,add,a,1,28-11-2026 09:00\n")
    found = read_responses(path)
    assert found.responses.hours is None
    assert "row 2: no timestamp can be read, so times were not used" in found.notes[0]


def test_order_id_puts_answers_in_order(tmp_path):
    path = file(tmp_path, "user_id,skill_id,item_id,correct,order_id\nada,add,a,1,2\nada,add,b,0,1\n")
    assert [row[2] for row in rows(path)] == ["b", "a"]


def test_several_skills_stand_in_one_cell(tmp_path):
    path = file(tmp_path, "learner_id,skill_id,item_id,correct\nada,add; carry ;add,a,1\nada,carry~~draw,b,0\n")
    assert [row[1] for row in rows(path)] == ["add;carry", "carry;draw"]


@pytest.mark.parametrize("moment", ["order_id", "timestamp"])
def test_rows_of_one_response_that_name_a_skill_each_are_one_response(tmp_path, moment):
    text = (
        f"learner_id,skill_id,item_id,correct,{moment}\nada,add,a,1,7\nben,add,a,0,7\nada,carry,a,1,7\nada,add,b,1,8\n"
    )
    path = file(tmp_path, text)
    assert rows(path) == [("ada", "add;carry", "a", 1), ("ada", "add", "b", 1), ("ben", "add", "a", 0)]
    assert "row 4: 1 rows were taken together with a row of the same response" in read_responses(path).notes[0]


def test_parquet_may_list_the_skills_of_a_response(tmp_path):
    path = tmp_path / "lists.parquet"
    skills = [["add", "carry"], ["add", None], None]
    columns = {"learner_id": ["ada"] * 3, "skill_id": skills, "item_id": ["a1", "a2", "a3"], "correct": [1, 1, 1]}
    pyarrow.parquet.write_table(pa.table(columns), path)
    assert rows(path) == [("ada", "add;carry", "a1", 1), ("ada", "add", "a2", 1)]


def test_parquet_with_a_column_twice_is_refused(tmp_path):
    path = tmp_path / "twice.parquet"
    names = ["learner_id", "skill_id", "item_id", "correct", "correct"]
    pyarrow.parquet.write_table(pa.table([["ada"], ["add"], ["a1"], [1], [0]], names=names), path)
    with pytest.raises(ResponseFileError, match="the column correct twice"):
        read_responses(path)


def test_responses_without_a_skill_are_left_out_and_counted(tmp_path):
    path = file(tmp_path, PLAIN + "zoe, ; ,z1,1\n")
    found = read_responses(path)
    assert rows(path) == EXPECTED
    assert found.responses.learners == ("ada", "ben")
    assert found.notes == (f"{path}, row 5: 1 responses without a skill were left out.",)


def test_formats_are_kept_and_strange_ones_named(tmp_path):
    path = file(tmp_path, "learner_id,skill_id,item_id,correct,response_format\nada,add,a,1,typed\nada,add,b,1,essay\n")
    found = read_responses(path)
    assert dict(zip(found.responses.items, found.responses.formats, strict=True)) == {"a": "typed", "b": ""}
    assert "row 3: response_format 'essay' is unknown" in found.notes[0]


def test_an_item_that_had_several_formats_has_the_usual_one(tmp_path):
    lines = [f"ada,add,a,1,{name}" for name in ("typed", "choice4", "choice4", "typed", "choice4")]
    path = file(tmp_path, "\n".join(["learner_id,skill_id,item_id,correct,response_format", *lines]))
    assert read_responses(path).responses.formats == ("choice4",)


def test_a_curriculum_tells_the_formats(tmp_path):
    bank = Curriculum({"add": Skill("add")}, [ItemRef("a1", ("add",), "choice4")])
    told = with_formats(read_responses(file(tmp_path, PLAIN)).responses, file(tmp_path, bank.to_json(), "bank.json"))
    assert dict(zip(told.items, told.formats, strict=True)) == {"a1": "choice4", "c1": ""}
    with pytest.raises(ResponseFileError, match=r"nowhere\.json"):
        with_formats(told, tmp_path / "nowhere.json")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "the file is empty"),
        ("learner_id,skill_id,item_id,correct\n", "there is no response in it"),
        ("learner_id,skill_id,correct\nada,add,1\n", "row 1: the column item_id is missing"),
        (PLAIN.replace("a1,0", "a1,2"), "row 3: correct is '2'. Write 1"),
        (PLAIN.replace("ben", " "), "row 3: learner_id is empty"),
        (PLAIN.replace("add", "").replace("carry", ""), "no response has a skill"),
        (PLAIN + "ada,add\n", "row 5: it has 2 cells, and the header has 4"),
        (PLAIN.encode() + b"zo\xe9,add,a1,1\n", "row 5: it is not UTF-8"),
        (b"learner\r_id,\x00\r\n\x02", "the column learner_id is missing"),
        (b"\x1f\x8bnot really packed", "it can't be read"),
        (EXCEL, "this is a spreadsheet file: in Excel choose File, Save As"),
        (OLD_EXCEL, "this is a spreadsheet file"),
        (b"PAR1 is not all of it", "it can't be read"),
        (
            "learner_id,skill_id,item_id,correct,timestamp\nada,add,a,1,1\nada,add,a,1,soon\n",
            "row 3: timestamp is 'soon'",
        ),
        ("learner_id,skill_id,item_id,correct,order_id\nada,add,a,1,x\n", "row 2: order_id is 'x'"),
        (
            "learner_id,skill_id,item_id,correct,order_id\nada,add,a,1,5\nben,add,a,0,5\nada,add,a,0,5\n",
            "row 4: it repeats row 2 (same learner, item, skill and order_id)",
        ),
        (
            "learner_id,skill_id,item_id,correct,timestamp\nada,add,a,1,5\nada,add,a,0,5\n",
            "row 3: it repeats row 2",
        ),
        (
            "learner_id,skill_id,item_id,correct,order_id\nada,add,a,1,5\nada,carry,a,0,5\n",
            "row 3: it says otherwise than row 2 (same learner, item and order_id)",
        ),
        ("learner_id,skill_id,item_id,correct", "there is no response in it"),
        pytest.param(f"{PLAIN}ada,add,{'x' * 5_000_000},1\n", "row 5: it can't be read", id="a line of 5 MB"),
    ],
)
def test_what_is_wrong_is_said_with_file_and_row(tmp_path, text, said):
    path = file(tmp_path, text)
    with pytest.raises(ResponseFileError) as error:
        read_responses(path)
    assert said in str(error.value)
    assert str(path) in str(error.value)


def test_a_file_that_is_not_there_is_named_and_a_folder_is_told_from_one(tmp_path):
    with pytest.raises(ResponseFileError, match="no such file"):
        read_responses(tmp_path / "nowhere.csv")
    with pytest.raises(ResponseFileError, match="it is a folder"):
        read_responses(tmp_path)
