"""The files in deploy/ are read by the programs that they are for."""

import shutil
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

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


def test_nginx_accepts_its_configuration(tmp_path: Path) -> None:
    nginx = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
    if nginx is None:
        skip_or_fail("nginx is not installed")
    chain, private = self_signed(tmp_path)
    site = (DEPLOY / "nginx.conf").read_text()
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
