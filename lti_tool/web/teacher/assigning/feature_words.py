"""Evidence cards: what each feature does, what research says about it, and how sure that is.

Effects are quoted as published, each with the classes that it comes from.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from flask_babel import gettext as _

from lti_tool.services.assigning.features import FEATURES, Feature

Sureness = Literal["well", "some", "little"]


@dataclass(frozen=True)
class Card:
    """What a feature is called, what it does, what is known about it, and how well. Without `feature`: always on."""

    title: str
    does: str
    evidence: str
    sure: Sureness
    feature: Feature | None = None

    @property
    def sure_words(self) -> str:
        """How well it is known."""
        words = {"well": _("well supported"), "some": _("some support"), "little": _("little known")}
        return str(words[self.sure])


def switches() -> Sequence[Card]:
    """A card for each feature that can be switched off."""
    return [_card(feature) for feature in FEATURES]


def core() -> Sequence[Card]:
    """Cards for what practice is made of: without it there would be none."""
    return (
        Card(
            str(_("Each next question is chosen")),
            str(_("From what the pupil knows. A skill is strong after enough evidence, and kept once it held later.")),
            str(
                _(
                    "Tutors that adapt, in American schools: 0.27 on average (18 studies; Leite et al., 2025). "
                    "Recalling again after a while instead of at once: 0.74 (29 studies; Latimier et al., 2021). "
                    "Practice spread over time, in math: 0.26 (25 studies)."
                )
            ),
            "well",
        ),
        Card(
            str(_("Kinds of questions are mixed")),
            str(_("Skills take turns, so that a pupil must see what a question asks for.")),
            str(
                _(
                    "In grade 7 (787 pupils), 61 of 100 answers were right a month after mixed practice, else 38 "
                    "(Rohrer et al., 2020)."
                )
            ),
            "well",
        ),
        Card(
            str(_("Spelling patterns are taught")),
            str(_("Each pattern has a short lesson before its words.")),
            str(
                _(
                    "Teaching spelling outright: 0.54 against no teaching, 0.43 against picking it up "
                    "(53 studies; Graham and Santangelo, 2014)."
                )
            ),
            "well",
        ),
    )


def _card(feature: Feature) -> Card:
    words: dict[Feature, tuple[str, str, str, Sureness]] = {
        "start_check": (
            _("Find out where to start"),
            _("A new pupil's first questions, 12 at most, find out what is known already."),
            _("No study of its own. It saves questions that a pupil would get right anyway."),
            "little",
        ),
        "hints": (
            _("Hints on request"),
            _("Up to three, none of them the answer. An answer with help is no evidence of knowing."),
            _(
                "Homework on a computer with feedback at once and reports for teachers, of which hints are a part: "
                "0.18, and 0.29 for pupils who began low (grade 7; Roschelle et al., 2016)."
            ),
            "some",
        ),
        "worked_examples": (
            _("A worked example after a first error"),
            _("In math: another question of the same kind, solved step by step. Nothing is asked about it."),
            _(
                "Worked examples in math: 0.48. Correct ones did best; asking for explanations beside them did harm "
                "(Barbieri et al., 2023)."
            ),
            "well",
        ),
        "metacognition": (
            _("Plan, say how sure, look back"),
            _("Pupils choose a strategy, say how sure they are, and look back beside the facts. Never graded."),
            _(
                "Training young children to steer their own learning: 0.48, and 0.29 later on (67 studies; Eberhart et "
                "al., 2024). In three years with 588 pupils aged 7 to 12, spelling gained most where this was trained "
                "(Ackermans et al., 2024); an effect on motivation could not be confirmed."
            ),
            "well",
        ),
        "choice": (
            _("Choose one of three topics"),
            _("On Today, the pupil chooses what to begin with; each topic has its reason."),
            _("Choice is expected to motivate; the study with 588 pupils could not confirm it."),
            "little",
        ),
        "level": (
            _("“Easier, please” and “Harder, please”"),
            _("After an answer the pupil may ask for something else."),
            _("It follows from the idea that tasks should fit; an effect of its own is not known."),
            "little",
        ),
        "ahead": (
            _("Show what I know, and go beyond"),
            _("Who knows a skill can show it at once; who has them all gets a challenge beyond the activity."),
            _("Meant against boredom; an effect of its own is not known."),
            "little",
        ),
        "goals": (
            _("A goal for the week"),
            _("The pupil chooses it, and can change it. Nothing is lost when it is not reached."),
            _("Part of steering one's own learning; what goals alone do at this age is little known."),
            "little",
        ),
        "pairs": (
            _("Pairs who explain to each other"),
            _("The class page suggests them, you start them. Each explains one skill to the other."),
            _("Pupils who teach each other, in elementary school: 0.33 on average (Rohrbeck et al., 2003)."),
            "well",
        ),
    }
    title, does, evidence, sure = words[feature]
    return Card(str(title), str(does), str(evidence), sure, feature)
