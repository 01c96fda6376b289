"""Measurements, as ratios against a floor or a peer in the same run, and tables with intervals.

python -m tests.bench                   all of them
python -m tests.bench PART [OPTIONS]    one of them; PART --help says what it measures
"""

import sys
from importlib import import_module

PARTS = {
    "start": "tests.bench.start",
    "answers": "tests.bench.answers",
    "deliveries": "tests.bench.deliveries",
    "launches": "tests.bench.launches",
    "class-page": "tests.bench.class_page",
    "worlds": "tests.bench.worlds",
    "odd-worlds": "tests.bench.odd_worlds",
    "start-check": "tests.bench.start_check",
    "lists": "tests.bench.lists",
    "speed": "tests.bench.speed",
    "items": "tests.bench.items",
    "fitting": "tests.bench.fitting",
    "large-fit": "tests.bench.large_fit",
    "spelling": "tests.bench.spelling",
    "listening": "tests.bench.listening",
    "needs": "tests.bench.needs",
    "year": "tests.bench.year",
}
"""Each is a module with `main(words)`. Loaded when it is wanted: some need numpy, some start servers."""


def main(words: list[str]) -> None:
    """Run one part with its options, or all parts without any."""
    if words and words[0] in PARTS:
        import_module(PARTS[words[0]]).main(words[1:])
        return
    if words:
        raise SystemExit(f"{__doc__}\nPART is one of: {', '.join(PARTS)}")
    for name, module in PARTS.items():
        print(f"\n{name}", flush=True)
        import_module(module).main([])


if __name__ == "__main__":
    main(sys.argv[1:])
