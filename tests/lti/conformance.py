"""The conformance table: what must hold between an LMS and Proximal, and the tests that prove it.

`make conformance` runs the tests and writes docs/conformance.md.
"""

import re
import sys
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from xml.etree import ElementTree

from tests.lti.conformance_rows import Row
from tests.lti.conformance_table import TABLE

ROOT = Path(__file__).parent.parent.parent
PAGE = ROOT / "docs" / "conformance.md"
PLATFORMS = ("practice LMS", "lti1p3platform")
SCRIPTED = "answers by script"
"""Who drives the tool in a test: one of the platforms, as its parameters say, or a script that no LMS would follow."""


def file_of(test: str) -> str:
    """The file of a row's test, from the repository's root."""
    file = test.partition("::")[0]
    return f"{file if file.startswith('tests/') else f'tests/{file}'}.py"


def matches(test: str, node: str) -> bool:
    """Whether a node id of pytest is one of a row's tests: same file and name, and the case among the parameters."""
    name, _, case = test.partition("::")[2].partition("[")
    path, _, rest = node.partition("::")
    found, _, parameters = rest.rpartition("::")[2].partition("[")
    if path != file_of(test) or found != name:
        return False
    return not case or f"-{case.removesuffix(']')}-" in f"-{parameters.removesuffix(']')}-"


def cells() -> list[tuple[str, Row, str]]:
    """Each row with its number and how it begins on the page, up to its result."""
    found = []
    for heading, rows in TABLE.items():
        for number, one in enumerate(rows, 1):
            tests = "<br>".join(_words(test) for test in one.tests) or "–"
            label = f"{heading[0]}.{number}"
            found.append((heading, one, f"| {label} | {_escaped(one.what)} | {tests} |"))
    return found


def platform_of(node: str) -> str:
    """Who drives the tool in a run."""
    parameters = node.partition("[")[2]
    named = next((platform for platform in PLATFORMS if platform in parameters), None)
    return named or (SCRIPTED if node.startswith("tests/unit/") else PLATFORMS[0])


def page(outcomes: Mapping[str, str]) -> str:
    """The page, from the outcome of each node id ("passed", "failed" or "skipped")."""
    lines = [
        "# What holds between an LMS and Proximal",
        "",
        "LTI Core 1.3, Security Framework 1.1, Deep Linking 2.0, AGS 2.0, NRPS 2.0, Dynamic Registration 1.0 and",
        "Platform Storage 1.0. Two platforms drive the tool through each row: the practice LMS of this repository,",
        "and one that is made of `lti1p3platform` from PyPI (tests/lti/platforms). What no LMS would do is answered",
        "by script. Counted are runs: most tests run as teacher and as pupil, the practice LMS on SQLite and",
        "PostgreSQL, the other on SQLite (`make test-long` has both on both). This page is written by",
        "`make conformance`, from a report of the tests.",
    ]
    heading = ""
    for title, one, begin in cells():
        if title != heading:
            heading = title
            lines += ["", f"## {title}", "", "| | What | Tests | Result |", "|---|---|---|---|"]
        lines.append(f"{begin} {_result(one, outcomes)} |")
    return "\n".join(lines) + "\n"


def read_report(path: Path) -> dict[str, str]:
    """Outcomes by node id, from a JUnit report of pytest."""
    outcomes = {}
    for case in ElementTree.parse(path).iter("testcase"):  # noqa: S314 - our own report
        parts = str(case.get("classname")).split(".")
        depth = next(number for number, part in enumerate(parts, 1) if part.startswith("test_"))
        node = "::".join(["/".join(parts[:depth]) + ".py", *parts[depth:], str(case.get("name"))])
        kinds = {child.tag for child in case}
        outcomes[node] = "failed" if kinds & {"failure", "error"} else "skipped" if "skipped" in kinds else "passed"
    return outcomes


def _result(one: Row, outcomes: Mapping[str, str]) -> str:
    if not one.tests:
        return one.remark
    found = {node: outcome for node, outcome in outcomes.items() if any(matches(test, node) for test in one.tests)}
    missing = [test for test in one.tests if not any(matches(test, node) for node in outcomes)]
    results = []
    for platform in (*PLATFORMS, SCRIPTED):
        runs = Counter(outcome for node, outcome in found.items() if platform_of(node) == platform)
        parts = [f"{outcome} ({runs[outcome]})" for outcome in ("failed", "skipped", "passed") if runs[outcome]]
        results += [f"{platform}: {', '.join(parts)}"] if parts else []
    return "<br>".join([*results, *["not run"] * bool(missing)])


def _words(test: str) -> str:
    name, _, case = test.partition("::")[2].partition("[")
    path = file_of(test)
    words = name.removeprefix("test_").replace("_", " ")
    shown = f": `{case.removesuffix(']')}`" if case else ""
    return f"[{Path(path).stem}](../{path}) {words}{_escaped(shown)}"


def _escaped(text: str) -> str:
    return re.sub(r"\|", r"\\|", text)


def main(arguments: Iterable[str]) -> int:
    """Write the page from one or several reports; without any, print the files of the table's tests."""
    if not (arguments := list(arguments)):
        sys.stdout.write(
            "\n".join(sorted({file_of(test) for rows in TABLE.values() for row in rows for test in row.tests}))
        )
        return 0
    outcomes = {node: outcome for report in arguments for node, outcome in read_report(Path(report)).items()}
    PAGE.write_text(page(outcomes), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
