"""The inner loops of Bayesian knowledge tracing: fitting skills by expectation maximisation, and tracing answers.

Written for the compiler: arrays are filled in place. Source: Corbett & Anderson 1995; Baum-Welch with expected counts,
and a forgetting step of its own where a gap lies between two answers, as `engine.knowledge_tracing` traces.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from engine.fitting.compiled import compiled


@compiled
def fit_skills(
    right: Any,  # 1 or 0, rows sorted by skill, learner and time
    slot: Any,  # (skill, item) of each row; the slots of a skill lie side by side
    gap: Any,  # 1: something may be forgotten before the row
    sequence_start: Any,  # first row of each (skill, learner), and one beyond the last
    skill_start: Any,  # first sequence of each skill, and one beyond the last
    slot_start: Any,  # first slot of each skill, and one beyond the last
    slot_format: Any,  # format of each slot
    slot_own: Any,  # 1: the slot has guess and slip of its own
    transitions: Any,  # in and out: prior, learn, forget of each skill
    by_format: Any,  # in and out: guess, slip of each skill and format
    by_slot: Any,  # in and out: guess, slip of each slot
    beta: Any,  # pseudo-counts for and against: prior, learn, forget of each skill
    beta_format: Any,  # pseudo-counts for and against: guess, slip of each skill and format
    item_weight: float,  # pseudo-counts of the format's rates for a slot of its own
    limit: Any,  # greatest guess, slip of each format
    counts: Any,  # out: expected counts for and against: prior, learn, forget of each skill
    format_counts: Any,  # out: the same for guess, slip of each skill and format
    log_posterior: Any,  # out: of each skill, up to a constant
    rounds: Any,  # out: rounds used for each skill
    max_rounds: int,
    tolerance: float,  # a skill is done when no parameter of it moves more than this
) -> None:
    """Maximum a posteriori parameters of each skill, its formats and its items."""
    longest = 1
    for s in range(len(sequence_start) - 1):
        longest = max(longest, sequence_start[s + 1] - sequence_start[s])
    filtered = np.empty(longest)  # P(known) after each answer
    learned = np.empty(longest)  # P(known) after the opportunity to learn that follows
    floor = 1e-4
    for k in range(len(skill_start) - 1):
        slots = slot_start[k + 1] - slot_start[k]
        seen = np.zeros((slots, 4))  # unknown & wrong, unknown & right, known & wrong, known & right
        answers = np.zeros((slots, 2))
        for row in range(sequence_start[skill_start[k]], sequence_start[skill_start[k + 1]]):
            answers[slot[row] - slot_start[k], right[row]] += 1.0
        for n in range(max_rounds):
            prior, learn, forget = transitions[k, 0], transitions[k, 1], transitions[k, 2]
            starts_known = starts = learns = could_learn = forgets = could_forget = likelihood = 0.0
            seen[:] = 0.0
            for s in range(skill_start[k], skill_start[k + 1]):
                first, length = sequence_start[s], sequence_start[s + 1] - sequence_start[s]
                p, product = prior, 1.0
                for t in range(length):
                    row = first + t
                    if gap[row]:
                        p *= 1.0 - forget
                    if right[row]:
                        unknown, known = by_slot[slot[row], 0], 1.0 - by_slot[slot[row], 1]
                    else:
                        unknown, known = 1.0 - by_slot[slot[row], 0], by_slot[slot[row], 1]
                    total = unknown + p * (known - unknown)  # few steps from p to p: they can't run side by side
                    filtered[t] = p * known / total
                    product *= total
                    if product < 1e-200:
                        likelihood += math.log(max(product, 1e-300))
                        product = 1.0
                    p = learned[t] = learn + (1.0 - learn) * filtered[t]
                likelihood += math.log(max(product, 1e-300))
                smoothed = filtered[length - 1]
                for t in range(length - 1, -1, -1):
                    row = first + t
                    if t < length - 1:
                        after = learned[t]
                        if gap[row + 1]:  # what is known then was known before the gap, or was forgotten in it
                            lost = (after * forget / max(1.0 - after * (1.0 - forget), 1e-12)) * (1.0 - smoothed)
                            forgets += lost
                            could_forget += smoothed + lost
                            smoothed += lost
                        stays = smoothed * (filtered[t] / max(after, 1e-12))
                        learns += smoothed - stays
                        could_learn += 1.0 - stays
                        smoothed = stays
                    seen[slot[row] - slot_start[k], 2 + right[row]] += smoothed
                starts_known += smoothed
                starts += 1.0
            for j in range(slots):
                seen[j, 0], seen[j, 1] = answers[j, 0] - seen[j, 2], answers[j, 1] - seen[j, 3]
            counts[k, 0, 0], counts[k, 0, 1] = starts_known, starts - starts_known
            counts[k, 1, 0], counts[k, 1, 1] = learns, could_learn - learns
            counts[k, 2, 0], counts[k, 2, 1] = forgets, could_forget - forgets
            moved = 0.0
            posterior = likelihood
            for c in range(3):
                yes, no = counts[k, c, 0] + beta[k, c, 0], counts[k, c, 1] + beta[k, c, 1]
                old = transitions[k, c]
                posterior += beta[k, c, 0] * math.log(max(old, 1e-12)) + beta[k, c, 1] * math.log(max(1.0 - old, 1e-12))
                if yes + no > 0.0:
                    transitions[k, c] = min(max(yes / (yes + no), floor), 1.0 - floor)
                    moved = max(moved, abs(transitions[k, c] - old))
            for f in range(len(limit)):
                for c in range(2):
                    yes = no = 0.0
                    for j in range(slots):
                        if slot_format[slot_start[k] + j] == f:  # guess: right though unknown; slip: wrong though known
                            yes += seen[j, 1] if c == 0 else seen[j, 2]
                            no += seen[j, 0] if c == 0 else seen[j, 3]
                    format_counts[k, f, c, 0], format_counts[k, f, c, 1] = yes, no
                    a, b = beta_format[k, f, c, 0], beta_format[k, f, c, 1]
                    old = by_format[k, f, c]
                    posterior += a * math.log(max(old, 1e-12)) + b * math.log(max(1.0 - old, 1e-12))
                    if yes + no + a + b > 0.0:
                        by_format[k, f, c] = min(max((yes + a) / (yes + no + a + b), floor), limit[f, c])
                        moved = max(moved, abs(by_format[k, f, c] - old))
            for j in range(slots):
                at = slot_start[k] + j
                f = slot_format[at]
                for c in range(2):
                    rate = by_format[k, f, c]
                    if slot_own[at]:
                        yes = seen[j, 1] if c == 0 else seen[j, 2]
                        no = seen[j, 0] if c == 0 else seen[j, 3]
                        old = by_slot[at, c]
                        if item_weight > 0.0:
                            posterior += item_weight * (rate * math.log(old) + (1.0 - rate) * math.log(1.0 - old))
                        rate = (yes + item_weight * rate) / max(yes + no + item_weight, 1e-12)
                        rate = min(max(rate, floor), limit[f, c])
                    by_slot[at, c] = rate
            log_posterior[k], rounds[k] = posterior, n + 1
            if moved <= tolerance:
                break


@compiled
def trace_skills(
    right: Any,
    slot: Any,
    gap: Any,
    sequence_start: Any,
    skill: Any,  # of each row
    transitions: Any,
    by_slot: Any,
    p_correct: Any,  # out: P(right) of each row before its answer
) -> None:
    """What each answer was expected to be, given the learner's answers to the same skill before it."""
    for s in range(len(sequence_start) - 1):
        p = transitions[skill[sequence_start[s]], 0]
        for row in range(sequence_start[s], sequence_start[s + 1]):
            k = skill[row]
            if gap[row]:
                p *= 1.0 - transitions[k, 2]
            guess, slip = by_slot[slot[row], 0], by_slot[slot[row], 1]
            p_correct[row] = p * (1.0 - slip) + (1.0 - p) * guess
            if right[row]:
                known, unknown = p * (1.0 - slip), (1.0 - p) * guess
            else:
                known, unknown = p * slip, (1.0 - p) * (1.0 - guess)
            p = known / max(known + unknown, 1e-300)
            p += (1.0 - p) * transitions[k, 1]
