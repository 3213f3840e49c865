"""The testbed as one thing: start the engines that are wanted, say which run, end them all.

    running/ (what was started) ─▶ start what is missing ─▶ every engine answers ─▶ addresses

Engines run on after the command that started them. Two `up` at once wait for one another.
"""

from __future__ import annotations

import contextlib
import fcntl
import shutil
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, ClassVar

from commands.broker import Broker
from commands.children import spawn
from commands.engine import engine
from commands.jvm import Engine
from commands.testbed import cluster, server
from commands.testbed.cluster import joined
from commands.testbed.elasticsearch import ELASTICSEARCH
from commands.testbed.opensearch import OPENSEARCH
from commands.testbed.places import own
from commands.testbed.ports import kept_ports
from commands.testbed.running import FOLDER, Running, born, end, forget, recall, remember
from commands.testbed.server import STOP_S, Kind, Say, Server
from riftwatch.errors import UserError

KAFKA = "kafka"
KINDS = {kind.name: kind for kind in (ELASTICSEARCH, OPENSEARCH)}
ENGINES = (KAFKA, *KINDS)
LOCK = "lock"
BROKER_STOP_S = 5.0  # 0.5 s usually; the last of three has no majority left to tell and never ends by itself
Waiter = Callable[[], tuple[str, str]]  # waits for an engine and returns its variable and address


class Leaving:
    """Starts processes that stay when we end: no guard knows them, the testbed's own files do."""

    left: ClassVar[list[subprocess.Popen[bytes]]] = []  # Python complains of processes that nobody waits for

    def start(
        self, argv: Sequence[str], *, env: Mapping[str, str] | None = None, cwd: Path | None = None,
        output: int | IO[bytes] = subprocess.DEVNULL, user: str | None = None,
    ) -> subprocess.Popen[bytes]:  # fmt: skip
        """Start a process that leads a group of its own."""
        self.left.append(spawn(argv, env=env, cwd=cwd, output=output, user=user))
        return self.left[-1]

    def stop(self, children: Sequence[subprocess.Popen[bytes]], grace_s: float) -> list[int]:
        """Stop processes: SIGTERM, SIGKILL after `grace_s`. Returns the pids that were killed."""
        found = [Running(f"{child.pid}", child.pid, born(child.pid), "", "") for child in children]
        killed = end(found, grace_s)
        for child in children:
            child.wait()
        return [int(name) for name in killed]


@dataclass(frozen=True, slots=True)
class State:
    """What is known of one process: whether it is alive, and whether it answers."""

    running: Running
    alive: bool
    answers: bool

    @property
    def word(self) -> str:
        """The state for people."""
        return "running" if self.answers else "silent" if self.alive else "ended"


def up(folder: Path, wanted: Sequence[str], brokers: int | None, say: Say) -> dict[str, str]:
    """Start what is wanted and does not run, wait until all of it answers; variable -> address.

    Raises UserError; what was started until then runs on and `down` ends it.
    """
    with _alone(folder):
        waiting = []
        if KAFKA in wanted:
            waiting.append(_kafka(folder, brokers, say))
        waiting += [_search(folder, KINDS[name], say) for name in wanted if name in KINDS]
        return dict(one() for one in waiting)


def status(folder: Path) -> list[State]:
    """Return the state of every process that was started and not ended."""
    return [State(one, one.alive, one.alive and _answers(one)) for one in recall(folder)]


def down(folder: Path, *, wipe: bool) -> tuple[list[Running], list[str]]:
    """End every engine; what was known, and the names that had to be killed. `wipe` removes the folder too.

    Idempotent. Logs stay where they were unless wiped.
    """
    if not folder.is_dir():
        return [], []
    with _alone(folder):
        known = recall(folder)
        killed = end([one for one in known if one.name not in KINDS], BROKER_STOP_S)
        killed += end([one for one in known if one.name in KINDS], STOP_S)
        for one in known:
            forget(folder, one.name)
        if wipe:
            _wipe(folder)
        return known, killed


def _wipe(folder: Path) -> None:
    """Delete what is ours in the folder, and the folder when nothing else is in it."""
    for name in [*KINDS, FOLDER, *(path.name for path in folder.glob(f"{KAFKA}*"))]:
        shutil.rmtree(folder / name, ignore_errors=True)
    (folder / LOCK).unlink()
    with contextlib.suppress(OSError):
        folder.rmdir()


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Hold the testbed for oneself; blocks while another command has it."""
    folder = own(folder)
    with (folder / LOCK).open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _search(folder: Path, kind: Kind, say: Say) -> Waiter:
    """Start a search engine if it does not run."""
    engine = Server(kind, folder, Leaving(), say)
    engine.adopted = next((one for one in recall(folder) if one.name == kind.name and one.alive), None)
    if engine.adopted is None:
        say(f"starting {kind.title}; its log: {engine.log}")
        pid = engine.launch().pid
        remember(folder, Running(kind.name, pid, born(pid), engine.address, str(engine.log)))

    def wait() -> tuple[str, str]:
        engine.wait()
        return kind.variable, engine.address

    return wait


def _kafka(folder: Path, size: int | None, say: Say) -> Waiter:
    """Start the brokers that do not run."""
    known = [one for one in recall(folder) if one.name.startswith(KAFKA)]
    living = {one.name for one in known if one.alive}
    nodes = _nodes(folder, _size(known, size), engine(say))
    started = {name: node for name, node in nodes.items() if name not in living}
    for name, node in started.items():
        say(f"starting Kafka; its log: {node.log}")
        pid = node.launch().pid
        remember(folder, Running(name, pid, born(pid), node.address, str(node.log)))

    def wait() -> tuple[str, str]:
        for node in started.values():
            node.wait()
        joined(list(nodes.values()))
        return "RIFTWATCH_KAFKA", ",".join(node.address for node in nodes.values())

    return wait


def _size(known: Sequence[Running], wanted: int | None) -> int:
    """Return how many brokers there are to be: as many as there were, unless all of those have ended."""
    before = cluster.SIZE if any(one.name != KAFKA for one in known) else 1
    if wanted and wanted != before and any(one.alive for one in known):
        raise UserError(
            f"Kafka runs with {before} broker{'s'[: before - 1]}: `riftwatch testbed down` first."
        )
    return wanted or before


def _nodes(folder: Path, size: int, kafka: Engine) -> dict[str, Broker]:
    if size == 1:
        data = folder / KAFKA
        ports = kept_ports(data / "ports", (cluster.FIRST_PORT, cluster.FIRST_PORT + 100))
        return {KAFKA: Broker(data, Leaving(), kafka, ports=ports)}
    return {one.data.name: one for one in cluster.cluster(folder, Leaving(), kafka).members}


def _answers(one: Running) -> bool:
    return server.answers(one.address) if one.name in KINDS else _port(one) in cluster.known(one.address)


def _port(one: Running) -> int:
    return int(one.address.rpartition(":")[2])
