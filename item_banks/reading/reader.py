"""Reads the YAML files of a bank so that every complaint names the file and the line.

YAML's own types are not used: a plain `no` or `3-4` stays the text that the author wrote, and a number becomes one
only where the format asks for a number.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path

import yaml

Option = int | str | tuple[int, ...] | tuple[str, ...] | Mapping[str, "Option"]

_YAML: type = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # libyaml's, where there is one, is ten times as fast
_NUMBER = re.compile(r"[-+]?[0-9][0-9_]*")
_DEEPEST = 12  # no format nests deeper; an alias that contains itself would never end


class _Loader(_YAML):  # type: ignore[misc]  # which of the two is known at run time
    """Asks no type of any node: that would take as long as reading all of them does."""

    def resolve(self, kind: object, value: object, implicit: object) -> str:
        return ""


class BankError(ValueError):
    """A bank's files are not as they should be. Each line of the message is "file:line: what is wrong; what to do"."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)


class Reader:
    """One YAML file. Its methods note what is wrong and go on with something harmless; `finish` raises all of it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.problems: list[tuple[int, str]] = []
        self.root = self._compose()

    def _compose(self) -> yaml.Node:
        try:
            root = yaml.compose(self.path.read_text(encoding="utf-8"), Loader=_Loader)
        except yaml.MarkedYAMLError as error:
            line = error.problem_mark.line + 1 if error.problem_mark else 1
            raise BankError(
                [f"{self.path}:{line}: not YAML: {error.problem}; correct the line or the one above it"]
            ) from error
        except (yaml.YAMLError, UnicodeDecodeError) as error:
            raise BankError([f"{self.path}:1: not text in UTF-8; save the file as UTF-8"]) from error
        except OSError as error:
            raise BankError([f"{self.path}:1: can't be read ({error.strerror}); add the file"]) from error
        except RecursionError as error:
            raise BankError(
                [f"{self.path}:1: not YAML: nested too deep; follow the format of the other banks"]
            ) from error
        if root is None:
            raise BankError([f"{self.path}:1: the file is empty; follow the format of the other banks"])
        return root

    def complain(self, node: yaml.Node, what: str) -> None:
        """Note what is wrong at a node: "what is wrong; what to do"."""
        self.problems.append((line(node), what))

    def let_go(self) -> None:
        """Forget what was read, but for what was noted: the nodes of a bank's files together are 20 MB."""
        self.root = yaml.ScalarNode("", "")

    def finish(self) -> None:
        """Raise BankError if anything was noted."""
        if self.problems:
            raise BankError([f"{self.path}:{at}: {what}" for at, what in sorted(self.problems)])

    def mapping(
        self, node: yaml.Node, *, needs: tuple[str, ...] = (), may: tuple[str, ...] | None = None
    ) -> dict[str, yaml.Node]:
        """The entries of a mapping. `needs` must be there; with `may` given, nothing else than both is allowed."""
        if not isinstance(node, yaml.MappingNode):
            self.complain(node, "this should be a mapping; write `name: value` lines here")
            return {}
        found: dict[str, yaml.Node] = {}
        for key, value in node.value:
            name = key.value if isinstance(key, yaml.ScalarNode) else ""
            if name in found:
                self.complain(key, f"{name!r} is there twice; remove one")
            elif may is not None and name not in needs + may:
                near = get_close_matches(name, needs + may, 1)
                advice = f"did you mean {near[0]!r}?" if near else f"known here: {', '.join(needs + may)}"
                self.complain(key, f"{name!r} is not known; {advice}")
            else:
                found[name] = value
        for name in needs:
            if name not in found:
                self.complain(node, f"{name!r} is missing; add it")
        return found

    def sequence(self, node: yaml.Node) -> list[yaml.Node]:
        """The elements of a list."""
        if not isinstance(node, yaml.SequenceNode):
            self.complain(node, "this should be a list; write [one, two] or one `- ` line each")
            return []
        return list(node.value)

    def text(self, node: yaml.Node, *, empty: bool = False) -> str:
        """A piece of text, which is not empty unless that is allowed."""
        if not isinstance(node, yaml.ScalarNode):
            self.complain(node, "this should be text; put it in quotes")
            return "?"
        if not node.value.strip() and not empty:
            self.complain(node, "this is empty; write the text")
            return "?"
        return str(node.value)

    def integer(self, node: yaml.Node) -> int:
        """A whole number."""
        value = node.value if isinstance(node, yaml.ScalarNode) else ""
        if not (value.isascii() and value.removeprefix("-").isdigit()):
            self.complain(node, f"{value!r} is not a whole number; write digits only")
            return 0
        return int(value)

    def texts(self, node: yaml.Node, *, empty: bool = False) -> tuple[str, ...]:
        """A list of texts."""
        return tuple(self.text(each, empty=empty) for each in self.sequence(node))

    def integers(self, node: yaml.Node) -> tuple[int, ...]:
        """A list of whole numbers."""
        return tuple(self.integer(each) for each in self.sequence(node))

    def strings(self, node: yaml.Node, prefix: str = "", depth: int = 0) -> dict[str, str | tuple[str, ...]]:
        """Everything below a mapping, flat: nested names are joined by dots, lists become tuples of texts."""
        if depth > _DEEPEST:
            self.complain(node, "nested too deep; follow the format of the other banks")
            return {}
        found: dict[str, str | tuple[str, ...]] = {}
        for name, value in self.mapping(node).items():
            key = f"{prefix}{name}"
            if isinstance(value, yaml.MappingNode):
                found |= self.strings(value, f"{key}.", depth + 1)
            elif isinstance(value, yaml.SequenceNode):
                found[key] = self.texts(value, empty=True)
            else:
                found[key] = self.text(value)
        return found

    def options(self, node: yaml.Node, depth: int = 0) -> Mapping[str, Option]:
        """A generator's options: whole numbers, texts, lists of either, and mappings of all these."""
        if depth > _DEEPEST:
            self.complain(node, "nested too deep; follow the format of the other banks")
            return {}
        return {name: self._option(value, depth + 1) for name, value in self.mapping(node).items()}

    def _option(self, node: yaml.Node, depth: int) -> Option:
        if isinstance(node, yaml.MappingNode):
            return self.options(node, depth)
        if isinstance(node, yaml.SequenceNode):
            numbers = all(_is_number(each) for each in node.value)
            return self.integers(node) if numbers else self.texts(node)
        return self.integer(node) if _is_number(node) else self.text(node)


def _is_number(node: yaml.Node) -> bool:
    """Whether a number is meant: digits without quotes, also where they are not quite as `Reader.integer` wants."""
    return isinstance(node, yaml.ScalarNode) and not node.style and _NUMBER.fullmatch(node.value) is not None


def line(node: yaml.Node) -> int:
    """The line of a node in its file, from 1."""
    return int(node.start_mark.line) + 1
