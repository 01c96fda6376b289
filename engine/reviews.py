"""When what was mastered is looked at again: on another day, then after 2, 7, 21 and 60 days.

The gaps grow because each recall that succeeds makes the next one last longer (Cepeda et al. 2006 on spacing). A rule
and each word that a pupil has met have a date of their own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from engine.beliefs.records import MemberRecord

MAX_REVIEWS: Final = 7
"""Reviews in a row that are counted."""
INTERVALS: Final = tuple(days * 24 * 60 for days in (2, 7, 21, 60))
"""Minutes from one review that went well to the next; the last one repeats."""


def next_review(since: int, reviews: int) -> int:
    """When a kept skill's next review falls due, after so many that went well; both in minutes since 1970."""
    return since + _interval(reviews)


def member_due_since(record: MemberRecord) -> int:
    """When a word's or fact's next review falls due; one that went wrong last is due at once."""
    return record.last + (_interval(record.reviews) if record.right else 0)


def member_reviews(old: MemberRecord | None, right: bool, minute: int) -> int:
    """How many reviews of a word went well, with this answer: an answer before its date is no review."""
    if not right:
        return 0
    if old is None or old.right != 1:
        return 1
    return min(MAX_REVIEWS, old.reviews + 1) if minute >= member_due_since(old) else old.reviews


def _interval(reviews: int) -> int:
    return INTERVALS[max(0, min(reviews, len(INTERVALS)) - 1)]
