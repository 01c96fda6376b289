"""`proximal doctor`: what is wrong with this installation, in plain words, and how to mend it."""

import shutil
import socket
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import requests
from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from item_banks.words.audio import missing, speaks_by_device
from lti_tool.config import Settings
from lti_tool.lti.tool_keys import signing_key
from lti_tool.persistence import migrate
from lti_tool.persistence.secrets import MasterKeyError
from lti_tool.persistence.tables.administration import BackgroundJob
from lti_tool.persistence.tables.tenancy import Registration
from lti_tool.runtime import Runtime
from lti_tool.services.delivery.outbox_status import Queue, is_left_lying, outbox_status, queues
from lti_tool.services.platforms.platform_check import check_platform

TIMEOUT_SECONDS: Final = 10
LEAST_FREE_BYTES: Final = 1_000_000_000
CERTIFICATE_RUNS_OUT: Final = timedelta(days=21)
PARKED: Final = "parked grades"
GRADES_FOR: Final = "grades for"
WORKER_LATE: Final = timedelta(minutes=5)
QUEUE_LATE: Final = timedelta(hours=1)
CLOCKS_DIFFER: Final = timedelta(seconds=10)


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at. `advice`: what to do, where it is not good."""

    what: str
    good: bool
    found: str
    advice: str = ""


def before_start(settings: Settings) -> Iterator[Finding]:
    """What can be looked at before the tool starts: without these it does not."""
    yield _address(settings)
    yield from disk(settings.data_dir)


def examine(
    runtime: Runtime, http: requests.Session, now: datetime, *, registrations: Select[int] | None = None
) -> Iterator[Finding]:
    """Everything about an installation whose database answers. What goes wrong is a finding, never an exception.

    `http` asks for our own address as a browser would; `registrations` selects the ids of the LMSs to ask (None: all).
    """
    yield from inside(runtime, now)
    yield _reached(runtime.settings, http)
    if runtime.settings.base_url.startswith("https://"):
        yield _certificate(runtime.settings, now)
    if _keys(runtime, now).good:  # LMSs know us by our signature
        yield from _platforms(runtime, now, registrations)


def inside(runtime: Runtime, now: datetime) -> Iterator[Finding]:
    """What can be seen without calling anybody."""
    yield _migrations(runtime)
    yield _keys(runtime, now)
    yield _clocks(runtime)
    yield from _grades(runtime, now)
    yield from _sounds(runtime)


def _address(settings: Settings) -> Finding:
    host = urlsplit(settings.base_url).hostname or ""
    if not settings.base_url.startswith("https://") and not settings.allow_http_on_loopback:
        return Finding(
            "address",
            False,
            f"{settings.base_url} is not https; LMSs refuse it, and browsers keep no session in a frame.",
            "Set PROXIMAL_BASE_URL to the https address under which pupils reach this tool.",
        )
    try:
        socket.getaddrinfo(host, None)
    except OSError:
        return Finding(
            "address",
            False,
            f"The name {host} is not known here.",
            "Add it to DNS, or correct PROXIMAL_BASE_URL.",
        )
    return Finding("address", True, f"{settings.base_url}; register {settings.base_url}/lti/launch as redirect URI")


def disk(data_dir: Path) -> Iterator[Finding]:
    """How much room there is."""
    place = data_dir.resolve()
    while not place.exists():
        place = place.parent
    free = shutil.disk_usage(place).free
    yield Finding(
        "disk",
        free >= LEAST_FREE_BYTES,
        f"{free / 1e9:.1f} GB free at {place}",
        "Make room: when the disk is full no answer can be stored, and pupils are told to come back later.",
    )


def _migrations(runtime: Runtime) -> Finding:
    kind = "SQLite" if runtime.database.is_sqlite else "PostgreSQL"
    good = migrate.is_current(runtime.database)
    found = f"{kind}, {'all tables of this release' if good else 'tables of another release'}"
    return Finding("database", good, found, "Run: proximal db upgrade")


def _keys(runtime: Runtime, now: datetime) -> Finding:
    try:
        with runtime.database.read() as session:
            key = signing_key(session, runtime.vault, now)
    except MasterKeyError as error:
        return Finding(
            "keys", False, str(error), "Restore data_dir/master.key, or PROXIMAL_MASTER_KEY, from the backup."
        )
    return Finding("keys", True, f"signs with {key.kid}, and the master key opens it")


def _reached(settings: Settings, http: requests.Session) -> Finding:
    """Whether the address leads to this tool, as a browser's request would take it."""
    what, url = "web server", f"{settings.base_url}/healthz"
    try:
        answer = http.get(url, timeout=TIMEOUT_SECONDS, verify=settings.ca_file or True)
        is_ours = answer.status_code == 200 and answer.json().get("status") == "ok"
    except requests.exceptions.SSLError as error:
        return Finding(what, False, f"{url}: TLS fails ({error}).", "Mend the certificate or its chain at the proxy.")
    except (requests.RequestException, ValueError) as error:
        return Finding(
            what,
            False,
            f"{url} gives no answer of ours ({type(error).__name__}).",
            "Start it (proximal serve), and see that the proxy in front leads there.",
        )
    advice = "Something else answers at this address: correct PROXIMAL_BASE_URL or the proxy."
    return Finding(what, is_ours, f"{url} answered {answer.status_code}", advice)


def _certificate(settings: Settings, now: datetime) -> Finding:
    parts = urlsplit(settings.base_url)
    context = ssl.create_default_context(cafile=settings.ca_file or None)
    try:
        with (
            socket.create_connection((parts.hostname or "", parts.port or 443), TIMEOUT_SECONDS) as plain,
            context.wrap_socket(plain, server_hostname=parts.hostname) as secure,
        ):
            until = str((secure.getpeercert() or {}).get("notAfter", ""))
    except OSError as error:
        return Finding("certificate", False, f"TLS fails: {error}.", "Mend the certificate or its chain at the proxy.")
    ends = datetime.fromtimestamp(ssl.cert_time_to_seconds(until), UTC)
    return Finding(
        "certificate",
        ends - now > CERTIFICATE_RUNS_OUT,
        f"good until {ends:%Y-%m-%d}",
        "Renew it now: when it has run out no pupil can open anything.",
    )


def _grades(runtime: Runtime, now: datetime) -> Iterator[Finding]:
    with runtime.database.read() as session:
        status = outbox_status(session, now)
        left_lying = is_left_lying(session, now, WORKER_LATE)
        late = list(_long_queues(session, now))
        worked = session.get(BackgroundJob, "grades")
        stopped = session.scalars(select(BackgroundJob).where(BackgroundJob.failures > 0)).all()
    if worked is not None and now - worked.ended_at > WORKER_LATE:
        yield Finding(
            "worker alive",
            False,
            f"None has looked for grades for {_span(now - worked.ended_at)}.",
            "Start `proximal worker` again, or set PROXIMAL_EMBEDDED_WORKER=true.",
        )
    for job in stopped:
        yield Finding(
            f"job {job.name}",
            False,
            f"Stopped {job.failures} times in a row by {job.problem}.",
            "The log says where (worker.round_failed). Grades and answers are safe; tell whoever makes Proximal.",
        )
    yield Finding(
        "worker",
        not left_lying,
        f"{status.counts['waiting']} scores wait, the oldest for {_span(status.oldest_waiting)}",
        "Nobody takes them: set PROXIMAL_EMBEDDED_WORKER=true, or start `proximal worker`.",
    )
    for name, queue in late:
        yield Finding(
            f"{GRADES_FOR} {name}",
            False,
            f"{queue.scores} scores wait, the oldest for {_span(now - queue.since)} ({queue.problem or 'not tried'})",
            "They are kept, and sent when it answers again. See below what it says now.",
        )
    yield Finding(
        PARKED,
        not status.counts["parked"],
        f"{status.counts['parked']} scores were refused for good",
        "The class pages say why, each with a button to send it again.",
    )


def _long_queues(session: Session, now: datetime) -> Iterator[tuple[str, Queue]]:
    names = {registration.id: _name(registration) for registration in session.scalars(select(Registration))}
    return ((names[each.registration_id], each) for each in queues(session) if now - each.since > QUEUE_LATE)


def _span(time: timedelta) -> str:
    minutes = time.total_seconds() / 60
    if minutes < 120:
        return f"{minutes:.0f} min"
    return f"{minutes / 60:.0f} h" if minutes < 48 * 60 else f"{time.days} days"


def _clocks(runtime: Runtime) -> Finding:
    ahead = runtime.database.clock_difference()
    return Finding(
        "clock",
        abs(ahead) < CLOCKS_DIFFER,
        f"the database server's is {ahead.total_seconds():+.0f} s from this machine's",
        "Let both machines set their clocks by NTP: launches are judged by this one's, grades are sent by that one's.",
    )


def _sounds(runtime: Runtime) -> Iterator[Finding]:
    for bank in runtime.catalog.banks.values():
        if bank.words and not speaks_by_device(bank):
            silent = missing(bank)
            found = f"{len(bank.words) - len(silent)} of {len(bank.words)} words of {bank.id} have their sound"
            yield Finding("sound", not silent, found, "Install the release whole again, or run: proximal banks audio")


def _platforms(runtime: Runtime, now: datetime, wanted: Select[int] | None) -> Iterator[Finding]:
    query = select(Registration).order_by(Registration.id)
    with runtime.database.read() as session:
        registrations = session.scalars(query if wanted is None else query.where(Registration.id.in_(wanted))).all()
    if not registrations:
        yield Finding("LMS", False, "none is registered", "Run: proximal platforms invite   (or: platforms add)")
    for registration in registrations:
        name = _name(registration)
        if registration.state != "active":
            command = "approve" if registration.state == "waiting" else "enable"
            yield Finding(name, False, f"is {registration.state}", f"To let it in: proximal platforms {command} ...")
            continue
        key_set = f"{runtime.settings.base_url}/lti/jwks"
        for check in check_platform(
            runtime.database, runtime.vault, runtime.transport, registration, now, key_set=key_set
        ):
            yield Finding(f"{name}: {check.what}", check.good, check.found, _ADVICE.get(check.what, _ALLOW))


def _name(registration: Registration) -> str:
    return f"{registration.issuer} ({registration.client_id})"


_ALLOW: Final = "Allow it for this tool in the LMS's tool settings."
_ADVICE: Final = {
    "public keys": "See that this machine may call the LMS's key address, and that it is the one the LMS shows.",
    "clock": "Let both machines set their clocks by NTP.",
    "access token": "Compare client id, token address, audience and our public key address with what the LMS shows.",
}
