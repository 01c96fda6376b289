"""Assignment and Grade Services 2.0: gradebook columns (line items) and scores."""

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from urllib.parse import urlsplit, urlunsplit

from pylti1p3.grade import Grade
from pylti1p3.lineitem import LineItem as LineItemDocument

from lti_tool.lti.errors import ServiceError
from lti_tool.lti.messages.claims import storable
from lti_tool.lti.network.origins import origin_of
from lti_tool.lti.services.platform_services import LIST_SECONDS, SHORT_LIST_SECONDS, PlatformServices, with_query
from lti_tool.lti.services.scopes import SCOPE_LINEITEM, SCOPE_LINEITEM_READ, SCOPE_RESULT_READ, SCOPE_SCORE

_LINEITEM_TYPE = "application/vnd.ims.lis.v2.lineitem+json"
_LINEITEMS_TYPE = "application/vnd.ims.lis.v2.lineitemcontainer+json"
_FILTERED = {"resource_link_id": "resourceLinkId", "resource_id": "resourceId"}
"""The property that each filter of a list of line items looks at (AGS 2.0, 3.2.4)."""
_SCORE_TYPE = "application/vnd.ims.lis.v1.score+json"
_RESULTS_TYPE = "application/vnd.ims.lis.v2.resultcontainer+json"


@dataclass(frozen=True)
class Score:
    """What is sent for one pupil (AGS 2.0, 3.4). Points are unrounded; zero is a real score."""

    user_id: str
    given: float
    maximum: float
    comment: str
    completed: bool
    timestamp: datetime


@dataclass(frozen=True)
class Result:
    """What the gradebook shows for one pupil (AGS 2.0, 3.3): perhaps a teacher's own number. None: no grade."""

    user_id: str
    given: float | None
    maximum: float | None

    @property
    def share(self) -> float | None:
        """Share of the maximum; None where there is no grade, or no maximum to hold it against."""
        return None if self.given is None or not self.maximum else self.given / self.maximum


class GradeService:
    """AGS of one registration, at one moment."""

    def __init__(self, services: PlatformServices) -> None:
        self._services = services

    def send_score(self, line_item_url: str, score: Score) -> int:
        """Post a score; return the HTTP status. Raises `ServiceError`."""
        profile = self._services.profile
        grade = (
            Grade()
            .set_user_id(score.user_id)
            .set_score_given(score.given)
            .set_score_maximum(score.maximum)
            .set_activity_progress("Completed" if score.completed else "InProgress")
            # Some platforms show a grade only when it is final, and clear it otherwise; a score so far is final so far.
            .set_grading_progress("FullyGraded")
            .set_timestamp(_iso(score.timestamp))
            .set_extra_claims(profile.score_extension)
        )
        if score.completed or profile.comment_with_every_score:
            grade.set_comment(score.comment)
        response = self._services.call(
            "POST",
            _beneath(line_item_url, "scores"),
            scopes=(SCOPE_SCORE,),
            data=grade.get_value(),
            headers={"Content-Type": _SCORE_TYPE},
        )
        return int(response.status_code)

    def empty_score(self, line_item_url: str, *, user_id: str, timestamp: datetime) -> None:
        """Take a pupil's grade away: a score that is none (AGS 2.0, 3.4.6). Raises `ServiceError`."""
        grade = (
            Grade()
            .set_user_id(user_id)
            .set_activity_progress("Initialized")
            .set_grading_progress("NotReady")
            .set_timestamp(_iso(timestamp))
        )
        self._services.call(
            "POST",
            _beneath(line_item_url, "scores"),
            scopes=(SCOPE_SCORE,),
            data=grade.get_value(),
            headers={"Content-Type": _SCORE_TYPE},
        )

    def find_line_item(self, collection_url: str, scopes: tuple[str, ...], **filters: str) -> str | None:
        """URL of the first column that fits `resource_link_id=` or `resource_id=`; None if there is none."""
        url = with_query(collection_url, filters)
        granted = tuple(scope for scope in (SCOPE_LINEITEM, SCOPE_LINEITEM_READ) if scope in scopes)
        url = with_query(url, self._services.profile.line_items_query)
        asked = {"scopes": granted, "headers": {"Accept": _LINEITEMS_TYPE}}
        for items in self._services.pages(url, within=SHORT_LIST_SECONDS, **asked):
            if not isinstance(items, list):
                raise ServiceError("bad-line-items", "The platform's list of columns is no list.")
            # Held against the filter once more: a platform that does not know it lists the columns of others too.
            for item in items:
                if _fits(item, filters):
                    return _address(item)
        return None

    def resource_id_of(self, line_item_url: str, scopes: tuple[str, ...]) -> str | None:
        """Our own name of a column (AGS 2.0, 3.2.2 `resourceId`), which LMSs keep when they copy a course."""
        granted = tuple(scope for scope in (SCOPE_LINEITEM, SCOPE_LINEITEM_READ) if scope in scopes)
        item = self._services.json("GET", line_item_url, scopes=granted, headers={"Accept": _LINEITEM_TYPE})
        found = item.get("resourceId") if isinstance(item, Mapping) else None
        return found if isinstance(found, str) and found == storable(found) else None

    def create_line_item(
        self, collection_url: str, *, label: str, maximum: float, resource_id: str, link_id: str | None, tag: str = ""
    ) -> str:
        """Make a column, bound to a resource link if there is one; return its URL.

        Look it up first: platforms allow doubles.
        """
        document = LineItemDocument().set_label(label).set_score_maximum(maximum).set_resource_id(resource_id)
        if link_id is not None:
            document.set_resource_link_id(link_id)
        if tag:
            document.set_tag(tag)
        made = self._services.json(
            "POST",
            collection_url,
            scopes=(SCOPE_LINEITEM,),
            data=document.get_value(),
            headers={"Content-Type": _LINEITEM_TYPE, "Accept": _LINEITEM_TYPE},
        )
        return _address(made)

    def update_line_item(self, line_item_url: str, *, label: str, maximum: float) -> bool:
        """Give a column another name and maximum; whether it had others before (AGS 2.0, 3.2.8).

        Platforms scale the grades in it.

        What else the platform says of the column is sent back as it came, for a PUT replaces the whole.
        Raises `ServiceError`.
        """
        asked = {"scopes": (SCOPE_LINEITEM,)}
        item = self._services.json("GET", line_item_url, **asked, headers={"Accept": _LINEITEM_TYPE})
        if not isinstance(item, Mapping):
            raise ServiceError("bad-line-item", "The platform's column is no JSON object.")
        if (item.get("label"), item.get("scoreMaximum")) == (label, maximum):
            return False
        document = {**item, "label": label, "scoreMaximum": maximum}
        headers = {"Content-Type": _LINEITEM_TYPE, "Accept": _LINEITEM_TYPE}
        self._services.call("PUT", line_item_url, **asked, data=json.dumps(document), headers=headers)
        return True

    def delete_line_item(self, line_item_url: str) -> None:
        """Take a column out of the gradebook, with all grades in it (AGS 2.0, 3.2.9); one that is gone is no error.

        Raises `ServiceError`.
        """
        try:
            self._services.call("DELETE", line_item_url, scopes=(SCOPE_LINEITEM,), headers={})
        except ServiceError as refusal:
            if refusal.status != HTTPStatus.NOT_FOUND:
                raise

    def results(self, line_item_url: str, *, user_id: str | None = None) -> Iterator[Result]:
        """What the gradebook shows, for all or for one. Platforms leave out who has no grade; Moodle also zeros.

        No `limit` is asked for: Moodle answers it with an error page. Raises `ServiceError`.
        """
        url = with_query(_beneath(line_item_url, "results"), {"user_id": user_id} if user_id is not None else {})
        asked = {"scopes": (SCOPE_RESULT_READ,), "headers": {"Accept": _RESULTS_TYPE}}
        within = LIST_SECONDS if user_id is None else SHORT_LIST_SECONDS
        for page in self._services.pages(url, within=within, **asked):
            if not isinstance(page, list):
                raise ServiceError("bad-results", "The platform's list of results is no list.")
            found = [result for entry in page if (result := _result(entry)) is not None]
            yield from (result for result in found if user_id in (None, result.user_id))


def _result(entry: object) -> Result | None:
    if not isinstance(entry, Mapping) or not isinstance(entry.get("userId"), str | int):
        return None
    given, maximum = (_number(entry.get(key)) for key in ("resultScore", "resultMaximum"))
    return Result(str(entry["userId"]), given, 1.0 if maximum is None and given is not None else maximum)


def _number(value: object) -> float | None:
    """A number, perhaps written as text; None where there is none. What can't be read must not pass for no grade."""
    if value is None or value == "":
        return None
    try:
        number = math.nan if isinstance(value, bool) else float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError):  # also an integer of more than 308 digits
        number = math.nan
    if not math.isfinite(number):
        raise ServiceError("bad-results", "The platform's results hold a score that is no number.")
    return number


def _fits(item: object, filters: Mapping[str, str]) -> bool:
    return isinstance(item, Mapping) and all(str(item.get(_FILTERED[name])) == value for name, value in filters.items())


def _address(item: object) -> str:
    """A column's `id`, its URL (AGS 2.0, 3.2.2). One without must not pass for no column: it would be made again."""
    found = item.get("id") if isinstance(item, Mapping) else None
    if not isinstance(found, str) or found != storable(found) or not origin_of(found):
        raise ServiceError("bad-line-item", "The platform has the column and does not say its address.")
    return found


def _beneath(url: str, name: str) -> str:
    # Moodle's line item URLs carry a query (?type_id=1), which must stay behind the path.
    parts = urlsplit(url)
    return urlunsplit(parts._replace(path=f"{parts.path.rstrip('/')}/{name}"))


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
