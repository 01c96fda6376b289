"""What journeys and the gallery of pupils' pages share: the activity, the sizes, and who came."""

from collections.abc import Sequence

from sqlalchemy import select

from lti_tool.persistence.tables.activities import Activity
from lti_tool.persistence.tables.people import Person as PersonRow
from tests.browser.people import Person, barriers
from tests.browser.site import Site

GARDEN = ("M.OA2.ADD20", "M.NBT2.ADDREG", "M.NBT2.SUBREG", "M.NBT3.SUB0", "M.OA3.X34", "M.NF3.UNIT")
SIZES = ((1280, 800), (768, 1024), (360, 640), (320, 568))

NEWCOMERS = ("nino", "kwabena")
"""Pupils whom one journey alone lets practise: files share their sites in any order, and it begins with who is new.
A class that practises elsewhere leaves them out."""


def settle(site: Site, title: str, **settings: object) -> None:
    """Set an activity up as its teacher would."""
    with site.database.write() as session:
        for activity in session.scalars(select(Activity).where(Activity.title == title)):
            for name, value in settings.items():
                setattr(activity, name, value)


def latest(site: Site) -> str:
    """The id of who launched last."""
    with site.database.read() as session:
        return session.scalars(select(PersonRow.id).order_by(PersonRow.last_launch_at.desc())).first() or ""


def frontier(site: Site, *skills: str, title: str, **settings: object) -> int:
    """A link to an activity in which pupils choose their own way, among `skills` or those of the garden."""
    link = site.add_activity(*(skills or GARDEN), title=title)
    settle(site, title, own_frontier=True, **settings)
    return link


def fits(pupil: Person, name: str, sizes: Sequence[tuple[int, int]] = SIZES) -> None:
    """No barrier, nothing sticks out, at every size."""
    for width, height in sizes:
        pupil.page.set_viewport_size({"width": width, "height": height})
        if width != 360:  # the style sheets make no difference to 320 px, which leave less room
            found = barriers(pupil.room)
            assert not found, f"{name} at {width} px: {found}"
        assert pupil.sticks_out() == 0, f"{name} at {width} px"
    pupil.page.set_viewport_size({"width": 1280, "height": 800})
