"""The answer to a deep-linking request (Deep Linking 2.0, 4.5): a signed message with the activities to add."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from pylti1p3.deep_link_resource import DeepLinkResource
from pylti1p3.lineitem import LineItem as LineItemDocument

from lti_tool.lti.messages.claims import DEEP_LINKING, LTI
from lti_tool.lti.tool_keys import BACKDATED, SigningKey
from lti_tool.persistence.base import random_id

RESPONSE_LIFETIME = timedelta(minutes=10)


@dataclass(frozen=True)
class Dates:
    """When a link can be opened and its work handed in (Deep Linking 2.0, 3.2: `available`, `submission`)."""

    opens: datetime | None = None
    closes: datetime | None = None
    due: datetime | None = None


@dataclass(frozen=True)
class ActivityLink:
    """One link for the platform to make, with its gradebook column where it is graded."""

    title: str
    url: str
    custom: Mapping[str, str]
    points: float | None
    """None: no column, because the platform does not accept one or the teacher wants none."""
    resource_id: str
    dates: Dates


def deep_linking_response(
    links: Sequence[ActivityLink],
    *,
    issuer: str,
    client_id: str,
    deployment_id: str,
    data: str | None,
    key: SigningKey,
    now: datetime,
) -> str:
    """The signed response. An empty `links` is how a cancel is told. `data` is echoed exactly where it was sent."""
    message = {
        "iss": client_id,
        "aud": [issuer],
        "iat": int((now - BACKDATED).timestamp()),
        "exp": int((now + RESPONSE_LIFETIME).timestamp()),
        "nonce": random_id(),
        LTI + "deployment_id": deployment_id,
        LTI + "message_type": "LtiDeepLinkingResponse",
        LTI + "version": "1.3.0",
        DEEP_LINKING + "content_items": [_content_item(link) for link in links],
    }
    if data is not None:
        message[DEEP_LINKING + "data"] = data
    return key.sign(message)


def _content_item(link: ActivityLink) -> dict[str, object]:
    resource = DeepLinkResource().set_title(link.title).set_url(link.url).set_custom_params(link.custom)
    if link.points is not None:
        column = LineItemDocument().set_label(link.title).set_score_maximum(link.points)
        resource.set_lineitem(column.set_resource_id(link.resource_id).set_tag("grade"))
    return {**resource.to_dict(), **_windows(link.dates)}


def _windows(dates: Dates) -> dict[str, object]:
    available = {"startDateTime": dates.opens, "endDateTime": dates.closes}
    found = {"available": available, "submission": {"endDateTime": dates.due}}
    windows = {
        name: {key: moment.astimezone(UTC).isoformat(timespec="seconds") for key, moment in ends.items() if moment}
        for name, ends in found.items()
    }
    return {name: window for name, window in windows.items() if window}
