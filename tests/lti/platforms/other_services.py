"""The other LMS's tokens, gradebook and class list: the library guards them, what it leaves open is written here."""

from datetime import UTC, datetime, timedelta
from typing import Any

import flask
import jwt
from lti1p3platform.exceptions import LineItemNotFoundException, LtiException
from lti1p3platform.membership import Context
from lti1p3platform.response import Response, generate_next_link
from lti1p3platform.score import ActivityProgress, GradeProgress, TScore, UpdateScoreStatus
from lti1p3platform.service_connector import AssignmentsGradesService, NamesRoleProvisioningService

from tests.lti.platforms.other_lms import COURSE, MEMBERSHIP, FlaskRequest, OtherLms

CLOCK_LEEWAY = timedelta(seconds=30)
CUSTOM = "https://purl.imsglobal.org/spec/lti/claim/custom"
FILTERS = {"resource_link_id": "resourceLinkId", "resource_id": "resourceId", "tag": "tag"}


def serve_services(lms: OtherLms) -> None:
    """Give the LMS's app its addresses for tools."""
    for method, path, service, handler in (
        ("GET", "/columns", _gradebook, "handle_get_lineitems"),
        ("POST", "/columns", _gradebook, "handle_create_lineitem"),
        ("GET", "/columns/<name>", _gradebook, "handle_get_lineitem"),
        ("PUT", "/columns/<name>", _gradebook, "handle_update_lineitem"),
        ("DELETE", "/columns/<name>", _gradebook, "handle_delete_lineitem"),
        ("POST", "/columns/<name>/scores", _gradebook, "handle_update_score"),
        ("GET", "/columns/<name>/results", _gradebook, "handle_get_results"),
        ("GET", "/members", _roster, "handle_get_members"),
    ):

        def view(service: Any = service, handler: str = handler, **name: str) -> flask.Response:
            lms.turn_to(next(iter(lms.tools)))  # all have the same keys
            return _answer(service(lms, *name.values()), handler, *name.values())

        lms.app.add_url_rule(path, f"{handler}", view, methods=[method])
    lms.app.add_url_rule("/token", "token", view_func=lambda: _token(lms), methods=["POST"])


def _token(lms: OtherLms) -> flask.typing.ResponseReturnValue:
    form = flask.request.form.to_dict()
    claims = jwt.decode(form["client_assertion"], options={"verify_signature": False})
    audience = lms.ways.token_audience or f"{lms.url}/token"
    if claims["iss"] not in lms.tools or claims["aud"] != audience:
        return {"error": "invalid_client"}, 401
    lms.turn_to(claims["iss"])
    try:
        return flask.jsonify(lms.get_access_token(form))
    except (LtiException, jwt.InvalidTokenError):
        return {"error": "invalid_client"}, 401


def _gradebook(lms: OtherLms, name: str | None = None) -> "Gradebook":
    column = f"{lms.url}/columns/{name}" if name else None
    return Gradebook(FlaskRequest(flask.request), lms, f"{lms.url}/columns", column)


def _roster(lms: OtherLms) -> "Roster":
    return Roster(FlaskRequest(flask.request), lms, f"{lms.url}/members")


class Gradebook(AssignmentsGradesService):
    """The data behind the library's AGS."""

    @property
    def lms(self) -> OtherLms:
        """Whose it is."""
        return self.platform_config

    def find_lineitems(self, page: int = 1, limit: int | None = None, **filters: Any) -> Any:
        """Columns that fit all filters."""
        found = [
            column
            for column in self.lms.columns.values()
            if all(str(column.get(key)) == str(filters[name]) for name, key in FILTERS.items() if name in filters)
        ]
        return _page(found, page, limit or self.lms.page_size)

    def find_lineitem(self, line_item_id: str) -> Any:
        """One column."""
        if line_item_id not in self.lms.columns:
            raise LineItemNotFoundException
        return self.lms.columns[line_item_id]

    def create_lineitem(self, creation_data: Any) -> Any:
        """A new one."""
        return self.lms.add_column(**creation_data)

    def update_lineitem(self, update_data: Any) -> Any:
        """Another name or maximum; the library says which by its number."""
        column = self.find_lineitem(update_data["id"])
        assert update_data["resourceLinkId"] == column["resourceLinkId"], "a column stays with its link (AGS, 3.2.8)"
        column.update({**update_data, "id": column["id"]})
        return column

    def delete_lineitem(self, line_item_id: str) -> None:
        """Away with it."""
        self.find_lineitem(line_item_id)
        del self.lms.columns[line_item_id]

    def update_score(self, line_item_id: str, score: Any) -> UpdateScoreStatus:
        """Store a score that is newer than the last (AGS, 3.4.9)."""
        column = self.find_lineitem(line_item_id)
        assert {name for name in score if "://" not in name} <= set(TScore.__annotations__)
        ActivityProgress(score["activityProgress"])
        GradeProgress(score["gradingProgress"])
        key = (column["id"], score["userId"])
        moment = self._moment(score["timestamp"])
        assert moment <= datetime.now(UTC) + CLOCK_LEEWAY, "a score from the future would block all others until then"
        if key in self.lms.scores and self._moment(self.lms.scores[key]["timestamp"]) >= moment:
            return UpdateScoreStatus.OLD_TIMESTAMP
        self.lms.scores[key] = score
        return UpdateScoreStatus.SUCCESS

    def _moment(self, text: str) -> datetime:
        moment = datetime.fromisoformat(text)
        return moment.replace(microsecond=0) if self.lms.ways.whole_seconds else moment

    def get_results(self, line_item_id: str, page: int = 1, limit: int | None = None, user_id: str = "") -> Any:
        """The last scores of a column, on its own scale (AGS, 3.3)."""
        column = self.find_lineitem(line_item_id)
        found = [
            {
                "id": f"{self.lms.url}/columns/{line_item_id}/results/{user}",
                "scoreOf": column["id"],
                "userId": user,
                "resultScore": score["scoreGiven"] * column["scoreMaximum"] / score["scoreMaximum"],
                "resultMaximum": column["scoreMaximum"],
                **({"comment": score["comment"]} if "comment" in score else {}),
            }
            for (address, user), score in self.lms.scores.items()
            if address == column["id"] and user_id in ("", user)
        ]
        return _page(found, page, limit or self.lms.page_size)


class Roster(NamesRoleProvisioningService):
    """The data behind the library's NRPS."""

    def get_member_data_page(self, page: int = 1, limit: int | None = None, rlid: str = "", **_: Any) -> Any:
        """Some of the members."""
        more = {"message": [{CUSTOM: {"sections": '["5B, mornings"]'}}]} if rlid == COURSE.id else {}
        members = [
            {
                "user_id": one.id,
                "roles": [f"{MEMBERSHIP}#{one.role}"],
                "status": one.status,
                **({"name": one.name} if one.name else {}),
                **more,
            }
            for one in self.platform_config.members
        ]
        return _page(members, page, limit)

    def get_context_by_id(self) -> Context:
        """The one course."""
        return COURSE

    def is_resource_link_valid(self, context_id: str, resource_link_id: str) -> bool:
        """Whether members may be asked for by this link."""
        lms: OtherLms = self.platform_config
        return resource_link_id in lms.links or (lms.ways.sections and resource_link_id == context_id)


def _page(found: list[Any], page: int, size: int | None) -> Any:
    if not size:
        return {"content": found, "has_next": False}
    return {"content": found[(page - 1) * size : page * size], "has_next": page * size < len(found)}


def _answer(service: Any, name: str, *arguments: str) -> flask.Response:
    """What the platform's Django adapter makes of a service's answer, for Flask."""
    lms: OtherLms = service.platform_config
    try:
        response: Response = service.handle_resp(lambda: getattr(service, name)(*arguments))
    except jwt.InvalidTokenError:  # a token that it signed with a key of before
        return flask.make_response({"error": "invalid_token"}, 401)
    if response.code >= 300:
        code = lms.ways.stale_status if response.message == UpdateScoreStatus.OLD_TIMESTAMP.value else response.code
        return flask.make_response({"error": response.message}, code)
    result = response.result or {}
    answer = flask.jsonify(result.get("content", result))
    answer.status_code, answer.mimetype = response.code, response.media_type
    if result.get("next"):
        answer.headers["Link"] = generate_next_link(result["next"])
    return answer
