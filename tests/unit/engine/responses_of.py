"""Responses of made-up learners whose parameters are known."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from engine.fitting.responses import Responses
from engine.parameters import SkillParameters


def responses(
    rows: Sequence[tuple[str, str, str, int]], *, hours: Sequence[float] | None = None, formats: str = ""
) -> Responses:
    """From (learner, skills with semicolons, item, right), sorted by learner."""
    learners, items = list(dict.fromkeys(r[0] for r in rows)), list(dict.fromkeys(r[2] for r in rows))
    skills = list(dict.fromkeys(s for r in rows for s in r[1].split(";")))
    lengths = [len(r[1].split(";")) for r in rows]
    return Responses(
        learner=np.array([learners.index(r[0]) for r in rows], dtype=np.int64),
        item=np.array([items.index(r[2]) for r in rows], dtype=np.int64),
        right=np.array([r[3] for r in rows], dtype=np.int8),
        hours=None if hours is None else np.array(hours, dtype=np.float64),
        skill_start=np.concatenate(([0], np.cumsum(lengths))).astype(np.int64),
        skill=np.array([skills.index(s) for r in rows for s in r[1].split(";")], dtype=np.int64),
        learners=tuple(learners),
        items=tuple(items),
        skills=tuple(skills),
        formats=(formats,) * len(items),
    )


def two_state_rows(
    truth: SkillParameters, *, learners: int, length: int, items: int = 10, seed: int = 0, skill: str = "add"
) -> list[tuple[str, str, str, int]]:
    """Answers of learners who know a skill or not, as the parameters say; forgetting before any opportunity."""
    rng, rows = np.random.default_rng(seed), []
    for n in range(learners):
        known = rng.random() < truth.prior
        for t in range(length):
            if t and known and rng.random() < truth.forget:
                known = False
            right = rng.random() < (1.0 - truth.slip if known else truth.guess)
            rows.append((f"pupil {n}", skill, f"{skill} {rng.integers(items)}", int(right)))
            known = known or rng.random() < truth.learn
    return rows


def able_rows(*, learners: int, length: int, seed: int = 0) -> list[tuple[str, str, str, int]]:
    """Answers of learners who differ in ability, to items that differ in difficulty."""
    rng, rows = np.random.default_rng(seed), []
    difficulty = rng.normal(0.0, 1.2, 20)
    for n in range(learners):
        ability = rng.normal(0.0, 1.2)
        for _ in range(length):
            item = int(rng.integers(20))
            right = rng.random() < 1.0 / (1.0 + np.exp(difficulty[item] - ability))
            rows.append((f"pupil {n}", f"skill {item % 4}", f"item {item}", int(right)))
    return rows
