"""A row of the conformance table, and short ways to name the tests that prove it."""

from dataclasses import dataclass

UNIT = "tests/unit/lti_tool"


@dataclass(frozen=True)
class Row:
    """One thing that must hold. A test is `file::name` or `file::name[case]`, `file` as in tests/<file>.py."""

    what: str
    tests: tuple[str, ...]
    remark: str = ""
    """Why there is no test, where there is none."""


def row(what: str, *tests: str) -> Row:
    """A row with tests of this folder, or of another where a path is given."""
    return Row(what, tuple(test if "/" in test.partition("::")[0] else f"lti/test_{test}" for test in tests))


def refused(what: str, *cases: str) -> Row:
    """A launch that Proximal refuses."""
    return row(what, *(f"launch_refused::test_a_launch_is_refused_with[{case}]" for case in cases))


def refused_deep_link(what: str, *cases: str) -> Row:
    """The same for a deep-linking request."""
    return row(what, *(f"launch_refused::test_deep_linking_is_refused_with[{case}]" for case in cases))


def accepted(what: str, *cases: str) -> Row:
    """A launch that Proximal opens."""
    return row(what, *(f"launch_accepted::test_a_launch_opens_with[{case}]" for case in cases))


def once(what: str, *names: str) -> Row:
    """Tests of one-time state and nonce."""
    return row(what, *(f"launch_once::test_{name}" for name in names))
