"""`proximal platforms`: what an administrator types to let an LMS in, to look at it, and to shut it out."""

from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from sqlalchemy import select

from lti_tool.persistence.database import Database
from lti_tool.persistence.tables.audit import AuditEvent
from lti_tool.persistence.tables.tenancy import Deployment, Invitation, Registration
from lti_tool.services.launching.logins import digest
from tests.unit.lti_tool.cli.conftest import Type
from tests.unit.lti_tool.lti.scripted import Call, Reply, ScriptedPlatform
from tests.unit.lti_tool.persistence.rows import LMS

WHICH = ("--issuer", LMS, "--client-id", "abc")
ADDRESSES = ("--auth-url", f"{LMS}/auth", "--token-url", f"{LMS}/token", "--jwks-url", f"{LMS}/keys")
ADD = ("platforms", "add", *WHICH, *ADDRESSES, "--deployment", "1")


def test_who_has_no_lms_yet_is_told_how_to_begin_and_that_nobody_would_get_there(run: Type) -> None:
    assert run("platforms", "list").stderr == "No LMS is registered yet. To begin: proximal platforms invite\n"
    assert "first set PROXIMAL_BASE_URL" in run("platforms", "invite").stderr


class TestAdding:
    def test_an_lms_is_registered_with_all_its_deployments(self, run: Type, written: Database) -> None:
        result = run(*ADD, "--deployment", "2", "--profile", "brightspace", "--audience", f"{LMS}/audience")
        assert (result.exit_code, result.stdout) == (0, f"Registered {LMS} (client abc).\n")
        with written.read() as session:
            row = session.scalars(select(Registration)).one()
            assert (row.auth_url, row.token_url, row.jwks_url) == (f"{LMS}/auth", f"{LMS}/token", f"{LMS}/keys")
            assert (row.profile, row.token_audience, row.state) == ("brightspace", f"{LMS}/audience", "active")
            assert session.scalars(select(Deployment.lms_id)).all() == ["1", "2"]

    def test_adding_it_again_brings_it_up_to_date(self, run: Type, written: Database) -> None:
        run(*ADD)
        run(*ADD, "--token-url", f"{LMS}/other", "--deployment", "7")
        with written.read() as session:
            assert session.scalars(select(Registration)).one().token_url == f"{LMS}/other"
            assert session.scalars(select(Deployment.lms_id)).all() == ["1", "7"]

    def test_the_audience_of_tokens_is_the_profile_s_unless_one_is_named(self, run: Type, written: Database) -> None:
        run(*ADD, "--profile", "brightspace")
        with written.read() as session:
            audience = session.scalars(select(Registration.token_audience)).one()
        assert audience == "https://api.brightspace.com/auth/token"

    def test_an_lms_with_a_deployment_in_each_course_needs_none_by_name(self, run: Type, written: Database) -> None:
        without = ADD[: ADD.index("--deployment")]
        result = run(*without, "--profile", "canvas", "--any-deployment")
        assert result.exit_code == 0, result.output
        with written.read() as session:
            assert session.scalars(select(Registration.accepts_new_deployments)).one() is True
            assert session.scalars(select(Deployment)).all() == []

    @pytest.mark.parametrize(
        ("option", "value", "words"),
        [
            ("--auth-url", "http://lms.example/auth", "The auth URL must be a whole https address"),
            ("--token-url", "lms.example/token", "The token URL must be a whole https address"),
            ("--jwks-url", "https://lms.example/keys\n", "The key set URL must be a whole https address"),
            ("--jwks-url", "https://a;b/keys", "The key set URL must be a whole https address"),
            ("--issuer", " ", "The issuer must be 1 to 512 characters long"),
            ("--client-id", "x" * 256, "The client id must be 1 to 255 characters long"),
            ("--deployment", "", "A deployment id must be 1 to 255 characters long"),
        ],
    )
    def test_a_field_that_no_lms_could_have_is_one_sentence_and_changes_nothing(
        self, run: Type, written: Database, option: str, value: str, words: str
    ) -> None:
        result = run(*ADD, option, value)
        assert result.exit_code == 2
        assert words in result.output
        run("platforms", "list")
        with written.read() as session:
            assert session.scalars(select(Registration)).all() == []

    def test_an_unknown_profile_is_one_sentence_with_the_known_ones(self, run: Type) -> None:
        result = run(*ADD, "--profile", "blackbord")
        assert result.exit_code == 2
        assert "There is no platform profile 'blackbord'" in result.output
        assert "brightspace, canvas, generic, moodle" in result.output

    @pytest.mark.parametrize("missing", ["--issuer", "--client-id", "--auth-url", "--jwks-url", "--deployment"])
    def test_what_is_missing_is_named(self, run: Type, missing: str) -> None:
        where = ADD.index(missing)
        result = run(*ADD[:where], *ADD[where + 2 :])
        assert result.exit_code == 2
        assert f"Missing option '{missing}'" in result.output


class TestLooking:
    def test_the_list_shows_each_lms_and_whether_it_is_off(self, run: Type) -> None:
        run(*ADD)
        run(*ADD, "--client-id", "def", "--deployment", "5")
        run("platforms", "disable", "--issuer", LMS, "--client-id", "def")
        assert run("platforms", "list").output.splitlines() == [
            f"{LMS}  client abc  deployments 1",
            f"{LMS}  client def  deployments 1, 5  disabled",
        ]

    def test_one_is_shown_whole(self, run: Type) -> None:
        run(*ADD)
        shown = dict(line.split(maxsplit=1) for line in run("platforms", "show", *WHICH).output.splitlines())
        assert shown["issuer"] == LMS
        assert (shown["token_audience"], shown["profile"], shown["state"]) == ("–", "generic", "active")
        assert shown["deployments"] == "1"

    @pytest.mark.parametrize("command", ["show", "test", "approve", "disable", "enable"])
    def test_one_that_is_not_there_is_one_sentence(self, run: Type, command: str) -> None:
        result = run("platforms", command, "--issuer", "https://nobody.example", "--client-id", "abc")
        assert result.exit_code == 1
        assert result.output == "Error: No such registration. See them all: proximal platforms list\n"


class TestHostsOfPages:
    HOSTS = ("platforms", "page-hosts", *WHICH)

    def test_they_are_added_shown_and_removed(self, run: Type) -> None:
        run(*ADD)
        assert run(*self.HOSTS).output == ""
        added = run(*self.HOSTS, "--add", "portal.school.example", "--add", "https://Learn.School.Example/home")
        assert added.output == "https://learn.school.example\nhttps://portal.school.example\n"
        run(*ADD)
        left = run(*self.HOSTS, "--remove", "https://portal.school.example")
        assert left.output == "https://learn.school.example\n", "and an update keeps them"

    @pytest.mark.parametrize("host", ["*", "https://*.example", "javascript:x", "a b", "https://a; script-src *"])
    def test_what_is_no_host_is_one_sentence(self, run: Type, host: str) -> None:
        run(*ADD)
        result = run(*self.HOSTS, "--add", host)
        assert result.exit_code == 2
        assert "is no host such as https://portal.school.example" in result.output


def test_an_lms_is_switched_off_and_on_and_the_audit_log_tells(run: Type, written: Database) -> None:
    run(*ADD)
    for command, state in (
        ("disable", "disabled"),
        ("enable", "active"),
        ("disable", "disabled"),
        ("approve", "active"),
    ):
        result = run("platforms", command, *WHICH)
        assert result.stdout == f"{LMS} (client abc) is {state}.\n"
        assert (f"jwks_url        {LMS}/keys" in result.stderr) == (state == "active")
        with written.read() as session:
            assert session.scalars(select(Registration.state)).one() == state
    with written.read() as session:
        told = [event.action for event in session.scalars(select(AuditEvent).order_by(AuditEvent.id))]
    assert told == ["registration.added", *["registration.disabled", "registration.active"] * 2]


def test_an_invitation_is_the_last_line_alone(run: Type, written: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROXIMAL_BASE_URL", "https://proximal.school.example")
    result = run("platforms", "invite")
    assert result.stdout.count("\n") == 1, "a script reads it from standard output"
    address = urlsplit(result.output.splitlines()[-1])
    assert f"{address.scheme}://{address.netloc}{address.path}" == "https://proximal.school.example/lti/register"
    [secret] = parse_qs(address.query)["invitation"]
    with written.read() as session:
        assert session.scalars(select(Invitation.secret_hash)).one() == digest(secret)


class TestTesting:
    @pytest.fixture
    def lms(self, run: Type, monkeypatch: pytest.MonkeyPatch) -> ScriptedPlatform:
        """A registered LMS in good order, in place of the network."""

        def answer(call: Call) -> Reply:
            if call.url.endswith("/token"):
                return Reply.json({"access_token": "t"})
            return Reply.json({"keys": [{"kty": "RSA", "kid": "1", "n": "g" + 340 * "A" + "Q", "e": "AQAB"}]})

        platform = ScriptedPlatform(answer)
        monkeypatch.setattr("lti_tool.lti.network.transport.guarded_session", lambda _: platform.session())
        run(*ADD)
        return platform

    def test_an_lms_in_good_order_is_ok_throughout(self, run: Type, lms: ScriptedPlatform) -> None:
        result = run("platforms", "test", *WHICH)
        assert result.exit_code == 0, result.output
        assert result.output.splitlines() == [
            "ok   registration: switched on",
            "ok   public keys: 1 RSA key",
            "ok   clock: the LMS does not say what time it has",
            "ok   access token: given for sending scores",
            "ok   gradebook columns: allowed",
            "ok   grades read back: allowed",
            "ok   class lists: allowed",
        ]

    def test_an_lms_that_is_not_there_ends_with_what_to_do(self, run: Type, lms: ScriptedPlatform) -> None:
        def nobody(_: Call) -> Reply:
            raise requests.ConnectionError

        lms.answer = nobody
        result = run("platforms", "test", *WHICH)
        assert result.exit_code == 1
        assert result.output.count("BAD  ") == 3
        assert result.output.endswith("Error: This LMS can't be used yet. Mend what is marked BAD.\n")
        assert "Traceback" not in result.output
