"""Moodle 4.5, as seen by running it with a tool on another site ("run") or read in its source (file named)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from sandbox_lms.families.base import INSTITUTION, SYSTEM, DeepLinkingRules, Family, RegistrationRules, ScoreRules


class Moodle(Family):
    """Issuer and hosts are one; no platform storage (run: lti.capabilities gets no answer)."""

    name = "moodle"
    product: ClassVar = {
        "guid": "practice-moodle",
        "name": "Practice Moodle",
        "product_family_code": "moodle",
        "version": "2024100706",  # a number; the registration says "4.5.6 (Build: ...)" instead (run)
    }
    # mod/lti/service/gradebookservices: every address ends in ?type_id=<tool>.
    service_query = "type_id"
    # Run: type is ["CourseSection"], the short form.
    context_type = "CourseSection"
    # Run: `*/*`, application/json and other media types get 400 "No handler found".
    accept_refused_status = content_type_refused_status = 400
    # Run: another tool's line items with our token are 401.
    foreign_line_item_status = 401
    # local/resources/results.php calls out() on null as soon as there is a limit: an HTML page with 404.
    results_take_limit = False
    # lib/grade/grade_item.php, rescale_grades_keep_percentage, called by local/resources/lineitem.php. Run: two pupils
    # who had not begun had 0.00 after the maximum changed from 10 to 20, and it counted.
    new_maximum_fills_empty_cells = True
    scores = ScoreRules(
        accepted_status=200,  # run: with an empty body
        whole_seconds=True,  # run: 409 "Refusing score with an earlier timestamp", compared to the second
        only_grades_have_moments=True,  # gradebookservices::save_score stores a timestamp with a grade only
        future_refused=False,  # run: accepted, and blocks everything until then
        not_enrolled_status=400,  # run: "Incorrect score received" for whoever has no role that is graded
        role_not_graded_status=400,
    )
    registration = RegistrationRules(answer_status=200)  # run: 200, not 201
    deep_linking = DeepLinkingRules(
        # Run: these stand in the request and nothing else does; a lineItem is taken all the same.
        settings={
            "accept_presentation_document_targets": ["frame", "iframe", "window"],
            "auto_create": False,
            "accept_lineitem": None,
            "data": None,
            "title": None,
        },
        column_named_after_activity=True,  # run: the grade item has the activity's name, not lineItem.label
    )

    def roles(self, role: str, sub_role: str | None) -> list[str]:
        """Run: short names, and no difference between teachers who edit and who do not."""
        if role == "Administrator":
            return ["Instructor", INSTITUTION + "Administrator", SYSTEM + "Administrator"]
        return [role]

    def roster_roles(self, role: str, sub_role: str | None) -> list[str]:
        """Run: short names; whoever may not manage activities is a Learner here, and an Instructor in launches."""
        return ["Learner" if sub_role else role]

    def privacy(self, claims: Sequence[str]) -> str:
        """mod/lti/classes/local/ltiopenid/registration_helper.php: names only if a name claim was asked for."""
        return "names" if {"name", "given_name", "family_name"} & set(claims) else "ids"

    def more_claims(self) -> dict[str, Any]:
        """Run."""
        return {"https://purl.imsglobal.org/spec/lti/claim/ext": {"lms": "moodle-2"}}

    def link_header(self, address: str) -> str:
        """Run: typographic quotes and `&amp;`, in which common parsers find no rel=next."""
        return f"<{address.replace('&', '&amp;')}>; rel=“next”".encode().decode("latin-1")
