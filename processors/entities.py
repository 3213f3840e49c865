"""Finds where a story names the actors of the watchlist, and can say why something does not count.

Aho-Corasick with overlapping matches, then word boundaries, case and company, then the longest from the left.
Boundaries come before the choice of the longest: the other way round a longer name that ends inside a word
would hide the shorter one that is right. Pronouns are the business of pronouns.py.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from datetime import date

from ahocorasick_rs import AhoCorasick

from processors.company import Company
from processors.hits import MISSPELT, NAME_FOLLOWS, Field, Hit, comparable, hit_at
from processors.namesakes import without_namesakes
from processors.patterns import Kind, patterns_of
from riftwatch.records import Mention
from riftwatch.watchlist import Watchlist

FIELDS: tuple[Field, ...] = ("title", "summary", "content")
# A long live ticker has 100,000 characters. More is a fault of the feed, and time must stay bounded.
MAX_FIELD_CHARS = 200_000
MAX_MENTIONS = 200  # of one actor in one field


class EntityFinder:
    """Finds the actors of one watchlist; holds no state of any story."""

    def __init__(self, watchlist: Watchlist) -> None:
        self._patterns = patterns_of(watchlist)
        self._automaton = AhoCorasick([pattern.text.lower() for pattern in self._patterns])

    def find(self, texts: Mapping[Field, str], language: str, published: date) -> tuple[Mention, ...]:
        """Return the mentions in the title, summary and content, in this order and by place.

        Offsets count characters of the given texts. Only the first 200,000 characters of a field and the
        first 200 mentions of an actor in it count.
        """
        hits = [hit for hit in self.explain(texts, language, published) if not hit.refused]
        return tuple(hit.mention for hit in hits)

    def explain(self, texts: Mapping[Field, str], language: str, published: date) -> list[Hit]:
        """Return every wording found with the reason why it does not count, if there is one."""
        clipped = {field: texts.get(field, "")[:MAX_FIELD_CHARS] for field in FIELDS}
        found = [hit for field in FIELDS for hit in self._in_field(field, clipped[field], language)]
        found = without_namesakes(found)
        text = " \n ".join(clipped.values())
        # Names first: what an ambiguous name settles, a description may lean on, never the other way round.
        sure = [hit for hit in found if hit.pattern.sure]
        found = _in_company(found, "name", Company(_named(sure), text, published))
        found = _in_company(found, "description", Company(_named(found), text, published))
        return [hit for field in FIELDS for hit in _settled([h for h in found if h.field == field])]

    def _in_field(self, field: Field, text: str, language: str) -> list[Hit]:
        if not text:
            return []
        matches = self._automaton.find_matches_as_indexes(comparable(text), overlapping=True)
        hits = (hit_at(self._patterns[n], field, text, start, end, language) for n, start, end in matches)
        return [hit for hit in hits if hit]


def _chosen(hits: Iterable[Hit]) -> list[Hit]:
    """Return the longest hits from the left in each field; at equal length what never counts wins."""
    chosen: list[Hit] = []
    by_place = sorted(hits, key=lambda h: (FIELDS.index(h.field), h.start, -h.end, h.pattern.kind != "never"))
    for hit in by_place:
        if not chosen or chosen[-1].field != hit.field or hit.start >= chosen[-1].end:
            chosen.append(hit)
    return chosen


def _in_company(hits: Sequence[Hit], kind: Kind, company: Company) -> list[Hit]:
    """Return the hits, those of a kind refused that do not count in this story."""
    return [
        replace(hit, refused=company.objection(hit.pattern))
        if hit.pattern.kind == kind and not hit.refused and not hit.pattern.sure
        else hit
        for hit in hits
    ]


def _named(hits: Iterable[Hit]) -> frozenset[str]:
    """Return who is named, by actor and by spokesperson."""
    chosen = _chosen(hit for hit in hits if not hit.refused and hit.pattern.kind != "description")
    counted = [hit.pattern for hit in chosen if hit.pattern.kind == "name"]
    return frozenset(name for pattern in counted for name in (pattern.entity, pattern.owner))


def _settled(hits: Sequence[Hit]) -> list[Hit]:
    """Return what counts in one field, and beside it each refusal that nothing that counts lies over."""
    # "Tesla chief executive Elon Musk": what is refused as a whole does not count in part.
    passed_over = {(hit.pattern.entity, hit.start) for hit in hits if hit.refused == NAME_FOLLOWS}
    chosen = _chosen(hit for hit in hits if not hit.refused and not _part_of(hit, passed_over))
    counted = [hit for hit in chosen if hit.pattern.kind != "never"]
    named_at = {(hit.pattern.entity, hit.start) for hit in chosen if hit.pattern.kind == "name"}
    said_twice = {id(hit) for hit in counted if _titles(hit, named_at)}
    kept = _first_of_each(hit for hit in counted if id(hit) not in said_twice)
    never = [
        replace(h, refused=f'"{h.pattern.text}" never counts') for h in chosen if h.pattern.kind == "never"
    ]
    refused = [hit for hit in hits if hit.refused and not _covered(hit, chosen)]
    refused = [hit for hit in refused if not _titles(hit, named_at)]
    return sorted([*kept, *never, *_distinct(refused)], key=lambda hit: (hit.start, hit.end))


def _first_of_each(hits: Iterable[Hit]) -> list[Hit]:
    seen: Counter[str] = Counter()
    kept = []
    for hit in hits:
        seen[hit.pattern.entity] += 1
        if seen[hit.pattern.entity] <= MAX_MENTIONS:
            kept.append(hit)
    return kept


def _titles(description: Hit, named_at: AbstractSet[tuple[str, int]]) -> bool:
    """Tell whether a description is only the title before the actor's own name: "Tesla-Chef Elon Musk"."""
    place = (description.pattern.entity, description.end + 1)
    return description.pattern.kind == "description" and place in named_at


def _part_of(hit: Hit, passed_over: AbstractSet[tuple[str, int]]) -> bool:
    return hit.pattern.kind == "description" and (hit.pattern.entity, hit.start) in passed_over


def _covered(hit: Hit, chosen: Sequence[Hit]) -> bool:
    """Tell whether one of the chosen, which lie in order and apart, overlaps the hit."""
    after = bisect_right(chosen, hit.start, key=lambda other: other.start)
    near = chosen[max(0, after - 1) : after + 1]
    return any(hit.start < other.end and other.start < hit.end for other in near)


def _distinct(refused: Sequence[Hit]) -> list[Hit]:
    """Return one refusal a place: the longest wording, and of equal ones the one that is spelled right."""
    by_place: dict[int, Hit] = {}
    for hit in sorted(refused, key=lambda h: (h.end, not h.refused.startswith(MISSPELT))):
        by_place[hit.start] = hit
    return _chosen(by_place.values())
