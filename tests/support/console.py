"""The console as its administrators see it: browsers that are signed in, and their forms."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from lti_tool.persistence.tables.administration import AdminGrant
from lti_tool.persistence.tables.tenancy import School as SchoolRow
from lti_tool.services.platforms.districts import add_district, named_district
from lti_tool.web.admin.rights import COOKIE
from tests.support.school import TOOL_URL, School

PROXY_SECRET = "a secret that only the proxy and Proximal know"
PROXY = {"admin_sign_in": "proxy", "admin_proxy_secret": PROXY_SECRET}
"""Settings of a tool whose administrators are signed in by a proxy."""


def by_proxy(user: str, *groups: str, secret: str = PROXY_SECRET) -> dict[str, str]:
    """The headers that the proxy sets."""
    return {"X-Proximal-User": user, "X-Proximal-Groups": ",".join(groups), "X-Proximal-Proxy-Secret": secret}


@dataclass
class Console:
    """One administrator's browser, behind a proxy that signs them in."""

    browser: FlaskClient
    headers: dict[str, str]

    def get(self, path: str = "/admin/") -> TestResponse:
        """A page."""
        return self.browser.get(path, base_url=TOOL_URL, headers=self.headers)

    def follow(self, path: str = "/admin/") -> TestResponse:
        """A page, by way of the sign-in."""
        return self.browser.get(path, base_url=TOOL_URL, headers=self.headers, follow_redirects=True)

    def post(self, path: str, **fields: Any) -> TestResponse:
        """A form with this session's token; redirects are followed."""
        fields.setdefault("form_token", self.token())
        return self.browser.post(path, data=fields, base_url=TOOL_URL, headers=self.headers, follow_redirects=True)

    def token(self) -> str:
        """The form token of this session's pages."""
        found = re.search(r'name="form_token" value="([^"]+)"', self.follow().text)
        return found[1] if found else ""

    @property
    def cookie(self) -> str | None:
        """The session's cookie."""
        held = self.browser.get_cookie(COOKIE, domain="127.0.0.1")
        return held.value if held else None


def console(school: School, user: str, *groups: str) -> Console:
    """A browser of somebody whom the proxy has signed in as a member of groups."""
    return Console(school.app.test_client(), by_proxy(user, *groups))


def give_role(
    school: School, group: str, role: str, *, district: str | None = None, school_id: int | None = None
) -> None:
    """Let a group have a role, in the only district or a named one (made if there is none)."""
    now = datetime.now(UTC)
    with school.runtime.database.write() as session:
        try:
            found = named_district(session, district)
        except LookupError:
            found = add_district(session, str(district))
        session.add(AdminGrant(district_id=found.id, role=role, school_id=school_id, group_name=group, created_at=now))


def add_school(school: School, name: str, *, district: str | None = None) -> int:
    """A school of a district; its id."""
    with school.runtime.database.write() as session:
        row = SchoolRow(district_id=named_district(session, district).id, name=name)
        session.add(row)
        session.flush()
        return row.id
