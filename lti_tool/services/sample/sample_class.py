"""A class of imagined pupils for one teacher to look around in: real rows, made by real practice, of nobody.

The pupils are previews (`Person.preview`) in a context of their own (`Context.sample`): no grade, fit or class page of
a real class ever counts them. What a teacher tries out on them reaches nobody else.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Select, delete, select
from sqlalchemy.orm import Session

from lti_tool.lti.messages.roles import Role
from lti_tool.persistence.base import random_id
from lti_tool.persistence.database import Database
from lti_tool.persistence.erasure import erase_person
from lti_tool.persistence.secrets import Vault
from lti_tool.persistence.tables.activities import Activity
from lti_tool.persistence.tables.launches import LaunchSession
from lti_tool.persistence.tables.materials import Material
from lti_tool.persistence.tables.people import DisplayName, Membership, Person
from lti_tool.persistence.tables.tenancy import Context
from lti_tool.services.catalog import Catalog
from lti_tool.services.sample.imagined import CLASS, Imagined
from lti_tool.services.sample.imagined_practice import plain_templates, practise

FRESH: Final = timedelta(days=3)
"""An older one is made anew: "yesterday" is to be yesterday."""
KEPT: Final = timedelta(days=30)
NO_LMS_ID: Final = "sample:{random}"
"""What stands where an LMS's own id of a course or a person would: random, so that no launch ever meets it."""


class SampleClasses:
    """Makes sample classes, and takes them away again."""

    def __init__(self, database: Database, catalog: Catalog, vault: Vault) -> None:
        self._database, self._catalog, self._vault = database, catalog, vault

    def open(self, launch: LaunchSession, title: str, now: datetime) -> str:
        """The id of the activity of this teacher's sample class, made where there is no fresh one.

        Each pupil's practice is one short transaction: nobody else's waits for it.
        """
        with self._database.write() as session:
            before = sample_activities(session, launch.person_id)
            if before and before[0].created_at > now - FRESH:
                return before[0].id
            remove(session, before)
            activity = _furnish(session, launch, title, now)
            seats = {pupil: _enrol(session, self._vault, activity, pupil, now) for pupil in CLASS.pupils}
            activity_id = activity.id
            bank = self._catalog.bank_of(activity)
        templates = {skill_id: plain_templates(bank, skill_id) for skill_id in CLASS.skill_ids}
        for pupil, person_id in seats.items():
            with self._database.write() as session:
                activity = session.get_one(Activity, activity_id)
                for bout in pupil.bouts:
                    practise(session, self._catalog, activity, person_id, bout, templates[bout.skill_id], now)
        return activity_id

    def remove_old(self, now: datetime) -> int:
        """Take away all that are older than `KEPT`; returns how many there were."""
        old = _sample().where(Activity.created_at < now - KEPT)
        with self._database.read() as session:
            if session.scalars(old.limit(1)).first() is None:
                return 0
        with self._database.write() as session:
            found = session.scalars(old).all()
            remove(session, found)
            return len(found)


def _sample() -> Select[Activity]:
    return select(Activity).join(Context, Context.id == Activity.context_id).where(Context.sample)


def sample_activities(session: Session, teacher_id: str) -> Sequence[Activity]:
    """The activities of a teacher's sample classes; newest first."""
    query = _sample().where(Activity.author_id == teacher_id).order_by(Activity.created_at.desc())
    return session.scalars(query).all()


def sample_activity(session: Session, teacher_id: str, activity_id: str) -> Activity | None:
    """A teacher's own sample activity."""
    return next((each for each in sample_activities(session, teacher_id) if each.id == activity_id), None)


def remove(session: Session, activities: Sequence[Activity]) -> None:
    """Take sample classes away with all that was done in them."""
    for activity in activities:
        people = select(Membership.person_id).where(Membership.context_id == activity.context_id)
        for person_id in session.scalars(people).all():
            erase_person(session, person_id)
        context_id = activity.context_id
        session.execute(delete(Material).where(Material.context_id == context_id))
        session.delete(activity)
        session.flush()
        session.execute(delete(Context).where(Context.id == context_id, Context.sample))


def _furnish(session: Session, launch: LaunchSession, title: str, now: datetime) -> Activity:
    lms_id = NO_LMS_ID.format(random=random_id())
    context = Context(deployment_id=launch.deployment_id, lms_id=lms_id, title=title, sample=True)
    session.add(context)
    session.flush()
    activity = Activity(
        registration_id=launch.registration_id,
        context_id=context.id,
        author_id=launch.person_id,
        title=title,
        bank_id=CLASS.bank_id,
        skill_ids=list(CLASS.skill_ids),
        created_at=now,
    )
    session.add(activity)
    session.flush()
    return activity


def _enrol(session: Session, vault: Vault, activity: Activity, pupil: Imagined, now: datetime) -> str:
    sub = NO_LMS_ID.format(random=random_id())
    person = Person(registration_id=activity.registration_id, sub=sub, preview=True, created_at=now, last_launch_at=now)
    session.add(person)
    session.flush()
    membership = Membership(context_id=activity.context_id, person_id=person.id, role=Role.PUPIL.value, seen_at=now)
    membership.sections = [pupil.section]
    name = DisplayName(person_id=person.id, encrypted_name=vault.encrypt(pupil.name), seen_at=now)
    session.add_all([membership, name])
    session.flush()
    return person.id
