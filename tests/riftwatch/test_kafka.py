from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
from aiokafka.partitioner import DefaultPartitioner as AiokafkaPartitioner
from hypothesis import given
from hypothesis import strategies as st
from kafka import KafkaConsumer, TopicPartition
from kafka.admin import NewTopic
from kafka.errors import KafkaConnectionError
from kafka.record.default_records import DefaultRecordBatchBuilder

from commands.ports import free_port
from commands.testbed.cluster import Cluster
from riftwatch import kafka as clients
from riftwatch.errors import ConfigError, UserError
from riftwatch.kafka_consumer import Consumer
from riftwatch.settings import Settings
from riftwatch.topics import SHIFTS


@given(st.binary(max_size=60), st.integers(1, 24))
def test_every_client_puts_a_key_into_the_same_partition(key: bytes, partitions: int) -> None:
    faust_and_aiokafka = AiokafkaPartitioner()(key, list(range(partitions)), [])
    assert clients.partition(key, partitions) == faust_and_aiokafka


def test_partitions_are_those_of_the_java_client() -> None:
    # Values of org.apache.kafka.common.utils.Utils.murmur2 in its own tests.
    known = {b"21": -973932308, b"foobar": -790332482, b"a-little-bit-long-string": -985981536}
    for key, hashed in known.items():
        assert clients.partition(key, 12) == (hashed & 0x7FFFFFFF) % 12


def test_the_setting_wins_over_the_embedded_broker(tmp_path: Path) -> None:
    (tmp_path / clients.BROKER_FILE).write_text(json.dumps({"kafka": "127.0.0.1:20001"}))
    settings = Settings(data=tmp_path)
    assert clients.bootstrap(settings) == "127.0.0.1:20001"
    assert clients.bootstrap(replace(settings, kafka="kafka:9092")) == "kafka:9092"


@pytest.mark.parametrize("content", ["", "{", "[]", '{"kafka": 3}', "{}", "null"])
def test_a_broker_file_that_says_nothing_is_no_broker(tmp_path: Path, content: str) -> None:
    (tmp_path / clients.BROKER_FILE).write_text(content)
    with pytest.raises(UserError, match="riftwatch up"):
        clients.bootstrap(Settings(data=tmp_path))


def test_a_bad_address_names_the_setting() -> None:
    with pytest.raises(ConfigError, match='kafka must be host:port, not "nonsense"'):
        clients.bootstrap(Settings(kafka="nonsense"))


def test_no_answer_is_one_sentence_that_says_what_to_do() -> None:
    settings = Settings(kafka=f"127.0.0.1:{free_port()}")
    with pytest.raises(UserError, match=r"no Kafka answers at .*riftwatch up") as caught:
        clients.admin(settings, answer_ms=300)
    assert "\n" not in str(caught.value)


def test_a_server_that_is_no_kafka_is_one_sentence() -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:
        settings = Settings(kafka=f"127.0.0.1:{mute.getsockname()[1]}")
        with pytest.raises(UserError, match="no Kafka answers"):
            clients.admin(settings, answer_ms=300)


@pytest.mark.kafka
def test_what_is_produced_is_consumed_and_lag_counts_what_is_not_committed(kafka: str) -> None:
    settings = Settings(kafka=kafka, session_timeout_s=6)
    admin = clients.admin(settings)
    admin.create_topics([NewTopic("test.lag", 3, 1)], wait_for_metadata=True)
    producer = clients.producer(settings)
    sent = [producer.send("test.lag", key=b"k%d" % n, value=b"v%d" % n) for n in range(50)]
    producer.flush()
    for n, future in enumerate(sent):
        assert future.get(5).partition == clients.partition(b"k%d" % n, 3)
    producer.close()

    assert clients.lag(settings, "test-lag", "test.lag") == 50
    consumer = clients.consumer(settings, "test-lag", ["test.lag"])
    seen: set[bytes] = set()
    while len(seen) < 50:
        for records in consumer.poll(timeout_ms=500).values():
            seen |= {record.value for record in records}
    assert clients.lag(settings, "test-lag", "test.lag") == 50
    consumer.commit()
    consumer.close()
    assert clients.lag(settings, "test-lag", "test.lag") == 0
    assert seen == {b"v%d" % n for n in range(50)}
    admin.delete_topics(["test.lag"])
    admin.close()


@pytest.mark.kafka
def test_end_offsets_and_a_topic_that_is_missing(kafka: str) -> None:
    settings = Settings(kafka=kafka)
    admin = clients.admin(settings)
    admin.create_topics([NewTopic("test.ends", 2, 1)], wait_for_metadata=True)
    producer = clients.producer(settings)
    producer.send("test.ends", key=b"a", value=b"1", partition=1).get(5)
    producer.close()
    consumer = clients.consumer(settings, None)
    assert clients.end_offsets(consumer, "test.ends") == {0: 0, 1: 1}
    assert TopicPartition("test.ends", 0) in clients.partitions_of(consumer, "test.ends")
    with pytest.raises(UserError, match=r"no topic test\.nowhere: run `riftwatch topics apply`"):
        clients.partitions_of(consumer, "test.nowhere")
    with pytest.raises(UserError, match=r"no topic test\.nowhere"):
        clients.consumer(settings, "test-ends", ["test.ends", "test.nowhere"])
    consumer.close()
    admin.delete_topics(["test.ends"])
    admin.close()


@pytest.mark.kafka
def test_a_group_that_nobody_joined_has_no_members(kafka: str) -> None:
    assert clients.group_members(Settings(kafka=kafka), "nobody") == 0


MEMBER = """
import sys
from riftwatch import kafka
from riftwatch.kafka_consumer import Consumer
from riftwatch.settings import Settings
from riftwatch.topics import SHIFTS
member = kafka.consumer(Settings(kafka=sys.argv[1], session_timeout_s=20), "test-join", ["test.join"])
while not member.assignment():
    member.poll(timeout_ms=100)
print("joined", flush=True)
while True:
    member.poll(timeout_ms=500)
"""


@pytest.mark.kafka
def test_a_consumer_that_waits_for_a_killed_one_closes_at_once(kafka: str) -> None:
    settings = Settings(kafka=kafka, session_timeout_s=20)
    admin = clients.admin(settings)
    admin.create_topics([NewTopic("test.join", 1, 1)], wait_for_metadata=True)
    killed = subprocess.Popen([sys.executable, "-c", MEMBER, kafka], stdout=subprocess.PIPE)
    assert killed.stdout
    assert killed.stdout.readline() == b"joined\n"
    killed.kill()
    killed.wait()
    killed.stdout.close()
    waiting = clients.consumer(settings, "test-join", ["test.join"])
    for _ in range(3):
        waiting.poll(timeout_ms=300)
    assert not waiting.assignment()
    started = time.monotonic()
    waiting.close()
    assert time.monotonic() - started < 12  # 2 s; the session of the killed one lasts 20 s
    admin.delete_topics(["test.join"])
    admin.close()


def test_a_poll_that_reaches_no_broker_brings_nothing_and_says_so(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    # The library raises this only when a metadata refresh fails at the very moment of a poll.
    def refused(*_: object, **__: object) -> None:
        raise KafkaConnectionError("111 ECONNREFUSED")

    monkeypatch.setattr(KafkaConsumer, "poll", refused)
    consumer = Consumer.__new__(Consumer)
    assert consumer.poll(timeout_ms=1) == {}
    assert "the broker is out of reach" in caplog.text


@pytest.mark.kafka
@pytest.mark.usefixtures("fresh_topics")
def test_a_join_that_outlasts_the_poll_is_seen_through(kafka: str) -> None:
    consumer = clients.consumer(Settings(kafka=kafka, session_timeout_s=6), "riftwatch-joiner", [SHIFTS.name])
    coordinator = consumer._coordinator
    try:
        for _ in range(4):
            until = time.monotonic() + 20
            while not coordinator.stable():
                assert time.monotonic() < until, "it never came back into its group"
                consumer.poll(timeout_ms=100)
            coordinator._assignment_snapshot = {}  # as after a change of the topic's metadata
            consumer.poll(timeout_ms=1)
            consumer.poll(timeout_ms=1)
            time.sleep(0.2)
    finally:
        consumer.close()


def test_what_we_send_is_compressed_quickly() -> None:
    """The library's own level takes three times as long; see riftwatch.kafka.GZIP_LEVEL."""
    builder = DefaultRecordBatchBuilder(2, 1, 0, -1, -1, -1, 100_000)
    builder.append(0, 0, None, b"news " * 1000, [])
    batch = bytes(builder.build())
    fastest = 4  # RFC 1952: extra flags of deflate
    assert batch[batch.index(b"\x1f\x8b") + 8] == fastest


@pytest.mark.kafka
@pytest.mark.slow
def test_offsets_are_told_after_a_broker_died_and_came_back(three_brokers: Cluster) -> None:
    settings = Settings(kafka=three_brokers.bootstrap)
    admin = clients.admin(settings)
    admin.create_topics([NewTopic("test.leaders", 6, 3)], wait_for_metadata=True)
    idle = clients.consumer(settings, None)
    places = clients.partitions_of(idle, "test.leaders")
    three_brokers.kill(1)
    time.sleep(5)
    three_brokers.start(1)
    try:
        for _ in range(
            5
        ):  # unmended it asks the first broker for ever: some partitions have other leaders now
            assert idle.end_offsets(places, timeout_ms=4000) == dict.fromkeys(places, 0)
    finally:
        idle.close()
        admin.delete_topics(["test.leaders"])
        admin.close()
