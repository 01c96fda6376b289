"""Adding Proximal to an LMS: dynamic registration, and Canvas's configuration by URL."""

import threading

from flask import Blueprint, Response, jsonify, render_template, request
from flask.typing import ResponseReturnValue

from lti_tool.lti.errors import RegistrationRefused
from lti_tool.lti.messages.claims import HISTORY_PARAMETERS
from lti_tool.lti.platform_profile import platform_profile
from lti_tool.lti.services.scopes import WANTED_SCOPES
from lti_tool.services.launching.launches import COURSE_VIEW
from lti_tool.services.platforms.dynamic_registration import TOOL_DESCRIPTION, TOOL_NAME, register_platform
from lti_tool.web.context import now, runtime
from lti_tool.web.lti.addresses import tool_addresses

blueprint = Blueprint("register", __name__, url_prefix="/lti")
AT_A_TIME = threading.BoundedSemaphore(2)
"""Anybody may open the registration page, and it waits for whatever host they name: others need the threads, too."""
CANVAS_PLACEMENTS = ("assignment_selection", "link_selection")


@blueprint.get("/register")
def register() -> ResponseReturnValue:
    """Dynamic Registration 1.0: the LMS opens this in a frame or a tab, with where to register and a token."""
    configuration_url = request.args.get("openid_configuration", "")
    if not configuration_url:
        raise RegistrationRefused("not-from-an-lms", "Paste this address into your LMS, where it adds a tool.")
    if not AT_A_TIME.acquire(blocking=False):
        raise RegistrationRefused("busy", "Others are registering at this moment. Try again in a minute.")
    try:
        done = register_platform(
            runtime().database,
            runtime().transport,
            configuration_url=configuration_url,
            token=request.args.get("registration_token") or None,
            invitation=request.args.get("invitation") or None,
            tool=tool_addresses(),
            now=now(),
        )
    finally:
        AT_A_TIME.release()
    return render_template("lti/registered.html", done=done)


@blueprint.get("/config/canvas.json")
def canvas_configuration() -> Response:
    """What a Canvas administrator pastes as "Enter URL" of an LTI key."""
    tool = tool_addresses()
    placements: list[dict[str, object]] = [
        {"placement": name, "message_type": "LtiDeepLinkingRequest", "target_link_uri": tool.launch}
        for name in CANVAS_PLACEMENTS
    ]
    placements.append(
        {
            "placement": "course_navigation",
            "message_type": "LtiResourceLinkRequest",
            "target_link_uri": tool.launch,
            "custom_fields": {"view": COURSE_VIEW},
            "visibility": "admins",
        }
    )
    return jsonify(
        title=TOOL_NAME,
        description=TOOL_DESCRIPTION,
        oidc_initiation_url=tool.login,
        target_link_uri=tool.launch,
        public_jwk_url=tool.jwks,
        scopes=list(WANTED_SCOPES),
        custom_fields={**HISTORY_PARAMETERS, **platform_profile("canvas").registration.custom_parameters},
        extensions=[
            {
                "platform": "canvas.instructure.com",
                "domain": tool.base_url.partition("://")[2],
                "privacy_level": "name_only",
                "settings": {"text": TOOL_NAME, "icon_url": tool.logo, "placements": placements},
            }
        ],
    )
