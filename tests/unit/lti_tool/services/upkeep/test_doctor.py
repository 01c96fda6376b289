"""`proximal doctor` finds what is wrong, and says what to do."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import requests
from cryptography.fernet import Fernet
from sqlalchemy import select, update

from lti_tool.config import Settings
from lti_tool.persistence.secrets import Vault
from lti_tool.persistence.tables.grades import PlatformGate, ScoreOutbox
from lti_tool.persistence.tables.tenancy import Registration
from lti_tool.services.upkeep import doctor
from lti_tool.services.upkeep.doctor import Finding, before_start, examine
from tests.support.databases import Servers
from tests.support.school import LMS_URL, TOOL_URL, School, open_school
from tests.support.wires import AppAdapter

LMS = f"{LMS_URL} (proximal-demo)"


@pytest.fixture
def school(database_servers: Servers, tmp_path: Path) -> School:
    with database_servers.fresh("sqlite") as url, open_school(url, tmp_path) as opened:
        opened.http.mount(TOOL_URL, AppAdapter(opened.app))
        yield opened


def findings(school: School, now: datetime | None = None) -> dict[str, Finding]:
    found = examine(school.runtime, school.http, now or datetime.now(UTC))
    return {finding.what: finding for finding in found}


def test_all_is_well(school: School) -> None:
    found = findings(school)
    assert {what for what, finding in found.items() if not finding.good} == set()
    assert found[f"{LMS}: class lists"].found == "allowed"
    assert "of spelling-en have their sound" in found["sound"].found


def test_a_score_that_nobody_takes_is_a_worker_that_does_not_run(school: School) -> None:
    page = school.open("ada", school.add_activity("M.NBT2.ADDREG"))
    page.respond("12")
    assert findings(school)["worker"].good
    later = findings(school, datetime.now(UTC) + timedelta(minutes=6))["worker"]
    assert not later.good
    assert later.found == "1 score waits, the oldest for 6 min"
    assert "proximal worker" in later.advice


def test_an_lms_that_is_down_for_a_week_is_named_and_the_worker_is_not_blamed(school: School) -> None:
    page = school.open("ada", school.add_activity("M.NBT2.ADDREG"))
    page.respond("12")
    week_on = datetime.now(UTC) + timedelta(days=7)
    with school.runtime.database.write() as session:
        session.execute(update(ScoreOutbox).values(problem="timeout"))
        gate = {"failures": 40, "shut_until": week_on - timedelta(minutes=2)}
        session.add(PlatformGate(registration_id=school.registration_id, **gate))
    found = findings(school, week_on)
    assert found["worker"].good
    assert found["worker"].found == "1 score waits, the oldest for 7 days"
    queue = found[f"grades for {LMS}"]
    assert (queue.good, queue.found) == (False, "1 score waits, the oldest for 7 days")
    assert queue.detail == "timeout"
    assert "sent when it answers again" in queue.advice
    with school.runtime.database.write() as session:
        session.execute(update(PlatformGate).values(shut_until=week_on - timedelta(minutes=16)))
    assert not findings(school, week_on)["worker"].good, "nobody has tried it for a quarter of an hour"


def test_scores_that_can_go_nowhere_raise_no_alarm(school: School) -> None:
    page = school.open("ada", school.add_activity("M.NBT2.ADDREG"))
    page.respond("12")
    with school.runtime.database.write() as session:
        session.execute(update(Registration).values(state="disabled"))
    found = findings(school, datetime.now(UTC) + timedelta(days=7))
    assert found["worker"].good
    assert found["worker"].found == "1 score waits, the oldest for 0 min"


def test_a_database_server_with_another_clock_is_told_of(school: School, monkeypatch: pytest.MonkeyPatch) -> None:
    assert findings(school)["clock"].good
    monkeypatch.setattr(school.runtime.database, "clock_difference", lambda: timedelta(minutes=5))
    found = findings(school)["clock"]
    assert (found.good, found.found) == (False, "the database server's is +300 s from this machine's")


def test_parked_scores_are_counted(school: School) -> None:
    school.open("ada", school.add_activity("M.NBT2.ADDREG")).respond("12")
    with school.runtime.database.write() as session:
        session.execute(update(ScoreOutbox).values(state="parked"))
    found = findings(school)["parked grades"]
    assert (found.good, found.found) == (False, "1 score was refused for good")


def test_another_master_key_is_named(school: School) -> None:
    object.__setattr__(school.runtime, "vault", Vault(Fernet.generate_key().decode()))
    found = findings(school)["keys"]
    assert not found.good
    assert "another master key" in found.detail
    assert "backup" in found.advice


def test_a_web_server_that_is_down_or_somebody_elses(school: School) -> None:
    down = {one.what: one for one in examine(school.runtime, Refusing(), datetime.now(UTC))}["web server"]
    assert not down.good
    assert "proximal serve" in down.advice
    elsewhere = school.runtime.settings.model_copy(update={"base_url": LMS_URL})
    object.__setattr__(school.runtime, "settings", elsewhere)
    assert "gives no answer of ours" in findings(school)["web server"].found


class Refusing(requests.Session):
    """A network on which nobody answers."""

    def get(self, url: str, **options: object) -> requests.Response:  # type: ignore[override]
        raise requests.ConnectionError("refused")


def test_an_lms_that_is_off_or_waits_is_said_with_the_command(school: School) -> None:
    for state, said, command in (
        ("waiting", "waits for approval", "platforms approve"),
        ("disabled", "is switched off", "platforms enable"),
    ):
        with school.runtime.database.write() as session:
            session.scalars(select(Registration)).one().state = state
        found = findings(school)[LMS]
        assert (found.good, found.found) == (False, said)
        assert command in found.advice


def test_no_lms_at_all(database_servers: Servers, tmp_path: Path) -> None:
    with database_servers.fresh("sqlite") as url, open_school(url, tmp_path, registered=False) as school:
        assert findings(school)["LMS"].advice.startswith("Run: proximal platforms invite")


def test_an_address_without_https_or_name_and_a_full_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def look(**changes: object) -> dict[str, Finding]:
        return {one.what: one for one in before_start(Settings.load(data_dir=tmp_path / "none-yet", **changes))}

    def no_name(*_: object) -> None:
        raise OSError("unknown")

    assert "is not https" in look(base_url="http://tool.example")["address"].found
    monkeypatch.setattr(doctor.socket, "getaddrinfo", no_name)
    assert look(base_url="https://tool.example")["address"].found == "The name tool.example is not known here."
    monkeypatch.setattr(doctor.socket, "getaddrinfo", lambda *_: [])
    good = look(base_url="https://tool.example")
    assert "https://tool.example/lti/launch" in good["address"].found
    assert good["disk"].good
    monkeypatch.setattr(doctor, "LEAST_FREE_BYTES", 10**18)
    assert not look(base_url="https://tool.example")["disk"].good
