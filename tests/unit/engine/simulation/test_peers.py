"""What other tutors do, as references."""

from __future__ import annotations

from random import Random

import pytest

from engine.simulation.peers import PEERS, Elo, FixedOrder, LowestFirst, elo_difficulty
from engine.simulation.worlds import WORLDS, calibration_log, make_bank, practise

BANK = make_bank(5)
LOG = calibration_log(WORLDS["B80"], BANK, learners=30, seed=2)
DIFFICULTY = elo_difficulty(BANK.curriculum, LOG)


@pytest.mark.parametrize("name", PEERS)
def test_a_course_with_any_peer_ends_and_is_the_same_again(name):
    make = PEERS[name]
    first, second = (practise(WORLDS["A"], BANK, make(BANK.curriculum, DIFFICULTY), Random(4)) for _ in range(2))
    assert first == second
    assert 8 <= first.items <= 240
    assert first.diverted == 0


def test_eight_of_ten_waits_for_eight_right_answers():
    policy = FixedOrder(BANK.curriculum, 10, 8)
    item = BANK.curriculum.items_of("s0")[0]
    for n in range(8):
        assert policy.states() == (set(), set())
        policy.observe(item, n >= 0)
    assert policy.states() == ({"s0"}, set())


def test_lowest_first_changes_the_skill_after_a_right_answer():
    policy = LowestFirst(BANK.curriculum)
    first = policy.next_item(Random(1))
    policy.observe(first, True)
    assert policy.next_item(Random(1)).skills != first.skills


def test_elo_looks_for_items_within_reach_and_stops_when_all_are():
    policy = Elo(BANK.curriculum, DIFFICULTY)
    for _ in range(200):
        item = policy.next_item(Random(1))
        if item is None:
            break
        policy.observe(item, True)
    assert policy.states()[0] == set(BANK.curriculum.skills)


def test_items_that_went_wrong_are_hard():
    item = BANK.curriculum.items[0].id
    hard, easy = (elo_difficulty(BANK.curriculum, [[(item, right)]] * 20)[item] for right in (False, True))
    assert hard > 0 > easy
