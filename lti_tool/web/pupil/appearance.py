"""How the pages look and speak for one pupil: the own choices, and what a teacher set for this child."""

from dataclasses import dataclass
from typing import Any

from flask import Flask, g

from lti_tool.persistence.tables.launches import LaunchSession
from lti_tool.services.helping.accommodations import NONE, Accommodations
from lti_tool.services.pupil.preferences import OLD_FROM_GRADE, Preferences
from lti_tool.web.context import runtime
from lti_tool.web.pupil.picture import sign
from lti_tool.web.pupil.words import goal_words, praise_state, topic_words

_WORDS = {"sign": sign, "praise_state": praise_state, "topic_words": topic_words, "goal_words": goal_words}


@dataclass(frozen=True)
class Appearance:
    """What the layout of a pupil's pages needs: classes of the page, and whether questions are read aloud at once."""

    look: str
    classes: str
    reads_aloud: bool


def install(app: Flask) -> None:
    """Give every page of a pupil its appearance."""

    @app.context_processor
    def values() -> dict[str, Any]:
        launch = g.get("launch")
        if launch is None or launch.role != "pupil":
            return {}
        return {"appearance": appearance_of(launch), **_WORDS}


def appearance_of(launch: LaunchSession) -> Appearance:
    """Of a pupil's launch, as `sessions.load_launch` has loaded it."""
    needs: Accommodations = g.get("accommodations", NONE)
    look = look_of(launch)
    chosen = {
        "larger": needs.larger_text,
        "dyslexia": needs.dyslexia_font,
        "contrast": needs.high_contrast,
        "still": needs.reduced_motion,
        "no-sound": needs.no_audio,
    }
    names = [f"look-{look}", *(name for name, wanted in chosen.items() if wanted)]
    return Appearance(look, " ".join(names), needs.audio_always)


def look_of(launch: LaunchSession) -> str:
    """ "young" or "old": the pupil's choice, else by the grade that the child works at."""
    preferences: Preferences = g.get("preferences", Preferences())
    if preferences.look in ("young", "old"):
        return preferences.look
    needs: Accommodations = g.get("accommodations", NONE)
    grade = needs.start_grade if needs.start_grade is not None else _middle_grade(launch)
    return "old" if grade >= OLD_FROM_GRADE else "young"


def _middle_grade(launch: LaunchSession) -> int:
    activity = launch.activity
    bank = runtime().catalog.banks.get(activity.bank_id) if activity is not None else None
    if activity is None or bank is None:
        return 0
    grades = sorted(bank.skills[skill_id].grade for skill_id in activity.skill_ids if skill_id in bank.skills)
    return grades[len(grades) // 2] if grades else 0
