"""How pupils practise in an activity, as its teacher set it. Kept in the activity's columns; travels as one value."""

from dataclasses import dataclass, fields
from datetime import datetime
from typing import Literal, get_args

from sqlalchemy.orm import Session

from lti_tool.persistence.tables import audit
from lti_tool.persistence.tables.activities import Activity

Control = Literal["teacher", "shared", "pupil"]
CONTROLS: tuple[Control, ...] = get_args(Control)
REFLECTIVE_SUBJECTS = frozenset({"spelling"})
"""Where plan, confidence and reflection are on by default: there the evidence for them is strongest."""


@dataclass(frozen=True)
class PracticeSettings:
    """Settings of practice; the field names are those of `Activity`, where each is explained."""

    own_frontier: bool = False
    control: Control = "shared"
    hints: bool = True
    metacognition: bool | None = None
    start_check: bool = True
    only_these: bool = False
    content_locale: str = ""

    @classmethod
    def of(cls, activity: Activity) -> "PracticeSettings":
        """The settings of an activity."""
        return cls(**{each.name: getattr(activity, each.name) for each in fields(cls)})

    def values(self) -> dict[str, object]:
        """The activity's columns that hold these settings."""
        return {each.name: getattr(self, each.name) for each in fields(self)}

    def reflects(self, subject: str) -> bool:
        """Whether pupils plan, say how sure they are, and reflect, in an activity of this subject."""
        return subject in REFLECTIVE_SUBJECTS if self.metacognition is None else self.metacognition


USUAL = PracticeSettings()


def change_settings(
    session: Session, activity_id: str, wanted: PracticeSettings, *, person_id: str, now: datetime
) -> None:
    """Let pupils practise by other settings from the next item on. Nothing is written where they are the same."""
    activity = session.get_one(Activity, activity_id)
    before = PracticeSettings.of(activity).values()
    changes = {name: value for name, value in wanted.values().items() if value != before[name]}
    if not changes:
        return
    for name, value in changes.items():
        setattr(activity, name, value)
    session.flush()
    audit.record(session, "activity.practised_otherwise", activity_id, at=now, person_id=person_id, changes=changes)
