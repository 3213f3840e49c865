"""The store on Elasticsearch: documents with deterministic ids and external versions, one writer a kind or many.

    put ─▶ documents ─▶ _bulk, an older version never replaces a newer one ─▶ readers see it within a second

What lies where stands in elastic_families and deploy/elasticsearch; queries live in elastic_read.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import islice

from elasticsearch import Elasticsearch

from riftwatch.clock import Clock, WallClock
from riftwatch.errors import Reject
from stores import elastic_queries as ask
from stores.base import Outcome, Stored, Unfinished, Written
from stores.elastic_bulk import write
from stores.elastic_client import answering
from stores.elastic_cut import cut_document
from stores.elastic_documents import Document, document_of, month_end
from stores.elastic_families import FAMILIES, Family
from stores.elastic_read import ElasticReader

DELETED_AT_ONCE = 1_000


class ElasticStore(ElasticReader):
    """A store in a search engine; the search sinks write, any number of them, everybody else is `readonly`.

    `refresh` "wait_for" or "true" makes `put` return when what was written can be read: for tests.
    """

    def __init__(
        self,
        client: Elasticsearch,
        prefix: str,
        *,
        readonly: bool = False,
        clock: Clock | None = None,
        refresh: str = "false",
    ) -> None:
        super().__init__(client, prefix)
        self._readonly = readonly
        self._clock = clock or WallClock()
        self._refresh = refresh

    def put(self, records: Sequence[Stored]) -> list[Written]:
        """Write records; raises Unfinished when some of them could not be written now, AccessError when none can."""
        self._writing()
        settled: list[Written | None] = [None] * len(records)
        documents: dict[int, Document] = {}
        for place, record in enumerate(records):
            try:
                documents[place] = self._document(record)
            except Reject as error:
                settled[place] = Written(Outcome.REJECTED, str(error))
        places = list(documents)
        try:
            written: Sequence[Written | None] = write(
                self._client, list(documents.values()), refresh=self._refresh,
                shorten=lambda number: cut_document(records[places[number]], self._prefix, self._clock.now()),
            )  # fmt: skip
        except Unfinished as unfinished:
            _note(settled, places, unfinished.settled)
            raise Unfinished(str(unfinished), unfinished.reason, settled) from unfinished
        _note(settled, places, written)
        return [outcome for outcome in settled if outcome is not None]

    def retain(self, now: datetime) -> int:
        """Drop what is older than the retention of design.md; return how many records went.

        A month goes as a whole, once all of it is old. Several sinks may do this at the same moment.
        """
        self._writing()
        gone = 0
        for kind, family in FAMILIES.items():
            if family.keep_days is not None:
                oldest = now - timedelta(days=family.keep_days)
                gone += (
                    self._drop_months(family, oldest) if family.month else self._drop(kind, family, oldest)
                )
        return gone

    def _drop_months(self, family: Family, oldest: datetime) -> int:
        with answering("drop old months"):
            known = self._client.indices.get_alias(index=family.pattern(self._prefix))
        old = [index for index in known if _is_over(index, family.reading(self._prefix), oldest)]
        gone = 0
        for index in old:
            with answering("drop old months"):  # unavailable: another sink was quicker
                gone += int(self._client.count(index=index, ignore_unavailable=True)["count"])
                self._client.indices.delete(index=index, ignore_unavailable=True)
        return gone

    def _drop(self, kind: type[Stored], family: Family, oldest: datetime) -> int:
        assert family.age is not None
        old = self._hits.walk(kind, ask.between(family.age, None, oldest), ask.BY_ID, source=())
        gone = 0
        while some := list(islice(old, DELETED_AT_ONCE)):
            deletions = [{"delete": {"_index": hit["_index"], "_id": hit["_id"]}} for hit in some]
            with answering("delete old records"):
                answer = self._client.bulk(operations=deletions, refresh=self._refresh)
            gone += sum(item["delete"]["status"] == 200 for item in answer["items"])
        return gone

    def _writing(self) -> None:
        if self._readonly:
            raise TypeError("this store was opened read-only")

    def _document(self, record: Stored) -> Document:
        return document_of(record, self._prefix, self._clock.now())


def _note(settled: list[Written | None], places: Sequence[int], written: Sequence[Written | None]) -> None:
    for place, outcome in zip(places, written, strict=True):
        settled[place] = outcome


def _is_over(index: str, family: str, oldest: datetime) -> bool:
    if len(index) != len(family) + len("-YYYY.MM"):  # somebody's own index, such as …-stories-backup-2023.01
        return False
    try:
        return month_end(index) <= oldest
    except ValueError:
        return False
