"""Assignment and Grade Services 2.0: gradebook columns (line items) and scores."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode, urlsplit, urlunsplit

from pylti1p3.grade import Grade
from pylti1p3.lineitem import LineItem as LineItemDocument

from lti_tool.lti.access_tokens import AccessTokens
from lti_tool.lti.errors import ServiceError
from lti_tool.lti.transport import Transport
from lti_tool.persistence.tenancy import Registration

SCOPE_LINEITEM = "https://purl.imsglobal.org/spec/lti-ags/scope/lineitem"
SCOPE_LINEITEM_READ = "https://purl.imsglobal.org/spec/lti-ags/scope/lineitem.readonly"
SCOPE_SCORE = "https://purl.imsglobal.org/spec/lti-ags/scope/score"

_LINEITEM_TYPE = "application/vnd.ims.lis.v2.lineitem+json"
_LINEITEMS_TYPE = "application/vnd.ims.lis.v2.lineitemcontainer+json"
_FILTERED = {"resource_link_id": "resourceLinkId", "resource_id": "resourceId"}
"""The property that each filter of a list of line items looks at (AGS 2.0, 3.2.4)."""
_SCORE_TYPE = "application/vnd.ims.lis.v1.score+json"


@dataclass(frozen=True)
class Score:
    """What is sent for one pupil (AGS 2.0, 3.4). Points are unrounded; zero is a real score."""

    user_id: str
    given: float
    maximum: float
    comment: str
    completed: bool
    timestamp: datetime


class GradeService:
    """AGS of one registration, at one moment."""

    def __init__(self, tokens: AccessTokens, transport: Transport, registration: Registration, now: datetime) -> None:
        self._tokens = tokens
        self._transport = transport
        self._registration = registration
        self._now = now

    def send_score(self, line_item_url: str, score: Score) -> int:
        """Post a score; return the HTTP status. Raises `ServiceError`."""
        grade = (
            Grade()
            .set_user_id(score.user_id)
            .set_score_given(score.given)
            .set_score_maximum(score.maximum)
            .set_comment(score.comment)
            .set_activity_progress("Completed" if score.completed else "InProgress")
            # Some platforms show a grade only when it is final, and clear it otherwise; a score so far is final so far.
            .set_grading_progress("FullyGraded")
            .set_timestamp(_iso(score.timestamp))
        )
        response = self._call(
            "POST",
            _beneath(line_item_url, "scores"),
            scopes=(SCOPE_SCORE,),
            data=grade.get_value(),
            headers={"Content-Type": _SCORE_TYPE},
        )
        return int(response.status_code)

    def find_line_item(self, collection_url: str, scopes: tuple[str, ...], **filters: str) -> str | None:
        """URL of the first column that fits `resource_link_id=` or `resource_id=`; None if there is none."""
        url = _with_query(collection_url, filters)
        granted = tuple(scope for scope in (SCOPE_LINEITEM, SCOPE_LINEITEM_READ) if scope in scopes)
        items = self._json("GET", url, scopes=granted, headers={"Accept": _LINEITEMS_TYPE})
        if not isinstance(items, list):
            raise ServiceError("bad-line-items", "The platform's list of columns is no list.")
        # Held against the filter once more: a platform that does not know it lists the columns of others too.
        return next((item["id"] for item in items if _fits(item, filters)), None)

    def create_line_item(
        self, collection_url: str, *, label: str, maximum: float, resource_id: str, link_id: str
    ) -> str:
        """Make a column bound to a resource link; return its URL. Look it up first: platforms allow doubles."""
        document = (
            LineItemDocument()
            .set_label(label)
            .set_score_maximum(maximum)
            .set_resource_id(resource_id)
            .set_resource_link_id(link_id)
        )
        made = self._json(
            "POST",
            collection_url,
            scopes=(SCOPE_LINEITEM,),
            data=document.get_value(),
            headers={"Content-Type": _LINEITEM_TYPE, "Accept": _LINEITEM_TYPE},
        )
        if not isinstance(made, Mapping) or not isinstance(made.get("id"), str):
            raise ServiceError("bad-line-item", "The platform made a column and did not say its address.")
        return str(made["id"])

    def _json(self, method: str, url: str, **options: Any) -> Any:
        try:
            return self._call(method, url, **options).json()
        except (ValueError, RecursionError):
            raise ServiceError("not-json", "The platform's answer about columns is not JSON.") from None

    def _call(
        self, method: str, url: str, *, scopes: tuple[str, ...], headers: Mapping[str, str], **options: Any
    ) -> Any:
        for last_try in (False, True):
            token = self._tokens.get(self._registration, scopes, self._now)
            try:
                authorized = {**headers, "Authorization": f"Bearer {token}"}
                return self._transport.call(method, url, headers=authorized, **options)
            except ServiceError as error:
                if error.status != 401 or last_try:
                    raise
                # The platform forgot the token before its time: fetch a new one, once.
                self._tokens.forget(self._registration)
        raise AssertionError("unreachable")


def _fits(item: object, filters: Mapping[str, str]) -> bool:
    if not isinstance(item, Mapping) or not isinstance(item.get("id"), str):
        return False
    return all(str(item.get(_FILTERED[name])) == value for name, value in filters.items())


def _beneath(url: str, name: str) -> str:
    # Moodle's line item URLs carry a query (?type_id=1), which must stay behind the path.
    parts = urlsplit(url)
    return urlunsplit(parts._replace(path=f"{parts.path.rstrip('/')}/{name}"))


def _with_query(url: str, filters: Mapping[str, str]) -> str:
    parts = urlsplit(url)
    return urlunsplit(parts._replace(query="&".join(q for q in (parts.query, urlencode(filters)) if q)))


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
