"""Asks Elasticsearch and reads the records in its answers: one, a page, or all of them.

A list of everything goes on after the last document seen, in an order that no revision changes: each document
that is there throughout comes exactly once, without a snapshot that the server would have to hold.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec
from elasticsearch import Elasticsearch

from riftwatch.records import Story
from stores.base import Page, S
from stores.elastic_client import answering
from stores.elastic_families import family_of
from stores.elastic_queries import Query, Sort

AT_ONCE = 1_000  # stories an answer holds: some megabytes
SMALL_AT_ONCE = 5_000  # of what has no text
WINDOW = 10_000  # index.max_result_window: how deep a page may lie before it has to be walked to
ANSWER = "hits.total.value,hits.hits._source,hits.hits.sort,hits.hits._index,hits.hits._id"

Hit = Mapping[str, Any]  # Any: JSON


class Hits:
    """Reads the documents of one prefix. Every method raises Retry or AccessError."""

    def __init__(self, client: Elasticsearch, prefix: str) -> None:
        self._client = client
        self._prefix = prefix

    def page(self, kind: type[S], query: Query, sort: Sort, limit: int, offset: int = 0) -> Page[S]:
        """Return one page and the number of all, however deep it lies."""
        if offset + limit <= WINDOW:
            answer = self._ask(kind, query=query, sort=sort, size=limit, from_=offset, track_total_hits=True)
            return Page(_records(answer, kind), _total(answer))
        after = self._place(kind, query, sort, offset)
        if after is None:
            return Page((), self.count(kind, query))
        answer = self._ask(
            kind, query=query, sort=sort, size=limit, search_after=after, track_total_hits=True
        )
        return Page(_records(answer, kind), _total(answer))

    def best(self, kind: type[S], query: Query, sort: Sort, limit: int, offset: int = 0) -> Page[S]:
        """Return one page of a ranked search, which counts to WINDOW and no further."""
        size = min(limit, max(0, WINDOW - offset))
        # Each month is an index of its own: without dfs a word would be worth more in a month in which it is rare.
        answer = self._ask(
            kind,
            query=query,
            sort=sort,
            size=size,
            from_=min(offset, WINDOW - size),
            track_total_hits=WINDOW,
            search_type="dfs_query_then_fetch",
        )
        return Page(_records(answer, kind) if size else (), min(WINDOW, _total(answer)))

    def first(self, kind: type[S], query: Query, sort: Sort) -> S | None:
        """Return the first record, None when there is none."""
        found = _records(self._ask(kind, query=query, sort=sort, size=1, track_total_hits=False), kind)
        return found[0] if found else None

    def one_of_each(self, kind: type[S], query: Query, field: str, sort: Sort) -> list[S]:
        """Return the first record for each value of a field, in no order."""
        collapse = {"field": field}
        answer = self._ask(
            kind, query=query, sort=sort, collapse=collapse, size=WINDOW, track_total_hits=False
        )
        return list(_records(answer, kind))

    def values(self, kind: type[S], query: Query, field: str) -> list[str]:
        """Return the values of a field, sorted."""
        terms = {"terms": {"field": field, "size": WINDOW, "order": {"_key": "asc"}}}
        answer = self._ask(
            kind,
            query=query,
            size=0,
            aggs={"values": terms},
            filter_path="aggregations",
            track_total_hits=False,
        )
        return [
            bucket["key"] for bucket in answer.get("aggregations", {}).get("values", {}).get("buckets", ())
        ]

    def all(self, kind: type[S], query: Query, sort: Sort) -> Iterator[S]:
        """Yield every record; `sort` must tell any two of them apart."""
        for hit in self.walk(kind, query, sort):
            yield msgspec.convert(hit["_source"]["record"], kind)

    def walk(
        self, kind: type[S], query: Query, sort: Sort, source: Sequence[str] = ("record",)
    ) -> Iterator[Hit]:
        """Yield every hit, some fields of its source at a time; `sort` must tell any two of them apart."""
        after: list[Any] | None = None  # Any: values of the sort
        size = AT_ONCE if kind is Story and source else SMALL_AT_ONCE
        while True:
            found = _hits(
                self._ask(
                    kind, query=query, sort=sort, size=size, search_after=after, track_total_hits=False,
                    source=list(source) or False,
                )
            )  # fmt: skip
            yield from found
            if len(found) < size:
                return
            after = found[-1]["sort"]

    def count(self, kind: type[S], query: Query) -> int:
        """Return how many records there are."""
        return _total(self._ask(kind, query=query, size=0, track_total_hits=True))

    def _place(self, kind: type[S], query: Query, sort: Sort, offset: int) -> list[Any] | None:
        """Return the sort values of the document before `offset`, None when there are fewer."""
        after: list[Any] | None = None
        while offset:
            size = min(offset, WINDOW)
            found = _hits(
                self._ask(
                    kind,
                    query=query,
                    sort=sort,
                    size=size,
                    search_after=after,
                    track_total_hits=False,
                    source=False,
                )
            )
            if len(found) < size:
                return None
            after, offset = found[-1]["sort"], offset - size
        return after

    def _ask(self, kind: type[S], *, source: Any = ("record",), **body: Any) -> Hit:
        # A missing index is empty; a shard that does not answer is no reason to leave its documents out.
        with answering():
            answer: Hit = self._client.search(
                index=family_of(kind).reading(self._prefix), ignore_unavailable=True, allow_no_indices=True,
                allow_partial_search_results=False, source=source, **({"filter_path": ANSWER} | body),
            ).body  # fmt: skip
        return answer


def _hits(answer: Hit) -> list[Hit]:
    found: list[Hit] = answer.get("hits", {}).get("hits", [])
    return found


def _records(answer: Hit, kind: type[S]) -> tuple[S, ...]:
    return tuple(msgspec.convert(hit["_source"]["record"], kind) for hit in _hits(answer))


def _total(answer: Hit) -> int:
    return int(answer.get("hits", {}).get("total", {}).get("value", 0))
