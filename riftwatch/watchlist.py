"""The watchlist: the actors a desk follows and how texts name them, from config/watchlist.toml.

docs/watchlist.md tells editors what an entry holds. This module reads and checks the file; finding the
names in a text is the work of processors/entities.py.
"""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Iterator
from datetime import date
from itertools import combinations
from pathlib import Path
from typing import Literal

import msgspec
from msgspec import Struct, field

from riftwatch.errors import ConfigError

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


class Actor(Entry, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An actor that the desk follows."""

    kind: Literal["person", "organisation"]
    descriptions: tuple[Conditional, ...] = ()


class Spokesperson(Entry, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Someone whose words and deeds count as those of an actor."""

    speaks_for: str


class _File(Struct, frozen=True, forbid_unknown_fields=True):
    actor: dict[str, Actor]
    spokesperson: dict[str, Spokesperson] = {}


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
        text = _read(path)
        try:
            found = msgspec.convert(tomllib.loads(text), _File)
        except tomllib.TOMLDecodeError as error:
            raise ConfigError(f"is not valid TOML: {error}", path) from error
        except msgspec.ValidationError as error:
            raise ConfigError(*_explained(str(error), text, path)) from error
        for where, problem in _problems(found):
            raise ConfigError(problem, path, _line(text, *where))
        return cls(found.actor, found.spokesperson)

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


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"cannot be read ({error.strerror})", path) from error
    except UnicodeDecodeError as error:
        raise ConfigError("is not UTF-8 text: save it as UTF-8", path) from error


def _explained(message: str, text: str, path: Path) -> tuple[str, Path, int | None]:
    """Turn a complaint with a place like `$.actor.trump.names[0]` into one with a line."""
    reason, _, place = message.partition(" - at `$")
    keys = re.findall(r"[\w-]+", place.strip("`."))
    # An unknown key is named in the reason, its table in the place.
    unknown = re.search(r"unknown field `([^`]+)`", reason)
    where = ".".join(keys) or "the file"
    hint = "see docs/watchlist.md for what an entry holds"
    return (
        f"{where}: {reason[:1].lower()}{reason[1:]}; {hint}",
        path,
        _line(text, *keys, unknown and unknown[1]),
    )


def _problems(found: _File) -> Iterator[tuple[tuple[str, ...], str]]:
    """Yield the place and the description of everything that is wrong in the meaning of the file."""
    owners: dict[str, str] = {}
    if not found.actor:
        yield (), "holds no actor: add a table [actor.ID] with title, kind and names"
    for table, entries in (("actor", found.actor), ("spokesperson", found.spokesperson)):
        for key, entry in entries.items():
            yield from _problems_of(table, key, entry, owners)
    for key, speaker in found.spokesperson.items():
        if speaker.speaks_for not in found.actor:
            yield (
                ("spokesperson", key, "speaks_for"),
                f'{key} speaks for "{speaker.speaks_for}", who is no actor of this file',
            )


def _problems_of(
    table: str, key: str, entry: Entry, owners: dict[str, str]
) -> Iterator[tuple[tuple[str, ...], str]]:
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]*", key):
        yield (table, key), f'"{key}" cannot be an id: use small letters a-z, digits and hyphens'
    if not entry.names:
        yield (table, key, "names"), f"{key} has no names: give at least one"
    for name in (*entry.names, *entry.aliases):
        if len(name.strip()) < MIN_NAME_CHARS or name != " ".join(name.split()):
            yield (table, key, name), f'{key}: "{name}" cannot be a name: too short, or stray spaces in it'
        if owners.setdefault(name.casefold(), key) != key:
            yield (table, key, name), f'"{name}" names both {owners[name.casefold()]} and {key}: keep one'
    descriptions = entry.descriptions if isinstance(entry, Actor) else ()
    for group in (*entry.ambiguous, *descriptions):
        if any(not text.strip() for text in (*group.texts, *group.with_, *group.unless)):
            yield (table, key), f"{key}: an empty wording would count everywhere: remove it"
        if group.from_ and group.until and group.from_ >= group.until:
            yield (table, key, str(group.until)), f'{key}: "until" must be after "from"'


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
