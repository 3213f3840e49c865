"""The roles that `up` and `demo` run side by side, each a command of its own."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass

from commands.main import COMMANDS


@dataclass(frozen=True, slots=True)
class Role:
    """A process to keep alive: what it is called in the log, and how it is started."""

    name: str
    argv: Sequence[str]


def role(name: str, *words: str) -> Role:
    """Return the role that runs `riftwatch WORDS…`."""
    return Role(name, (sys.executable, "-m", "commands.main", *words))


def all_roles() -> list[Role]:
    """Return every role, in the order of the path from feed to page."""
    table = (("poll",), ("process",), ("sink", "search"), ("sink", "mail"), ("desk",))
    return [role(words[-1], *words) for words in table if words[0] in COMMANDS]
