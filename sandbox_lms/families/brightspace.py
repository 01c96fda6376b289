"""Brightspace, from D2L's knowledge base at community.d2l.com/brightspace/kb/articles (number and title named)."""

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
    # 23662, "Tool registration, deployment, and links": "Brightspace OAuth 2 Audience" stands beside the
    # token URL, and is one string.
    assertion_audience = "https://api.brightspace.com/auth/token"
    # "LTI Advantage: platform storage", since 2022.
    keeps_storage = True
    # 23752, "Assignments and grades services extension with LTI 1.3": "create, delete, and get details of grade items
    # that the tool itself owns". That others get 403 is our reading: no page says it.
    foreign_line_item_status = 403
    # 23662, "Security settings" of a deployment: "Anonymous" leaves out who launches.
    anonymous_launches = True
    scores = ScoreRules(
        accepted_status=200,
        not_enrolled_status=403,  # our reading: no page says it
        role_not_graded_status=422,  # 23661, "LTI Advantage developer FAQ": "422 ... for a non-gradeable user role"
    )
    registration = RegistrationRules(
        token_given=False,  # openid_configuration alone is added to the address
        # documentation.brightspace.com, "Register an external learning tool for LTI Advantage": "Dynamic registration
        # redirects to the tool's endpoint in a new tab"; the registration "is disabled by default".
        in_tab=True,
        # 23662: "Domains can only be used in one enabled registration at a time."
        one_active_tool_per_domain=True,
    )
    # 23661: AGS and NRPS "are rate limited the exact same way as Brightspace APIs", per integration; Valence reference,
    # "API rate limits": 429. The size of bucket and costs is ours.
    rate_limit = RateLimit(size=600, cost=50, kept=1, leaks_per_second=10, status=429, body="Too Many Requests")
