"""Canvas, from Instructure's developer documentation (page named) and its source (file named)."""

from __future__ import annotations

import hashlib
import json
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
    # Documentation, external-tools/lti/file.lti_dev_key_config, "Configuring Canvas in the Tool": `iss` is
    # https://canvas.instructure.com for every customer; its endpoints are at sso.canvaslms.com.
    issuer = "https://canvas.instructure.com"
    keeps_storage = True
    # lib/lti/platform_storage.rb: the frame to which tools send lti.put_data.
    storage_target = "post_message_forwarding"
    # Documentation, "Pagination": ten at a time unless the client asks for more.
    page_size = 10
    # Score API, "Create a Score", and scores_controller.rb, score_submission (`return unless assignment_line_item?`):
    # only the first line item of a resource link reaches the gradebook.
    only_first_column_counts = True
    # app/controllers/lti/ims/line_items_controller.rb, verify_valid_resource_link: `head :precondition_failed` where
    # the link has no active line item, which is to say no assignment.
    column_without_activity_status = 412
    # The same file, destroy: `head :unauthorized and return if line_item.coupled`.
    own_column_deletion_status = 401
    # app/controllers/lti/ims/providers/memberships_provider.rb, validate!: `return if !rlid? || (rlid == course_rlid)`.
    course_is_a_link = True
    # Documentation, "LTI roles": the test student of "Student View".
    student_view = True
    scores = ScoreRules(
        accepted_status=200,  # app/controllers/lti/ims/scores_controller.rb, create: renders resultUrl
        accepted_with_result_url=True,
        stale_status=400,  # the same, verify_valid_timestamp: 400 if result.updated_at > timestamp, to the fraction
        same_moment_is_stale=False,
        future_refused=False,
        not_enrolled_status=422,  # Score API, userId: "Returns a 422 if user not found in Canvas or is not a student"
        role_not_graded_status=422,
        missing_maximum_status=422,  # verify_valid_score_maximum: "ScoreMaximum not supplied when ScoreGiven present"
        # Score API, gradingProgress: "NotReady, Failed, and Pending will cause the scoreGiven to be ignored";
        # score_submission: then `submission.update(score: nil)`.
        counted_progress=("FullyGraded", "PendingManual"),
        comments_pile_up=True,  # score_submission: add_comment with every score
        # Score API: new_submission "defaults to true"; verify_attempts_for_online_upload: 422 when none is left.
        submission_extension=SUBMISSION,
    )
    registration = RegistrationRules(
        # Documentation, external-tools/lti/file.registration: the page opens in an iframe with both parameters; the
        # configuration is served to the bearer of the registration token only; deployments are made afterwards, where
        # an administrator installs the app. Placements: the same page, "lti-platform-configuration".
        configuration_needs_token=True,
        answer_status=200,
        answer_names_deployment=False,
        placements=("assignment_selection", "link_selection", "course_navigation"),
    )
    # Documentation, basics/file.throttling: a bucket per access token, charged in advance ("pre-flight penalty"),
    # "403 Forbidden (Rate Limit Exceeded)" (a later edition of the page says 429); X-Request-Cost on every answer. The
    # size of bucket and costs is ours.
    rate_limit = RateLimit(
        size=600,
        cost=50,
        kept=1,
        leaks_per_second=10,
        status=403,
        body="403 Forbidden (Rate Limit Exceeded)",
        remaining_header="X-Rate-Limit-Remaining",
        cost_header="X-Request-Cost",
    )

    def variables(self, person_id: str, course_label: str) -> dict[str, str]:
        """Documentation, "LTI variable substitutions": com.instructure.User.sectionNames, a list in JSON.

        names_and_roles_serializer.rb, variable_expander: also filled in where the roster tells of a launch. Who is in
        which section is ours.
        """
        section = f"{course_label}, {'mornings' if person_id < 'n' else 'afternoons'}"
        return {"com.instructure.User.sectionNames": json.dumps([section])}

    def deployment_id(self, deployment_id: str, course_id: str) -> str:
        """Each place where the tool is installed is a deployment: its number and a digest of the place."""
        return f"{deployment_id}:{hashlib.sha256(course_id.encode()).hexdigest()[:40]}"

    def more_claims(self) -> dict[str, Any]:
        """Documentation, "LTI launch": custom claims of Instructure's own, which tools pass over."""
        return {"https://www.instructure.com/placement": None}
