"""Who is in an activity's class, by name: for pages that need no more of them; and the order in which they stand."""

import re

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.lti.messages.roles import Role
from lti_tool.persistence.secrets import Vault
from lti_tool.persistence.tables.activities import Activity
from lti_tool.persistence.tables.people import DisplayName, Membership, Person
from lti_tool.persistence.tables.tenancy import Context

_NUMBER = re.compile(r"(\d{1,18})")


def as_read(text: str) -> list[str | int]:
    """What to sort by so that "Group 2" stands before "Group 10", and "Ada" beside "ada"."""
    return [int(part) if at % 2 else part for at, part in enumerate(_NUMBER.split(text.casefold()))]


def in_order(name: str, person_id: str) -> tuple[bool, list[str | int], str]:
    """What to sort pupils by on every page: those with a name first. Namesakes keep their places, too."""
    return (not name, as_read(name), person_id)


def names_of(session: Session, activity: Activity, vault: Vault) -> dict[str, str]:
    """The pupils of the activity's class by id; "" where the LMS gives no name. In a sample class, the made-up ones."""
    query = (
        select(Membership.person_id, DisplayName.encrypted_name)
        .join(Person, Person.id == Membership.person_id)
        .join(Context, Context.id == Membership.context_id)
        .outerjoin(DisplayName, DisplayName.person_id == Membership.person_id)
        .where(
            Membership.context_id == activity.context_id,
            Membership.role == Role.PUPIL.value,
            Membership.active,
            Person.preview == Context.sample,
        )
    )
    return {person_id: vault.decrypt(name) if name else "" for person_id, name in session.execute(query)}
