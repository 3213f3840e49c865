"""Turns a watchlist into the wordings to look for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias

from processors.given_names import given_names
from processors.inflection import forms
from riftwatch.watchlist import Actor, Conditional, Entry, Watchlist

Kind: TypeAlias = Literal["name", "description", "never"]
MIN_CAPITALS_CHARS = 4  # TRUMP is Trump in a headline in capitals, but XAI is not xAI


@dataclass(frozen=True, slots=True)
class Pattern:
    """One wording: whom it stands for, and under which conditions."""

    text: str
    entity: str  # the actor it counts for
    owner: str  # who is named: the actor, or the spokesperson
    kind: Kind
    via: str
    when: Conditional | None = None
    given: frozenset[str] = frozenset()  # a person's own given names, of a wording that is the surname alone

    @property
    def sure(self) -> bool:
        """Whether it needs no company."""
        return self.when is None

    def via_of(self, form: str) -> str:
        """Return how an actor was named by this wording in a form (name or compound)."""
        return form if form == "compound" and self.via in {"name", "alias"} else self.via

    def fits_case(self, spelled: str) -> bool:
        """Tell whether the wording may be spelled so.

        Single words as written or in capitals: musk is a scent. Several words, descriptions and what never
        counts in any case.
        """
        if self.kind != "name" or " " in self.text:
            return True
        capitals = len(self.text) >= MIN_CAPITALS_CHARS and spelled.isupper()
        return spelled == self.text or capitals


def patterns_of(watchlist: Watchlist) -> list[Pattern]:
    """Return every wording of a watchlist, each once."""
    found: dict[tuple[str, str, str], Pattern] = {}
    for pattern in _all(watchlist):
        key = (pattern.text, pattern.owner, repr(pattern.when))
        found.setdefault(key, pattern)
    return list(found.values())


def _all(watchlist: Watchlist) -> Iterator[Pattern]:
    for key, actor in watchlist.actors.items():
        yield from _names(actor, key, key, ("name", "alias"))
        yield from _described(actor, key)
    for key, speaker in watchlist.spokespeople.items():
        yield from _names(speaker, speaker.speaks_for, key, ("speaks_for", "speaks_for"))


def _names(entry: Entry, entity: str, owner: str, via: tuple[str, str]) -> Iterator[Pattern]:
    own = frozenset() if isinstance(entry, Actor) and entry.kind == "organisation" else given_names(entry)
    for texts, how in ((entry.names, via[0]), (entry.aliases, via[1])):
        for text in texts:
            for spelled in _spellings(text):
                yield Pattern(
                    spelled, entity, owner, "name", how, given=own if " " not in text else frozenset()
                )
    for group in entry.ambiguous:
        for text in group.texts:
            yield Pattern(text, entity, owner, "name", via[1], group, _alone(text, own))
    for texts, how in ((entry.never, "never"), (entry.namesakes, "namesake")):
        for text in texts:
            for spelled in _spellings(text):
                yield Pattern(spelled, entity, owner, "never", how)


def _alone(text: str, own: frozenset[str]) -> frozenset[str]:
    """Return the given names of a person whom the surname alone stands for."""
    return own if " " not in text and text not in own else frozenset()


def _described(actor: Actor, key: str) -> Iterator[Pattern]:
    for group in actor.descriptions:
        for text in group.texts:
            for form in forms(text):
                yield Pattern(form, key, key, "description", "description", group)


def _spellings(text: str) -> tuple[str, ...]:
    """Return a name as written and as German compounds join it: Elon-Musk-Biograf."""
    return (text, text.replace(" ", "-")) if " " in text else (text,)
