"""Kafka with three brokers: every record on all of them, and still writable when one is gone.

Each is a broker and a controller at once. A small setting for tests; not a way to run a newsroom.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Sequence
from pathlib import Path

from commands.broker import START_S, STOP_S, Broker, uuid64
from commands.children import Starter
from commands.jvm import Engine
from commands.ports import LOOPBACK
from commands.testbed.places import DEPLOYED
from commands.testbed.ports import kept_ports
from riftwatch.errors import UserError
from riftwatch.kafka import admin
from riftwatch.settings import Settings

SIZE = 3
FIRST_PORT = 29_092
OVERRIDES = DEPLOYED / "kafka-three.properties"


class Member(Broker):
    """One broker of several; it votes with the others on who leads."""

    def __init__(
        self, number: int, data: Path, starter: Starter, engine: Engine, ports: tuple[int, int]
    ) -> None:
        super().__init__(data, starter, engine, ports=ports)
        self.number = number
        self.peers: Sequence[Member] = ()

    @property
    def directory(self) -> str:
        """The id of its data, the same each time it is asked for: a start that was cut short can be repeated."""
        return uuid64(uuid.uuid5(uuid.NAMESPACE_URL, self.data.as_uri()))

    def properties(self) -> list[str]:
        """Return the lines of the configuration; a later one wins."""
        voters = ",".join(f"{LOOPBACK}:{peer.controller}" for peer in self.peers)
        more = [OVERRIDES.read_text(encoding="ascii"), f"node.id={self.number}"]
        return [*super().properties(), *more, f"controller.quorum.bootstrap.servers={voters}"]

    def identity(self) -> list[str]:
        """Return the options with which the folder is formatted: one cluster, all of them vote."""
        voters = [f"{one.number}@{LOOPBACK}:{one.controller}:{one.directory}" for one in self.peers]
        cluster = uuid64(uuid.uuid5(uuid.NAMESPACE_URL, self.data.parent.as_uri()))
        return [f"--cluster-id={cluster}", f"--initial-controllers={','.join(voters)}"]


class Cluster:
    """Three brokers, numbered 1 to 3, any of which can be killed and started again."""

    def __init__(self, members: Sequence[Member], starter: Starter) -> None:
        self.members = members
        self._starter = starter

    @property
    def bootstrap(self) -> str:
        """Return the addresses of all brokers, as clients want them."""
        return ",".join(member.address for member in self.members)

    def start(self, number: int | None = None) -> None:
        """Start one broker, or all that do not run, and wait until the cluster counts every living one."""
        wanted = [one for one in self.members if number in (None, one.number) and not one.alive()]
        for member in wanted:
            member.launch()
        self.wait()

    def kill(self, number: int) -> None:
        """Kill one broker with SIGKILL."""
        self.members[number - 1].kill()

    def stop(self) -> None:
        """Stop all brokers at once; the last has no majority to tell any more and is killed after the grace."""
        self._starter.stop([member.process for member in self.members if member.process], STOP_S)
        for member in self.members:
            member.stop()

    def wait(self, limit_s: float = START_S) -> None:
        """Wait until every living broker is counted by the cluster; raises UserError."""
        living = [member for member in self.members if member.alive()]
        for member in living:
            member.wait(limit_s)
        joined(living, limit_s)


def joined(brokers: Sequence[Broker], limit_s: float = START_S) -> None:
    """Wait until the cluster counts exactly these brokers as alive; raises UserError."""
    until = time.monotonic() + limit_s
    bootstrap = ",".join(broker.address for broker in brokers)
    while (found := known(bootstrap)) != {broker.port for broker in brokers}:
        if time.monotonic() > until:
            raise UserError(f"{len(found)} of {len(brokers)} brokers joined; see {brokers[0].log}.")
        time.sleep(0.1)


def known(bootstrap: str) -> set[int]:
    """Return the ports of the brokers that the cluster counts as alive; none when nobody answers."""
    try:
        client = admin(Settings(kafka=bootstrap), answer_ms=1000)
    except UserError:
        return set()
    try:
        return {one["port"] for one in client.describe_cluster()["brokers"] if not one["is_fenced"]}
    except Exception:  # brokers that are still finding their leader may refuse in many ways
        return set()
    finally:
        client.close()


def cluster(folder: Path, starter: Starter, engine: Engine, *, first_port: int = FIRST_PORT) -> Cluster:
    """Return the cluster whose data lie under the folder; nothing runs yet.

    Ports are those of the last run: every broker knows the others by them.
    """
    members = []
    for number in range(1, SIZE + 1):
        data = folder / f"kafka-{number}"
        ports = kept_ports(data / "ports", (first_port + number - 1, first_port + 100 + number - 1))
        members.append(Member(number, data, starter, engine, ports))
    for member in members:
        member.peers = members
    return Cluster(members, starter)
