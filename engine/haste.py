"""Answers that come faster than a question can be read.

Such an answer is a blind guess or comes from somebody who knows it by heart, and time alone can't tell which. So having
looked is one more thing that a right answer needs, beside the skills (noisy AND): a quick wrong answer then says little
of what a pupil knows, and a quick right one still speaks for it. Sources: Wise & Kong 2005 (response-time effort); Wise
2017 (rapid guessing).
"""

from __future__ import annotations

from typing import Final

QUICK_SECONDS: Final = {"typed": 1.5, "order": 2.5, "place": 2.0}
"""Below these nobody aged 7 to 12 has read the question and answered, by response format."""
QUICK_CHOICE_SECONDS: Final = 1.5
UNMEASURED_SECONDS: Final = 0.4
"""Below this nobody can have pressed two keys: the time is not the pupil's (an answer sent again after a cut)."""
LOOKED: Final = 0.2
"""P(the pupil has looked at the question), where the answer was quick."""


def is_quick(response_format: str, seconds: float | None) -> bool:
    """Whether an answer came faster than the question can be read; None: it is not known how long it took."""
    limit = QUICK_SECONDS.get(response_format, QUICK_CHOICE_SECONDS)
    return seconds is not None and UNMEASURED_SECONDS <= seconds < limit


def p_looked(response_format: str, seconds: float | None) -> float:
    """P(the pupil has looked at the question), before the answer is marked."""
    return LOOKED if is_quick(response_format, seconds) else 1.0
