"""`proximal fit` and `proximal simulate`: a set from answers, and the tutor with it."""

import json
from pathlib import Path
from xml.etree import ElementTree

import pytest

from engine.curriculum import Curriculum, Skill
from engine.parameters import ParameterError, ParameterSet
from engine.simulation.worlds import WORLDS, calibration_log, make_bank
from lti_tool.services.parameters.parameter_files import ParameterDocument
from tests.unit.lti_tool.cli.conftest import Type
from tests.unit.lti_tool.services.parameters.test_large_fit import file as parquet

BANK = make_bank(3)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """What twenty-five pupils of world B80 answered."""
    lines = ["learner_id,skill_id,item_id,correct,timestamp"]
    for n, answers in enumerate(calibration_log(WORLDS["B80"], BANK, learners=25, seed=3)):
        for t, (item, right) in enumerate(answers[:20]):
            lines.append(f"pupil {n},{BANK.curriculum.item(item).skills[0]},{item},{int(right)},{60 * t}")
    path = tmp_path / "responses.csv"
    path.write_text("\n".join(lines))
    return path


@pytest.fixture
def bank(tmp_path: Path) -> Path:
    """The curriculum as a file."""
    path = tmp_path / "bank.json"
    path.write_text(BANK.curriculum.to_json())
    return path


def test_a_set_is_written_with_where_it_comes_from_and_refused_when_damaged(
    run: Type, file: Path, bank: Path, tmp_path: Path
) -> None:
    out = tmp_path / "set.json"
    result = run("fit", "--responses", str(file), "--curriculum", str(bank), "--out", str(out))
    assert result.exit_code == 0, result.output
    assert "predictor" in result.output
    found = ParameterDocument.from_json(out.read_text())
    assert ParameterSet.from_json(out.read_text()) == found.parameters
    assert set(found.parameters.skills) == set(BANK.curriculum.skills)
    assert found.provenance["data"]["responses"] == 500
    assert found.provenance["data"]["window"] == ["1970-01-01T00:00:00+00:00", "1970-01-01T00:19:00+00:00"]
    assert found.provenance["held_out"]["models"].keys() == {"bkt", "predictor"}
    assert found.predictor is not None
    changed = json.loads(out.read_text())
    changed["predictor"]["coefficients"] = []
    with pytest.raises(ParameterError, match="coefficients"):
        ParameterDocument.from_json(json.dumps(changed))


def test_the_same_answers_make_the_same_set(run: Type, file: Path, tmp_path: Path) -> None:
    said = [run("fit", "--responses", str(file), "--out", str(tmp_path / name), "--json").stdout for name in "ab"]
    first, second = map(json.loads, said)
    assert first["version"] == second["version"]
    assert first["data"]["sha256"] == second["data"]["sha256"]


def test_one_pupil_is_enough_to_fit_and_too_few_to_measure(run: Type, tmp_path: Path) -> None:
    path = tmp_path / "one.csv"
    path.write_text("learner_id,skill_id,item_id,correct\n" + "ada,add,a,1\n" * 6)
    result = run("fit", "--responses", str(path), "--out", str(tmp_path / "set.json"))
    assert result.exit_code == 0, result.output
    assert "too few learners" in result.output


def test_a_file_larger_than_memory_is_fitted_from_disk(run: Type, tmp_path: Path) -> None:
    out = tmp_path / "set.json"
    result = run("fit", "--responses", str(parquet(tmp_path, timed=True)), "--out", str(out), "--large")
    assert result.exit_code == 0, result.output
    found = ParameterDocument.from_json(out.read_text())
    assert found.provenance["everybody"] == {"responses": 960, "skills": 3}
    assert set(found.parameters.skills) == {"a", "b", "c"}
    text = tmp_path / "text.csv"
    text.write_text("learner_id,skill_id,item_id,correct\n")
    assert "reads Parquet" in run("fit", "--responses", str(text), "--out", str(out), "--large").output


def test_the_database_is_fitted_where_there_are_answers(run: Type) -> None:
    assert "Run: proximal db upgrade" in run("fit", "--database").output
    run("db", "upgrade")
    result = run("fit", "--database")
    assert result.exit_code == 0, result.output
    assert "math-en: nothing to fit (0 responses of 0 pupils" in result.output
    assert {bank["version"] for bank in json.loads(run("fit", "--database", "--json").stdout)} == {None}
    assert run("fit").exit_code == 2


def test_a_bad_file_or_a_folder_that_is_not_there_is_one_sentence(run: Type, file: Path, tmp_path: Path) -> None:
    missing = run("fit", "--responses", str(tmp_path / "nowhere.csv"), "--out", str(tmp_path / "set.json"))
    assert missing.exit_code == 1
    assert "no such file" in missing.output
    astray = run("fit", "--responses", str(file), "--out", str(tmp_path / "no" / "folder.json"), "--large")
    assert "there is no folder" in astray.output


def test_pupils_are_simulated_with_the_fitted_set_and_beside_peers(
    run: Type, file: Path, bank: Path, tmp_path: Path
) -> None:
    out, plot = tmp_path / "set.json", tmp_path / "worlds.svg"
    run("fit", "--responses", str(file), "--curriculum", str(bank), "--out", str(out))
    words = ("--world", "B80", "--learners", "2", "--seeds", "2", "--policy", "Proximal", "--policy", "3 in a row")
    result = run("simulate", *words, "--parameters", str(out), "--plot", str(plot), "--json")
    assert result.exit_code == 0, result.output
    rows = json.loads(result.stdout)["worlds"]["B80"]
    assert rows.keys() == {"Proximal", "3 in a row"}
    assert 8 <= rows["Proximal"]["items"]["mean"] <= 240
    names = [e.text for e in ElementTree.fromstring(plot.read_text()).iter() if e.text in rows]  # noqa: S314
    assert sorted(names) == ["3 in a row", "Proximal"]


def test_a_district_without_logs_is_simulated_in_a_table(run: Type) -> None:
    result = run("simulate", "--world", "A", "--cold", "--learners", "1", "--seeds", "1", "--policy", "Proximal")
    assert result.exit_code == 0, result.output
    assert "World A, 1 pupils x 1 seeds" in result.output


def test_a_damaged_set_is_one_sentence(run: Type, tmp_path: Path) -> None:
    bad = tmp_path / "set.json"
    bad.write_text("{}")
    result = run("simulate", "--parameters", str(bad))
    assert result.exit_code == 1
    assert f"{bad}: The parameter set can't be read" in result.output
    default = json.loads(ParameterSet.default(Curriculum({}, [])).to_json())
    bad.write_text(json.dumps({**default, "population": {**default["population"], "ability_sd": 99}}))
    result = run("simulate", "--parameters", str(bad))
    assert f"{bad}: ability_sd is 99. Give logits from 0.05 to 5." in result.output


def test_a_set_of_other_skills_is_used_for_what_it_says_of_pupils_and_that_is_told(run: Type, tmp_path: Path) -> None:
    foreign = tmp_path / "set.json"
    foreign.write_text(ParameterSet.default(Curriculum({"add": Skill("add")}, [])).to_json())
    words = ("--world", "A", "--learners", "1", "--seeds", "1", "--policy", "Proximal")
    result = run("simulate", *words, "--parameters", str(foreign))
    assert result.exit_code == 0, result.output
    assert f"{foreign} knows none of the worlds' skills" in result.stderr


def test_a_plot_that_could_not_be_written_is_said_before_the_work(run: Type, tmp_path: Path) -> None:
    result = run("simulate", "--plot", str(tmp_path / "no" / "plot.svg"))
    assert result.exit_code == 1
    assert "there is no folder" in result.output
