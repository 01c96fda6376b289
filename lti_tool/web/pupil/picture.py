"""The picture of a pupil's skills: a garden for the younger, a trail for the older; four states by shape and colour.

Nothing in it wilts: a skill that has slipped keeps its shape and gets a drop beside it. Colours come from the
stylesheet (classes), so that every look and the high contrast have their own.
"""

import math
from collections.abc import Callable, Sequence

from markupsafe import Markup

from lti_tool.services.pupil.today import Plant

WIDTH, TOP, HEIGHT = 720, 18, 168
"""The part of the land that is seen, from how far down, and how high."""
MOST = 14
"""Skills in the large picture; the list below it has all."""


def _soil() -> str:
    return '<ellipse class="soil" cx="0" cy="0" rx="17" ry="5"/>'


def _seed() -> str:
    return _soil() + '<path class="seed" d="M-5 -6c1 -8 9 -9 11 -4c-1 7 -8 10 -11 4z"/>'


def _sprout() -> str:
    return (
        _soil() + '<path class="stem" d="M0 0c0 -8 1 -13 0 -20"/>'
        '<path class="leaf" d="M0 -18c-4 -12 -15 -11 -17 -8c2 9 11 12 17 8z"/>'
        '<path class="leaf light" d="M0 -20c3 -13 14 -13 17 -10c-1 9 -10 14 -17 10z"/>'
    )


def _flower() -> str:
    petals = "".join(
        f'<circle class="petal" cx="{9 * math.cos(a):.1f}" cy="{-38 + 9 * math.sin(a):.1f}" r="6.5"/>'
        for a in (n * math.pi / 3 for n in range(6))
    )
    return (
        _soil() + '<path class="stem" d="M0 0c0 -12 1 -20 0 -32"/>'
        '<path class="leaf" d="M0 -8c-5 -9 -15 -8 -17 -5c3 8 12 9 17 5z"/>'
        '<path class="leaf light" d="M0 -13c4 -9 14 -8 16 -5c-2 8 -11 9 -16 5z"/>'
        f'{petals}<circle class="sun" cx="0" cy="-38" r="6"/>'
    )


def _tree() -> str:
    fruit = "".join(f'<circle class="fruit" cx="{x}" cy="{y}" r="4"/>' for x, y in ((-10, -38), (3, -46), (11, -34)))
    return (
        '<ellipse class="soil" cx="0" cy="0" rx="20" ry="5"/>'
        '<path class="trunk" d="M-4 0c1 -9 1 -14 0 -24h8c-1 10 -1 15 0 24z"/>'
        '<path class="leaf" d="M0 -62c12 -1 19 7 18 15c8 4 7 21 -8 22h-20c-15 -1 -16 -18 -8 -22c-1 -8 6 -16 18 -15z"/>'
        f"{fruit}"
    )


def _ring() -> str:
    return '<circle class="stop open" cx="0" cy="-11" r="10"/>'


def _half_way() -> str:
    return '<circle class="stop open" cx="0" cy="-11" r="10"/><path class="stop-fill" d="M-10 -11a10 10 0 0 0 20 0z"/>'


def _flag() -> str:
    return (
        '<ellipse class="soil" cx="0" cy="0" rx="12" ry="4"/><path class="pole" d="M-4 0v-44"/>'
        '<path class="flag" d="M-4 -44c8 -5 14 4 24 -1v19c-10 5 -16 -4 -24 1z"/>'
    )


def _peak() -> str:
    return (
        '<path class="peak" d="M-24 0l17 -34l6 -6l7 8l18 32z"/>'
        '<path class="snow" d="M-10 -28l3 -6l6 -6l7 8l3 6l-6 -2l-4 4l-4 -5z"/>'
        '<path class="pole" d="M-1 -40v-20"/><path class="sun" d="M-1 -61l17 5l-17 7z"/>'
    )


_GARDEN = {"new": _seed, "growing": _sprout, "strong": _flower, "kept": _tree}
_TRAIL = {"new": _ring, "growing": _half_way, "strong": _flag, "kept": _peak}
_DROP = '<path class="drop" d="M0 -13c7 8 7 15 0 15s-7 -7 0 -15z"/>'


_HEIGHTS = {"new": 28, "growing": 42, "strong": 58, "kept": 66}
"""How high each sign is above its ground; on the trail the first two are rings of one size."""
_RING = 28


def sign(state: str, look: str, *, top_up: bool = False) -> Markup:
    """One skill's sign, small, for lists. What it shows stands beside it in words."""
    height = 58 if top_up else _RING if look == "old" and state == "growing" else _HEIGHTS[state]
    wide = 26 if state == "kept" or top_up else 20
    box = f'viewBox="{-wide} {-height} {2 * wide} {height + 6}" aria-hidden="true" focusable="false"'
    return Markup(f'<svg class="sign-of-skill" {box}>{_drawn(state, look, top_up)}</svg>')  # noqa: S704 - fixed shapes


def scene(plants: Sequence[Plant], look: str) -> Markup:
    """The large picture: the skills that move, on a hill or along a trail. It is described by the list beside it."""
    shown = moving(plants)
    at, ground = (_on_the_hill, _HILLS) if look == "young" else (_on_the_trail, _LAND)
    scale, drawn = _scale(len(shown)), []
    for n, plant in enumerate(shown):
        x = WIDTH * (n + 0.7) / (len(shown) + 0.4)
        drawn.append(f'<g transform="translate({x:.0f} {at(x):.0f}) scale({scale})">{_of(plant, look)}</g>')
    trail = _path(at) if look != "young" else ""
    box = f'viewBox="0 {TOP} {WIDTH} {HEIGHT}" aria-hidden="true" focusable="false"'
    svg = f'<svg class="scene" {box}>{ground}{trail}{"".join(drawn)}</svg>'
    return Markup(svg)  # noqa: S704 - made of numbers and fixed shapes only


def moving(plants: Sequence[Plant]) -> list[Plant]:
    """The skills to draw, in teaching order: the latest that were begun, then the next ones."""
    begun = [plant for plant in plants if plant.state != "new" or plant.top_up][-(MOST - 2) :]
    fresh = [plant for plant in plants if plant.state == "new" and not plant.top_up]
    chosen = {plant.skill_id for plant in (*begun, *fresh[: MOST - len(begun)])}
    return [plant for plant in plants if plant.skill_id in chosen]


def _of(plant: Plant, look: str) -> str:
    return _drawn(plant.state, look, plant.top_up)


def _drawn(state: str, look: str, top_up: bool) -> str:
    shape = (_GARDEN if look == "young" else _TRAIL)["strong" if top_up else state]()
    return shape + (f'<g transform="translate(19 -8)">{_DROP}</g>' if top_up else "")


def _scale(count: int) -> float:
    return 1.6 if count <= 6 else 1.25


def _on_the_hill(x: float) -> float:
    return 168 - 26 * math.sin(math.pi * x / WIDTH) + 6 * math.sin(x / 55)


def _on_the_trail(x: float) -> float:
    return 150 - 30 * math.sin(2 * math.pi * x / WIDTH) - 22 * x / WIDTH + 14


def _path(at: Callable[[float], float]) -> str:
    points = " ".join(f"{x} {at(x):.0f}" for x in range(-10, WIDTH + 20, 24))
    return f'<polyline class="trail" points="{points}"/>'


_GROUND = TOP + HEIGHT
_HILLS = (
    f'<rect class="sky" width="{WIDTH}" height="{_GROUND}"/><circle class="sun" cx="684" cy="48" r="21"/>'
    '<path class="cloud" d="M92 62a17 17 0 0 1 30 -12a22 22 0 0 1 40 5a14 14 0 0 1 -2 27h-64a12 12 0 0 1 -4 -20z"/>'
    '<path class="hill far" d="M0 150c90 -70 190 -60 290 -8c80 -60 210 -84 430 -6v74H0z"/>'
    f'<path class="hill" d="M0 {_GROUND}V166c130 -40 240 -46 370 -28c130 18 240 6 350 26v46z"/>'
)
_LAND = (
    f'<rect class="sky" width="{WIDTH}" height="{_GROUND}"/>'
    '<g class="contours"><path d="M-10 60c120 -60 250 10 360 -20s230 -50 380 10"/>'
    '<path d="M-10 92c130 -60 240 12 360 -16s230 -46 380 8"/>'
    '<path d="M-10 190c140 -40 240 22 370 -4s220 -30 370 4"/>'
    '<path d="M560 36c30 -22 84 -20 96 4s-40 40 -74 34s-50 -18 -22 -38z"/>'
    '<path d="M582 42c20 -12 48 -10 54 2s-22 22 -42 18s-30 -10 -12 -20z"/></g>'
    '<path class="water" d="M0 150c60 4 70 40 150 44s90 -6 120 16H0z"/>'
)
