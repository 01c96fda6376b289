"""Families of LMSs that the practice LMS can be like. Each rule is a value or a method of one class per family."""

from sandbox_lms.families.base import Family
from sandbox_lms.families.brightspace import Brightspace
from sandbox_lms.families.canvas import Canvas
from sandbox_lms.families.moodle import Moodle

__all__ = ["FAMILIES", "Family"]

FAMILIES: dict[str, Family] = {family.name: family() for family in (Family, Canvas, Brightspace, Moodle)}
