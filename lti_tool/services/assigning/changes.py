"""A teacher changes an activity: its settings at once, the LMS's column by a worker, scores in proportion."""

from datetime import datetime, timedelta

import structlog
from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session, joinedload

from lti_tool.lti.errors import ServiceError
from lti_tool.lti.messages.roles import Role
from lti_tool.lti.network.transport import Transport
from lti_tool.lti.platform_profile import platform_profile
from lti_tool.lti.services.access_tokens import AccessTokens
from lti_tool.lti.services.ags import GradeService
from lti_tool.lti.services.platform_services import PlatformServices
from lti_tool.lti.services.scopes import SCOPE_LINEITEM, SCOPE_RESULT_READ
from lti_tool.persistence.database import ROW_LOCK, Database
from lti_tool.persistence.tables import audit
from lti_tool.persistence.tables.activities import Activity, LineItem
from lti_tool.persistence.tables.grades import ScoreOutbox
from lti_tool.persistence.tables.people import Membership, Person
from lti_tool.persistence.tables.tenancy import Registration
from lti_tool.services.assigning.activities import ActivityChoice, BadChoice
from lti_tool.services.grading.outbox import posting_state, rescale, set_out

TRY_AGAIN_AFTER = timedelta(minutes=10)
CELLS_WAIT = "cells-wait"
"""`LineItem.change_problem` until cells are emptied that the LMS fills with zeros when the maximum changes."""
CLOCK_TICKS = timedelta(seconds=2)
"""After this, a score is newer than what the LMS has just written itself, also where it counts whole seconds."""

log = structlog.get_logger()


def change_activity(session: Session, activity_id: str, choice: ActivityChoice, person_id: str, now: datetime) -> None:
    """Give an activity other skills, another name or other points. Raises `BadChoice` for another subject.

    What pupils have done stays; with other points each score keeps its share. The subject stays: answers in one say
    nothing in another.
    """
    activity = session.get_one(Activity, activity_id, with_for_update=ROW_LOCK)
    if choice.bank_id != activity.bank_id:
        raise BadChoice("other-subject")
    before = _settings(activity)
    renamed, factor = choice.title != activity.title, choice.rules.points / activity.points
    activity.title, activity.points, activity.skill_ids = choice.title, choice.rules.points, list(choice.skill_ids)
    if _settings(activity) == before:
        return
    audit.record(
        session,
        "activity.changed",
        activity.id,
        at=now,
        person_id=person_id,
        before=before,
        after=_settings(activity),
    )
    if renamed:
        _rename_mastery(session, activity, str(before["title"]), now)
    column = session.scalars(_grade_column(activity.id)).one_or_none()
    if column is None or (not renamed and factor == 1):
        return
    column.points, column.change_due_at = choice.rules.points, now
    if factor != 1 and platform_profile(activity.registration.profile).new_maximum_fills_empty_cells:
        column.change_problem = CELLS_WAIT
    elif column.change_problem != CELLS_WAIT:
        column.change_problem = None
    for row in session.scalars(select(ScoreOutbox).where(ScoreOutbox.line_item_id == column.id).with_for_update()):
        rescale(row, choice.rules.points)


def _rename_mastery(session: Session, activity: Activity, old_title: str, now: datetime) -> None:
    """The activity's column for mastery is called after it, in the words of whoever made it."""
    column = session.scalars(
        select(LineItem).where(LineItem.activity_id == activity.id, LineItem.kind == "mastery")
    ).one_or_none()
    if column is not None:
        column.label, column.change_due_at = column.label.replace(old_title, activity.title), now


class ColumnChanges:
    """Tells LMSs of the new names and points of columns, in the background."""

    def __init__(self, database: Database, tokens: AccessTokens, transport: Transport) -> None:
        self._database = database
        self._tokens = tokens
        self._transport = transport

    def tell_due(self, now: datetime) -> int:
        """Tell what is due; return how many columns were tried. One that fails for a while is tried again."""
        due = (
            select(LineItem)
            .join(LineItem.activity)
            .join(Activity.registration)
            .where(LineItem.change_due_at <= now, Registration.state == "active")
            .options(joinedload(LineItem.activity).joinedload(Activity.registration))
            .limit(10)
        )
        with self._database.read() as session:
            if session.scalars(due.limit(1)).first() is None:
                return 0
        with self._database.write() as session:
            columns = session.scalars(due.with_for_update(skip_locked=True, of=LineItem)).all()
            for column in columns:
                column.change_due_at = now + TRY_AGAIN_AFTER  # also a lease: another worker passes it over
        for column in columns:
            self._tell(column, now)
        return len(columns)

    def _tell(self, column: LineItem, now: datetime) -> None:
        title, problem, again_at = _name(column), None, None
        try:
            if column.url is not None and self._update(column, column.url, title, now):
                problem, again_at = CELLS_WAIT, now + CLOCK_TICKS
        except ServiceError as error:
            cells_wait = column.change_problem == CELLS_WAIT
            problem = CELLS_WAIT if cells_wait and not error.permanent else error.code[:64]
            again_at = None if error.permanent else now + TRY_AGAIN_AFTER
            log.warning("column.not_changed", column=column.id, code=error.code, detail=error.detail)
        with self._database.write() as session:
            row = session.get_one(LineItem, column.id, with_for_update=ROW_LOCK)
            if (row.points, _name(row)) != (column.points, title):
                row.change_due_at = now  # changed once more meanwhile
                return
            row.change_problem, row.change_due_at = problem, again_at
            if problem is None:
                self._send_again(session, row, now)

    def _update(self, column: LineItem, url: str, title: str, now: datetime) -> bool:
        """Tell the LMS; whether there is more to do once its clock has gone on. Raises `ServiceError`."""
        if SCOPE_LINEITEM not in column.scopes:
            raise ServiceError("not-allowed", "The LMS lets Proximal change no column.", permanent=True)
        services = PlatformServices(self._tokens, self._transport, column.activity.registration, now)
        service = GradeService(services)
        changed = service.update_line_item(url, label=title, maximum=column.points)
        if column.change_problem != CELLS_WAIT:
            return False
        if not changed:
            self._empty_cells(column, url, service, now + self._transport.clock_shift(url))
        return changed

    def _empty_cells(self, column: LineItem, url: str, service: GradeService, now: datetime) -> None:
        """Take the zeros of pupils away who have no score of ours. What a teacher entered stays. Raises `ServiceError`.

        A score that is earned or sent at this very moment may be taken away, too; `_send_again` repeats it.
        """
        results = service.results(url) if SCOPE_RESULT_READ in column.scopes else ()
        graded = {result.user_id for result in results if result.given}
        with self._database.read() as session:
            subs = session.scalars(_pupils_without_score(column)).all()
        for sub in subs:
            if sub in graded:
                continue
            try:
                service.empty_score(url, user_id=sub, timestamp=now)
            except ServiceError as refusal:
                if not refusal.permanent:
                    raise

    def _send_again(self, session: Session, column: LineItem, now: datetime) -> None:
        """Moodle scales the grades in a column whose maximum changes, Canvas leaves their numbers as they are."""
        sent = (
            ScoreOutbox.line_item_id == column.id,
            or_(ScoreOutbox.delivered_revision.is_not(None), ScoreOutbox.lease.is_not(None)),
        )
        for row in session.scalars(select(ScoreOutbox).where(*sent, ScoreOutbox.state != "theirs").with_for_update()):
            let_go_before = row.revision == row.delivered_revision
            row.revision += 1
            set_out(row, "waiting" if let_go_before else posting_state(column.activity, row, now), now)


def _name(column: LineItem) -> str:
    return column.label or column.activity.title


def _pupils_without_score(column: LineItem) -> Select[str]:
    """Pupils of the class into whose cell of the column nothing of ours has gone."""
    known = select(ScoreOutbox.person_id).where(
        ScoreOutbox.line_item_id == column.id,
        or_(ScoreOutbox.delivered_revision.is_not(None), ScoreOutbox.state == "waiting"),
    )
    return (
        select(Person.sub)
        .join(Membership, Membership.person_id == Person.id)
        .where(
            Membership.context_id == column.activity.context_id,
            Membership.active,
            Membership.role == Role.PUPIL.value,
            Person.preview.is_(False),
            Person.id.not_in(known),
        )
        .order_by(Person.id)
    )


def _grade_column(activity_id: str) -> Select[LineItem]:
    return select(LineItem).where(LineItem.activity_id == activity_id, LineItem.resource_id == activity_id)


def _settings(activity: Activity) -> dict[str, object]:
    return {"title": activity.title, "points": activity.points, "skills": list(activity.skill_ids)}
