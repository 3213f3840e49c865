"""The watchlist: the actors a desk follows and how texts name them, from config/watchlist.toml.

docs/watchlist.md tells editors what an entry holds. This module reads and checks the file; finding the
names in a text is the work of processors/entities.py.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from datetime import date
from itertools import combinations
from pathlib import Path
from typing import Any, Literal, TypeVar

import msgspec
from msgspec import Struct, field

from riftwatch.errors import ConfigError
from riftwatch.toml_file import parse, read_text

MIN_NAME_CHARS = 2


class Conditional(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Wordings that count only in the right company.

    They count once the actor is named in the same story, or one of the words `with` occurs in it; never when
    one of the words `unless` occurs; and only in stories published from `from` to the day before `until`.
    """

    texts: tuple[str, ...]
    with_: tuple[str, ...] = field(default=(), name="with")
    unless: tuple[str, ...] = ()
    from_: date | None = field(default=None, name="from")
    until: date | None = None


class Entry(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Someone who is named in texts: what counts, what counts in the right company, what never counts."""

    title: str
    names: tuple[str, ...]
    aliases: tuple[str, ...] = ()
    ambiguous: tuple[Conditional, ...] = ()
    never: tuple[str, ...] = ()
    namesakes: tuple[str, ...] = ()  # who is called by the bare surname in stories of their own
    pronoun: Literal["he", "she"] | None = None  # of a person; without it no pronoun is followed


class Actor(Entry, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An actor that the desk follows."""

    kind: Literal["person", "organisation"]
    descriptions: tuple[Conditional, ...] = ()


class Spokesperson(Entry, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Someone whose words and deeds count as those of an actor."""

    speaks_for: str


E = TypeVar("E", Actor, Spokesperson)


class Watchlist:
    """Actors by id, and who speaks for them; never changes once loaded."""

    def __init__(self, actors: dict[str, Actor], spokespeople: dict[str, Spokesperson] | None = None) -> None:
        self.actors = dict(actors)
        self.spokespeople = dict(spokespeople or {})
        content = msgspec.json.encode([self.actors, self.spokespeople], order="deterministic")
        self.version = hashlib.sha256(content).hexdigest()[:12]

    @classmethod
    def load(cls, path: Path) -> Watchlist:
        """Read watchlist.toml; raises ConfigError that names the file, the line and what to do."""
        text = read_text(path)
        tables = parse(text, path)
        for name in tables.keys() - {"actor", "spokesperson"}:
            known = "[actor.ID] and [spokesperson.ID]"
            raise ConfigError(f"unknown table {name}: this file holds {known}", path, _line(text, name))
        actors = _entries(tables, "actor", Actor, text, path)
        spokespeople = _entries(tables, "spokesperson", Spokesperson, text, path)
        for where, problem in _problems(actors, spokespeople):
            raise ConfigError(problem, path, _line(text, *where))
        return cls(actors, spokespeople)

    def title(self, entity: str) -> str:
        """Return the name of an actor for people; an id that is no longer followed stands for itself."""
        return self.actors[entity].title if entity in self.actors else entity

    @property
    def entities(self) -> tuple[str, ...]:
        """The ids of all actors, in alphabetical order."""
        return tuple(sorted(self.actors))

    @property
    def names(self) -> tuple[str, ...]:
        """Every name and alias of actors and spokespeople."""
        entries = (*self.actors.values(), *self.spokespeople.values())
        return tuple(name for entry in entries for name in (*entry.names, *entry.aliases))

    @property
    def pairs(self) -> tuple[tuple[str, str], ...]:
        """Every two actors, each pair and the list in alphabetical order."""
        return tuple(combinations(self.entities, 2))


# Any: what TOML holds; msgspec checks it.
def _entries(tables: dict[str, Any], table: str, kind: type[E], text: str, path: Path) -> dict[str, E]:
    """Return the entries of a table; raises ConfigError with the line of the first that is wrong."""
    entries = {}
    found = tables.get(table, {})
    if not isinstance(found, dict):
        raise ConfigError(f"{table} must be tables [{table}.ID]", path, _line(text, table))
    for key, value in found.items():
        try:
            entries[key] = msgspec.convert(value, kind)
        except msgspec.ValidationError as error:
            reason, _, place = str(error).partition(" - at `$")
            inside: list[str] = re.findall(r"[\w-]+", place)
            unknown = re.search(r"unknown field `([^`]+)`", reason)
            where = ".".join([table, key, *inside])
            message = (
                f"{where}: {reason[:1].lower()}{reason[1:]}; see docs/watchlist.md for what an entry holds"
            )
            line = _line(text, f"{table}.{key}", *inside, unknown and unknown[1])
            raise ConfigError(message, path, line) from error
    return entries


def _problems(
    actors: dict[str, Actor], spokespeople: dict[str, Spokesperson]
) -> Iterator[tuple[tuple[str, ...], str]]:
    """Yield the place and the description of everything that is wrong in the meaning of the file."""
    owners: dict[str, str] = {}
    if not actors:
        yield (), "holds no actor: add a table [actor.ID] with title, kind and names"
    tables: tuple[tuple[str, Mapping[str, Entry]], ...] = (("actor", actors), ("spokesperson", spokespeople))
    for table, entries in tables:
        for key, entry in entries.items():
            yield from _problems_of(table, key, entry, owners)
    for key, speaker in spokespeople.items():
        if speaker.speaks_for not in actors:
            yield (
                (f"spokesperson.{key}", "speaks_for"),
                f'{key} speaks for "{speaker.speaks_for}", who is no actor of this file',
            )


def _problems_of(
    table: str, key: str, entry: Entry, owners: dict[str, str]
) -> Iterator[tuple[tuple[str, ...], str]]:
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]*", key):
        yield (key,), f'"{key}" cannot be an id: use small letters a-z, digits and hyphens'
    if not entry.names:
        yield (f"{table}.{key}", "names"), f"{key} has no names: give at least one"
    for name in (*entry.names, *entry.aliases):
        if len(name.strip()) < MIN_NAME_CHARS or name != " ".join(name.split()):
            yield (
                (f"{table}.{key}", name),
                f'{key}: "{name}" cannot be a name: too short, or stray spaces in it',
            )
        if owners.setdefault(name.casefold(), key) != key:
            yield (
                (f"{table}.{key}", name),
                f'"{name}" names both {owners[name.casefold()]} and {key}: keep one',
            )
    descriptions = entry.descriptions if isinstance(entry, Actor) else ()
    for group in (*entry.ambiguous, *descriptions):
        if any(not text.strip() for text in (*group.texts, *group.with_, *group.unless)):
            yield (f"{table}.{key}",), f"{key}: an empty wording would count everywhere: remove it"
        if group.from_ and group.until and group.from_ >= group.until:
            yield (f"{table}.{key}", str(group.until)), f'{key}: "until" must be after "from"'


def _line(text: str, *keys: str | None) -> int | None:
    """Return the line that comes nearest to the place: the key, within its table, within the file."""
    line = None
    lines = text.splitlines()
    at = 0
    for key in keys:
        pattern = re.compile(rf"(?<![\w-]){re.escape(key)}(?![\w-])") if key and not key.isdigit() else None
        for number in range(at, len(lines)) if pattern else ():
            if pattern and pattern.search(lines[number].partition(" #")[0]):
                at, line = number, number + 1
                break
    return line
