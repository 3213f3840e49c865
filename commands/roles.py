"""The roles that `up` and `demo` run side by side, each a command of its own."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from commands.main import COMMANDS

ONE_OF_EACH: Mapping[str, int] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Role:
    """A process to keep alive: what it is called in the log, and how it is started."""

    name: str
    argv: Sequence[str]


def role(name: str, *words: str) -> Role:
    """Return the role that runs `riftwatch WORDS…`."""
    return Role(name, (sys.executable, "-m", "commands.main", *words))


def all_roles(copies: Mapping[str, int] = ONE_OF_EACH) -> list[Role]:
    """Return every role, in the order of the path from feed to page; those with `copies` under several names."""
    table = (("poll",), ("process",), ("sink", "search"), ("sink", "mail"), ("desk",))
    return [
        role(words[-1] if number == 1 else f"{words[-1]}-{number}", *words)
        for words in table
        if words[0] in COMMANDS
        for number in range(1, copies.get(words[-1], 1) + 1)
    ]


def is_copy(name: str, of: str) -> bool:
    """Tell whether a process of that name plays the role."""
    return name == of or name.startswith(f"{of}-")
