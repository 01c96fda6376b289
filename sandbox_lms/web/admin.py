"""The administrator's pages: which tools there are, and adding one."""

from __future__ import annotations

import dataclasses
from urllib.parse import urlsplit

from flask import Blueprint, redirect, render_template, request
from werkzeug.wrappers import Response

from sandbox_lms import texts
from sandbox_lms.errors import Refused
from sandbox_lms.lms import Lms, current_lms
from sandbox_lms.records import tools
from sandbox_lms.records.tools import Tool
from sandbox_lms.web.registration import begin_registration
from sandbox_lms.web.visitors import required_visitor

admin = Blueprint("admin", __name__, url_prefix="/tools")


@admin.get("")
def show() -> str:
    """All tools, and the form for one more."""
    lms = _lms_of_admin()
    return render_template("tools.html", registered=tools.tools(lms.database), config=lms.config)


@admin.post("/register")
def register() -> str:
    """Open a tool's registration page in a frame or a tab; where its domain is known, first ask what is meant."""
    lms = _lms_of_admin()
    address, choice = request.form.get("address", "").strip(), request.form.get("choice")
    same = [tool for tool in tools.tools(lms.database) if tool.domain == urlsplit(address).netloc.lower()]
    if same and choice is None:
        return render_template("update_or_new.html", form=request.form, same=same)
    update = tools.tool(lms.database, int(choice)) if choice and choice.isdecimal() and len(choice) < 10 else None
    opened = begin_registration(lms, address, update)
    parts = urlsplit(opened)
    return render_template(
        "register.html",
        opened=opened,
        origin=f"{parts.scheme}://{parts.netloc}".lower(),
        in_tab=lms.family.registration.in_tab or request.form.get("where") == "tab",
    )


@admin.post("/<row:tool_id>/activate")
def activate(tool_id: int) -> Response:
    """Let a tool be used."""
    lms = _lms_of_admin()
    tool = tools.tool(lms.database, tool_id)
    if lms.family.registration.one_active_tool_per_domain:
        _refuse_second(lms, tool)
    tools.switch(lms.database, tool.id, True)
    return redirect("/tools", 303)


@admin.post("/<row:tool_id>/deactivate")
def deactivate(tool_id: int) -> Response:
    """Switch a tool off; its activities and grades stay."""
    lms = _lms_of_admin()
    tools.switch(lms.database, tools.tool(lms.database, tool_id).id, False)
    return redirect("/tools", 303)


@admin.post("/<row:tool_id>/privacy")
def privacy(tool_id: int) -> Response:
    """Choose what a tool is told of people."""
    lms = _lms_of_admin()
    chosen = request.form.get("privacy", "")
    if chosen not in privacy_choices(lms):
        raise Refused(400, texts.PRIVACY_UNKNOWN)
    tool = tools.tool(lms.database, tool_id)
    with lms.database.transaction() as connection:
        tools.change(connection, tool.id, dataclasses.replace(tool, privacy=chosen))
    return redirect("/tools", 303)


@admin.app_template_global()
def privacy_choices(lms: Lms) -> list[str]:
    """What an administrator can choose from; only some LMSs can hide who launches."""
    return ["names", "ids", "nobody"] if lms.family.anonymous_launches else ["names", "ids"]


def _lms_of_admin() -> Lms:
    if required_visitor().person.kind != "admin":
        raise Refused(403, texts.ADMINS_ONLY)
    return current_lms()


def _refuse_second(lms: Lms, tool: Tool) -> None:
    if any(other.domain == tool.domain and other.id != tool.id for other in lms.tools):
        raise Refused(409, texts.DOMAIN_TAKEN.format(domain=tool.domain))
