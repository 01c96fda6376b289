"""What a family of LMSs does in its own way. The base is the letter of the standards; a subclass cites its sources."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

MEMBERSHIP = "http://purl.imsglobal.org/vocab/lis/v2/membership#"
INSTITUTION = "http://purl.imsglobal.org/vocab/lis/v2/institution/person#"
SYSTEM = "http://purl.imsglobal.org/vocab/lis/v2/system/person#"
TEACHING_ASSISTANT = "http://purl.imsglobal.org/vocab/lis/v2/membership/Instructor#TeachingAssistant"
TEST_USER = "http://purl.imsglobal.org/vocab/lti/system/person#TestUser"


@dataclass(frozen=True)
class ScoreRules:
    """How scores are taken (AGS 2.0, section 3.4), and what the gradebook makes of them."""

    accepted_status: int = 204
    accepted_with_result_url: bool = False
    stale_status: int = 409
    same_moment_is_stale: bool = True
    whole_seconds: bool = False
    """Whether two moments are compared without their fractions of a second."""
    only_grades_have_moments: bool = False
    """Whether only a score that sets a grade counts when a later one is held against it."""
    future_refused: bool = True
    not_enrolled_status: int = 422
    role_not_graded_status: int = 422
    counted_progress: tuple[str, ...] = ("FullyGraded",)
    """Values of gradingProgress that set a grade; any other empties the cell."""
    comments_pile_up: bool = False
    missing_maximum_status: int = 400
    """The answer to points without a maximum."""
    submission_extension: str | None = None
    """Where a score says whether it is a new attempt; without it there, it is one."""


@dataclass(frozen=True)
class RateLimit:
    """A leaky bucket per tool: each request costs `cost` while it runs and `kept` afterwards; full means refused."""

    size: float
    cost: float
    kept: float
    leaks_per_second: float
    status: int
    body: str
    remaining_header: str | None = None
    cost_header: str | None = None
    """Where each answer says what it cost, and what is left."""


@dataclass(frozen=True)
class RegistrationRules:
    """How a tool registers itself (Dynamic Registration 1.0)."""

    token_given: bool = True
    configuration_needs_token: bool = False
    answer_status: int = 201
    answer_names_deployment: bool = True
    one_active_tool_per_domain: bool = False
    in_tab: bool = False
    """Whether the tool's page always opens in a tab of its own."""
    placements: tuple[str, ...] = ()
    """What `placements` a message may name; empty: they are passed over."""


@dataclass(frozen=True)
class DeepLinkingRules:
    """What the deep-linking settings say beside the plain ones (Deep Linking 2.0, section 3.1)."""

    settings: Mapping[str, Any] = field(default_factory=dict)
    """Settings that differ; None leaves one out."""
    column_named_after_activity: bool = False


class Family:
    """The standards to the letter: the practice LMS as it is without `like`."""

    name: ClassVar[str] = "standard"
    product: ClassVar[Mapping[str, str]] = {
        "guid": "practice-lms",
        "name": "Practice LMS",
        "product_family_code": "proximal-sandbox",
        "version": "1",
    }
    issuer: ClassVar[str | None] = None
    """The issuer, where it is not the LMS's own address."""
    assertion_audience: ClassVar[str | None] = None
    """The one `aud` of a client assertion; None: the token address or the issuer."""
    keeps_storage: ClassVar[bool] = False
    storage_target: ClassVar[str] = "_parent"
    service_query: ClassVar[str] = "deployment"
    """Parameter in the address of each line item, so that tools take care where they put `/scores`."""
    context_type: ClassVar[str] = "http://purl.imsglobal.org/vocab/lis/v2/course#CourseSection"
    page_size: ClassVar[int | None] = None
    accept_refused_status: ClassVar[int] = 406
    content_type_refused_status: ClassVar[int] = 415
    foreign_line_item_status: ClassVar[int] = 404
    results_take_limit: ClassVar[bool] = True
    only_first_column_counts: ClassVar[bool] = False
    column_without_activity_status: ClassVar[int | None] = None
    """The answer to a new line item for a link that has none yet; None: it is made."""
    new_maximum_fills_empty_cells: ClassVar[bool] = False
    """Whether pupils who have a grade elsewhere in the course, but none in a column, get a 0 with its new maximum."""
    own_column_deletion_status: ClassVar[int | None] = None
    """The answer to the deletion of a link's own column; None: it goes."""
    course_is_a_link: ClassVar[bool] = False
    """Whether the roster's `rlid` may be the course's own id, and asks for all members then."""
    student_view: ClassVar[bool] = False
    anonymous_launches: ClassVar[bool] = False
    scores: ClassVar[ScoreRules] = ScoreRules()
    registration: ClassVar[RegistrationRules] = RegistrationRules()
    deep_linking: ClassVar[DeepLinkingRules] = DeepLinkingRules()
    rate_limit: ClassVar[RateLimit | None] = None

    def variables(self, person_id: str, course_label: str) -> dict[str, str]:
        """Values of this family's own variables in custom parameters, for one person in one course."""
        return {}

    def roles(self, role: str, sub_role: str | None) -> list[str]:
        """The roles of a launch (LTI Core 1.3, section 5.3.7); `role` is Instructor, Learner or Administrator."""
        named = {
            "Instructor": [MEMBERSHIP + "Instructor", INSTITUTION + "Instructor"],
            "Learner": [MEMBERSHIP + "Learner", INSTITUTION + "Student"],
            "Administrator": [MEMBERSHIP + "Administrator", INSTITUTION + "Administrator", SYSTEM + "Administrator"],
        }[role]
        return [*named, TEACHING_ASSISTANT] if sub_role else named

    def roster_roles(self, role: str, sub_role: str | None) -> list[str]:
        """The roles of a member in the roster (NRPS 2.0, section 2.3)."""
        return [MEMBERSHIP + role, TEACHING_ASSISTANT] if sub_role else [MEMBERSHIP + role]

    def deployment_id(self, deployment_id: str, course_id: str) -> str:
        """The deployment through which a course uses a tool whose own is `deployment_id`."""
        return deployment_id

    def privacy(self, claims: Sequence[str]) -> str:
        """What a tool that registered with these `claims` is told of people: "names", "ids" or "nobody"."""
        return "names"

    def more_claims(self) -> dict[str, Any]:
        """Claims of this family's own in every message."""
        return {}

    def link_header(self, address: str) -> str:
        """The Link header that leads to the next page (RFC 8288)."""
        return f'<{address}>; rel="next"'
