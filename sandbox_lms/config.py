"""What the practice LMS is told at its start: its own address, whom it is like, and a tool that it has registered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from sandbox_lms.families import FAMILIES, Family

SCOPE_LINE_ITEM = "https://purl.imsglobal.org/spec/lti-ags/scope/lineitem"
SCOPE_LINE_ITEM_READ = "https://purl.imsglobal.org/spec/lti-ags/scope/lineitem.readonly"
SCOPE_RESULT_READ = "https://purl.imsglobal.org/spec/lti-ags/scope/result.readonly"
SCOPE_SCORE = "https://purl.imsglobal.org/spec/lti-ags/scope/score"
SCOPE_MEMBERSHIP_READ = "https://purl.imsglobal.org/spec/lti-nrps/scope/contextmembership.readonly"

AGS_SCOPES = (SCOPE_LINE_ITEM, SCOPE_LINE_ITEM_READ, SCOPE_RESULT_READ, SCOPE_SCORE)
ALL_SCOPES = (*AGS_SCOPES, SCOPE_MEMBERSHIP_READ)


@dataclass(frozen=True)
class ToolRegistration:
    """One tool as the platform knows it (LTI Core 1.3, section 3.1.2: registration and deployment).

    `redirect_uris` are compared as exact strings. `scopes` are what an admin granted; a token never
    carries more. `custom` goes along with every launch. `privacy` is what the tool is told of people: their names,
    only their ids, or "nobody" (then launches are anonymous).
    """

    client_id: str
    deployment_id: str
    name: str
    login_url: str
    launch_url: str
    deep_link_url: str
    redirect_uris: tuple[str, ...]
    jwks_url: str
    scopes: tuple[str, ...] = ALL_SCOPES
    custom: Mapping[str, str] = field(default_factory=dict)
    privacy: str = "names"

    @property
    def domain(self) -> str:
        """The host that the tool is known by, with its port if it has one."""
        return urlsplit(self.launch_url).netloc.lower()

    @property
    def origin(self) -> str:
        """The origin of the tool's pages, as browsers write it."""
        parts = urlsplit(self.launch_url)
        return f"{parts.scheme}://{parts.netloc}".lower()

    @classmethod
    def by_convention(
        cls, tool_url: str, *, client_id: str = "proximal-demo", deployment_id: str = "1", name: str = "Proximal"
    ) -> ToolRegistration:
        """A registration for a tool that keeps its endpoints under `<tool_url>/lti/`."""
        lti = tool_url.rstrip("/") + "/lti"
        return cls(
            client_id=client_id,
            deployment_id=deployment_id,
            name=name,
            login_url=f"{lti}/login",
            launch_url=f"{lti}/launch",
            deep_link_url=f"{lti}/launch",
            redirect_uris=(f"{lti}/launch",),
            jwks_url=f"{lti}/jwks",
        )


@dataclass(frozen=True)
class LmsConfig:
    """The platform's own settings.

    `base_url` is the root of every address that the LMS hands out, and its issuer unless it is like an LMS with
    another one; it ends without a slash.
    `tool` is registered and active from the start; further ones register themselves.
    `database` is a file that keeps everything between two starts, or ":memory:".
    `seed` adds the made-up school (people and courses) to an empty database.
    `like` names a family of LMSs (sandbox_lms/families) whose ways this one takes on.
    `storage` switches Platform Storage on or off; None leaves it to the family.
    Raises ValueError for a `base_url` with a trailing slash or without a scheme, and for an unknown family.
    """

    base_url: str
    tool: ToolRegistration | None
    database: str = ":memory:"
    seed: bool = True
    like: str = "standard"
    storage: bool | None = None

    def __post_init__(self) -> None:
        if not self.base_url.startswith(("http://", "https://")) or self.base_url.endswith("/"):
            raise ValueError(
                f"base_url must be like http://localhost:8000, without a slash at its end: {self.base_url!r}"
            )
        if self.like not in FAMILIES:
            raise ValueError(f"like must be one of {', '.join(FAMILIES)}, not {self.like!r}")

    @property
    def family(self) -> Family:
        """The ways of the family that this LMS is like."""
        return FAMILIES[self.like]

    @property
    def issuer(self) -> str:
        """What tools know this platform by."""
        return self.family.issuer or self.base_url

    @property
    def keeps_storage(self) -> bool:
        """Whether the LMS's pages keep data for a tool (Platform Storage 1.0)."""
        return self.family.keeps_storage if self.storage is None else self.storage

    def url(self, path: str) -> str:
        """The absolute address of a path of this LMS."""
        return self.base_url + path

    @property
    def token_url(self) -> str:
        """Where a tool asks for an access token."""
        return self.url("/lti/token")

    @property
    def token_audiences(self) -> tuple[str, ...]:
        """What `aud` of a client assertion may be."""
        return (self.family.assertion_audience,) if self.family.assertion_audience else (self.token_url, self.issuer)
