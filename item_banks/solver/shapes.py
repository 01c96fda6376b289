"""Questions in words about shapes: names, angles, area, perimeter, volume, points."""

from __future__ import annotations

from fractions import Fraction

from item_banks.solver.reading import SAYS, Rule, said

_CORNERS = {"triangle": 3, "square": 4, "pentagon": 5, "hexagon": 6, "octagon": 8}
_NAMES = {4: "quadrilateral", 5: "pentagon", 6: "hexagon", 7: "heptagon"}
_FOLDS = {
    "square": 4,
    "rectangle that is not a square": 2,
    "triangle with 3 equal sides": 3,
    "triangle with only 2 equal sides": 1,
    "rhombus that is not a square": 2,
    "parallelogram with 2 long and 2 short sides and no right angle": 0,
    "pentagon with equal sides and equal angles": 5,
    "hexagon with equal sides and equal angles": 6,
}
_NEEDS = {
    "quadrilateral": set(),
    "parallelogram": {"parallel"},
    "rectangle": {"parallel", "right angles"},
    "rhombus": {"parallel", "equal sides"},
    "square": {"parallel", "right angles", "equal sides"},
}
_SIDES = r"How many cm is the other side\?\n"
_ANGLE = r"How many degrees is the other angle\?\n"
_SURFACE = r"What is its surface area in square cm\?\n"
_AREA = r"What is (?:its|the) area in square cm\?\n"


def _sides(first: Fraction, one: str, second: Fraction, other: str) -> Fraction:
    return first * _CORNERS[one] + second * _CORNERS[other]


def _always(shape: str, other: str) -> str:
    """A shape with another number of corners never is; shapes that share a special case can be each other
    sometimes; a shape with all that the other needs always is."""
    if shape not in _NEEDS:
        return "never"
    return "always" if _NEEDS[other] <= _NEEDS[shape] else "sometimes"


def _best_name(first: Fraction, second: Fraction, angles: str) -> str:
    has = {"parallel"} | ({"equal sides"} if first == second else set())
    has |= {"right angles"} if angles == "four right angles" else set()
    return next(name for name, needs in _NEEDS.items() if needs == has)


def _angle(degrees: Fraction) -> str:
    if degrees in (90, 180):
        return "right" if degrees == 90 else "straight"
    return "acute" if degrees < 90 else "obtuse"


def _equal_parts(words: str, parts: Fraction, lengths: str) -> str:
    wanted = {"a half": 2, "a third": 3, "a quarter": 4}[words]
    return "yes" if parts == wanted and len(set(lengths.split(", "))) == 1 else "no"


_SIGNED = r"\((−?\d+), (−?\d+)\)"
_BOX = rf"A box is {SAYS} cm long, {SAYS} cm wide and {SAYS} cm high."


def _volume(*edges: Fraction | str) -> Fraction:
    result = Fraction(1)
    for edge in edges:
        result *= said(edge)
    return result


def _faces(a: Fraction, b: Fraction, c: Fraction) -> Fraction:
    return sum((one * other for one, other in ((a, b), (b, c), (c, a)) for _ in range(2)), Fraction(0))


def _distance(*numbers: Fraction | str) -> Fraction:
    """From one point to another straight above or beside it."""
    ax, ay, bx, by = map(said, numbers)
    if ax != bx and ay != by:
        raise ValueError("the line is neither upright nor level")
    return abs(ax - bx) + abs(ay - by)


SHAPES = (
    Rule(
        r"How many degrees is the angle\?\nA protractor. One arm lies on 0 of [^\n]* points to #.", lambda shown: shown
    ),
    Rule(
        r"How many degrees is the angle\?\nA protractor. On the inner scale one arm points to #, the other to #.",
        lambda one, other: abs(one - other),
    ),
    Rule(r"How many degrees is the third angle\?\nTwo angles of a triangle are #° and #°.", lambda a, b: 180 - a - b),
    Rule(
        r"How many degrees is each of the two equal angles\?\n[^\n]*The other angle is #°.",
        lambda top: (180 - top) / 2,
    ),
    Rule(
        r"How many degrees is the fourth angle\?\nThree angles of a quadrilateral are #°, #° and #°.",
        lambda a, b, c: 360 - a - b - c,
    ),
    Rule(r"What is its volume in cubic cm\?\n" + _BOX, _volume),
    Rule(r"How many cubes with edges of 1/2 cm fill it\?\n" + _BOX, lambda *edges: _volume(*edges) / Fraction(1, 8)),
    Rule(
        rf"How many cm high is it\?\nA box holds {SAYS} cubic cm. Its floor is # square cm.",
        lambda volume, floor: said(volume) / floor,
    ),
    Rule(_SURFACE + r"A box is # cm long, # cm wide and # cm high.", _faces),
    Rule(_SURFACE + r"A cube has edges of # cm.", lambda a: _faces(a, a, a)),
    Rule(
        _SURFACE + r"A pyramid has a square floor with sides of # cm. Each of its triangles is # cm high.",
        lambda side, high: side * side + 4 * side * high / 2,
    ),
    Rule(
        _AREA + r"A rectangle is # cm wide and # cm high. On top of it is a triangle, # cm high.",
        lambda wide, high, roof: wide * (high + high + roof) / 2,
    ),
    Rule(
        _AREA + r"A trapezoid has parallel sides of # cm and # cm. It is # cm high.",
        lambda long, short, high: short * high + (long - short) * high / 2,
    ),
    Rule(rf"How long is the line from A to B\?\nA is at {_SIGNED}, B is at {_SIGNED}.", _distance),
    Rule(r"How many sides are there altogether\?\n# (\w+?)s and # (\w+?)s", _sides),
    Rule(r"What is this shape called\?\nA shape with # straight sides.", lambda sides: _NAMES[int(sides)]),
    Rule(
        r"Is the shaded part what the words say\?\nThe shaded part is (...)\.\n"
        r"A bar cut into # parts, their lengths: (...)\. The first part is shaded.",
        _equal_parts,
    ),
    Rule(r"How many parts are there altogether\?\n# ... each cut into # equal parts.", lambda n, parts: n * parts),
    Rule(r"Is this always, sometimes or never true\?\nA (\w+) is a (\w+).", _always),
    Rule(
        r"Which name says most about this shape\?\n...The sides are #, #, # and # cm long.\nIt has (...)\.",
        lambda a, b, _, __, angles: _best_name(a, b, angles),
    ),
    Rule(r"How many lines of symmetry does it have\?\na (...)", lambda shape: _FOLDS[shape]),
    Rule(r"What kind of angle is it\?\nAn angle of # degrees.", _angle),
    Rule(r"How many squares of 1 cm cover it\?\n... # cm \w+ and # cm \w+.", lambda a, b: a * b),
    Rule(_AREA + r"A rectangle is # cm long and # cm wide.", lambda a, b: a * b),
    Rule(r"What is its perimeter in cm\?\nA rectangle is # cm long and # cm wide.", lambda a, b: a + b + a + b),
    Rule(
        _AREA + r"A rectangle is # cm by # cm. A corner of # cm by # ...", lambda w, h, a, b: w * (h - b) + b * (w - a)
    ),
    Rule(_AREA + r"Two rectangles are joined ...: # cm by # cm, and # cm by # cm.", lambda w, h, a, b: w * h + a * b),
    Rule(r"How many cm is it all ...\?\n... # cm \w+ and # cm \w+.", lambda a, b: a + b + a + b),
    Rule(r"How many cm is it all ...\?\n...are #, #, # and # cm long.", lambda *sides: sum(sides)),
    Rule(r"How many cm is it all ...\?\n...# equal sides. Each side is # cm long.", lambda n, side: n * side),
    Rule(_SIDES + r"A rectangle has an area of # ... One side is # cm long.", lambda area, side: area / side),
    Rule(
        _SIDES + r"The perimeter of a rectangle is # cm. One side is # ...", lambda way, side: (way - side - side) / 2
    ),
    Rule(_ANGLE + r"(?:Two angles together make a straight line|A straight angle)...#°.", lambda part: 180 - part),
    Rule(_ANGLE + r"Two angles together make a right angle. ...#°.", lambda part: 90 - part),
    Rule(_ANGLE + r"An angle of #° is cut in two. One part is #°.", lambda whole, part: whole - part),
    Rule(r"How many degrees are they together\?\n...#° and #°.", lambda a, b: a + b),
    Rule(
        r"How many cubes of 1 cm fill the box\?\nA box is # cm long, # cm wide and # cm high.",
        lambda a, b, c: a * b * c,
    ),
    Rule(r"How many cubes are in the box\?\nOne layer ... has # cubes. There are # layers.", lambda a, b: a * b),
    Rule(r"How many steps up is the point\?\nThe point is at \(#, #\).", lambda along, up: up),
    Rule(
        r"What is its first number now\?\nA point is at \(#, #\). It moves # steps? ...", lambda x, y, steps: x + steps
    ),
    Rule(r"Which point do you reach\?\nFrom 0, go # steps? along and # steps? up.", lambda x, y: f"({x}, {y})"),
    Rule(_AREA + r"A triangle has a base of # cm and a height of # ...", lambda base, height: base * height / 2),
    Rule(_AREA + r"A parallelogram has a base of # cm and a height of # ...", lambda base, height: base * height),
    Rule(
        r"How many cm is its base\?\nA triangle has an area of # ... a height of # cm.",
        lambda area, height: 2 * area / height,
    ),
)
