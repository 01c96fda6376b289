"""Figures for the people who watch over an installation, and for nobody else."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from tests.support.databases import Servers
from tests.support.pupils import MATH, wrong_answer
from tests.support.school import open_school

HERE = {"REMOTE_ADDR": "127.0.0.1"}


@pytest.fixture(scope="module")
def client(database_servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlaskClient]:
    with (
        database_servers.fresh("sqlite") as url,
        open_school(url, tmp_path_factory.mktemp("school")) as school,
    ):
        page = school.open("ada", school.add_activity(*MATH))
        page.respond(wrong_answer(page.item))
        yield school.app.test_client()


def test_a_program_on_this_machine_reads_what_waits_and_learns_no_name(client: FlaskClient) -> None:
    answer = client.get("/metrics", environ_base=HERE)
    assert answer.status_code == 200
    assert 'proximal_outbox_scores{state="waiting"} 1.0' in answer.text
    assert 'proximal_outbox_scores{state="parked"} 0.0' in answer.text
    assert "proximal_outbox_oldest_waiting_seconds" in answer.text
    assert "proximal_platforms_left_alone 0.0" in answer.text
    assert "Okonkwo" not in answer.text


@pytest.mark.parametrize(
    ("address", "headers"),
    [
        ("192.0.2.7", {}),
        ("127.0.0.1", {"X-Forwarded-For": "192.0.2.7"}),
        ("127.0.0.1", {"Forwarded": "for=192.0.2.7"}),
        ("192.0.2.7", {"Authorization": "Bearer "}),
    ],
    ids=["from elsewhere", "through a proxy", "through a newer proxy", "with an empty token"],
)
def test_others_are_not_even_told_that_there_are_figures(
    client: FlaskClient, address: str, headers: dict[str, str]
) -> None:
    answer = client.get("/metrics", environ_base={"REMOTE_ADDR": address}, headers=headers)
    assert answer.status_code == 404
    assert "proximal_outbox" not in answer.text


def test_with_a_token_it_is_the_token_that_counts(database_servers: Servers, tmp_path: Path) -> None:
    with database_servers.fresh("sqlite") as url, open_school(url, tmp_path, metrics_token="s3cret") as school:
        client = school.app.test_client()
        assert client.get("/metrics", environ_base=HERE).status_code == 404
        far = {"REMOTE_ADDR": "192.0.2.7"}
        right, wrong = ({"Authorization": f"Bearer {token}"} for token in ("s3cret", "secret"))
        assert client.get("/metrics", environ_base=far, headers=right).status_code == 200
        assert client.get("/metrics", environ_base=far, headers=wrong).status_code == 404
