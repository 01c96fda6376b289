"""Every command that the documentation tells to type exists, or says here why no test runs it."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from lti_tool.cli import main

ROOT = Path(__file__).resolve().parents[3]
PAGES = sorted([ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").glob("*.md")])
FOLLOWED = "tests/deploy/test_documentation.py types it"
NOT_RUN = {
    "createuser": FOLLOWED,
    "createdb": FOLLOWED,
    "pg_dump": FOLLOWED,
    "pg_restore": FOLLOWED,
    "python3": FOLLOWED,
    "/srv/proximal/venv/bin/pip": FOLLOWED,
    "sh": FOLLOWED,
    "chmod": FOLLOWED,
    "cp": FOLLOWED + "; but for a certificate, which every test makes anew",
    "install": FOLLOWED + ", and test_deploy.py what it makes for containers",
    "openssl": "test_deploy.py types it",
    "echo": "test_deploy.py types it",
    "apt-get": "installs packages of the machine; stood in for where the page is followed",
    "useradd": "makes a user of the machine; stood in for where the page is followed",
    "chown": "needs that user; stood in for where the page is followed",
    "systemctl": "needs systemd as the first process; where the page is followed, what the units say is started",
    "docker": "needs a container engine; the files are linted, tests/deploy starts the same processes",
    "kubectl": "needs a cluster; the manifests are validated against its schemas",
    "git": "fetches the source",
    "mellon_create_metadata": "makes files for an identity provider that tests don't have",
}


def blocks(page: Path) -> Iterator[str]:
    """The shell commands of a page's code blocks, one each."""
    for block in re.findall(r"```(?:sh|bash|shell|console)\n(.*?)```", page.read_text(), re.DOTALL):
        for line in block.replace("\\\n", " ").splitlines():
            command = line.strip().removeprefix("$ ")
            if command and not command.startswith("#"):
                yield command


COMMANDS = [(page.relative_to(ROOT).as_posix(), command) for page in PAGES for command in blocks(page)]


def test_there_are_commands_to_look_at() -> None:
    assert len(COMMANDS) > 40


@pytest.mark.parametrize(("page", "command"), COMMANDS, ids=lambda value: str(value)[:60])
def test_a_documented_command_exists_or_is_explained(page: str, command: str) -> None:
    words = shlex.split(command.replace("…", "x"), comments=True)
    while words and re.fullmatch(r"[A-Z_]+=.*", words[0], re.DOTALL):
        name = words.pop(0).partition("=")[0]
        if name.startswith("PROXIMAL_") and name != "PROXIMAL_REQUIRE_ALL":
            assert name.removeprefix("PROXIMAL_").lower() in (ROOT / "config" / "default.toml").read_text() or name in (
                "PROXIMAL_CONFIG",
                "PROXIMAL_SECRETS_DIR",
            ), f"{page} sets {name}, and there is no such setting"
    if words[:1] == ["sudo"]:
        words = words[3:] if words[1:2] == ["-u"] else words[1:]
    if not words:
        return
    if words[0].endswith("proximal"):
        the_command_line_takes(words[1:])
    elif words[0] == "make":
        targets = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
        assert words[1] in targets
    else:
        assert words[0] in NOT_RUN, f"{page}: {command!r} is run by no test; say why in NOT_RUN"


def the_command_line_takes(words: list[str]) -> None:
    """Raises where `proximal` knows no such command, option or number of words."""
    command: click.Command = main
    while isinstance(command, click.Group) and words and not words[0].startswith("-"):
        found = command.commands.get(words[0])
        assert found is not None, f"proximal knows no {words[0]}"
        command, words = found, words[1:]
    known = {option for parameter in command.params for option in parameter.opts}
    for word in words:
        if word.startswith("--") and word != "--help":
            assert word.partition("=")[0] in known, f"{command.name} knows no {word}"
