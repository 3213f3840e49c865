"""A record as a document of Elasticsearch: in which index, under which id and version, with which fields.

The mapped fields (elastic_fields) are for searching and counting; beside them lies `record`, the record itself,
not indexed, from which it is read back exactly. Pure; sends nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import msgspec

from riftwatch import __version__
from riftwatch.errors import Reject
from stores.base import Stored
from stores.elastic_families import Family, family_of
from stores.elastic_fields import MAX_KEYWORD_BYTES, Fields, cut

MAX_ID_BYTES = 512  # Elasticsearch's own limit: a longer one fails the whole request
MAX_VERSION = 2**63 - 1
MAX_SOURCE_BYTES = 16_000_000  # far above Kafka's 2 MB; Elasticsearch refuses requests of 100 MB
ECS_VERSION = "9.0.0"

_encode = msgspec.json.Encoder().encode


@dataclass(frozen=True, slots=True)
class Document:
    """What is sent: one line of JSON under an id, with the version that tells the newer copy."""

    index: str
    id: str
    version: int
    source: bytes


def document_of(record: Stored, prefix: str, ingested: datetime) -> Document:
    """Return the document of a record; raises Reject for one that Elasticsearch can never take.

    A revision goes to the same index under the same id as the one before, whenever it is written.
    """
    family = family_of(type(record))
    key, version = family.key(record), max(0, family.version(record))
    try:
        if len(key.encode()) > MAX_ID_BYTES:
            raise Reject("not_storable", f"an id may have {MAX_ID_BYTES} bytes, this one is longer")
        source = _source(family, record, key, ingested)
    except UnicodeEncodeError as error:
        raise Reject("not_storable", f"{type(error).__name__}: {error}") from error
    if version > MAX_VERSION:
        raise Reject("not_storable", f"the version {version} is too large")
    if len(source) > MAX_SOURCE_BYTES:
        raise Reject("not_storable", f"{len(source)} bytes are too many for one record")
    return Document(index_of(family, record, prefix), key, version, source)


def index_of(family: Family, record: Stored, prefix: str) -> str:
    """Return the one index in which a record may lie, for ever."""
    if family.month is None:
        return f"{prefix}-{family.name}"
    return f"{prefix}-{family.name}-{family.month(record).astimezone(UTC):%Y.%m}"


def month_end(index: str) -> datetime:
    """Return the end of the month that the name of an index bears; raises ValueError."""
    first = datetime.strptime(index[-7:], "%Y.%m").replace(tzinfo=UTC)
    return (first + timedelta(days=31)).replace(day=1)


def _source(family: Family, record: Stored, key: str, ingested: datetime) -> bytes:
    own: Fields = family.fields(record, ingested)
    common: Fields = {
        "ecs": {"version": ECS_VERSION},
        "event": {
            "id": key, "kind": family.kind, "module": "riftwatch", "dataset": f"riftwatch.{family.name}",
            "created": family.created(record), "ingested": ingested,
        },
        "service": {"name": "riftwatch", "version": __version__},
    }  # fmt: skip
    fields = _encode(common | own)
    if (
        len(fields) > MAX_KEYWORD_BYTES
    ):  # else nothing in it can be too long, and looking costs more than encoding
        fields = _encode(cut(common | own))
    return fields[:-1] + b',"record":' + _encode(record) + b"}"
