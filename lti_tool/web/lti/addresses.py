"""Where this tool is reached, as LMSs are told."""

from flask import url_for

from lti_tool.lti.messages.dynamic_registration import ToolAddresses
from lti_tool.web.context import runtime


def launch_address() -> str:
    """The one redirect_uri of this tool."""
    return runtime().settings.base_url + url_for("lti.launch")


def tool_addresses() -> ToolAddresses:
    """All addresses that a registration needs."""
    base = runtime().settings.base_url
    return ToolAddresses(
        base_url=base,
        launch=launch_address(),
        login=base + url_for("lti.login"),
        jwks=base + url_for("lti.jwks"),
        logo=base + url_for("static", filename="icon.svg"),
    )
