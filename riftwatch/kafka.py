"""Kafka clients as this project wants them, and where the broker is.

The broker is the one that `kafka` names or, when it is empty, the embedded one of `riftwatch up`, found by
the file it leaves in the data folder. Faust has its own client; both put a key into the same partition.
Serialises nothing: keys and values are bytes.
"""

from __future__ import annotations

import itertools
import json
import socket
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer, TopicPartition
from kafka.codec import gzip_encode
from kafka.errors import (
    AuthorizationError,
    KafkaConnectionError,
    KafkaError,
    KafkaTimeoutError,
    RetriableError,
)
from kafka.partitioner.default import murmur2
from kafka.record import default_records

from riftwatch.errors import AccessError, UserError
from riftwatch.kafka_consumer import RETRY_S, Consumer
from riftwatch.kafka_refusals import Client, Refused, refusal
from riftwatch.kafka_security import security
from riftwatch.settings import Settings, address
from riftwatch.topics import MAX_LETTER_BYTES, MAX_MESSAGE_BYTES

T = TypeVar("T")

BROKER_FILE = "broker.json"
ANSWER_MS = 10_000  # how long a broker may take to answer the first request
RECONNECT_MS = 2_000  # the library's 30 s would leave everybody waiting long after a restarted broker is back
FETCH_BYTES = 16 << 20  # what a consumer holds of one broker ahead of its poll; the library takes 50 MB
GZIP_LEVEL = 1  # 59 MB/s of news; the library's 9 makes 18 MB/s, and 13 % fewer bytes
LINGER_MS = 20  # gathers the items of one poll into a batch; nobody waits for 20 ms

default_records.gzip_encode = partial(gzip_encode, compresslevel=GZIP_LEVEL)  # it has no setting for this


@dataclass(frozen=True, slots=True)
class Extent:
    """The offsets of a topic's oldest record and after its newest, summed over partitions."""

    start: int
    end: int
    partitions: int = 1

    @property
    def size(self) -> int:
        """How many offsets it spans; compaction leaves gaps, so it may hold fewer records."""
        return self.end - self.start

    @property
    def empty(self) -> bool:
        """Whether nothing was ever written to it, or all of it is gone."""
        return self.size == 0


def bootstrap(settings: Settings) -> str:
    """Return host:port of the broker in use; raises UserError when no broker is known."""
    if settings.kafka:
        for one in settings.kafka.split(","):
            address(one.strip(), "kafka")
        return settings.kafka
    file = settings.data / BROKER_FILE
    known = embedded(settings.data)
    if known is None:
        raise UserError(
            f"no broker is known for {settings.data} (there is no {file.name}): start `riftwatch up`, "
            "or set RIFTWATCH_KAFKA=host:port."
        )
    return known


def embedded(data: Path) -> str | None:
    """Return the address that the embedded broker of this data folder has or last had."""
    try:
        found = json.loads((data / BROKER_FILE).read_text(encoding="utf-8"))["kafka"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return found if isinstance(found, str) else None


def partition(key: bytes, partitions: int) -> int:
    """Return the partition of a key: murmur2, as in Kafka's own clients and in Faust's."""
    hashed: int = murmur2(key)
    return (hashed & 0x7FFFFFFF) % partitions


def producer(settings: Settings) -> KafkaProducer:
    """Return a producer that loses and repeats nothing: acknowledged by all replicas, idempotent.

    Raises UserError when no broker answers.
    """
    with _opening(settings) as common:
        return KafkaProducer(
            **common, acks="all", enable_idempotence=True, linger_ms=LINGER_MS, batch_size=256 * 1024,
            max_request_size=MAX_LETTER_BYTES, compression_type="gzip", allow_auto_create_topics=False,
        )  # fmt: skip


def consumer(settings: Settings, group: str | None, topics: Sequence[str] = ()) -> KafkaConsumer:
    """Return a consumer of raw bytes that starts at the oldest record and commits only when told to.

    Without a group it commits nowhere; assign partitions to it. Raises UserError when no broker answers or
    a topic is missing.
    """
    session_ms = int(settings.session_timeout_s * 1000)
    with _opening(settings) as common:
        client = Consumer(
            **common, group_id=group, enable_auto_commit=False, auto_offset_reset="earliest",
            session_timeout_ms=session_ms, heartbeat_interval_ms=min(3000, session_ms // 3),
            max_partition_fetch_bytes=4 * MAX_MESSAGE_BYTES, fetch_max_bytes=FETCH_BYTES,
            allow_auto_create_topics=False,
        )  # fmt: skip
    try:
        for topic in topics:  # a group's leader that has not heard of a topic yet would assign none of it
            partitions_of(client, topic)
        if topics:
            client.subscribe(topics)
    except BaseException:
        client.close()
        raise
    return client


def admin(settings: Settings, answer_ms: int = ANSWER_MS) -> KafkaAdminClient:
    """Return an admin client; raises UserError when no broker answers within `answer_ms`."""
    with _opening(settings, answer_ms) as common:
        return KafkaAdminClient(**common)


@contextmanager
def _opening(settings: Settings, answer_ms: int = ANSWER_MS) -> Iterator[dict[str, Any]]:
    """Yield what all clients are made with; a client whose making fails is closed.

    kafka-python starts its thread before it asks the broker and keeps it when the broker does not answer.
    """
    options = security(settings).client_options()
    servers = bootstrap(settings)
    made: list[Client] = []

    def make(**config: Any) -> Client:  # Any: kafka-python has no types
        made.append(Client(**config))
        return made[-1]

    with answering(servers):
        wait_for_port(servers, answer_ms / 1000)
        try:
            yield {
                "bootstrap_servers": servers.split(","), "bootstrap_timeout_ms": answer_ms, "kafka_client": make,
                "reconnect_backoff_max_ms": RECONNECT_MS, **options,
            }  # fmt: skip
        except KafkaError as error:
            refused = next(filter(None, (client.refused(settings.kafka_security) for client in made)), None)
            for client in made:
                client.give_up()
            if refused is not None and isinstance(error, KafkaTimeoutError):
                raise refused from error
            raise


def wait_for_port(servers: str, limit_s: float) -> None:
    """Wait until one of the servers takes a connection; raises OSError when none does within `limit_s`."""
    until = time.monotonic() + limit_s
    places = [address(one.strip(), "kafka") for one in servers.split(",")]
    for place in itertools.cycle(places):
        left_s = until - time.monotonic()
        try:
            socket.create_connection((place.host, place.port), timeout=max(0.1, left_s)).close()
        except OSError:
            if left_s < RETRY_S:
                raise
            time.sleep(RETRY_S)
        else:
            return


@contextmanager
def answering(servers: str) -> Iterator[None]:
    """Turn the ways in which a broker does not answer, or will not, into one sentence."""
    try:
        yield
    except Refused as error:
        raise AccessError(f"Kafka at {servers} {refusal(error)}.") from error
    except AuthorizationError as error:
        raise UserError(f"Kafka at {servers} does not allow this ({error}): ask for the rights.") from error
    except (KafkaConnectionError, KafkaTimeoutError, OSError) as error:
        raise UserError(
            f"no Kafka answers at {servers}: start `riftwatch up`, or set RIFTWATCH_KAFKA=host:port."
        ) from error
    except KafkaError as error:
        raise UserError(f"Kafka at {servers} refused: {error}.") from error


def partitions_of(client: KafkaConsumer, topic: str) -> list[TopicPartition]:
    """Return the topic's partitions; raises UserError when there is no such topic."""
    numbers = client.partitions_for_topic(topic)
    if not numbers:
        raise UserError(f"Kafka has no topic {topic}: run `riftwatch topics apply`.")
    return [TopicPartition(topic, number) for number in sorted(numbers)]


def end_offsets(client: KafkaConsumer, topic: str) -> dict[int, int]:
    """Return partition -> the offset that the next record will get."""
    ends = client.end_offsets(partitions_of(client, topic))
    return {where.partition: offset for where, offset in ends.items()}


def lag(settings: Settings, group: str, topic: str) -> int:
    """Return how many records of the topic the group has not committed yet."""
    client = consumer(settings, group)
    try:
        where = partitions_of(client, topic)
        ends, starts = client.end_offsets(where), client.beginning_offsets(where)
        done = {one: client.committed(one) for one in where}
        return sum(
            max(0, ends[one] - (starts[one] if (at := done[one]) is None else max(at, starts[one])))
            for one in where
        )
    finally:
        client.close()


def group_members(settings: Settings, group: str) -> int:
    """Return how many consumers the group has now; one killed with -9 counts until its session ends."""
    client = admin(settings)
    try:
        with answering(bootstrap(settings)):
            return len(_patiently(lambda: client.describe_groups([group]))[group]["members"])
    finally:
        client.close()


def _patiently(ask: Callable[[], T]) -> T:
    """Ask again while Kafka says "not yet": a new broker makes its coordinator when first asked for it."""
    until = time.monotonic() + ANSWER_MS / 1000
    while True:
        try:
            return ask()
        except RetriableError:
            if time.monotonic() > until:
                raise
            time.sleep(RETRY_S)


def extents(settings: Settings, topics: Sequence[str]) -> dict[str, Extent]:
    """Return how far each topic reaches, summed over its partitions."""
    client = consumer(settings, None)
    try:
        found = {}
        for topic in topics:
            where = partitions_of(client, topic)
            starts, ends = client.beginning_offsets(where), client.end_offsets(where)
            found[topic] = Extent(sum(starts.values()), sum(ends.values()), len(where))
        return found
    finally:
        client.close()
