"""Fails where branch coverage of a room is below its promise. Reads the data of the test run before it."""

import sys
from pathlib import Path

from coverage import Coverage

PROMISED = {"engine": 95.0, "item_banks": 95.0, "lti_tool/lti": 95.0}


def main() -> int:
    """Print each room's figure; return 1 if one is too low."""
    data = Coverage()
    data.load()
    low = False
    for room, promised in PROMISED.items():
        files = [name for name in data.get_data().measured_files() if f"/{room}/" in Path(name).as_posix()]
        covered, total = 0, 0
        for name in files:
            numbers = data._analyze(name).numbers
            covered += numbers.n_executed + numbers.n_executed_branches
            total += numbers.n_statements + numbers.n_branches
        share = 100 * covered / total if total else 0.0
        low |= share < promised
        sys.stdout.write(f"{room}: {share:.1f}% of statements and branches (promised {promised:.0f}%)\n")
    return int(low)


if __name__ == "__main__":
    sys.exit(main())
