"""An installation as docs/deploy.md describes it: PostgreSQL, web processes, a worker, TLS in front."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import requests
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from lti_tool.cli.running.processes import Processes, free_port
from tests.sso.provider import CLIENT_ID, CLIENT_SECRET
from tests.support.requirements import skip_or_fail

DEPLOY = Path(__file__).resolve().parents[2] / "deploy"
PROXY_SECRET = "0123456789abcdef0123456789abcdef"
HOST = "proximal.school.example"
PROXIMAL = [sys.executable, "-m", "lti_tool.cli"]


@dataclass(frozen=True)
class Installation:
    """What runs, and where."""

    folder: Path
    url: str
    """Where browsers reach the tool: through the proxy."""
    behind: str
    """Where the tool itself listens."""
    lms_url: str
    certificate: Path
    environment: Mapping[str, str]
    processes: Processes

    def proximal(self, *arguments: str) -> str:
        """One command, as IT types it; what it printed."""
        done = subprocess.run(
            [*PROXIMAL, *arguments], env={**os.environ, **self.environment}, capture_output=True, text=True, timeout=120
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def browser(self) -> requests.Session:
        """A browser that knows the installation's certificate."""
        browser = requests.Session()
        browser.verify = str(self.certificate)
        browser.trust_env = False
        return browser

    def wait_for(self, url: str) -> None:
        """Until the proxy leads to the tool."""
        for _ in range(300):
            try:
                if requests.get(url, verify=str(self.certificate), timeout=5).status_code == 200:
                    return
            except requests.RequestException:
                time.sleep(0.1)
        raise AssertionError(f"{url} does not answer.")


@contextmanager
def installed(
    folder: Path, database_url: str, *, front: str, provider: str = "", redirect: str = ""
) -> Iterator[Installation]:
    """Install and start everything; `front` is "apache" or "nginx", `provider` the issuer for Apache's sign-in."""
    inside, outside, lms = free_port(), port_of(redirect) or free_port(), free_port()
    certificate, key = self_signed(folder)
    url, lms_url = f"https://localhost:{outside}", f"http://localhost:{lms}"
    environment = {
        "PROXIMAL_BASE_URL": url,
        "PROXIMAL_DATABASE_URL": database_url,
        "PROXIMAL_DATA_DIR": str(folder / "data"),
        "PROXIMAL_BIND": f"127.0.0.1:{inside}",
        "PROXIMAL_TRUSTED_PROXIES": "1",
        "PROXIMAL_EMBEDDED_WORKER": "false",
        "PROXIMAL_ALLOW_HTTP_ON_LOOPBACK": "true",  # the practice LMS
    }
    if front == "apache":
        environment |= {"PROXIMAL_ADMIN_SIGN_IN": "proxy", "PROXIMAL_ADMIN_PROXY_SECRET": PROXY_SECRET}
    with Processes(folder / "logs") as processes:
        found = Installation(folder, url, f"http://127.0.0.1:{inside}", lms_url, certificate, environment, processes)
        found.proximal("db", "upgrade")
        found.proximal(
            *("platforms", "add", "--issuer", lms_url, "--client-id", "proximal-demo", "--deployment", "1"),
            *("--auth-url", f"{lms_url}/lti/auth", "--token-url", f"{lms_url}/lti/token"),
            *("--jwks-url", f"{lms_url}/.well-known/jwks.json"),
        )
        processes.start("proximal", [*PROXIMAL, "serve"], environment)
        processes.start("worker", [*PROXIMAL, "worker"], environment)
        command = [sys.executable, "-m", "sandbox_lms", "--port", str(lms), "--tool-url", url]
        command += ["--database", str(folder / "lms.db")]
        processes.start("practice-lms", command, {"REQUESTS_CA_BUNDLE": str(certificate)})
        if front == "apache":
            processes.start("apache", apache(folder, inside, outside, certificate, key, provider), {})
        else:
            processes.start("nginx", nginx(folder, inside, outside, certificate, key), {})
        processes.wait_until_healthy("proximal", f"{found.behind}/readyz")
        processes.wait_until_healthy("practice-lms", f"{lms_url}/healthz")
        found.wait_for(f"{url}/readyz")
        yield found


def port_of(url: str) -> int:
    """The port in an address; 0 where there is none."""
    return int(url.split("://")[1].split("/")[0].rpartition(":")[2]) if url else 0


def nginx(folder: Path, inside: int, outside: int, certificate: Path, key: Path) -> list[str]:
    """deploy/nginx.conf with this machine's ports and files, run in the foreground."""
    program = program_of("nginx")
    site = filled(DEPLOY / "nginx.conf", folder, inside, outside, certificate, key)
    site = site[: site.rindex("server {")]  # the one that sends port 80 to TLS
    main = f"daemon off; pid {folder}/nginx.pid; error_log {folder}/nginx.log; events {{}} http {{ {site} }}"
    (folder / "nginx.conf").write_text(main)
    return [program, "-p", str(folder), "-c", str(folder / "nginx.conf")]


def apache(folder: Path, inside: int, outside: int, certificate: Path, key: Path, provider: str) -> list[str]:
    """deploy/sso/apache-openidc.conf with this machine's ports and files, run in the foreground."""
    program, modules = program_of("apache2"), Path("/usr/lib/apache2/modules")
    if not (modules / "mod_auth_openidc.so").exists():
        skip_or_fail("mod_auth_openidc is not installed (libapache2-mod-auth-openidc)")
    site = filled(DEPLOY / "sso" / "apache-openidc.conf", folder, inside, outside, certificate, key)
    site = site.replace("https://login.school.example/realms/district", provider)
    site = site.replace("OIDCClientID     proximal-proxy", f"OIDCClientID {CLIENT_ID}")
    site = site.replace("OIDCClientSecret change-me\n", f"OIDCClientSecret {CLIENT_SECRET!r}\n")
    site = site.replace("the-value-of-PROXIMAL_ADMIN_PROXY_SECRET", PROXY_SECRET)
    names = (
        "mpm_event",
        "authn_core",
        "authz_core",
        "authz_user",
        "headers",
        "proxy",
        "proxy_http",
        "ssl",
        "auth_openidc",
    )
    loaded = "\n".join(f"LoadModule {name}_module {modules}/mod_{name}.so" for name in names)
    main = (
        f"{loaded}\nServerName localhost\nListen {outside}\nPidFile {folder}/apache.pid\nErrorLog {folder}/apache.log\n"
    )
    main += f"DefaultRuntimeDir {folder}\nUser www-data\nGroup www-data\n{site}"
    (folder / "apache.conf").write_text(main)
    return [program, "-d", str(folder), "-f", str(folder / "apache.conf"), "-DFOREGROUND"]


def filled(file: Path, folder: Path, inside: int, outside: int, certificate: Path, key: Path) -> str:
    """An example with this machine's values in the places that IT fills in."""
    text = file.read_text()
    for before, after in (
        ("/etc/ssl/proximal/fullchain.pem", str(certificate)),
        ("/etc/ssl/proximal/privkey.pem", str(key)),
        ("/var/log/nginx/proximal.log", str(folder / "access.log")),
        ("/var/log/apache2/proximal.log", str(folder / "access.log")),
        ("listen 443 ssl", f"listen 127.0.0.1:{outside} ssl"),
        ("*:443", f"*:{outside}"),
        (f"https://{HOST}", f"https://localhost:{outside}"),
        ("$host;", "$http_host;"),
        (HOST, "localhost"),
        ("127.0.0.1:9001", f"127.0.0.1:{inside}"),
    ):
        text = text.replace(before, after)
    return text


def program_of(name: str) -> str:
    """Where a server program is."""
    found = shutil.which(name) or shutil.which(name, path="/usr/sbin")
    if found is None:
        skip_or_fail(f"{name} is not installed")
    return str(found)


def self_signed(folder: Path) -> tuple[Path, Path]:
    """A certificate for localhost that stands for itself, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    names = [x509.DNSName("localhost"), x509.IPAddress(ip_address("127.0.0.1"))]
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=60))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    chain, private = folder / "fullchain.pem", folder / "privkey.pem"
    chain.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    private.chmod(0o600)
    return chain, private
