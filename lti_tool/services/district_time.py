"""A district's own clock: what "Monday, 16:00" and "at night" mean to its teachers."""

from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from lti_tool.persistence.tables.tenancy import District


def district_zone(district: District) -> ZoneInfo:
    """The district's time zone; UTC where it names one that this machine does not know."""
    try:
        return ZoneInfo(district.time_zone)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")
