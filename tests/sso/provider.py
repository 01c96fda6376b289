"""Starts the identity provider, and signs people in at it as a browser would."""

import json
import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from urllib.parse import urljoin

import requests

from lti_tool.cli.running.processes import free_port
from tests.support.requirements import skip_or_fail

FOLDER = Path(__file__).parent / "identity_provider"
CLIENT_ID, CLIENT_SECRET = "proximal", "a secret of the identity provider and Proximal"
INSTALL = ["npm", "install", "--no-package-lock", "--no-audit", "--no-fund", "--ignore-scripts", "--silent"]


@dataclass(frozen=True)
class Provider:
    """A running identity provider."""

    issuer: str

    def sign_in(self, browser: requests.Session, address: str, who: str) -> str:
        """Go to the provider as a browser does, sign in there, agree; return where it leads back to."""
        answer = browser.get(address, allow_redirects=False, timeout=20)
        for _ in range(12):
            if answer.is_redirect:
                onward = urljoin(answer.url, answer.headers["Location"])
                if not onward.startswith(self.issuer):
                    return onward
                answer = browser.get(onward, allow_redirects=False, timeout=20)
                continue
            form = re.search(r'<form[^>]*action="([^"]+)"', answer.text)
            assert form, answer.text
            fields = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', answer.text))
            if "login" in answer.text and fields.get("prompt") == "login":
                fields |= {"login": who, "password": "any"}
            answer = browser.post(
                urljoin(answer.url, unescape(form[1])), data=fields, allow_redirects=False, timeout=20
            )
        raise AssertionError("The provider led back nowhere.")


@contextmanager
def running_provider(*, callbacks: list[str], signed_out: list[str] = []) -> Iterator[Provider]:  # noqa: B006
    """oidc-provider in Node on a free port, which knows Proximal (or a proxy before it) as its client."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        skip_or_fail("there is no Node.js on this machine (install nodejs and npm)")
    if not (FOLDER / "node_modules" / "oidc-provider").is_dir():
        subprocess.run(INSTALL, cwd=FOLDER, check=True, timeout=300)
    port = free_port()
    client = {
        "client_id": CLIENT_ID,
        "client_secret": CLIENT_SECRET,
        "redirect_uris": callbacks,
        "post_logout_redirect_uris": signed_out,
    }
    process = subprocess.Popen(
        ["node", "provider.mjs", str(port), json.dumps(client)],
        cwd=FOLDER,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    try:
        yield _ready(Provider(f"http://127.0.0.1:{port}"), process)
    finally:
        process.kill()
        process.communicate()


def _ready(provider: Provider, process: "subprocess.Popen[bytes]") -> Provider:
    for _ in range(300):
        try:
            requests.get(f"{provider.issuer}/.well-known/openid-configuration", timeout=5).raise_for_status()
            return provider
        except requests.RequestException:
            assert process.poll() is None, process.communicate()[1].decode()
            time.sleep(0.1)
    raise AssertionError("The identity provider did not start.")
