"""The share of the points that a pupil has, by each way of grading. Pure: figures in, a share from 0 to 1 out."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

Mode = Literal["practice", "mastery", "growth", "accuracy", "none"]
MASTERED = ("strong", "kept")


@dataclass(frozen=True)
class Progress:
    """How far a pupil is in an activity."""

    attempts: int
    """Honest tries in this activity (`grading.honesty`); in a check all answers. Never "I couldn't hear it"."""
    attempts_needed: int
    """Tries for full points, or the length of a check."""
    mastered: int
    skills: int
    """The assigned skills that the bank still has, and how many of them are strong now."""
    mode: Mode = "practice"
    right: int = 0
    """Of the first `attempts_needed` answers, those right at once and without a hint."""
    newly_strong: int = 0
    """Assigned skills that became strong for the first time since the activity was made."""
    strong_before: int = 0
    """Assigned skills that were strong before."""
    goal: int = 1
    """How many newly strong skills are worth full points."""
    next_skill: str = ""
    """Title of the first assigned skill that is not strong yet."""

    @property
    def all_mastered(self) -> bool:
        """Whether every assigned skill is strong; never without any, so that an emptied bank gives no points."""
        return 0 < self.mastered == self.skills

    @property
    def begun(self) -> bool:
        """Whether there is anything to grade: who could not hear a single word must not find a zero."""
        return self.attempts > 0 or self.share > 0

    @property
    def share(self) -> float:
        """Share of the points, 0 to 1."""
        return SHARES[self.mode](self)

    @property
    def completed(self) -> bool:
        """Whether more work can't bring more points: full points, or a check at its end."""
        at_the_end = self.mode == "accuracy" and self.attempts >= self.attempts_needed
        return self.share >= 1.0 or at_the_end


def practice_share(progress: Progress) -> float:
    """Tries done, right or wrong; full points when all skills are strong earlier."""
    return 1.0 if progress.all_mastered else min(1.0, progress.attempts / progress.attempts_needed)


def mastery_share(progress: Progress) -> float:
    """Skills strong now, of those assigned."""
    return progress.mastered / progress.skills if progress.skills else 0.0


def growth_share(progress: Progress) -> float:
    """Skills newly strong, out of the teacher's number, or of what was left to learn where that is less."""
    if progress.all_mastered:
        return 1.0
    reachable = min(progress.goal, progress.skills - progress.strong_before)
    return min(1.0, progress.newly_strong / reachable) if reachable > 0 else 0.0


def accuracy_share(progress: Progress) -> float:
    """Right answers of a check's length: each answer can only add, so that the score so far never falls."""
    return min(1.0, progress.right / progress.attempts_needed)


SHARES: Mapping[Mode, Callable[[Progress], float]] = {
    "practice": practice_share,
    "mastery": mastery_share,
    "growth": growth_share,
    "accuracy": accuracy_share,
    "none": lambda _: 0.0,
}
