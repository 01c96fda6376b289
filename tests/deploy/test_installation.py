"""Everything started natively as the documentation says: a launch through TLS, and the console through SSO."""

import re
import socket
from pathlib import Path

import pytest
import requests

from lti_tool.cli.running.processes import free_port
from lti_tool.cli.running.round_trip import round_trip
from tests.deploy.installation import PROXY_SECRET, Installation, installed
from tests.sso.provider import running_provider
from tests.support.databases import Servers

DOCS = Path(__file__).resolve().parents[2] / "docs"


KNOWN = "X-Proximal-User: imani\r\nX-Proximal-Groups: it\r\nX-Proximal-Proxy-Secret: {secret}\r\n"
SIGN_IN = "GET /admin/sign-in HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
FORM = "POST /admin/schools HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
ODD_REQUESTS = (
    f"{SIGN_IN}X-Proximal-User: mallory\r\n{KNOWN}\r\n",
    f"{SIGN_IN}X-Proximal-Proxy-Secret: guess\r\n{KNOWN}\r\n",
    f"{SIGN_IN}{KNOWN.replace('User:', 'User :')}\r\n",
    f"{SIGN_IN}{KNOWN.replace('imani', 'im' + chr(0) + 'ani')}\r\n",
    f"{SIGN_IN}{KNOWN.replace('imani', 'imani' + chr(13) + chr(10) + ' of another line')}\r\n",
    f"{SIGN_IN}{KNOWN.replace('-', '_')}\r\n",
    f"{FORM}Content-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nG",
    f"{FORM}Content-Length: 6\r\nContent-Length: 7\r\n\r\nabcdef",
    f"{FORM}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
)
"""What no browser sends: doubled, split and hidden headers, and forms of two lengths."""


def first_line(address: str, request: str) -> str:
    """How the tool itself answers bytes of our own making."""
    host, port = address.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=20) as connection:
        connection.sendall(request.encode("latin-1"))
        return connection.makefile(encoding="latin-1").readline()


def open_paths() -> list[str]:
    """The paths that docs/sso.md says must stay reachable without SSO."""
    table = (DOCS / "sso.md").read_text().split("## What must stay reachable")[1].split("##")[0]
    cells = [line.split("|")[1] for line in table.splitlines() if line.startswith("| `/")]
    return [path.replace("…", "x") for cell in cells for path in re.findall(r"`(/[^`]+)`", cell)]


def trust(monkeypatch: pytest.MonkeyPatch, site: Installation) -> None:
    """Let this process's HTTP clients know the installation's certificate."""
    monkeypatch.setenv("SSL_CERT_FILE", str(site.certificate))


def test_a_launch_through_apache_with_tls_and_the_console_behind_the_identity_provider(
    database_servers: Servers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    redirect = f"https://localhost:{free_port()}/admin/oidc"
    with (
        database_servers.fresh("postgresql") as database_url,
        running_provider(callbacks=[redirect]) as provider,
        installed(tmp_path, database_url, front="apache", provider=provider.issuer, redirect=redirect) as site,
    ):
        trust(monkeypatch, site)
        grade = round_trip(site.lms_url)
        assert grade.answers == 12

        visitor = site.browser()
        assert len(open_paths()) >= 9
        for path in open_paths():
            answer = visitor.get(site.url + path, allow_redirects=False, timeout=20)
            assert provider.issuer not in answer.headers.get("Location", ""), path
            assert answer.status_code != 401 or "Proximal" in answer.text, path  # ours, not the proxy's
        shut = visitor.get(f"{site.url}/admin/", allow_redirects=False, timeout=20)
        assert shut.headers["Location"].startswith(provider.issuer)

        forged = {"X-Proximal-User": "imani", "X-Proximal-Groups": "it", "X-Proximal-Proxy-Secret": "guess"}
        spoofs = (forged, {name.replace("-", "_"): value for name, value in forged.items()})
        for headers in (*spoofs, {**forged, "X-Proximal-Proxy-Secret": PROXY_SECRET}):
            answer = visitor.get(f"{site.url}/admin/sign-in", headers=headers, allow_redirects=False, timeout=20)
            assert answer.headers.get("Location", "").startswith(provider.issuer)
        for headers in spoofs:
            assert requests.get(f"{site.behind}/admin/sign-in", headers=headers, timeout=20).status_code == 403
        for odd in ODD_REQUESTS:
            status = first_line(site.behind, odd.format(secret=PROXY_SECRET))
            assert re.search(r" (400|403|501) ", status), f"{odd}: {status}"

        site.proximal("admin", "grant", "--group", "it", "--role", "district")
        imani = site.browser()
        back = provider.sign_in(imani, f"{site.url}/admin/", "imani")
        page = imani.get(back, timeout=20)
        assert page.status_code == 200, page.text
        assert "runs the district" in page.text
        assert site.lms_url in imani.get(f"{site.url}/admin/lms/", timeout=20).text
        jo = site.browser()
        page = jo.get(provider.sign_in(jo, f"{site.url}/admin/", "jo"), headers={"X-Proximal-Groups": "it"}, timeout=20)
        assert page.status_code == 403
        assert "You have no role here" in page.text

        log = (tmp_path / "access.log").read_text()
        assert "/lti/launch" in log
        assert "login_hint" not in log
        assert "id_token" not in log


@pytest.mark.long
def test_a_launch_through_nginx_with_tls(
    database_servers: Servers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with (
        database_servers.fresh("postgresql") as database_url,
        installed(tmp_path, database_url, front="nginx") as site,
    ):
        trust(monkeypatch, site)
        assert round_trip(site.lms_url).answers == 12
        address = site.proximal("admin", "break-glass").strip()
        imani = site.browser()
        secret = address.partition("invitation=")[2]
        page = imani.post(f"{site.url}/admin/emergency", data={"invitation": secret}, timeout=20)
        assert "You came in by the emergency address" in page.text
        assert page.headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"
        assert secret not in (tmp_path / "access.log").read_text()
