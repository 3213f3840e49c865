"""A search engine's process: started, asked until it answers, ended."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from pathlib import Path

from commands.children import Starter
from commands.ports import LOOPBACK
from commands.service import Service, tail
from commands.testbed.ports import kept_ports
from commands.testbed.running import Running
from riftwatch.errors import UserError

START_S = 300.0  # 8-12 s on two idle cores, 100 s when eight others want them too
STOP_S = 20.0  # 2 s usually
ASK_S = 5.0
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Launch:
    """What it takes to start an engine: command line, what is added to the environment, whose process it is."""

    argv: Sequence[str]
    environ: Mapping[str, str]
    user: str | None = None


@dataclass(frozen=True, slots=True)
class Kind:
    """An engine that answers over HTTP: its name, for people and for the environment, and how it is prepared.

    `prepare(folder, (http port, transport port), say)` fetches and writes what is missing; it may block for a
    minute the first time and raises UserError.
    """

    name: str
    title: str
    port: int
    prepare: Callable[[Path, tuple[int, int], Say], Launch]

    @property
    def variable(self) -> str:
        """Return the environment variable that names such an engine."""
        return f"RIFTWATCH_{self.name.upper()}"


class Server(Service):
    """One engine over its folder."""

    start_s, stop_s = START_S, STOP_S

    def __init__(
        self, kind: Kind, folder: Path, starter: Starter, say: Say, ports: tuple[int, int] | None = None
    ) -> None:
        self.kind = kind
        self.folder = folder / kind.name
        super().__init__(kind.title, self.folder / f"{kind.name}.log", starter)
        self.adopted: Running | None = None  # the same engine, started by an earlier command
        self.ports = ports or kept_ports(self.folder / "ports", (kind.port, kind.port + 100))
        self._say = say

    @property
    def address(self) -> str:
        """Where clients find it."""
        return f"http://{LOOPBACK}:{self.ports[0]}"

    def launch(self) -> subprocess.Popen[bytes]:
        """Start the engine without waiting for its answer; raises UserError."""
        try:
            launch = self.kind.prepare(self.folder, self.ports, self._say)
            with self.log.open("wb") as output:
                self.process = self._starter.start(
                    launch.argv, env={**os.environ, **launch.environ}, cwd=self.folder, output=output,
                    user=launch.user,
                )  # fmt: skip
        except OSError as error:
            raise UserError(f"{self.title} cannot run in {self.folder}: {error}.") from error
        return self.process

    def alive(self) -> bool:
        """Tell whether the process runs."""
        return super().alive() or (self.process is None and self.adopted is not None and self.adopted.alive)

    def answers(self) -> bool:
        """Tell whether the engine has a working cluster."""
        return answers(self.address)

    def failure(self) -> str:
        """Say in one sentence why the engine ended."""
        return f"{self.title} ended by itself ({self._last_word()}); see {self.log}."

    def _last_word(self) -> str:
        """Return the last line of the log that says what went wrong."""
        lines = [line.strip() for line in tail(self.log).splitlines() if line.strip()]
        told = [line for line in lines if "xception" in line or "ERROR" in line or "rror:" in line]
        return (told or lines or ["it said nothing"])[-1][:200]


def answers(address: str) -> bool:
    """Tell whether the engine has a working cluster: a master, and every shard that can be in place is."""
    try:
        with closing(HTTPConnection(address.removeprefix("http://"), timeout=ASK_S)) as connection:
            connection.request("GET", "/_cluster/health")
            status: str = json.load(connection.getresponse())["status"]
    except (OSError, HTTPException, ValueError, KeyError, TypeError):
        return False
    return status in ("green", "yellow")
