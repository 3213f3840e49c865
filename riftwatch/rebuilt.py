"""The mark that a rebuild leaves in Kafka: begun before its first record, finished after its last.

Whoever builds on refilled topics looks at it when starting: half of a topic cannot be told from a whole one.
"""

from __future__ import annotations

from contextlib import closing

from kafka import KafkaConsumer

from riftwatch import kafka
from riftwatch.clock import iso
from riftwatch.errors import StateError, UserError
from riftwatch.records import Rebuild, decode
from riftwatch.settings import Settings
from riftwatch.topics import REBUILDS

KEY = b"rebuild"
POLL_MS = 500
SILENT_POLLS = 20


def last_rebuild(settings: Settings) -> Rebuild | None:
    """Return the newest mark; None when nothing was ever rebuilt. Raises UserError when Kafka does not answer."""
    with kafka.answering(kafka.bootstrap(settings)), closing(kafka.consumer(settings, None)) as client:
        value = _newest(client)
    return None if value is None else decode(value, Rebuild)


def finished_rebuild(settings: Settings) -> Rebuild | None:
    """Return the newest mark; raises StateError, which names the remedy, when that rebuild was not finished."""
    last = last_rebuild(settings)
    if last is not None and last.finished_at is None:
        raise StateError(
            f"a rebuild from {last.source}, begun at {iso(last.started_at)}, has not finished: topics are half full."
            f" Wait for it, or run `riftwatch rebuild --from {last.source}` again."
        )
    return last


def _newest(client: KafkaConsumer) -> bytes | None:
    (where,) = kafka.partitions_of(client, REBUILDS.name)
    client.assign([where])
    client.seek_to_beginning(where)
    end = client.end_offsets([where])[where]
    value: bytes | None = None
    silent = 0
    while client.position(where) < end:
        records = client.poll(timeout_ms=POLL_MS).get(where, [])
        silent = 0 if records else silent + 1
        if silent > SILENT_POLLS:
            raise UserError("Kafka does not deliver what it holds: see whether the broker runs.")
        value = records[-1].value if records else value
    return value
