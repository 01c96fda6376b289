"""Brightspace, from D2L's documentation of LTI Advantage (article named)."""

from __future__ import annotations

from typing import ClassVar

from sandbox_lms.families.base import Family, RateLimit, RegistrationRules, ScoreRules


class Brightspace(Family):
    """One token audience for all; a tool sees its own grade items only; people may stay anonymous."""

    name = "brightspace"
    product: ClassVar = {
        "guid": "practice-brightspace",
        "name": "Practice Brightspace",
        "product_family_code": "desire2learn",
        "version": "20.25",
    }
    # "LTI Advantage registration": the audience of token requests, whatever the host.
    assertion_audience = "https://api.brightspace.com/auth/token"
    # "LTI Advantage: platform storage", since 2022.
    keeps_storage = True
    # "Assignments and grades services": get, create and delete "grade items that the tool itself owns".
    foreign_line_item_status = 403
    # "LTI Advantage deployments", security settings: whom the tool is told about.
    anonymous_launches = True
    scores = ScoreRules(
        accepted_status=200,
        not_enrolled_status=403,
        role_not_graded_status=422,  # "LTI Advantage developer FAQ": a role that can't be graded
    )
    registration = RegistrationRules(
        token_given=False,  # "Dynamic registration": openid_configuration alone is added to the address
        one_active_tool_per_domain=True,  # "LTI Advantage registration": a domain is in one enabled registration
    )
    # "LTI Advantage developer FAQ": limited per integration, as the APIs are ("API rate limits": 429).
    rate_limit = RateLimit(size=600, cost=50, kept=1, leaks_per_second=10, status=429, body="Too Many Requests")
