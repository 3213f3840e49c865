"""The reading half of the store on Elasticsearch: every query of the store interface.

Reads see what was written a moment ago (refresh_interval, one second), not at once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock_time
from typing import Any

from elasticsearch import Elasticsearch

from riftwatch.errors import Retry
from riftwatch.records import (
    Coverage,
    DeadLetter,
    Decision,
    Evidence,
    FeedState,
    SeriesPoint,
    Shift,
    Story,
)
from stores import elastic_queries as ask
from stores.base import EvidenceQuery, Page, S, StoryQuery, SubjectSummary
from stores.elastic_client import answering
from stores.elastic_families import FAMILIES
from stores.elastic_hits import Hits
from stores.words import words_of

IDS_AT_ONCE = 500
EVERYTHING: ask.Query = {"match_all": {}}


class ElasticReader:
    """Reads what somebody else writes, or will write; until then it is empty. Raises Retry and AccessError."""

    def __init__(self, client: Elasticsearch, prefix: str) -> None:
        self._client = client
        self._prefix = prefix
        self._hits = Hits(client, prefix)

    def close(self) -> None:
        """Close the connections; safe to call twice."""
        self._client.close()

    # --- stories --------------------------------------------------------------------------------------

    def story(self, story_id: str) -> Story | None:
        """Return the newest revision of a story."""
        return self._hits.first(Story, ask.with_ids([story_id]), ask.NEWEST_REVISION)

    def stories(self, ids: Sequence[str]) -> dict[str, Story]:
        """Return the stories that exist among `ids`."""
        found: dict[str, Story] = {}
        for start in range(0, len(ids), IDS_AT_ONCE):
            for story in self._hits.all(Story, ask.with_ids(ids[start : start + IDS_AT_ONCE]), ask.BY_ID):
                found[story.story_id] = story
        return found

    def search(self, query: StoryQuery) -> Page[Story]:
        """Return stories, best match first when there is a text, newest first otherwise."""
        if words_of(query.text):
            return self._hits.best(Story, ask.stories(query), ask.BEST, query.limit, query.offset)
        if query.text.strip():  # only punctuation: nothing can match
            return Page((), 0)
        return self._hits.page(Story, ask.stories(query), ask.NEWEST, query.limit, query.offset)

    def story_ids(self, fetched_since: datetime | None = None) -> Iterator[str]:
        """Yield the id of every story, or of those last fetched at or after a time, in their order."""
        query = ask.between("event.created", fetched_since, None) if fetched_since else EVERYTHING
        for hit in self._hits.walk(Story, query, ask.BY_ID, source=()):
            yield hit["_id"]

    def latest_time(self) -> datetime | None:
        """Return the newest fetched_at among the stories: the desk's idea of now in a replay."""
        newest = self._hits.first(Story, EVERYTHING, ask.LAST_FETCHED)
        return None if newest is None else newest.fetched_at

    # --- subjects -------------------------------------------------------------------------------------

    def evidence(self, query: EvidenceQuery) -> Page[Evidence]:
        """Return evidence of one subject."""
        order = ask.EVIDENCE_ORDERS[query.order]
        return self._hits.page(Evidence, ask.evidence(query), order, query.limit, query.offset)

    def series(self, subject: str, since: date | None = None, until: date | None = None) -> list[SeriesPoint]:
        """Return the days of a subject, oldest first; days without a record are absent."""
        query = ask.every(ask.is_("news.subject", subject), ask.days(since, until))
        return list(self._hits.all(SeriesPoint, query, ask.BY_DAY))

    def subjects(self, kind: str, until: date, days: int = 30) -> list[SubjectSummary]:
        """Summarise every subject of a kind ("tone" or "relation") over the days up to `until`."""
        of_kind = ask.is_("news.subject_kind", kind)
        recent: dict[str, list[SeriesPoint]] = {
            name: [] for name in self._hits.values(SeriesPoint, of_kind, "news.subject")
        }
        span = ask.every(of_kind, ask.days(until - timedelta(days=days - 1), until))
        for point in self._hits.all(SeriesPoint, span, ask.BY_DAY):
            recent.setdefault(point.subject, []).append(point)
        latest = self._latest(recent, until)
        shifts = self._open_shifts(kind, until)
        return [
            SubjectSummary(
                subject=name, latest=latest.get(name), recent=tuple(points), open_shift=shifts.get(name)
            )
            for name, points in sorted(recent.items())
        ]

    def _latest(self, recent: Mapping[str, Sequence[SeriesPoint]], until: date) -> dict[str, SeriesPoint]:
        """Return each subject's newest day with a value; only those that were quiet lately are asked for."""
        latest = {
            name: valued[-1]
            for name, points in recent.items()
            if (valued := [point for point in points if point.mean is not None])
        }
        if quiet := sorted(recent.keys() - latest.keys()):
            before = ask.with_value(quiet, until)
            for point in self._hits.one_of_each(SeriesPoint, before, "news.subject", ask.LATEST_DAY):
                latest[point.subject] = point
        return latest

    def _open_shifts(self, kind: str, until: date) -> dict[str, Shift]:
        end = datetime.combine(until + timedelta(days=1), clock_time(), UTC)
        return {
            shift.subject: shift for shift in self._hits.all(Shift, ask.open_shifts(kind, end), ask.OLDEST)
        }

    def shifts(self, subject: str | None = None, limit: int = 50, offset: int = 0) -> Page[Shift]:
        """Return shifts in their newest revision, newest detected first."""
        return self._hits.page(Shift, ask.is_("news.subject", subject), ask.NEWEST, limit, offset)

    def shift(self, shift_id: str) -> Shift | None:
        """Return the newest revision of a shift."""
        return self._hits.first(Shift, ask.with_ids([shift_id]), ask.BY_ID)

    def decisions(self, target: str | None = None) -> list[Decision]:
        """Return what people decided, on one target or on all, newest first."""
        return list(self._hits.all(Decision, ask.is_("news.decision.target", target), ask.NEWEST))

    # --- operations -----------------------------------------------------------------------------------

    def feeds(self) -> list[FeedState]:
        """Return every feed's state, by feed id."""
        return list(self._hits.all(FeedState, EVERYTHING, ask.BY_ID))

    def coverage(self, since: datetime, until: datetime) -> list[Coverage]:
        """Return who was heard when, oldest first."""
        return list(self._hits.all(Coverage, ask.between("@timestamp", since, until), ask.OLDEST))

    def dead_letters(self, limit: int = 50, offset: int = 0) -> Page[DeadLetter]:
        """Return dead letters, newest failure first."""
        return self._hits.page(DeadLetter, EVERYTHING, ask.NEWEST, limit, offset)

    def counts(self) -> dict[str, int]:
        """Return the number of records of each kind, by the record's name in lower case."""
        questions: list[dict[str, object]] = []
        for family in FAMILIES.values():
            where = {
                "index": family.reading(self._prefix),
                "ignore_unavailable": True,
                "allow_no_indices": True,
            }
            questions += [where, {"size": 0, "track_total_hits": True}]
        with answering():
            answers = self._client.msearch(
                searches=questions, filter_path="responses.hits.total.value,responses.error"
            )
        numbers = [_number(answer) for answer in answers["responses"]]
        return {kind.__name__.lower(): number for kind, number in zip(FAMILIES, numbers, strict=True)}

    def everything(self, kind: type[S]) -> Iterator[S]:
        """Yield every record of a kind in a stable order, for `rebuild`."""
        return self._hits.all(kind, EVERYTHING, ask.BY_ID)


def _number(answer: Mapping[str, Any]) -> int:  # Any: JSON
    if "error" in answer:
        raise Retry(f"Elasticsearch could not count ({answer['error'].get('type', 'error')})")
    return int(answer["hits"]["total"]["value"])
