"""docs/conformance.md tells the truth: each test it names is there, each test of these files stands in it."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.lti.conformance import PAGE, PLATFORMS, ROOT, cells, file_of, main, matches, page, read_report
from tests.lti.conformance_table import PROVEN_WHOLE, TABLE

ROWS = [row for rows in TABLE.values() for row in rows]
TESTS = sorted({test for row in ROWS for test in row.tests})


@pytest.fixture(scope="module")
def nodes() -> list[str]:
    """All tests that there are, by pytest's own word."""
    command = [sys.executable, "-m", "pytest", "--collect-only", "-q", "-p", "no:cacheprovider", "-p", "no:xdist"]
    files = {file_of(test) for test in TESTS} | {f"tests/lti/{file}" for file in PROVEN_WHOLE}
    found = subprocess.run([*command, *sorted(files)], cwd=ROOT, capture_output=True, text=True, check=True)
    return [line for line in found.stdout.splitlines() if "::" in line]


def test_each_test_that_the_table_names_is_there(nodes: list[str]) -> None:
    assert [test for test in TESTS if not any(matches(test, node) for node in nodes)] == []


def test_each_test_of_the_launch_files_stands_in_the_table(nodes: list[str]) -> None:
    own = {
        node.partition("[")[0] for node in nodes if node.startswith(tuple(f"tests/lti/{file}" for file in PROVEN_WHOLE))
    }
    named = [test.partition("[")[0] for test in TESTS]
    assert sorted(node for node in own if not any(matches(test, node) for test in named)) == []


def test_a_row_has_a_test_or_says_why_it_has_none() -> None:
    assert [row.what for row in ROWS if bool(row.tests) == bool(row.remark)] == []


def test_the_page_has_exactly_the_rows_of_the_table_and_nothing_on_it_failed() -> None:
    lines = [
        line for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("| ") and "What" not in line
    ]
    expected = [begin for _, _, begin in cells()]
    assert len(lines) == len(expected), "run: make conformance"
    for line, begin in zip(lines, expected, strict=True):
        assert line.startswith(begin), "run: make conformance"
    assert not [line for line in lines if "failed (" in line or "not run" in line]
    alone = [line for line in lines if not all(f"{platform}: passed" in line for platform in PLATFORMS)]
    assert alone == [], "each row is driven by both platforms"


def test_a_report_becomes_the_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    report = tmp_path / "report.xml"
    name, lms = "test_a_launch_is_refused_with", "practice LMS/sqlite"
    report.write_text(
        "<testsuites><testsuite>"
        f'<testcase classname="tests.lti.test_launch_refused" name="{name}[{lms}-no kid-pupil]"/>'
        f'<testcase classname="tests.lti.test_launch_refused" name="{name}[{lms}-no kid-teacher]"><failure/></testcase>'
        f'<testcase classname="tests.lti.test_launch_refused" name="{name}[{lms}-no exp-pupil]"><skipped/></testcase>'
        '<testcase classname="tests.lti.test_key_sets"'
        ' name="test_a_key_that_shares_its_id_with_another_is_found[lti1p3platform-sqlite]"/>'
        "</testsuite></testsuites>"
    )
    monkeypatch.setattr("tests.lti.conformance.PAGE", tmp_path / "page.md")
    assert main([str(report)]) == 0
    text = (tmp_path / "page.md").read_text()
    assert text == page(read_report(report))
    rows = [line.split("|") for line in text.splitlines() if line.startswith("| 1.")]
    results = {what.strip(): result.strip() for _, _, what, _, result, _ in rows}
    assert results["no `kid`"] == "practice LMS: failed (1), passed (1)"
    assert results["no `exp`"] == "practice LMS: skipped (1)"
    assert results["a JWKS with two keys of one `kid`, or an EC key"] == "lti1p3platform: passed (1)"
    assert results["bad signature"] == "not run"
