"""What a desk knows of certain hosts, from config/hosts.toml: their pace, and how far a plea for rest reaches.

The file may be missing: every host is then treated alike.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import msgspec

from riftwatch.errors import ConfigError
from riftwatch.toml_file import parse, read_text

Scope = Literal["feed", "host", "domain"]


class HostRule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A rule for a host and everything below it; what it leaves out is as everywhere."""

    host: str  # a domain, a host or an address, with :port where it is for that port only
    gap_s: float | None = (
        None  # seconds between two requests; 0: no politeness at all, for servers of your own
    )
    parallel: int | None = None  # requests under way at once
    rest_s: float | None = None  # after it refused a connection
    retry_scope: Scope | None = None  # who rests when it answers one feed with Retry-After


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    host: tuple[HostRule, ...] = ()


class HostRules:
    """Finds the rule for a host."""

    def __init__(self, rules: Sequence[HostRule] = ()) -> None:
        self._rules = {rule.host.lower(): rule for rule in rules}

    @classmethod
    def load(cls, path: Path) -> HostRules:
        """Read hosts.toml, if there is one; raises ConfigError that names the file and what to do."""
        if not path.exists():
            return cls()
        try:
            found = msgspec.convert(parse(read_text(path), path), _File)
        except msgspec.ValidationError as error:
            raise ConfigError(f"{error}: see the comment at its top for what an entry holds", path) from error
        for rule in found.host:
            _refuse_nonsense(rule, path)
        return cls(found.host)

    def of(self, host: str, port: int) -> HostRule:
        """Return the nearest rule: of the host and port, the host, or a domain above it."""
        labels = host.lower().split(".")
        above = (".".join(labels[start:]) for start in range(len(labels)))
        names = (f"{host.lower()}:{port}", *above)
        return next((self._rules[name] for name in names if name in self._rules), _NOTHING)


_NOTHING = HostRule(host="")


def _refuse_nonsense(rule: HostRule, path: Path) -> None:
    numbers = (rule.gap_s, rule.rest_s, rule.parallel)
    if not rule.host or "/" in rule.host or any(number is not None and number < 0 for number in numbers):
        raise ConfigError(f'"{rule.host}": a rule needs a host like "example.org" and numbers above 0', path)
    if rule.parallel == 0:
        raise ConfigError(f'"{rule.host}": parallel = 0 would never poll it; use 1 or more', path)
