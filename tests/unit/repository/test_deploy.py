"""The files in deploy/ are read by the programs that they are for."""

import re
import shutil
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from sqlalchemy import make_url

from lti_tool.persistence.secrets import Vault
from tests.support.requirements import skip_or_fail

DEPLOY = Path(__file__).resolve().parents[3] / "deploy"


def self_signed(folder: Path) -> tuple[Path, Path]:
    """A certificate and its key, good for a day."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "proximal.school.example")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now)
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    chain, private = folder / "fullchain.pem", folder / "privkey.pem"
    chain.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return chain, private


@pytest.mark.parametrize("name", ["nginx.conf", "sso/nginx-oauth2-proxy.conf"])
def test_nginx_accepts_its_configuration(tmp_path: Path, name: str) -> None:
    nginx = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
    if nginx is None:
        skip_or_fail("nginx is not installed")
    chain, private = self_signed(tmp_path)
    site = (DEPLOY / name).read_text()
    site = site.replace("/etc/ssl/proximal/fullchain.pem", str(chain)).replace(
        "/etc/ssl/proximal/privkey.pem", str(private)
    )
    site = site.replace("/var/log/nginx/proximal.log", str(tmp_path / "access.log"))
    main = f"pid {tmp_path}/pid; error_log {tmp_path}/error.log; events {{}} http {{ {site} }}"
    (tmp_path / "nginx.conf").write_text(main)
    checked = subprocess.run([str(nginx), "-t", "-c", str(tmp_path / "nginx.conf")], capture_output=True, text=True)
    assert checked.returncode == 0, checked.stderr


def test_nginx_puts_nothing_in_the_way_of_the_frame() -> None:
    lines = [line.strip() for line in (DEPLOY / "nginx.conf").read_text().splitlines()]
    headers = [line for line in lines if line.startswith("add_header")]
    assert not any("X-Frame-Options" in line or "Content-Security-Policy" in line for line in headers)


@pytest.mark.parametrize("module", ["openidc", "mellon"])
def test_apache_accepts_its_configuration(tmp_path: Path, module: str) -> None:
    apache, modules = shutil.which("apache2", path="/usr/sbin"), Path("/usr/lib/apache2/modules")
    if apache is None or not (modules / f"mod_auth_{module}.so").exists():
        skip_or_fail(f"apache2 with mod_auth_{module} is not installed")
    chain, private = self_signed(tmp_path)
    names = ["mpm_event", "authn_core", "authz_core", "authz_user", "headers", "proxy", "proxy_http", "ssl"]
    loaded = "\n".join(f"LoadModule {name}_module {modules}/mod_{name}.so" for name in [*names, f"auth_{module}"])
    site = (DEPLOY / "sso" / f"apache-{module}.conf").read_text()
    for file in re.findall(r"/etc/apache2/mellon/\S+", site):
        (tmp_path / Path(file).name).write_bytes(chain.read_bytes())
    for before, after in (
        ("/etc/ssl/proximal/fullchain.pem", str(chain)),
        ("/etc/ssl/proximal/privkey.pem", str(private)),
        ("/etc/apache2/mellon", str(tmp_path)),
        ("/var/log/apache2", str(tmp_path)),
    ):
        site = site.replace(before, after)
    (tmp_path / "apache.conf").write_text(
        f"{loaded}\nErrorLog {tmp_path}/error.log\nListen 127.0.0.1:9443\nServerName localhost\n{site}"
    )
    command = [apache, "-t", "-d", str(tmp_path), "-f", str(tmp_path / "apache.conf")]
    checked = subprocess.run(command, capture_output=True, text=True)
    assert checked.returncode == 0, checked.stderr
    for header in ("User", "Groups", "Proxy-Secret"):
        assert f"RequestHeader unset X-Proximal-{header} early" in site


def documents(name: str) -> list[dict[str, Any]]:
    """The YAML documents of a file in deploy/."""
    return [each for each in yaml.safe_load_all((DEPLOY / name).read_text()) if each]


def test_the_image_is_built_as_its_linter_advises() -> None:
    hadolint = Path(sys.executable).with_name("hadolint")
    if not hadolint.exists():
        skip_or_fail("hadolint has no program for this machine")
    checked = subprocess.run([str(hadolint), str(DEPLOY / "Dockerfile")], capture_output=True, text=True)
    assert checked.stdout == ""
    assert checked.returncode == 0


def test_nothing_in_the_image_runs_as_root_or_unwatched() -> None:
    text = (DEPLOY / "Dockerfile").read_text()
    assert "\nUSER 10001:10001\n" in text
    assert "HEALTHCHECK" in text
    assert "--require-hashes" in text


def test_every_yaml_file_is_well_formed() -> None:
    rules = "{extends: default, rules: {line-length: {max: 160}, document-start: disable, comments: disable}}"
    command = [sys.executable, "-m", "yamllint", "--strict", "-d", rules, str(DEPLOY)]
    checked = subprocess.run(command, capture_output=True, text=True)
    assert checked.returncode == 0, checked.stdout


@pytest.mark.parametrize("release", ["1.30", "1.34"])
@pytest.mark.parametrize("name", ["kubernetes/proximal.yaml", "kubernetes/migrate.yaml"])
def test_kubernetes_knows_every_field(name: str, release: str) -> None:
    from kubernetes_validate import validate  # takes three seconds, which everybody would wait who collects tests

    for document in documents(name):
        validate(document, release, strict=True)


def test_no_pod_runs_as_root_or_writes_its_file_system() -> None:
    pods = [
        each["spec"]["template"]["spec"]
        for name in ("kubernetes/proximal.yaml", "kubernetes/migrate.yaml")
        for each in documents(name)
        if each["kind"] in ("Deployment", "Job")
    ]
    assert len(pods) == 3
    for pod in pods:
        assert pod["securityContext"]["runAsNonRoot"] is True
        assert pod["automountServiceAccountToken"] is False
        for container in pod["containers"]:
            assert container["securityContext"]["readOnlyRootFilesystem"] is True
            assert container["securityContext"]["capabilities"] == {"drop": ["ALL"]}


def test_the_containers_of_the_compose_file_are_locked_and_wait_for_one_another() -> None:
    [compose] = documents("compose.yaml")
    services = compose["services"]
    assert set(services) == {"database", "migrate", "web", "worker", "proxy"}
    for name in ("migrate", "web", "worker"):
        assert services[name]["read_only"] is True
        assert services[name]["cap_drop"] == ["ALL"]
        assert set(services[name]["secrets"]) <= set(compose["secrets"])
    assert services["web"]["depends_on"]["migrate"]["condition"] == "service_completed_successfully"
    assert services["proxy"]["depends_on"]["web"]["condition"] == "service_healthy"
    for mount in services["proxy"]["volumes"]:
        host = mount.split(":")[0]
        assert host == "./tls" or (DEPLOY / host).exists()


def test_the_secrets_of_the_compose_file_are_made_as_the_page_says(tmp_path: Path) -> None:
    page = (DEPLOY.parent / "docs" / "deploy.md").read_text(encoding="utf-8").split("## Containers")[1]
    lines = page.split("```sh\n")[1].split("```")[0].splitlines()
    typed = [line for line in lines if line.startswith(("install ", "openssl ", "echo "))]
    assert len(typed) == 4
    subprocess.run(["sh", "-e"], input="\n".join(typed), cwd=tmp_path, check=True, text=True)
    made = {file.name: file.read_text().strip() for file in (tmp_path / "deploy" / "secrets").iterdir()}
    assert set(made) == {"database_password", "database_url", "master_key"}
    assert make_url(made["database_url"]).password == made["database_password"]
    assert Vault(made["master_key"]).decrypt(Vault(made["master_key"]).encrypt("Ada")) == "Ada"
    assert (tmp_path / "deploy" / "secrets").stat().st_mode & 0o077 == 0


def test_systemd_accepts_the_services(tmp_path: Path) -> None:
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        skip_or_fail("systemd-analyze is not installed")
    for unit in (DEPLOY / "systemd").glob("*.service"):
        text = unit.read_text().replace("/srv/proximal/venv/bin/proximal", "/bin/true")
        (tmp_path / unit.name).write_text(text)
    units = sorted(map(str, tmp_path.glob("*.service")))
    assert len(units) == 2
    checked = subprocess.run([analyze, "verify", "--man=no", *units], capture_output=True, text=True)
    assert (checked.returncode, checked.stderr) == (0, "")


def test_the_alerts_ask_for_figures_that_there_are() -> None:
    [alerts] = documents("alerts.yaml")
    asked = set(
        re.findall(r"proximal_\w+", str([rule["expr"] for group in alerts["groups"] for rule in group["rules"]]))
    )
    source = "".join(file.read_text() for file in (DEPLOY.parent / "lti_tool" / "web").rglob("*.py"))
    assert asked
    assert [name for name in asked if name.removesuffix("_total") not in source] == []
