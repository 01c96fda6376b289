"""What is stored of each skill of a pupil, in some forty characters.

A skill practised lately carries its whole belief (`Detail`), because every answer has to move it exactly; of the
others the marginals are enough. A row is read when it is needed and only then, and reading is remembered, so that
a pupil of 150 skills is loaded in microseconds.
"""

from __future__ import annotations

import binascii
import struct
from datetime import UTC, datetime
from functools import lru_cache
from typing import Final, Literal, NamedTuple

from engine.population import CLASSES, GROWTH_RATES
from engine.reviews import MAX_REVIEWS, next_review

State = Literal["new", "growing", "strong", "kept", "stuck"]
"""`strong`: mastered. `kept`: mastered and held after a delay. `stuck`: practice as it is does not help."""

HISTORY_LENGTH: Final = 6
MAX_STREAK: Final = 15
MAX_PROVEN: Final = 7

_STATES: Final[tuple[State, ...]] = ("growing", "strong", "kept", "stuck")
_CODES: Final = " RWDrwdh"
_EPOCH: Final = int(datetime(2020, 1, 1, tzinfo=UTC).timestamp() // 60)
_TICK: Final = 15
"""Minutes: finer is not needed to tell another day, or a gap of eight hours."""
_HEAD: Final = struct.Struct("<BBHBHHBHBeBH")
_DETAIL: Final = struct.Struct(f"<{2 * len(GROWTH_RATES) + 1}e{len(CLASSES)}H")
_FORM: Final = struct.Struct("<ebbBH")
_FORM_AT_REST: Final = struct.Struct("<b")
REST_TEXT: Final = -(-(_HEAD.size + _FORM_AT_REST.size) * 4 // 3)
"""Characters of a row that has come to rest, at most."""
_PARTS: Final = {
    _HEAD.size + has_detail * _DETAIL.size + form: (has_detail, form)
    for has_detail in (False, True)
    for form in (0, _FORM_AT_REST.size, _FORM.size)
}
"""By the size of a row: whether it has a detail, and how many bytes are the form's."""
_DEVIATION_UNIT: Final = 24
_LINKED: Final = 1 << 6
_REVIEWS_AT: Final = 4 + 3 * HISTORY_LENGTH
"""Bits of a trail before the reviews: the streak, then three for each answer."""
_MEMBER: Final = struct.Struct("<HHBB")
_STANDING: Final = struct.Struct("<BBHBHHBHB")
STANDING_TEXT: Final = 20
"""Characters of a row that hold the beginning of its head, as `_STANDING` reads it."""
_SURE: Final = 65535
_SPREAD_UNIT: Final = 64
_HALF_MAX: Final = 60000.0


class Detail(NamedTuple):
    """The whole belief about one skill, in both models.

    Attributes:
        precision: continuous model, for each growth rate: what the answers say about the pupil's level without
            practice, as the precision of a Gaussian (1 / logits²); it can be slightly negative.
        shift: precision times mean of the same Gaussian (1 / logits).
        exposure: full opportunities to learn so far.
        known: two-state model, for each class of learners: P(known).
        linked: whether the level is tied to the pupil's general ability, which then learns from it. A skill that
            comes back from its marginals is not: its answers are in the ability already.
    """

    precision: tuple[float, ...]
    shift: tuple[float, ...]
    exposure: float
    known: tuple[float, ...]
    linked: bool


class Form(NamedTuple):
    """What the predictor remembers of a pupil in one skill, beside what the record holds anyway (`engine.predictor`).

    Attributes:
        deviation: from the pupil's ability, in logits.
        position: how many answers the pupil had given before the last one here; 0 of a skill at rest, long ago.
        recent: how many answers in a row were right, or wrong if negative; running residual; recent success. None of
            a skill at rest.
    """

    deviation: float
    position: int
    recent: tuple[int, float, float] | None


class SkillRecord(NamedTuple):
    """What is stored of one touched skill. Times are minutes since 1970 (UTC), in steps of 15.

    Attributes:
        state: never "new".
        p_known: two-state model, after the last opportunity; for a list, the expected share of members known.
        level: continuous model, expected level in logits on an average typed item; lists: 0.
        spread: its standard deviation; lists: 0.
        opportunities: answers so far.
        last: time of the last opportunity.
        history: one code for each of the latest answers, oldest first (see `mastery.EVIDENCE`).
        streak: unaided right answers in a row.
        proven: unaided right answers in formats that decide, each on another item than the one before.
        since: when it became strong, or was last checked; when it got stuck; else 0.
        reviews: how many checks in a row went well since it became strong. A skill that is growing again with one
            or more has lapsed.
        standard: in percent, what `strong` and `kept` were given for.
        revisited: stuck, and a prerequisite was practised since.
        detail: of a rule skill practised lately.
        form: where the parameters hold a predictor and the skill was answered unaided.
    """

    state: State
    p_known: float
    level: float
    spread: float
    opportunities: int
    last: int
    history: str = ""
    streak: int = 0
    proven: int = 0
    since: int = 0
    standard: int = 80
    revisited: bool = False
    detail: Detail | None = None
    reviews: int = 0
    form: Form | None = None


class Standing(NamedTuple):
    """What choosing the next skill needs of a record.

    Attributes:
        state: as the record has it.
        standard: the same.
        since: the same.
        due: when a kept skill's next review falls due; of others, `since`.
    """

    state: State
    standard: int
    since: int
    due: int


class MemberRecord(NamedTuple):
    """What is stored of one member: a word or fact of a list, or a word that a rule was practised with.

    Attributes:
        p_known: of a member of a list; a rule's words are 0, because the rule is traced as a whole.
        last: time of the last answer, in minutes since 1970, in steps of 15.
        right: the last unaided answer in a format that decides; -1 while there is none.
        reviews: how many reviews in a row went well, the first right answer included.
        first: the first such answer, before practice had taught the member; -1 where it is not known.
    """

    p_known: float
    last: int
    right: int = -1
    reviews: int = 0
    first: int = -1


class StartAnswer(NamedTuple):
    """One answer of the start check: the item, and whether it was right, unaided."""

    item_id: str
    right: bool


def pack(record: SkillRecord) -> str:
    """The record as a row of text; whatever is rounded is rounded here."""
    flags = _STATES.index(record.state) | record.revisited << 2 | min(record.proven, MAX_PROVEN) << 3
    if record.detail and record.detail.linked:
        flags |= _LINKED
    trail = min(record.streak, MAX_STREAK) | _history_bits(record.history[-HISTORY_LENGTH:])
    reviews = min(record.reviews, MAX_REVIEWS)
    trail |= (reviews & 3) << _REVIEWS_AT
    flags |= reviews >> 2 << 7
    last = _steps(record.last - _EPOCH)
    # Rounded up, so that another day never comes early.
    since = _steps(record.since - _EPOCH + _TICK - 1) if record.since else 0
    head = _HEAD.pack(
        flags,
        record.standard,
        trail & 0xFFFF,
        trail >> 16,
        min(record.opportunities, 0xFFFF),
        last & 0xFFFF,
        last >> 16,
        since & 0xFFFF,
        since >> 16,
        _half(record.level),
        min(255, round(record.spread * _SPREAD_UNIT)),
        _sure(record.p_known),
    )
    text = binascii.b2a_base64(head + _pack_detail(record.detail) + _pack_form(record.form), newline=False).decode()
    return text.rstrip("=")


@lru_cache(maxsize=1 << 14)
def unpack(row: str) -> SkillRecord:
    """The record that a row of text holds.

    Raises:
        ValueError: the row is damaged.
    """
    data = binascii.a2b_base64(row + "=" * (-len(row) % 4))
    if len(data) not in _PARTS:
        raise ValueError(f"a row of {len(data)} bytes")
    has_detail, form = _PARTS[len(data)]
    flags, standard, low, high, opportunities, last, last_high, since, since_high, level, spread, known = (
        _HEAD.unpack_from(data)
    )
    whole, codes = low | high << 16, ""
    trail = (whole & ((1 << _REVIEWS_AT) - 1)) >> 4
    while trail:
        codes, trail = _CODES[trail & 7] + codes, trail >> 3
    begun = since | since_high << 16
    return SkillRecord(
        state=_STATES[flags & 3],
        p_known=known / _SURE,
        level=level,
        spread=spread / _SPREAD_UNIT,
        opportunities=opportunities,
        last=_EPOCH + _TICK * (last | last_high << 16),
        history=codes,
        streak=low & 15,
        proven=flags >> 3 & 7,
        since=_EPOCH + _TICK * begun if begun else 0,
        standard=standard,
        revisited=bool(flags >> 2 & 1),
        detail=_unpack_detail(data, bool(flags & _LINKED)) if has_detail else None,
        reviews=whole >> _REVIEWS_AT | flags >> 7 << 2,
        form=_unpack_form(data, form),
    )


def pack_member(record: MemberRecord) -> str:
    """The record of one member as eight characters."""
    last = _steps(record.last - _EPOCH)
    flags = record.right + 1 | min(record.reviews, MAX_REVIEWS) << 2 | record.first + 1 << 5
    return binascii.b2a_base64(
        _MEMBER.pack(_sure(record.p_known), last & 0xFFFF, last >> 16, flags), newline=False
    ).decode()


@lru_cache(maxsize=1 << 14)
def unpack_member(row: str) -> MemberRecord:
    """The record that `pack_member` wrote.

    Raises:
        ValueError: the row is damaged.
    """
    data = binascii.a2b_base64(row)
    if len(data) != _MEMBER.size:
        raise ValueError(f"a member's row of {len(data)} bytes")
    known, last, last_high, flags = _MEMBER.unpack(data)
    return MemberRecord(
        known / _SURE, _EPOCH + _TICK * (last | last_high << 16), (flags & 3) - 1, flags >> 2 & 7, (flags >> 5) - 1
    )


def settled_member(p_known: float, last: int, right: int, reviews: int, first: int = -1) -> MemberRecord:
    """A member's record as it is stored, so that replay equals live: rounded, never certain."""
    return unpack_member(pack_member(MemberRecord(p_known, last, right, reviews, first)))


@lru_cache(maxsize=1 << 14)
def standing_of(beginning: str) -> Standing:
    """Where a skill stands, from the first `STANDING_TEXT` characters of its row."""
    flags, standard, _, high, _, _, _, since, since_high = _STANDING.unpack_from(binascii.a2b_base64(beginning))
    begun = since | since_high << 16
    minute = _EPOCH + _TICK * begun if begun else 0
    state, reviews = _STATES[flags & 3], high >> _REVIEWS_AT - 16 | flags >> 7 << 2
    return Standing(state, standard, minute, next_review(minute, reviews) if state == "kept" else minute)


@lru_cache(maxsize=1 << 10)
def _history_bits(history: str) -> int:
    """Three bits for each answer, the latest lowest, above the four of the streak."""
    bits = 0
    for code in history:
        bits = bits << 3 | _CODES.index(code) << 4
    return bits


def _pack_detail(detail: Detail | None) -> bytes:
    if detail is None:
        return b""
    values = (*detail.precision, *detail.shift, detail.exposure)
    known = [min(_SURE - 1, int(p * _SURE + 0.5)) or 1 for p in detail.known]
    try:
        return _DETAIL.pack(*values, *known)
    except OverflowError:
        return _DETAIL.pack(*map(_half, values), *known)


def _pack_form(form: Form | None) -> bytes:
    if form is None:
        return b""
    if form.recent is None:
        coarse = round(max(-127, min(127, form.deviation * _DEVIATION_UNIT)))
        return _FORM_AT_REST.pack(coarse)
    run, residual, success = form.recent
    position = min(0xFFFF, form.position)
    return _FORM.pack(_half(form.deviation), run, round(127 * residual), round(255 * success), position)


def _unpack_form(data: bytes, size: int) -> Form | None:
    if size == 0:
        return None
    if size == _FORM_AT_REST.size:
        (coarse,) = _FORM_AT_REST.unpack(data[-size:])
        return Form(coarse / _DEVIATION_UNIT, 0, None)
    deviation, run, residual, success, position = _FORM.unpack(data[-size:])
    return Form(deviation, position, (run, residual / 127, success / 255))


def _unpack_detail(data: bytes, linked: bool) -> Detail:
    values = _DETAIL.unpack_from(data, _HEAD.size)
    rates = len(GROWTH_RATES)
    return Detail(
        precision=values[:rates],
        shift=values[rates : 2 * rates],
        exposure=values[2 * rates],
        known=tuple(value / _SURE for value in values[2 * rates + 1 :]),
        linked=linked,
    )


def _half(value: float) -> float:
    """A number as two bytes can hold it."""
    return max(-_HALF_MAX, min(_HALF_MAX, value))


def _sure(p: float) -> int:
    """A probability as it is stored: never certain, so that it can change."""
    return max(1, min(_SURE - 1, round(p * _SURE)))


def _steps(minutes: int) -> int:
    return max(0, min(0xFFFFFF, minutes // _TICK))
