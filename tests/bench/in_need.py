"""Who is in need this week, as only the simulation knows it. Defined once, before anything was measured by it.

Of the skills of the running activity, on a Friday, from a pupil's true state and from what was practised:

  stuck         not mastered after ten tries or more (the ten opportunities of Beck & Gong's "wheel-spinning", 2013),
                and the latest ten have made less than a quarter of the way that was missing before them. Of a list,
                which is learned word by word and meets each word in turns: twenty tries, and of the words that they
                asked for and that were missing before them.
  sliding back  the class page has called it strong or kept, it truly is not, and it was tried twice or more since.
  guessing      a quarter or more of the latest ten answers were given without reading. Such answers say nothing of
                a skill: nothing else is said of that pupil.
  not started   in the class, nothing answered, the activity three days old.

**Grey** are cases of which nobody would say that naming them is wrong, nor that leaving them out is: stuck with six to
nine tries (a list: twelve to nineteen), or with between an eighth and a half of the way made; sliding back with five
items or fewer to go at the pupil's true pace, or tried once since; guessing in one or two of the latest ten. Strict
figures count them by the definitions above, "clear" ones leave out pupils of whom nothing clearer can be said.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

from engine.beliefs.skills import member_of
from engine.curriculum import Curriculum, ItemRef
from engine.simulation import SimulatedLearner

TRIES, SOME_TRIES = 10, 6
LIST_TRIES, SOME_LIST_TRIES = 20, 12
WAY: Final = 0.25
CLEARLY_LITTLE, CLEARLY_MUCH = 0.125, 0.5
SINCE: Final = 2
NEARLY: Final = 5.0
LATEST: Final = 10
BLIND: Final = 0.25

Standing = Literal["no", "grey", "rather", "yes"]
"""How much in need; "rather" counts as need strictly, and is grey otherwise."""
RANKS: Final[Sequence[Standing]] = ("no", "grey", "rather", "yes")


@dataclass
class Way:
    """What was missing before each try of one skill, oldest first: the word (a rule has the one ""), and how much."""

    before: list[tuple[str, float]] = field(default_factory=list)
    since_doubt: int = 0
    """Tries while the page calls it strong and it truly is not."""

    def made(self, tries: int, missing: Mapping[str, float]) -> float:
        """The share of the way that the latest tries have made; 1 where nothing was missing."""
        start: dict[str, float] = {}
        for word, before in self.before[-tries:]:
            start.setdefault(word, before)
        whole = sum(start.values())
        return 1.0 - sum(missing[word] for word in start) / whole if whole else 1.0


@dataclass
class Truth:
    """One pupil as the simulation knows it."""

    mind: SimulatedLearner
    curriculum: Curriculum
    ways: dict[str, Way] = field(default_factory=lambda: defaultdict(Way))
    blind: list[bool] = field(default_factory=list)

    def tries(self, item: ItemRef, *, blind: bool, certified: Collection[str]) -> None:
        """To be told of each try before the pupil learns from it."""
        self.blind.append(blind)
        for skill_id in item.skills:
            way = self.ways[skill_id]
            word = member_of(item) if self.curriculum.skills[skill_id].kind == "list" else ""
            way.before.append((word, self.mind.missing(skill_id)[word]))
            gone = skill_id in certified and not self.mind.has_mastered(skill_id)
            way.since_doubt = way.since_doubt + 1 if gone else 0

    def loses(self, skill_id: str) -> None:
        """The pupil forgets a skill: what was tried before says nothing of the way to come."""
        self.mind.lose(skill_id)
        self.ways[skill_id] = Way()

    def guesses(self) -> Standing:
        """Whether the latest answers were given without reading."""
        latest = self.blind[-LATEST:]
        some = sum(latest)
        return "yes" if latest and some >= BLIND * len(latest) else "grey" if some else "no"

    def stuck(self, skill_id: str) -> Standing:
        """Whether practice brings this skill no further."""
        if self.mind.has_mastered(skill_id):
            return "no"
        way, of_list = self.ways[skill_id], self.curriculum.skills[skill_id].kind == "list"
        enough, some = (LIST_TRIES, SOME_LIST_TRIES) if of_list else (TRIES, SOME_TRIES)
        if len(way.before) < some:
            return "no"
        made = way.made(enough, self.mind.missing(skill_id))
        return _standing(made, enough=len(way.before) >= enough)

    def slid(self, skill_id: str, certified: Collection[str]) -> Standing:
        """Whether a skill that is called strong is not there any more, and has been asked for since."""
        if skill_id not in certified or self.mind.has_mastered(skill_id):
            return "no"
        if self.ways[skill_id].since_doubt < SINCE:
            return "grey"
        return "rather" if self.mind.items_to_mastery(skill_id) <= NEARLY else "yes"

    def needs(self, skill_ids: Sequence[str], certified: Collection[str]) -> dict[tuple[str, str], Standing]:
        """What a pupil who has begun needs, by kind and skill; "no" is left out."""
        guesses = self.guesses()
        found: dict[tuple[str, str], Standing] = {}
        if guesses != "no":
            found["guessing", ""] = guesses
        if guesses == "yes":
            return found
        for skill_id in skill_ids:
            slid, stuck = self.slid(skill_id, certified), self.stuck(skill_id)
            if slid != "no":
                found["sliding_back", skill_id] = slid
            if stuck != "no":
                found["stuck", skill_id] = stuck
        return found


def _standing(made: float, *, enough: bool) -> Standing:
    if made >= CLEARLY_MUCH or (not enough and made >= WAY):
        return "no"
    if made >= WAY or not enough:
        return "grey"
    return "yes" if made < CLEARLY_LITTLE else "rather"


def strongest(standings: Collection[Standing]) -> Standing:
    """The clearest of several."""
    return max(standings, key=RANKS.index, default="no")


@dataclass
class Tally:
    """Pupil-weeks: named and in need, named only, in need only."""

    hit: int = 0
    false: int = 0
    missed: int = 0

    def count(self, named: bool, needed: bool) -> None:
        """One pupil in one week."""
        self.hit += named and needed
        self.false += named and not needed
        self.missed += needed and not named

    @property
    def precision(self) -> float:
        """Of those named, the share in need."""
        return self.hit / (self.hit + self.false) if self.hit + self.false else 1.0

    @property
    def recall(self) -> float:
        """Of those in need, the share named."""
        return self.hit / (self.hit + self.missed) if self.hit + self.missed else 1.0

    def __str__(self) -> str:
        return (
            f"precision {self.precision:.2f}, recall {self.recall:.2f}"
            f"   ({self.hit} named in need, {self.false} named without, {self.missed} in need not named)"
        )


@dataclass
class Tallies:
    """The same counts twice: strictly, and without those of whom nothing clear can be said."""

    strict: Tally = field(default_factory=Tally)
    clear: Tally = field(default_factory=Tally)

    def count(self, named: bool, standing: Standing) -> None:
        """One pupil in one week."""
        self.strict.count(named, standing in ("rather", "yes"))
        if standing in ("no", "yes"):
            self.clear.count(named, standing == "yes")
