"""How pupils practise in an activity, as its teacher set it. Kept in the activity's columns; travels as one value."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Literal, get_args

from lti_tool.persistence.activities import Activity

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

    def values(self) -> Mapping[str, object]:
        """The activity's columns that hold these settings."""
        return {each.name: getattr(self, each.name) for each in fields(self)}

    def reflects(self, subject: str) -> bool:
        """Whether pupils plan, say how sure they are, and reflect, in an activity of this subject."""
        return subject in REFLECTIVE_SUBJECTS if self.metacognition is None else self.metacognition
