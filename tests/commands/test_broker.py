from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from kafka import TopicPartition

from commands.broker import Broker
from commands.children import Children
from commands.engine import engine as kafka_engine
from commands.jvm import Engine
from commands.ports import RANGE, free_port, is_free
from commands.topics import apply
from riftwatch.errors import UserError
from riftwatch.kafka import bootstrap, consumer, producer
from riftwatch.settings import Settings

TOPIC = "riftwatch.items"


@pytest.fixture
def children() -> Iterator[Children]:
    made = Children()
    yield made
    made.close()


def test_ports_are_free_and_outside_the_range_of_outgoing_connections() -> None:
    ports = {free_port() for _ in range(20)}
    assert len(ports) > 1
    assert all(port in RANGE and is_free(port) for port in ports)


def test_without_a_cache_the_command_line_names_none() -> None:
    plain = Engine("java", "a.jar:b.jar", None)
    assert plain.command("kafka.Kafka", "c")[-4:] == ["-cp", "a.jar:b.jar", "kafka.Kafka", "c"]
    assert not any("AOT" in word for word in plain.command("kafka.Kafka"))
    assert "-XX:AOTCache=/x.aot" in Engine("java", "a.jar", Path("/x.aot")).command("kafka.Kafka")


@pytest.mark.parametrize(
    ("said", "meaning"),
    [
        ("java.io.IOException: No space left on device", "the disk is full"),
        ("Failed to acquire lock on file .lock in kafka", "another Kafka uses this folder"),
        ("java.net.BindException: Address already in use", "its port was taken"),
        ("java.nio.file.AccessDeniedException: kafka/meta.properties", "no permission"),
        ("something new", r"the reason stands in .*broker\.log"),
    ],
)
def test_the_log_of_a_dead_broker_becomes_one_sentence(
    tmp_path: Path, children: Children, said: str, meaning: str
) -> None:
    (tmp_path / "broker.log").write_text(f"2025-01-22 ERROR {said}\n\tat kafka.Kafka.main\n")
    sentence = Broker(tmp_path, children, Engine("java", "", None)).failure()
    assert re.search(meaning, sentence)
    assert "\n" not in sentence


def test_a_jvm_that_cannot_run_is_one_sentence(tmp_path: Path, children: Children) -> None:
    with pytest.raises(UserError, match=r"Kafka cannot keep its data in .*No such file"):
        Broker(tmp_path, children, Engine("/no/such/java", "", None)).start()


def test_a_folder_that_cannot_be_made_is_one_sentence(tmp_path: Path, children: Children) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match="Kafka cannot keep its data in"):
        Broker(tmp_path / "file" / "data", children, Engine("java", "", None)).start()


def test_a_full_disk_is_noticed_before_the_start(
    tmp_path: Path, children: Children, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(1000, 999, 1))
    with pytest.raises(UserError, match="is full: make at least 200 MB of room"):
        Broker(tmp_path, children, Engine("java", "", None)).start()


def _stored(settings: Settings) -> list[bytes]:
    reader = consumer(settings, None)
    where = [TopicPartition(TOPIC, number) for number in range(settings.partitions)]
    reader.assign(where)
    reader.seek_to_beginning()
    ends = reader.end_offsets(where)
    values = []
    while any(reader.position(one) < ends[one] for one in where):
        for records in reader.poll(timeout_ms=200).values():
            values += [record.value for record in records]
    reader.close()
    return sorted(values)


@pytest.mark.slow
@pytest.mark.kafka
@pytest.mark.usefixtures("kafka")  # fetches the jars, or skips
def test_acknowledged_records_survive_kill_9_and_a_change_of_ports(
    tmp_path: Path, children: Children
) -> None:
    engine = kafka_engine()
    data = tmp_path / "Daten, für alle"  # Kafka's own configuration could not hold this path
    broker = Broker(data, children, engine)
    settings = Settings(data=data, session_timeout_s=6)
    assert bootstrap(Settings(data=data, kafka=broker.start())) == bootstrap(settings) == broker.address
    apply(settings)
    sender = producer(settings)
    sent = [sender.send(TOPIC, key=b"%d" % n, value=b"%03d" % n) for n in range(200)]
    for future in sent:
        future.get(10)
    sender.close()

    reader = consumer(settings, "test-waits", [TOPIC])
    while not reader.assignment():
        reader.poll(timeout_ms=100)

    assert broker.process
    os.kill(broker.process.pid, signal.SIGKILL)
    broker.process.wait()
    children.ended(broker.process)
    down = time.monotonic()
    while time.monotonic() - down < 5:
        reader.poll(timeout_ms=200)  # a broker that is gone is waited for
    assert broker.start() == bootstrap(settings)
    assert _stored(settings) == [b"%03d" % n for n in range(200)]

    reader.close()
    process = broker.process
    broker.stop(60.0)  # 0.3 s on an idle machine
    assert process.returncode == 128 + signal.SIGTERM  # ended by itself: nobody had to kill it
    assert json.loads((data / "broker.json").read_text())["pid"] is None

    moved = Broker(data, children, engine)
    assert moved.port == broker.port  # the same ports while they are free
    moved.port, moved.controller = free_port(), free_port()
    moved.start()
    assert _stored(settings) == [b"%03d" % n for n in range(200)]
    moved.stop()


def test_a_taken_port_is_one_sentence(tmp_path: Path, children: Children) -> None:
    broker = Broker(tmp_path, children, Engine("java", "", None))
    with (
        socket.create_server(("127.0.0.1", broker.port)),
        pytest.raises(UserError, match="is taken by another"),
    ):
        broker.start()
