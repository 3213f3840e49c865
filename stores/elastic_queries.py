"""What the store is asked, in Elasticsearch's own language. Pure; sends nothing.

Only what both Elasticsearch and OpenSearch understand: no scripts, no runtime fields, no ES|QL.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, TypeAlias

from stores.base import EvidenceQuery, StoryQuery
from stores.elastic_fields import OPEN_STATES
from stores.words import stem, words_of

Query: TypeAlias = dict[str, Any]  # Any: JSON, as all below
Sort: TypeAlias = Sequence[dict[str, str]]

ID = "event.id"
BY_ID: Sort = ({ID: "asc"},)
NEWEST: Sort = ({"@timestamp": "desc"}, {ID: "asc"})
OLDEST: Sort = ({"@timestamp": "asc"}, {ID: "asc"})
BEST: Sort = ({"_score": "desc"}, *NEWEST)
BY_DAY: Sort = ({"news.subject": "asc"}, {"news.series.day": "asc"})
LATEST_DAY: Sort = ({"news.series.day": "desc"},)
LAST_FETCHED: Sort = ({"event.created": "desc"},)
NEWEST_REVISION: Sort = ({"news.revision": "desc"},)
EVIDENCE_ORDERS: dict[str, Sort] = {
    "newest": NEWEST,
    "lowest": ({"news.score": "asc"}, *NEWEST),
    "highest": ({"news.score": "desc"}, *NEWEST),
}
# A word in the title is worth more than one in the text. Fields that a plain engine lacks are passed over.
WORD_FIELDS = (
    "news.title^4", "news.title.de^4", "news.title.en^4", "message^2", "message.de^2", "message.en^2",
    "news.body", "news.body.de", "news.body.en", "news.entity_ids.words^2",
)  # fmt: skip
BEGINNING_FIELDS = ("news.title", "message", "news.body")
BEGINNING_BOOST = 0.1  # a beginning finds, and hardly ranks


def stories(query: StoryQuery) -> Query:
    """Return the conditions of a search for stories."""
    filters: list[Query] = [{"term": {"news.status": "present"}}]
    filters += [{"term": {"news.entity_ids": entity}} for entity in query.entities]
    filters += _common(query.language, query.publisher, query.since, query.until)
    return {"bool": {"filter": filters, "must": [_word(word) for word in words_of(query.text)]}}


def _word(word: str) -> Query:
    """Return the condition that a word occurs: as itself, inflected, or as a beginning."""
    whole = {"multi_match": {"query": word, "type": "most_fields", "fields": WORD_FIELDS}}
    beginnings = [
        {"prefix": {field: {"value": stem(word), "boost": BEGINNING_BOOST}}} for field in BEGINNING_FIELDS
    ]
    return {"bool": {"should": [whole, *beginnings], "minimum_should_match": 1}}


def evidence(query: EvidenceQuery) -> Query:
    """Return the conditions of a query for evidence."""
    filters: list[Query] = [{"term": {"news.subject": query.subject}}, {"term": {"news.withdrawn": False}}]
    filters += _common(query.language, query.publisher, query.since, query.until)
    if query.counted_only:
        filters.append({"term": {"news.counted": True}})
    return every(*filters)


def _common(
    language: str | None, publisher: str | None, since: datetime | None, until: datetime | None
) -> list[Query]:
    given: list[Query] = [
        {"term": {field: value}}
        for field, value in (("news.language", language), ("news.publisher_family", publisher))
        if value is not None
    ]
    if since is not None or until is not None:
        given.append(between("@timestamp", since, until))
    return given


def between(field: str, since: datetime | None, until: datetime | None) -> Query:
    """Return the condition that a time is at or after `since` and before `until`."""
    ends = {"gte": since and since.isoformat(), "lt": until and until.isoformat()}
    return {"range": {field: {name: value for name, value in ends.items() if value is not None}}}


def days(since: date | None, until: date | None) -> Query:
    """Return the condition that a day of a series lies between two days, both included."""
    return {
        "range": {
            "news.series.day": {
                "gte": (since or date.min).isoformat(),
                "lte": (until or date.max).isoformat(),
            }
        }
    }


def is_(field: str, value: str | None) -> Query:
    """Return the condition that a field has a value; without a value everything holds."""
    return {"match_all": {}} if value is None else {"term": {field: value}}


def with_ids(ids: Sequence[str]) -> Query:
    """Return the condition that a document is one of these."""
    return {"terms": {ID: list(ids)}}


def open_shifts(kind: str, until: datetime) -> Query:
    """Return the condition that a shift of a kind is open and was detected before a time."""
    return every(
        is_("news.subject_kind", kind),
        {"terms": {"news.shift.state": list(OPEN_STATES)}},
        between("news.shift.detected_at", None, until),
    )


def with_value(subjects: Sequence[str], until: date) -> Query:
    """Return the condition that a day of one of these subjects has a value."""
    named = {"terms": {"news.subject": list(subjects)}}
    return every(named, days(None, until), {"exists": {"field": "news.series.mean"}})


def every(*conditions: Query) -> Query:
    """Return the condition that all hold, without ranking."""
    return {"bool": {"filter": list(conditions)}}
