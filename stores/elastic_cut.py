"""The shorter form of a document that Elasticsearch, or a proxy before it, finds too large.

A story loses the end of its content, a dead letter its bytes (Kafka keeps them for 30 days); both are tagged
"truncated". Other records are small: None, and they become dead letters.
"""

from __future__ import annotations

from datetime import datetime

import msgspec
import orjson

from riftwatch.records import DeadLetter, Story
from stores.base import Stored
from stores.elastic_documents import Document, document_of

MAX_CONTENT = (
    100_000  # characters, written twice: even in UTF-8 below the 1 MB that a proxy lets through by default
)
TAG = "truncated"
MARK = " […]"


def cut_document(record: Stored, prefix: str, ingested: datetime) -> Document | None:
    """Return the record's document in its shorter form; None when there is none."""
    shorter = _shorter(record)
    if shorter is None:
        return None
    document = document_of(shorter, prefix, ingested)
    source = orjson.dumps({**orjson.loads(document.source), "tags": [TAG]})
    return Document(document.index, document.id, document.version, source)


def _shorter(record: Stored) -> Stored | None:
    if isinstance(record, Story) and len(record.content) > MAX_CONTENT:
        return msgspec.structs.replace(record, content=record.content[:MAX_CONTENT] + MARK)
    if isinstance(record, DeadLetter) and record.value is not None:
        return msgspec.structs.replace(
            record, value=None, error=f"(bytes too large to store) {record.error}"[:300]
        )
    return None
