"""The worlds in which tutors are compared."""

from __future__ import annotations

from random import Random

import pytest

from engine.mastery import Policy
from engine.parameters import ParameterSet
from engine.simulation.worlds import CAP, WORLDS, Course, TutorPolicy, calibration_log, make_bank, practise
from engine.tutor import Tutor

BANK = make_bank(3)


def course(world, seed):
    tutor = Tutor(BANK.curriculum, ParameterSet.default(BANK.curriculum), Policy(standard=world.standard))
    return practise(world, BANK, TutorPolicy(tutor), Random(seed))


def test_a_bank_has_eight_chained_skills_of_thirty_items_about_half_multiple_choice():
    formats = [item.response_format for item in BANK.curriculum.items]
    assert len(formats) == 240
    assert 90 < formats.count("choice4") < 150
    assert formats.count("choice4") + formats.count("typed") == 240
    assert BANK.curriculum.skills["s7"].prerequisites == ("s6",)
    assert all(t.guess + t.slip < 0.9 for t in BANK.truths.values())
    assert make_bank(3).truths == BANK.truths != make_bank(4).truths


@pytest.mark.parametrize("world", WORLDS.values(), ids=WORLDS)
def test_a_course_adds_up(world):
    found = course(world, 1)
    assert found == course(world, 1)
    assert found.items == len(found.right) <= CAP
    assert found.declared + found.diverted <= 8
    assert 0 <= found.false <= found.declared
    assert found.after_mastery < found.items
    assert found.mastered >= found.declared - found.false


def test_calibration_pupils_practise_without_a_tutor_and_stop_at_three_in_a_row():
    log = calibration_log(WORLDS["A"], BANK, learners=20, seed=1)
    assert log == calibration_log(WORLDS["A"], BANK, learners=20, seed=1)
    assert len(log) == 20
    assert all(0 < len(answers) <= 60 for answers in log)
    assert any(len(answers) < 60 for answers in log)
    assert all(len({a[0] for a in answers}) > 20 for answers in log)


def test_windows_of_twenty_answers_are_in_the_band_or_not():
    def windows(*right):
        return Course(False, len(right), 0, 0, 0, 0, 0, right).in_band()

    assert windows(*[True] * 19) == (0, 0)
    assert windows(*[True] * 20) == (0, 1)
    assert windows(*([True] * 15 + [False] * 5)) == (1, 1)
    assert windows(*([True] * 13 + [False] * 7 + [True])) == (0, 2)
