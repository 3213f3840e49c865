"""Names for people: actors, publishers and languages by their ids. An unknown id stands for itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from riftwatch.records import subject_entities


class Titles(Protocol):
    """Knows the title of an id, and of an unknown one that it is its own title."""

    def title(self, key: str, /) -> str:
        """Return the title."""


@dataclass(frozen=True, slots=True)
class Names:
    """What the desk calls things."""

    actors: Mapping[str, str] = field(default_factory=dict)  # followed actors, in the desk's order
    outlets: Titles | None = None

    def actor(self, entity: str) -> str:
        """Return the name of an actor."""
        return self.actors.get(entity, entity)

    def publisher(self, family: str) -> str:
        """Return the title of a publisher family."""
        return self.outlets.title(family) if self.outlets else family

    def subject(self, subject: str) -> str:
        """Return the names of a subject's actors: "Musk – Trump"."""
        return " – ".join(map(self.actor, subject_entities(subject)))
