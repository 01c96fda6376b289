"""Activities: made in the picker, bound to a place by their first launch, copied when a course is copied."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import false, func, select
from sqlalchemy.orm import Session

from item_banks.schema import Bank
from lti_tool.lti.messages.claims import EndpointClaim
from lti_tool.persistence.database import ROW_LOCK, get_or_create
from lti_tool.persistence.tables import audit
from lti_tool.persistence.tables.activities import Activity, LineItem, ResourceLink
from lti_tool.persistence.tables.launches import LaunchSession
from lti_tool.persistence.tables.tenancy import Context, Registration
from lti_tool.services.assigning.practice_settings import USUAL, PracticeSettings
from lti_tool.services.catalog import Catalog
from lti_tool.services.grading.rules import GradeRules
from lti_tool.services.launching.copies import Provenance, copied_from

MAX_TITLE = 120
LATEST = 3
"""Earlier activities that are offered as a model."""
_LOCALE_LENGTH = 16


class BadChoice(ValueError):  # noqa: N818 - it is the teacher's choice that is bad, and the page says how
    """The picker was sent something that can't become an activity. `code` is put into words by the page."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class ActivityChoice:
    """One activity as chosen in the picker: skills of one bank."""

    bank_id: str
    skill_ids: tuple[str, ...]
    title: str
    rules: GradeRules
    settings: PracticeSettings = USUAL


def read_choices(
    catalog: Catalog,
    *,
    skill_ids: Iterable[str],
    title: str,
    rules: GradeRules,
    settings: PracticeSettings = USUAL,
    each: bool = False,
    own_lists: Iterable[Bank] = (),
) -> list[ActivityChoice]:
    """What a teacher picked, as one activity per subject, or with `each` per skill. Raises `BadChoice`.

    `own_lists`: the lists of words that this teacher may assign besides the shipped banks.
    """
    wanted = set(skill_ids)
    choices = []
    for bank in (*catalog.banks.values(), *own_lists):
        chosen = tuple(skill_id for skill_id in bank.skills if skill_id in wanted)
        wanted.difference_update(chosen)
        if chosen:
            choices.append(ActivityChoice(bank.id, chosen, _title(title, bank, chosen), rules, settings))
    if wanted:
        raise BadChoice("unknown-skill")
    if not choices:
        raise BadChoice("no-skill")
    if each:
        return [
            _of_one_skill(catalog.banks[choice.bank_id], skill_id, title, choice)
            for choice in choices
            for skill_id in choice.skill_ids
        ]
    if len(choices) > 1 and title.strip():
        choices = [
            replace(each, title=f"{each.title} ({catalog.banks[each.bank_id].title})"[:MAX_TITLE]) for each in choices
        ]
    return choices


def _of_one_skill(bank: Bank, skill_id: str, title: str, choice: ActivityChoice) -> ActivityChoice:
    name = bank.skills[skill_id].title
    title = f"{title.strip()}: {name}" if title.strip() else name
    return replace(choice, skill_ids=(skill_id,), title=_title(title, bank, [skill_id]))


def _content_locale(launch: LaunchSession) -> str:
    """Where the teacher's LMS speaks Dutch, pupils calculate with a decimal comma: items are in the launch's locale."""
    return (launch.locale or "").replace("_", "-")[:_LOCALE_LENGTH]


def create_activity(session: Session, launch: LaunchSession, choice: ActivityChoice, now: datetime) -> Activity:
    """Make an activity that as yet belongs to a registration only; its first launch gives it a place."""
    activity = Activity(
        registration_id=launch.registration_id,
        author_id=launch.person_id,
        title=choice.title,
        bank_id=choice.bank_id,
        skill_ids=list(choice.skill_ids),
        created_at=now,
        **choice.rules.values(),
        **(choice.settings.values() | {"content_locale": choice.settings.content_locale or _content_locale(launch)}),
    )
    session.add(activity)
    session.flush()
    audit.record(
        session,
        "activity.created",
        activity.id,
        at=now,
        person_id=launch.person_id,
        registration_id=launch.registration_id,
        skills=list(choice.skill_ids),
        grading=choice.rules.grading,
        points=choice.rules.points,
    )
    return activity


def latest_of(session: Session, registration_id: int, author_id: str) -> Sequence[Activity]:
    """The activities that a teacher made last, newest first: to set another one like them. A sample is nobody's."""
    query = (
        select(Activity)
        .outerjoin(Context, Context.id == Activity.context_id)
        .where(
            Activity.registration_id == registration_id,
            Activity.author_id == author_id,
            func.coalesce(Context.sample, false()).is_(False),
        )
        .order_by(Activity.created_at.desc())
        .limit(LATEST)
    )
    return session.scalars(query).all()


def set_up_link(session: Session, launch: LaunchSession, choice: ActivityChoice, now: datetime) -> Activity:
    """Give a link that was made by hand its activity (and its column, where the launch offers one)."""
    link = launch.resource_link
    if link is None:
        raise BadChoice("no-link")
    _lock(session, link)
    if link.activity is not None:
        return link.activity
    activity = create_activity(session, launch, choice, now)
    _bind(activity, link)
    if launch.endpoint is not None:
        connect_line_item(session, activity, link, EndpointClaim(**launch.endpoint))
    return activity


def resolve_activity(
    session: Session, registration: Registration, link: ResourceLink, origin: Provenance, now: datetime
) -> Activity | None:
    """The activity that a link opens, or None where a teacher still has to choose one.

    `origin` comes from the link's custom parameters, which a teacher can edit: it counts only within its own
    registration. An activity has one place; launched from another it is copied, once, as it is in the nearest course
    that the link was copied from.
    """
    if _is_resolved(link, origin):
        return link.activity
    # A whole class may launch a new link at once, and two copies of it at once: one of them decides, the rest follow.
    _lock(session, link)
    if _is_resolved(link, origin):
        return link.activity
    requested = _requested(session, registration, origin)
    if requested is not None:
        link.requested_activity_id = requested.id
        if _is_free(session, requested, link):
            _bind(requested, link)
            return requested
    elif link.activity is not None:
        return link.activity
    model = copied_from(session, registration, link, origin) or requested
    if model is not None:
        _bind(_copy(session, model, now), link)
    return link.activity


def connect_line_item(session: Session, activity: Activity, link: ResourceLink, endpoint: EndpointClaim) -> None:
    """Remember the gradebook column that the launch names, and where columns can be looked up or made.

    The claim leaves `lineitem` out once a link has several columns, so an address seen before is kept.
    """
    if endpoint.lineitem is None and endpoint.lineitems is None:
        return
    column, _ = get_or_create(
        session,
        LineItem,
        {"activity_id": activity.id, "resource_id": activity.id},
        {"resource_link_id": link.id, "points": activity.points},
    )
    if column.resource_link_id != link.id:
        # The activity moved to another link: its old column is that link's.
        column.resource_link_id, column.url = link.id, None
    column.url = endpoint.lineitem or column.url
    column.collection_url = endpoint.lineitems or column.collection_url
    column.scopes = list(endpoint.scopes)
    _bring_along(session, column)


def _bring_along(session: Session, column: LineItem) -> None:
    """The activity's columns for mastery stand where its grade's does."""
    others = select(LineItem).where(LineItem.activity_id == column.activity_id, LineItem.kind != "grade")
    for other in session.scalars(others):
        if other.resource_link_id != column.resource_link_id:
            other.resource_link_id, other.url = column.resource_link_id, None
        other.collection_url, other.scopes = column.collection_url, list(column.scopes)


def _is_resolved(link: ResourceLink, origin: Provenance) -> bool:
    return link.activity is not None and origin.activity_id in (None, link.requested_activity_id)


def _requested(session: Session, registration: Registration, origin: Provenance) -> Activity | None:
    if origin.activity_id is None:
        return None
    found = session.get(Activity, origin.activity_id, with_for_update=ROW_LOCK)
    return found if found is not None and found.registration_id == registration.id else None


def _is_free(session: Session, activity: Activity, link: ResourceLink) -> bool:
    """Whether an activity has no place yet but perhaps this one."""
    taken = session.scalars(select(ResourceLink.id).where(ResourceLink.activity_id == activity.id)).one_or_none()
    return taken in (None, link.id)


def _lock(session: Session, link: ResourceLink) -> None:
    """Hold the link until the end of the transaction, and see what others made of it meanwhile."""
    session.flush()
    session.refresh(link, with_for_update=ROW_LOCK)


def _copy(session: Session, original: Activity, now: datetime) -> Activity:
    copy = Activity(
        registration_id=original.registration_id,
        author_id=original.author_id,
        copied_from_id=original.id,
        title=original.title,
        bank_id=original.bank_id,
        skill_ids=list(original.skill_ids),
        standard=original.standard,
        created_at=now,
        **GradeRules.of(original).values(),
        **PracticeSettings.of(original).values(),
    )
    session.add(copy)
    session.flush()
    audit.record(session, "activity.copied", copy.id, at=now, original=original.id)
    return copy


def _bind(activity: Activity, link: ResourceLink) -> None:
    link.activity = activity
    activity.context_id = link.context_id


def _title(text: str, bank: Bank, skill_ids: Sequence[str]) -> str:
    given = " ".join("".join(c for c in text if c.isprintable()).split())[:MAX_TITLE]
    if given:
        return given
    first = bank.skills[skill_ids[0]].title
    return f"{bank.title}: {first}" if len(skill_ids) == 1 else f"{bank.title}: {first} +{len(skill_ids) - 1}"
