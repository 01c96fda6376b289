"""Canvas, from Instructure's developer documentation (page named) and its source (file named)."""

from __future__ import annotations

import hashlib
from typing import Any, ClassVar

from sandbox_lms.families.base import Family, RateLimit, RegistrationRules, ScoreRules

SUBMISSION = "https://canvas.instructure.com/lti/submission"


class Canvas(Family):
    """All customers share an issuer that is no host of theirs; throttling answers 403."""

    name = "canvas"
    product: ClassVar = {
        "guid": "practice-canvas",
        "name": "Practice Canvas",
        "product_family_code": "canvas",
        "version": "cloud",
    }
    # Documentation, "Configuring LTI advantage tools": iss is the same for every customer.
    issuer = "https://canvas.instructure.com"
    keeps_storage = True
    # lib/lti/platform_storage.rb: the frame to which tools send lti.put_data.
    storage_target = "post_message_forwarding"
    # Documentation, "Pagination": ten at a time unless the client asks for more.
    page_size = 10
    # Documentation, "Score": only the first line item of a resource link makes a submission.
    only_first_column_counts = True
    # Documentation, "LTI roles": the test student of "Student View".
    student_view = True
    scores = ScoreRules(
        accepted_status=200,  # app/controllers/lti/ims/scores_controller.rb, create: renders resultUrl
        accepted_with_result_url=True,
        stale_status=400,  # the same, verify_valid_timestamp: result.updated_at > timestamp
        same_moment_is_stale=False,
        future_refused=False,
        not_enrolled_status=422,  # documentation, "Score", userId: not found, or no student
        role_not_graded_status=422,
        counted_progress=("FullyGraded", "PendingManual"),  # documentation, "Score", gradingProgress
        comments_pile_up=True,  # score_submission: add_comment with every score
        submission_extension=SUBMISSION,  # documentation: new_submission "defaults to true"
    )
    registration = RegistrationRules(
        # Documentation, "Dynamic registration": the configuration is served to the bearer of the token only, and
        # deployments are made afterwards, where an administrator installs the tool.
        configuration_needs_token=True,
        answer_status=200,
        answer_names_deployment=False,
        placements=("assignment_selection", "link_selection", "course_navigation"),
    )
    # Documentation, "Throttling": a bucket per access token, charged in advance, answered with 403. The costs are ours.
    rate_limit = RateLimit(
        size=600,
        cost=50,
        kept=1,
        leaks_per_second=10,
        status=403,
        body="403 Forbidden (Rate Limit Exceeded)",
        remaining_header="X-Rate-Limit-Remaining",
    )

    def deployment_id(self, deployment_id: str, course_id: str) -> str:
        """Each place where the tool is installed is a deployment: its number and a digest of the place."""
        return f"{deployment_id}:{hashlib.sha256(course_id.encode()).hexdigest()[:40]}"

    def more_claims(self) -> dict[str, Any]:
        """Documentation, "LTI launch": custom claims of Instructure's own, which tools pass over."""
        return {"https://www.instructure.com/placement": None}
