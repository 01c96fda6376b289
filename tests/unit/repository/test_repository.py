"""Promises about the repository itself."""

import re
import subprocess
import tomllib
from importlib.metadata import distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[3]
LOCKS = sorted((ROOT / "requirements").glob("*.txt"))


def tracked_files() -> list[Path]:
    """Every file that git tracks."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)
    return [ROOT / name for name in listed.stdout.split("\0") if name]


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.name)
def test_a_lock_file_pins_every_package_with_hashes_and_names_no_index(lock: Path) -> None:
    text = lock.read_text()
    packages = re.findall(r"^[a-z0-9._-]+(?:\[[a-z,]+\])?==", text, re.MULTILINE | re.IGNORECASE)
    assert len(packages) > 20
    assert text.count("--hash=sha256:") >= len(packages)
    assert not re.search(r"https?://|--(extra-)?index-url|--find-links|^file:", text, re.MULTILINE)


def test_an_extra_that_a_package_asks_for_is_pinned_with_it() -> None:
    """Else pip looks for the newest `coverage[toml]`, finds that its hash is missing, and installs nothing."""
    lock = (ROOT / "requirements" / "test.txt").read_text()
    pins = [Requirement(line.rstrip(" \\")) for line in re.findall(r"^[a-z0-9].*", lock, re.MULTILINE | re.IGNORECASE)]
    pinned = {canonicalize_name(pin.name): pin.extras for pin in pins}
    asked = [
        wanted
        for package in distributions()
        if canonicalize_name(package.metadata["Name"]) in pinned
        for wanted in map(Requirement, package.requires or ())
        if wanted.extras and (wanted.marker is None or wanted.marker.evaluate({"extra": ""}))
    ]
    assert asked
    assert [str(wanted) for wanted in asked if not wanted.extras <= pinned[canonicalize_name(wanted.name)]] == []


def test_running_needs_none_of_the_heavy_libraries() -> None:
    text = (ROOT / "requirements" / "run.txt").read_text()
    for heavy in ("numpy", "pandas", "scikit-learn", "numba", "pybkt", "pytest"):
        assert not re.search(rf"^{heavy}==", text, re.MULTILINE | re.IGNORECASE)


def test_every_dependency_of_the_package_is_in_the_lock() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    lock = (ROOT / "requirements" / "run.txt").read_text().lower()
    for requirement in project["dependencies"]:
        name = re.split(r"[\[<>=!~ ]", requirement)[0]
        assert re.search(rf"^{re.escape(name)}(\[[a-z]+\])?==", lock, re.MULTILINE), name


def test_no_lock_file_of_a_tool_that_writes_hosts_into_it() -> None:
    names = {path.name for path in tracked_files()}
    assert not names & {"uv.lock", "package-lock.json", "poetry.lock", "Pipfile.lock"}


def test_the_readme_begins_with_the_two_commands() -> None:
    readme = (ROOT / "README.md").read_text()
    assert readme.index("make demo") < 1200
    assert readme.index("make test") < 1200


def test_every_link_of_the_documents_leads_to_a_file() -> None:
    for page in [ROOT / "README.md", ROOT / "ARCHITECTURE.md", ROOT / "CONTRIBUTING.md", *ROOT.glob("docs/**/*.md")]:
        for target in re.findall(r"\]\(([^)#]+)\)", page.read_text()):
            if not target.startswith(("http://", "https://", "mailto:")):
                assert (page.parent / target).exists(), f"{page.name}: {target}"


def test_no_module_grows_beyond_reading_at_once() -> None:
    long = {
        str(path.relative_to(ROOT)): lines
        for path in tracked_files()
        if path.suffix == ".py" and "migrations" not in path.parts
        if (lines := len(path.read_text().splitlines())) > (500 if "tests" in path.parts else 400)
    }
    assert long == {}


def test_who_drives_a_browser_is_among_the_browser_tests_and_nobody_else() -> None:
    """`make unit` looks everywhere else, and `make browser` nowhere else."""
    driving = {path for path in tracked_files() if path.match("test_*.py") and "mark.browser" in path.read_text()}
    assert driving - {Path(__file__).resolve()} == {
        path for path in tracked_files() if path.match("tests/browser/test_*.py")
    }


def test_no_page_asks_the_database_itself() -> None:
    """So that a test of a page need not meet each database: what the services ask is tested on both."""
    pages = list((ROOT / "lti_tool" / "web").rglob("*.py"))
    assert pages
    asking = re.compile(r"(?<![.\w])(select|update|delete|insert|text)\(|\.(execute|scalars?|query)\(")
    assert [path.name for path in pages if asking.search(path.read_text())] == []


def test_no_rule_of_the_style_sheets_begins_or_ends_between_320_and_360_pixels() -> None:
    """So that what is looked at on the narrowest phone need not be looked at on the next one."""
    sheets = [path.read_text() for path in tracked_files() if path.suffix == ".css"]
    limits = re.findall(r"\(\s*(?:min|max)?-?(?:width|inline-size)\s*[:<>=]+\s*([\d.]+)(px|r?em)", " ".join(sheets))
    assert limits
    assert [n for number, unit in limits if 320 <= (n := float(number) * (1 if unit == "px" else 16)) <= 360] == []


def test_make_explains_what_a_machine_lacks() -> None:
    makefile = (ROOT / "Makefile").read_text()
    assert "Proximal needs Python 3.11 to 3.14" in makefile
    assert "python3-venv" in makefile
