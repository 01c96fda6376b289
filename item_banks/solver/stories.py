"""Stories: what happens in each, read from its own words."""

from __future__ import annotations

from math import ceil

from item_banks.solver.reading import Rule

_NOW, _LEFT = r"How many are there now\?\n", r"How many are left\?\n"
_REST = r"How much is left\?\n"
_OTHER = r"How many does the other child have\?\n"
_ALL = r"How many are there altogether\?\n"
_TIMES = "(?:have|has|scores|collects|picked|read)"

_FRACTION = r"[^\n]*?(\d+)/(\d+)[^\n]*?"

STORIES = (
    Rule(r"How many are there in all\?\n...#...#...", lambda one, other: one + other),
    Rule(r"How many are still there\?\n...#...#...", lambda there, gone: there - gone),
    Rule(r"How many is that altogether\?\n...#...#...", lambda one, other: one * other),
    Rule(r"How many is that for each\?\n...#...#...", lambda every, shares: every / shares),
    Rule(r"How many is that\?\n(\d+)/(\d+) of the # ...", lambda top, bottom, whole: whole * top / bottom),
    Rule(r"How many is that\?\n#% of the # ...", lambda percent, whole: whole * percent / 100),
    Rule(
        rf"How much is that together\? Write a fraction.\n{_FRACTION}{_FRACTION}",
        lambda top, bottom, other, below: top / bottom + other / below,
    ),
    Rule(
        r"How much is that altogether\? Write a fraction.\n[^\d\n]*#[^\d\n]* (\d+)/(\d+)[^\d\n]*",
        lambda times, top, bottom: times * top / bottom,
    ),
    Rule(
        r"How much is that altogether\? Write a fraction.\n[^\d\n]*(\d+)/(\d+)[^\d\n]*#[^\d\n]*",
        lambda top, bottom, times: times * top / bottom,
    ),
    Rule(r"How much money is that together\?\n...[$]# ...[$]#.", lambda one, other: one + other),
    Rule(_NOW + r"...# ... (?:finds|adds|gives \w+) # more.", lambda there, more: there + more),
    Rule(_NOW + r"# children are in the pool. # more jump in.", lambda there, more: there + more),
    Rule(_LEFT + r"...# ... (?:gives|lost) # of them...", lambda had, gone: had - gone),
    Rule(_LEFT + r"...# \w+ sit in a tree. # of them fly away.", lambda had, gone: had - gone),
    Rule(_LEFT + r"There were # rolls. # of them were eaten.", lambda had, gone: had - gone),
    Rule(r"How many more are there now\?\n...# .... (?:Now|After) ... # \w+.", lambda first, now: now - first),
    Rule(_OTHER + r"\w+ \w+ # \w+, # more than \w+.", lambda mine, more: mine - more),
    Rule(_NOW + r"# people are on a bus. # get on and # get off.", lambda a, on, off: a + on - off),
    Rule(_NOW + r"\w+ has # coins, finds # and spends #.", lambda a, found, spent: a + found - spent),
    Rule(_NOW + r"A shop has # balls. It gets # new ones and sells #.", lambda a, new, sold: a - sold + new),
    Rule(_ALL + r"\w+ has # boxes with # cars each and # single cars.", lambda n, each, more: n * each + more),
    Rule(_ALL + r"There are # tables with # chairs each and # more ...", lambda n, each, more: n * each + more),
    Rule(_ALL + r"\w+ picks # bunches of # flowers each and # single ...", lambda n, each, more: n * each + more),
    Rule(_REST + r"\w+ has # dollars and buys # tickets for # dollars each.", lambda had, n, price: had - n * price),
    Rule(_REST + r"A roll has # m of string. \w+ cuts # pieces of # m each.", lambda had, n, each: had - n * each),
    Rule(_REST + r"A book has # pages. \w+ reads # pages a day for # days.", lambda had, each, n: had - n * each),
    Rule(r"How many are in each\?\n# red and # yellow ... into # vases.", lambda a, b, n: (a + b) / n),
    Rule(r"How many are in each\?\n... has # photos and \w+ has #. They fill # pages ...", lambda a, b, n: (a + b) / n),
    Rule(r"How many are in each\?\n# girls and # boys make # teams of equal size.", lambda a, b, n: (a + b) / n),
    Rule(_OTHER + rf"\w+ {_TIMES} # \w+. \w+ {_TIMES} # times as many.", lambda a, n: a * n),
    Rule(_OTHER + rf"\w+ {_TIMES} # \w+, # times as many as \w+.", lambda all_, n: all_ / n),
    Rule(r"The first is how many times as much\?\nOne ... # \w+..., another ... # \w+...", lambda a, b: a / b),
    Rule(r"How many are needed for all of them\?\n# .... Each \w+ \w+ # \w+.", lambda n, room: ceil(n / room)),
    Rule(r"How many complete groups are there\?\n# ... of #.", lambda n, size: n // size),
    Rule(r"How many are left over\?\n# ... (?:to|by|of) # ?\w*.", lambda n, size: n % size),
)
