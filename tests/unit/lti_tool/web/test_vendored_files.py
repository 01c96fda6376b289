"""Files that others made are the ones that they published, and their licences travel with them."""

import hashlib
import re
from pathlib import Path

STATIC = Path(__file__).resolve().parents[4] / "lti_tool" / "static"
LISTED = dict(
    re.findall(r"^\| `([^`]+)` .*`([0-9a-f]{64})` \|$", (STATIC / "vendor" / "README.md").read_text(), re.MULTILINE)
)


def test_each_vendored_file_has_its_published_checksum() -> None:
    assert LISTED
    found = {name: hashlib.sha256((STATIC / name).read_bytes()).hexdigest() for name in LISTED}
    assert found == LISTED


def test_no_file_of_others_is_missing_from_the_list() -> None:
    there = {*STATIC.glob("vendor/*.js"), *STATIC.glob("fonts/*.woff2")}
    assert {str(path.relative_to(STATIC)) for path in there} == set(LISTED)


def test_the_fonts_travel_with_their_licence() -> None:
    assert "SIL OPEN FONT LICENSE Version 1.1" in (STATIC / "fonts" / "OFL.txt").read_text()
