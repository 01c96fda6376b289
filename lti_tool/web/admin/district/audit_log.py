"""What was changed in the district, and by whom."""

from flask import Blueprint, g, render_template, request
from flask.typing import ResponseReturnValue

from lti_tool.services.admin.district.audit_log import audit_log
from lti_tool.web.admin.rights import with_right
from lti_tool.web.admin.said import page_number
from lti_tool.web.context import runtime

blueprint = Blueprint("admin_audit_log", __name__, url_prefix="/admin/audit")


@blueprint.get("")
@with_right("see district")
def show() -> ResponseReturnValue:
    """Who changed what, newest first."""
    page, action = page_number(), request.args.get("action", "")[:64].replace("\x00", "")
    parts = runtime()
    with parts.database.read() as session:
        lines, more = audit_log(session, g.reach, parts.vault, page=page, action=action)
    return render_template("admin/district/audit_log.html", lines=lines, more=more, page=page, action=action)
