"""Search in SQLite: what a person typed, and filters, as a statement. Pure; runs nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from stores import words
from stores.base import EvidenceQuery, StoryQuery
from stores.sqlite_tables import micros
from stores.words import stem, without_accents

RANKED = 4_000  # up to here matches are ranked by bm25, which costs as much as all stories with these words
MAX_TOTAL = 10_000  # nobody pages further; counting all of 100,000 matches takes 80 ms
WEIGHTS = "4.0, 2.0, 1.0, 2.0"  # title, summary, content, entities

Value = str | int


@dataclass(slots=True)
class Conditions:
    """Conditions of a WHERE clause and their values, in order."""

    clauses: list[str] = field(default_factory=list)
    values: list[Value] = field(default_factory=list)

    def add(self, clause: str, *values: Value | None) -> None:
        """Add a condition unless its value is None."""
        present = [value for value in values if value is not None]
        if len(present) == len(values):
            self.clauses.append(clause)
            self.values += present

    def __str__(self) -> str:
        return " AND ".join(self.clauses) or "1"


def words_of(text: str) -> list[str]:
    """Return the words of a query in lower case, without accents and punctuation, as the index holds them."""
    return words.words_of(without_accents(text))


def match_of(text: str) -> str:
    """Return the full-text expression: every word must occur, as itself or as a beginning.

    The word itself is listed too, so that exact matches rank first. Empty when there is no word.
    """
    return " AND ".join(f'("{word}" OR "{stem(word)}" *)' for word in words_of(text))


def naming(match: str, entities: Sequence[str]) -> str:
    """Return the expression narrowed to stories that name the actors, which the text index finds quickly.

    It may let others through, because an id is cut into words; the listing decides.
    """
    for entity in entities:
        if named := words_of(entity):
            match = f'({match}) AND entities : "{" ".join(named)}"'
    return match


def listing(query: StoryQuery) -> tuple[str, Conditions]:
    """Return the table that lists the stories of a query without text, aliased s, and its conditions."""
    where = Conditions()
    if not query.entities:
        where.add("s.status = 'present'")
        table = "stories s INDEXED BY stories_listed"
    else:
        table = "story_entities s"
        where.add("s.entity = ?", query.entities[0])
    for entity in query.entities[1:]:
        where.add(
            "EXISTS (SELECT 1 FROM story_entities o WHERE o.entity = ? AND o.published = s.published"
            " AND o.story = s.story)",
            entity,
        )
    where.add("s.language = ?", query.language)
    where.add("s.publisher = ?", query.publisher)
    where.add("s.published >= ?", micros(query.since) if query.since else None)
    where.add("s.published < ?", micros(query.until) if query.until else None)
    return table, where


def evidence_conditions(query: EvidenceQuery) -> Conditions:
    """Return the conditions of a query for evidence."""
    where = Conditions()
    where.add("subject = ?", query.subject)
    where.add("withdrawn = 0")
    where.add("published >= ?", micros(query.since) if query.since else None)
    where.add("published < ?", micros(query.until) if query.until else None)
    where.add("language = ?", query.language)
    where.add("publisher = ?", query.publisher)
    if query.counted_only:
        where.add("counted = 1")
    return where
