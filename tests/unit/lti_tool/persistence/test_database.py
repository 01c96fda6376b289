"""Transactions on both backends: all or nothing, also when two arrive at the same moment."""

import shutil
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from pathlib import Path

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import StatementError

from lti_tool.persistence.base import UtcDateTime
from lti_tool.persistence.database import Database, get_or_create, upsert
from lti_tool.persistence.tables.keys import AccessToken
from lti_tool.persistence.tables.tenancy import District, School
from tests.unit.lti_tool.persistence.rows import MONDAY, add_lms

THREADS = 8


def districts(database: Database) -> list[str]:
    with database.read() as session:
        return list(session.scalars(select(District.name).order_by(District.name)))


def all_at_once(act: Callable[[int], object]) -> list[object]:
    barrier = threading.Barrier(THREADS)

    def go(index: int) -> object:
        barrier.wait()
        return act(index)

    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(go, range(THREADS)))


class TestTransactions:
    def test_what_was_written_is_there_afterwards(self, database: Database) -> None:
        with database.write() as session:
            session.add(District(name="North"))
        assert districts(database) == ["North"]

    def test_an_exception_undoes_everything(self, database: Database) -> None:
        def fail_half_way() -> None:
            with database.write() as session:
                session.add(District(name="North"))
                session.flush()
                raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            fail_half_way()
        assert districts(database) == []

    def test_a_reader_sees_nothing_of_an_open_write_and_does_not_wait_for_it(self, database: Database) -> None:
        with database.write() as session:
            session.add(District(name="North"))
            session.flush()
            assert districts(database) == []

    def test_rows_can_be_read_after_the_transaction(self, database: Database) -> None:
        with database.write() as session:
            row = District(name="North")
            session.add(row)
        assert row.name == "North"

    def test_writers_from_many_threads_lose_nothing(self, database: Database) -> None:
        def add(index: int) -> None:
            with database.write() as session:
                session.add(District(name=str(index)))

        all_at_once(add)
        assert districts(database) == [str(index) for index in range(THREADS)]

    def test_readiness_says_whether_the_database_answers(self, database: Database, tmp_path: Path) -> None:
        assert database.is_reachable()
        folder = tmp_path / "gone"
        gone = Database(f"sqlite:///{folder}/x.db")
        shutil.rmtree(folder)
        assert not gone.is_reachable()

    def test_a_new_database_file_can_be_read_by_its_owner_only(self, tmp_path: Path) -> None:
        database = Database(f"sqlite:///{tmp_path}/data/proximal.db")
        with database.write() as session:
            session.execute(text("CREATE TABLE example (id INTEGER)"))
        modes = {path.name: path.stat().st_mode & 0o077 for path in (tmp_path / "data").glob("proximal.db*")}
        database.close()
        assert modes["proximal.db"] == 0
        assert modes["proximal.db-wal"] == 0
        assert (tmp_path / "data").stat().st_mode & 0o077 == 0

    @pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:"])
    def test_sqlite_in_memory_is_refused_because_threads_would_not_share_it(self, url: str) -> None:
        with pytest.raises(ValueError, match="needs a file"):
            Database(url)


class TestGetOrCreate:
    def test_it_makes_a_row_once(self, database: Database) -> None:
        with database.write() as session:
            first, made = get_or_create(session, District, {"name": "North"}, {"time_zone": "Europe/Oslo"})
            again, made_again = get_or_create(session, District, {"name": "North"}, {"time_zone": "UTC"})
            assert (made, made_again) == (True, False)
            assert again is first
            assert first.time_zone == "Europe/Oslo"

    def test_many_at_once_get_one_row_and_keep_the_rest_of_their_transaction(self, database: Database) -> None:
        def arrive(index: int) -> object:
            with database.write() as session:
                session.add(District(name=f"own {index}"))
                district, _ = get_or_create(session, District, {"name": "shared"})
                school, _ = get_or_create(session, School, {"district_id": district.id, "name": "School"})
                return district.id, school.id

        assert len(set(all_at_once(arrive))) == 1
        assert len(districts(database)) == THREADS + 1


class TestUpsert:
    def test_many_at_once_leave_one_row_with_the_values_of_one_of_them(self, database: Database) -> None:
        with database.write() as session:
            registration = add_lms(session).id

        def store(index: int) -> None:
            with database.write() as session:
                values = {
                    "registration_id": registration,
                    "scopes": "score",
                    "encrypted_token": b"%d" % index,
                    "refresh_at": MONDAY + timedelta(hours=index),
                }
                upsert(session, AccessToken, values)

        all_at_once(store)
        with database.read() as session:
            assert session.scalar(select(func.count()).select_from(AccessToken)) == 1
            row = session.get_one(AccessToken, (registration, "score"))
            assert row.refresh_at == MONDAY + timedelta(hours=int(row.encrypted_token))


class TestTimes:
    def test_times_keep_their_moment_whatever_their_zone(self, database: Database) -> None:
        oslo = datetime(2026, 9, 7, 11, 0, tzinfo=timezone(timedelta(hours=2)))
        with database.write() as session:
            registration = add_lms(session)
            registration.created_at = oslo
        with database.read() as session:
            stored = session.get_one(type(registration), registration.id).created_at
        assert stored == oslo
        assert stored.tzinfo == UTC

    def test_a_time_without_a_zone_is_refused(self, database: Database) -> None:
        with pytest.raises(StatementError, match="no time zone"), database.write() as session:
            add_lms(session).created_at = datetime(2026, 9, 7, 11, 0)  # noqa: DTZ001 - that is the mistake

    def test_nothing_stays_nothing(self) -> None:
        column = UtcDateTime()
        assert column.process_bind_param(None, None) is None  # type: ignore[arg-type]
        assert column.process_result_value(None, None) is None  # type: ignore[arg-type]


class TestClock:
    """A machine whose clock is five minutes ahead. On one machine there is only one clock; servers bring their own."""

    @pytest.fixture
    def fast(self, monkeypatch: pytest.MonkeyPatch) -> None:
        class Fast(datetime):
            @classmethod
            def now(cls, tz: tzinfo | None = None) -> datetime:
                return datetime.now(tz) + timedelta(minutes=5)

        monkeypatch.setattr("lti_tool.persistence.database.datetime", Fast)

    @pytest.mark.usefixtures("fast")
    def test_workers_of_all_machines_go_by_the_database_servers(self, database: Database) -> None:
        ahead = timedelta(minutes=5) if database.is_sqlite else timedelta(0)
        assert abs(database.now() - datetime.now(UTC) - ahead) < timedelta(seconds=30)
        assert abs(database.clock_difference() + timedelta(minutes=5) - ahead) < timedelta(seconds=30)

    def test_milliseconds_are_no_difference(self, database: Database) -> None:
        assert database.clock_difference() == timedelta(0)
