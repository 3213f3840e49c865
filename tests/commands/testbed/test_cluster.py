from __future__ import annotations

import time
from pathlib import Path

import pytest
from kafka import KafkaProducer

from commands.broker import Broker
from commands.jvm import Engine
from commands.testbed.cluster import SIZE, Cluster, cluster, known
from commands.topics import apply
from riftwatch import topics
from riftwatch.kafka import extents, producer
from riftwatch.settings import Settings
from tests.fakes import FakeStarter

PLAIN = Engine("java", "", None)


def _planned(folder: Path) -> Cluster:
    return cluster(folder, FakeStarter(), PLAIN)


def test_every_broker_is_told_of_all_three_and_of_itself(tmp_path: Path) -> None:
    planned = _planned(tmp_path)
    assert planned.bootstrap.count(",") == SIZE - 1
    for number, member in enumerate(planned.members, 1):
        lines = "\n".join(member.properties()).splitlines()
        effective = dict(line.split("=", 1) for line in lines if "=" in line and not line.startswith("#"))
        assert effective["node.id"] == str(number)
        assert effective["min.insync.replicas"] == "2"
        assert effective["offsets.topic.replication.factor"] == "3"
        assert [
            int(one.rpartition(":")[2]) for one in effective["controller.quorum.bootstrap.servers"].split(",")
        ] == [one.controller for one in planned.members]


def test_a_folder_keeps_its_ports_its_cluster_and_its_voters(tmp_path: Path) -> None:
    first, again, other = _planned(tmp_path / "a"), _planned(tmp_path / "a"), _planned(tmp_path / "b")
    assert first.bootstrap == again.bootstrap
    assert [m.identity() for m in first.members] == [m.identity() for m in again.members]
    assert len({str(member.identity()) for member in first.members}) == 1
    assert first.members[0].identity()[0] != other.members[0].identity()[0]


def test_one_broker_alone_votes_alone(tmp_path: Path) -> None:
    assert "--standalone" in Broker(tmp_path, FakeStarter(), PLAIN).identity()


@pytest.mark.slow
@pytest.mark.kafka
def test_two_of_three_brokers_go_on_and_the_third_comes_back(three_brokers: Cluster) -> None:
    settings = Settings(kafka=three_brokers.bootstrap, replication=3)
    apply(settings)
    sender = producer(settings)
    _send(sender, 100)
    three_brokers.kill(2)
    _send(sender, 100)
    assert len(_without(three_brokers, 2)) == SIZE - 1
    three_brokers.start(2)
    assert known(three_brokers.bootstrap) == {member.port for member in three_brokers.members}
    _send(sender, 100)
    sender.close()
    assert extents(settings, [topics.ITEMS.name])[topics.ITEMS.name].size == 300


def _send(sender: KafkaProducer, count: int) -> None:
    for sent in [sender.send(topics.ITEMS.name, key=b"%d" % n, value=b"x") for n in range(count)]:
        sent.get(30)


def _without(brokers: Cluster, number: int) -> set[int]:
    """Wait until the cluster has noticed the loss."""
    until = time.monotonic() + 30
    while (
        brokers.members[number - 1].port in (found := known(brokers.bootstrap)) and time.monotonic() < until
    ):
        time.sleep(0.2)
    return found
