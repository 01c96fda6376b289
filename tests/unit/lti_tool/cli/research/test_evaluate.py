"""`proximal evaluate`: figures for people and for programs."""

import json
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.unit.lti_tool.cli.conftest import Type


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Twelve learners who answer the easy item right and the hard one wrong, most of the time."""
    path = tmp_path / "responses.csv"
    rows = [
        f"pupil {n},add,{item},{int((n + t) % 6 < (5 if item == 'easy' else 1))}"
        for n in range(12)
        for t in range(4)
        for item in ("easy", "hard")
    ]
    path.write_text("\n".join(["learner_id,skill_id,item_id,correct", *rows, "zoe,,easy,1"]))
    return path


def test_a_table_tells_each_model_s_figures_with_intervals(run: Type, file: Path) -> None:
    result = run("evaluate", str(file), "--folds", "2")
    assert result.exit_code == 0, result.output
    assert "96 responses, 12 learners, 2 items, 1 skills" in result.output
    [line] = [line for line in result.output.splitlines() if line.startswith("predictor")]
    assert line.count("±") == 5
    assert "row 98: 1 responses without a skill were left out" in result.stderr


def test_programs_read_json(run: Type, file: Path) -> None:
    result = run("evaluate", "--responses", str(file), "--folds", "2", "--json", "--pybkt")
    models = json.loads(result.stdout)["models"]
    assert {"bkt", "predictor", "skill_mean", "pybkt"} == set(models)
    assert models["predictor"]["auc"] > 0.8
    assert {"rmse", "log_loss", "accuracy", "ece", "interval_95"} < set(models["bkt"])


def test_figures_by_group_for_groups_that_are_large_enough(run: Type, file: Path, tmp_path: Path) -> None:
    groups = tmp_path / "groups.csv"
    rows = [f"pupil {n},{'hears well' if n < 10 else 'deaf'}" for n in range(12)]
    groups.write_text("\n".join(["learner_id,group", *rows, "somebody else,deaf"]))
    result = run("evaluate", str(file), "--folds", "2", "--groups", str(groups))
    assert result.exit_code == 0, result.output
    few, many = result.output.splitlines()[-2:]
    assert few.split()[:3] == ["deaf", "2", "16"]
    assert few.count("–") == 5
    assert many.split()[:4] == ["hears", "well", "10", "80"]
    assert "–" not in many
    result = run("evaluate", str(file), "--folds", "2", "--groups", str(groups), "--json")
    found = json.loads(result.stdout)["models"]["predictor"]["by_group"]
    assert found["deaf"] == {"learners": 2, "responses": 16, "scores": None}
    assert found["hears well"]["scores"]["auc"] > 0.8


@pytest.mark.parametrize("held", ["learner_id,class\nada,5a\n", "", None])
def test_a_bad_file_of_groups_is_one_sentence(run: Type, file: Path, tmp_path: Path, held: str | None) -> None:
    groups = tmp_path / "groups.csv"
    if held is not None:
        groups.write_text(held)
    result = run("evaluate", str(file), "--groups", str(groups))
    assert result.exit_code == 1
    assert "groups.csv" in result.output
    assert "Traceback" not in result.output


def test_the_calibration_is_drawn(run: Type, file: Path, tmp_path: Path) -> None:
    plot = tmp_path / "calibration.svg"
    assert run("evaluate", str(file), "--folds", "2", "--plot", str(plot)).exit_code == 0
    drawn = ElementTree.fromstring(plot.read_text())  # noqa: S314 - our own output
    assert [e.text for e in drawn.iter() if e.text in ("bkt", "predictor")] == ["bkt", "predictor"]


def test_a_plot_that_can_t_be_written_is_one_sentence(run: Type, file: Path, tmp_path: Path) -> None:
    result = run("evaluate", str(file), "--folds", "2", "--plot", str(tmp_path / "no" / "folder.svg"))
    assert result.exit_code == 1
    assert "can't be written" in result.output


def test_a_bad_file_is_one_sentence(run: Type, tmp_path: Path) -> None:
    bad = tmp_path / "bad.csv"
    bad.write_text("learner_id,skill_id,item_id,correct\nada,add,a,maybe\n")
    result = run("evaluate", str(bad))
    assert result.exit_code == 1
    assert f"{bad}, row 2: correct is 'maybe'" in result.output
    assert "Traceback" not in result.output
    assert run("evaluate").exit_code == 2


def test_a_web_server_without_the_batch_libraries_says_what_to_install(
    run: Type, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lti_tool.cli.research.figures.find_spec", lambda name: None)
    result = run("evaluate", str(file))
    assert result.exit_code == 1
    assert "requirements/fit.txt" in result.output
