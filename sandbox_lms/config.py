"""What the practice LMS is told at its start: its own address and the one tool that it has registered."""

from __future__ import annotations

from dataclasses import dataclass

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
    carries more.
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

    `base_url` is the issuer and the root of every address that the LMS hands out; it ends without a slash.
    `database` is a file that keeps everything between two starts, or ":memory:".
    `seed` adds the made-up school (people and courses) to an empty database.
    Raises ValueError for a `base_url` with a trailing slash or without a scheme.
    """

    base_url: str
    tool: ToolRegistration
    database: str = ":memory:"
    seed: bool = True

    def __post_init__(self) -> None:
        if not self.base_url.startswith(("http://", "https://")) or self.base_url.endswith("/"):
            raise ValueError(
                f"base_url must be like http://localhost:8000, without a slash at its end: {self.base_url!r}"
            )

    def url(self, path: str) -> str:
        """The absolute address of a path of this LMS."""
        return self.base_url + path

    @property
    def token_url(self) -> str:
        """Where a tool asks for an access token; also the audience of its client assertion."""
        return self.url("/lti/token")
