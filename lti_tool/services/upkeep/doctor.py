"""`proximal doctor`: what is wrong with this installation, in plain words, and how to mend it."""

import shutil
import socket
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from gettext import NullTranslations
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
from lti_tool.services.wording import ENGLISH

TIMEOUT_SECONDS: Final = 10
LEAST_FREE_BYTES: Final = 1_000_000_000
CERTIFICATE_RUNS_OUT: Final = timedelta(days=21)
WORKER_LATE: Final = timedelta(minutes=5)
QUEUE_LATE: Final = timedelta(hours=1)
CLOCKS_DIFFER: Final = timedelta(seconds=10)


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at, in the reader's language.

    `advice`: what to do, where it is not good. `detail`: what a program or an LMS said of it, in its own words.
    `of_scores`: it tells of scores that wait or were refused, of all districts together.
    """

    what: str
    good: bool
    found: str
    advice: str = ""
    detail: str = ""
    of_scores: bool = False


def before_start(settings: Settings, words: NullTranslations = ENGLISH) -> Iterator[Finding]:
    """What can be looked at before the tool starts: without these it does not."""
    yield _address(settings, words)
    yield from disk(settings.data_dir, words)


def examine(
    runtime: Runtime,
    http: requests.Session,
    now: datetime,
    words: NullTranslations = ENGLISH,
    *,
    registrations: Select[int] | None = None,
) -> Iterator[Finding]:
    """Everything about an installation whose database answers. What goes wrong is a finding, never an exception.

    `http` asks for our own address as a browser would; `registrations` selects the ids of the LMSs to ask (None: all).
    """
    yield from inside(runtime, now, words)
    yield _reached(runtime.settings, http, words)
    if runtime.settings.base_url.startswith("https://"):
        yield _certificate(runtime.settings, now, words)
    if _keys(runtime, now, words).good:  # LMSs know us by our signature
        yield from _platforms(runtime, now, words, registrations)


def inside(runtime: Runtime, now: datetime, words: NullTranslations = ENGLISH) -> Iterator[Finding]:
    """What can be seen without calling anybody."""
    yield _migrations(runtime, words)
    yield _keys(runtime, now, words)
    yield _clocks(runtime, words)
    yield from _grades(runtime, now, words)
    yield from _sounds(runtime, words)


def _address(settings: Settings, words: NullTranslations) -> Finding:
    what, named = words.gettext("address"), {"address": settings.base_url}
    host = urlsplit(settings.base_url).hostname or ""
    if not settings.base_url.startswith("https://") and not settings.allow_http_on_loopback:
        return Finding(
            what,
            False,
            words.gettext("%(address)s is not https; LMSs refuse it, and browsers keep no session in a frame.") % named,
            words.gettext("Set PROXIMAL_BASE_URL to the https address under which pupils reach this tool."),
        )
    try:
        socket.getaddrinfo(host, None)
    except OSError:
        return Finding(
            what,
            False,
            words.gettext("The name %(host)s is not known here.") % {"host": host},
            words.gettext("Add it to DNS, or correct PROXIMAL_BASE_URL."),
        )
    found = words.gettext("%(address)s; register %(address)s/lti/launch as redirect URI") % named
    return Finding(what, True, found)


def disk(data_dir: Path, words: NullTranslations = ENGLISH) -> Iterator[Finding]:
    """How much room there is."""
    place = data_dir.resolve()
    while not place.exists():
        place = place.parent
    free = shutil.disk_usage(place).free
    yield Finding(
        words.gettext("disk"),
        free >= LEAST_FREE_BYTES,
        words.gettext("%(size)s GB free at %(place)s") % {"size": f"{free / 1e9:.0f}", "place": place},
        words.gettext(
            "Make room: when the disk is full no answer can be stored, and pupils are told to come back later."
        ),
    )


def _migrations(runtime: Runtime, words: NullTranslations) -> Finding:
    named = {"database": "SQLite" if runtime.database.is_sqlite else "PostgreSQL"}
    what, advice = words.gettext("database"), words.gettext("Run: proximal db upgrade")
    if migrate.is_current(runtime.database):
        return Finding(what, True, words.gettext("%(database)s, all tables of this release") % named)
    return Finding(what, False, words.gettext("%(database)s, tables of another release") % named, advice)


def _keys(runtime: Runtime, now: datetime, words: NullTranslations) -> Finding:
    what = words.gettext("keys")
    try:
        with runtime.database.read() as session:
            key = signing_key(session, runtime.vault, now)
    except MasterKeyError as error:
        found = words.gettext("The signing key can't be opened.")
        advice = words.gettext("Restore data_dir/master.key, or PROXIMAL_MASTER_KEY, from the backup.")
        return Finding(what, False, found, advice, str(error))
    return Finding(what, True, words.gettext("signs with %(key)s, and the master key opens it") % {"key": key.kid})


def _reached(settings: Settings, http: requests.Session, words: NullTranslations) -> Finding:
    """Whether the address leads to this tool, as a browser's request would take it."""
    what, url = words.gettext("web server"), f"{settings.base_url}/healthz"
    try:
        answer = http.get(url, timeout=TIMEOUT_SECONDS, verify=settings.ca_file or True)
        is_ours = answer.status_code == 200 and answer.json().get("status") == "ok"
    except requests.exceptions.SSLError as error:
        found = words.gettext("%(address)s: TLS fails.") % {"address": url}
        return Finding(what, False, found, _mend_certificate(words), str(error))
    except (requests.RequestException, ValueError) as error:
        return Finding(
            what,
            False,
            words.gettext("%(address)s gives no answer of ours.") % {"address": url},
            words.gettext("Start it (proximal serve), and see that the proxy in front leads there."),
            type(error).__name__,
        )
    found = words.gettext("%(address)s answered %(status)d") % {"address": url, "status": answer.status_code}
    advice = words.gettext("Something else answers at this address: correct PROXIMAL_BASE_URL or the proxy.")
    return Finding(what, is_ours, found, advice)


def _mend_certificate(words: NullTranslations) -> str:
    return words.gettext("Mend the certificate or its chain at the proxy.")


def _certificate(settings: Settings, now: datetime, words: NullTranslations) -> Finding:
    what, parts = words.gettext("certificate"), urlsplit(settings.base_url)
    context = ssl.create_default_context(cafile=settings.ca_file or None)
    try:
        with (
            socket.create_connection((parts.hostname or "", parts.port or 443), TIMEOUT_SECONDS) as plain,
            context.wrap_socket(plain, server_hostname=parts.hostname) as secure,
        ):
            until = str((secure.getpeercert() or {}).get("notAfter", ""))
    except OSError as error:
        return Finding(what, False, words.gettext("TLS fails."), _mend_certificate(words), str(error))
    ends = datetime.fromtimestamp(ssl.cert_time_to_seconds(until), UTC)
    return Finding(
        what,
        ends - now > CERTIFICATE_RUNS_OUT,
        words.gettext("good until %(date)s") % {"date": f"{ends:%Y-%m-%d}"},
        words.gettext("Renew it now: when it has run out no pupil can open anything."),
    )


def _grades(runtime: Runtime, now: datetime, words: NullTranslations) -> Iterator[Finding]:
    with runtime.database.read() as session:
        status = outbox_status(session, now)
        left_lying = is_left_lying(session, now, WORKER_LATE)
        late = list(_long_queues(session, now))
        worked = session.get(BackgroundJob, "grades")
        stopped = session.scalars(select(BackgroundJob).where(BackgroundJob.failures > 0)).all()
    if worked is not None and now - worked.ended_at > WORKER_LATE:
        yield Finding(
            words.gettext("worker alive"),
            False,
            words.gettext("None has looked for grades for %(time)s.") % {"time": _span(now - worked.ended_at, words)},
            words.gettext("Start `proximal worker` again, or set PROXIMAL_EMBEDDED_WORKER=true."),
        )
    yield from (_stopped(job, words) for job in stopped)
    yield Finding(
        words.gettext("worker"),
        not left_lying,
        _waiting(status.counts["waiting"], status.oldest_waiting, words),
        words.gettext("Nobody takes them: set PROXIMAL_EMBEDDED_WORKER=true, or start `proximal worker`."),
    )
    for name, queue in late:
        yield Finding(
            words.gettext("grades for %(lms)s") % {"lms": name},
            False,
            _waiting(queue.scores, now - queue.since, words),
            words.gettext("They are kept, and sent when it answers again. See below what it says now."),
            queue.problem or words.gettext("not tried"),
            of_scores=True,
        )
    parked = status.counts["parked"]
    found = words.ngettext("%(num)d score was refused for good", "%(num)d scores were refused for good", parked)
    yield Finding(
        words.gettext("parked grades"),
        not parked,
        found % {"num": parked},
        words.gettext("The class pages say why, each with a button to send it again."),
        of_scores=True,
    )


def _stopped(job: BackgroundJob, words: NullTranslations) -> Finding:
    found = words.ngettext("Stopped once by an error:", "Stopped %(num)d times in a row by an error:", job.failures)
    return Finding(
        words.gettext("job %(name)s") % {"name": job.name},
        False,
        found % {"num": job.failures},
        words.gettext(
            "The log says where (worker.round_failed). Grades and answers are safe; tell whoever makes Proximal."
        ),
        job.problem or "",
    )


def _waiting(scores: int, time: timedelta, words: NullTranslations) -> str:
    found = words.ngettext(
        "%(num)d score waits, the oldest for %(time)s", "%(num)d scores wait, the oldest for %(time)s", scores
    )
    return found % {"num": scores, "time": _span(time, words)}


def _long_queues(session: Session, now: datetime) -> Iterator[tuple[str, Queue]]:
    names = {registration.id: _name(registration) for registration in session.scalars(select(Registration))}
    return ((names[each.registration_id], each) for each in queues(session) if now - each.since > QUEUE_LATE)


def _span(time: timedelta, words: NullTranslations) -> str:
    minutes = round(time.total_seconds() / 60)
    if minutes < 120:
        return words.gettext("%(num)d min") % {"num": minutes}
    if minutes < 48 * 60:
        return words.gettext("%(num)d h") % {"num": round(minutes / 60)}
    return words.gettext("%(num)d days") % {"num": time.days}


def _clocks(runtime: Runtime, words: NullTranslations) -> Finding:
    ahead = runtime.database.clock_difference()
    found = words.gettext("the database server's is %(seconds)s s from this machine's")
    return Finding(
        words.gettext("clock"),
        abs(ahead) < CLOCKS_DIFFER,
        found % {"seconds": f"{ahead.total_seconds():+.0f}"},
        words.gettext(
            "Let both machines set their clocks by NTP: launches are judged by this one's, "
            "grades are sent by that one's."
        ),
    )


def _sounds(runtime: Runtime, words: NullTranslations) -> Iterator[Finding]:
    found = words.gettext("%(heard)d of %(all)d words of %(bank)s have their sound")
    for bank in runtime.catalog.banks.values():
        if bank.words and not speaks_by_device(bank):
            silent = missing(bank)
            counts = {"heard": len(bank.words) - len(silent), "all": len(bank.words), "bank": bank.id}
            advice = words.gettext("Install the release whole again, or run: proximal banks audio")
            yield Finding(words.gettext("sound"), not silent, found % counts, advice)


def _platforms(
    runtime: Runtime, now: datetime, words: NullTranslations, wanted: Select[int] | None
) -> Iterator[Finding]:
    query = select(Registration).order_by(Registration.id)
    with runtime.database.read() as session:
        registrations = session.scalars(query if wanted is None else query.where(Registration.id.in_(wanted))).all()
    if not registrations:
        advice = words.gettext("Run: proximal platforms invite   (or: platforms add)")
        yield Finding("LMS", False, words.gettext("none is registered"), advice)
    for registration in registrations:
        name = _name(registration)
        if registration.state != "active":
            yield _not_active(name, registration, words)
            continue
        for check in check_platform(
            runtime.database,
            runtime.vault,
            runtime.transport,
            registration,
            now,
            words,
            key_set=f"{runtime.settings.base_url}/lti/jwks",
        ):
            yield Finding(f"{name}: {check.what}", check.good, check.found, check.advice, check.detail)


def _not_active(name: str, registration: Registration, words: NullTranslations) -> Finding:
    waits = registration.state == "waiting"
    found = words.gettext("waits for approval") if waits else words.gettext("is switched off")
    command = "proximal platforms approve ..." if waits else "proximal platforms enable ..."
    return Finding(name, False, found, words.gettext("To let it in: %(command)s") % {"command": command})


def _name(registration: Registration) -> str:
    return f"{registration.issuer} ({registration.client_id})"
