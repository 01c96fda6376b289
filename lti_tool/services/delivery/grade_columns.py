"""The gradebook column that a score belongs to: found by its link or by our name for it, made once, followed."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from http import HTTPStatus

from sqlalchemy import update
from sqlalchemy.orm import Session

from lti_tool.lti.errors import ServiceError
from lti_tool.lti.services.ags import GradeService
from lti_tool.lti.services.scopes import SCOPE_LINEITEM, SCOPE_LINEITEM_READ
from lti_tool.persistence.database import Database
from lti_tool.persistence.tables.activities import Activity, LineItem
from lti_tool.persistence.tables.grades import ScoreOutbox
from lti_tool.services.delivery.grade_claims import Delivery
from lti_tool.services.grading.mastery_columns import MASTERY_TAG

MOST_COPIES = 20
COLUMN_DELETED = "column-deleted"
"""Code of the error after which the column is made again, at the score's next turn."""


class GradeColumns:
    """Finds, makes and follows columns for one database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def address(self, service: GradeService, delivery: Delivery) -> str:
        """The column's address: known, found, or made where there is none. Raises `ServiceError`."""
        column = delivery.line_item
        if column.url:
            return column.url
        if column.collection_url is None or not _may_read(column):
            raise ServiceError("no-column", "The LMS names no gradebook column for this activity.", permanent=True)
        url = self._find(service, delivery) or self._make(service, delivery, column.collection_url)
        with self._database.write() as session:
            row = session.get_one(LineItem, column.id)
            row.url = row.url or url
            return row.url

    def _make(self, service: GradeService, delivery: Delivery, collection_url: str) -> str:
        column = delivery.line_item
        if SCOPE_LINEITEM not in column.scopes:
            raise ServiceError("no-column", "The LMS lets Proximal make no gradebook column.", permanent=True)
        own = column.kind == "grade"
        with _about_columns():
            return service.create_line_item(
                collection_url,
                label=column.label or delivery.activity.title,
                maximum=column.points,
                resource_id=column.resource_id,
                link_id=delivery.link_lms_id if own else None,
                tag="" if own else MASTERY_TAG,
            )

    def send(self, service: GradeService, delivery: Delivery, url: str, now: datetime) -> int:
        """Post the score; where its column is gone, to the one that has taken its place. Raises `ServiceError`.

        Moodle makes another column when a teacher takes an activity's grades away and allows them again, and names it
        in no launch from then on. A column that was deleted for good is made again only where the teacher says so.
        """
        try:
            return service.send_score(url, delivery.score)
        except ServiceError as refusal:
            if refusal.status != HTTPStatus.NOT_FOUND:
                raise
            successor = self._successor(service, delivery, refusal)
            if successor == url or (successor is None and not self._may_make_again(delivery)):
                raise
        with self._database.write() as session:
            session.get_one(LineItem, delivery.line_item.id).url = successor
            _fill_new_column(session, delivery, now)
        if successor is None:
            raise ServiceError(COLUMN_DELETED, "The column was deleted in the LMS. It is being made again.")
        return service.send_score(successor, delivery.score)

    def _successor(self, service: GradeService, delivery: Delivery, refusal: ServiceError) -> str | None:
        """The column that stands where one was deleted. An LMS that lists none has told already what is wrong."""
        try:
            return self._find(service, delivery)
        except ServiceError as other:
            raise (refusal if other.permanent else other) from None

    def _may_make_again(self, delivery: Delivery) -> bool:
        column = delivery.line_item
        return delivery.activity.remake_column and SCOPE_LINEITEM in column.scopes and column.collection_url is not None

    def _find(self, service: GradeService, delivery: Delivery) -> str | None:
        """The column by its link, else by our own name for it; None if the LMS has none."""
        column = delivery.line_item
        if column.collection_url is None or not _may_read(column):
            return None
        scopes = tuple(column.scopes)
        with _about_columns():
            if column.kind == "grade":
                url = service.find_line_item(column.collection_url, scopes, resource_link_id=delivery.link_lms_id)
                if url:
                    return url
            for name in self._names(delivery):
                if url := service.find_line_item(column.collection_url, scopes, resource_id=name):
                    return url
        return None

    def _names(self, delivery: Delivery) -> Iterator[str]:
        """Our names for a column: in a copied course it has that of the activity from which it was copied.

        Within one course the original's column is the original's own.
        """
        column, activity = delivery.line_item, delivery.activity
        yield column.resource_id
        if column.kind != "mastery":
            return
        with self._database.read() as session:
            original: Activity | None = activity
            for _ in range(MOST_COPIES):
                if original is None or original.copied_from_id is None:
                    return
                original = session.get(Activity, original.copied_from_id)
                if original is None:
                    return
                if original.context_id != activity.context_id:
                    yield f"mastery:{original.id}"


@contextmanager
def _about_columns() -> Iterator[None]:
    """A refusal to list or make columns is about these, and must not be read as one of a pupil's score."""
    try:
        yield
    except ServiceError as refusal:
        if not refusal.permanent:
            raise
        forbidden = refusal.status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)
        code = "not-allowed" if forbidden else "column-refused"
        raise ServiceError(code, refusal.detail, permanent=True) from None


def _may_read(column: LineItem) -> bool:
    return bool({SCOPE_LINEITEM, SCOPE_LINEITEM_READ} & set(column.scopes))


def _fill_new_column(session: Session, delivery: Delivery, now: datetime) -> None:
    """Send everything again: a column in another's place is empty, and what was parked for want of one has a way."""
    there = (
        ScoreOutbox.line_item_id == delivery.line_item.id,
        ScoreOutbox.state.in_(("delivered", "parked", "theirs")),
        ScoreOutbox.id != delivery.outbox_id,
    )
    values = {"state": "waiting", "next_attempt_at": now, "waiting_since": now, "attempts": 0}
    session.execute(update(ScoreOutbox).where(*there).values(**values, problem=None, problem_detail=None))
