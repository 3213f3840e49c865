"""The three outcomes of a step, and the errors a person sees.

::

    RiftwatchError
    ├── Retry            the other side is unwell: wait, try again, nothing is dead-lettered
    ├── Reject           this record is bad: dead letter with its bytes, go on
    └── UserError        one clear sentence for the person at the terminal, exit code 2
        ├── ConfigError  a file or setting: names the file, the line and what to do
        ├── AccessError  a server that will not serve us: names the right or the setting that is missing
        └── StateError   data on disk or in Kafka that must not be used: names the remedy

Anything else crashes the process after a flush; its supervisor starts it again.
"""

from __future__ import annotations


class RiftwatchError(Exception):
    """Root of all errors that Riftwatch raises on purpose."""


class Retry(RiftwatchError):
    """The other side is unwell; the same call may succeed later. `reason` is a short label for counters."""

    def __init__(self, message: str = "", reason: str = "unwell") -> None:
        super().__init__(message)
        self.reason = reason


class Reject(RiftwatchError):
    """This record can never succeed; `reason` is a short label for counters."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason = reason


class UserError(RiftwatchError):
    """One clear sentence that says what is wrong and what to do."""

    exit_code = 2


class ConfigError(UserError):
    """A configuration file or setting is wrong."""

    def __init__(self, message: str, file: object = None, line: int | None = None) -> None:
        where = "" if file is None else f"{file}:{line}: " if line else f"{file}: "
        super().__init__(where + message)


class AccessError(UserError):
    """A server will not serve us, and waiting does not help: a right, a key or a version is wrong."""


class StateError(UserError):
    """State on disk or in Kafka is missing, newer, shortened or in use."""
