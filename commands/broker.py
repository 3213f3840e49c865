"""Real Apache Kafka, embedded: one node on loopback, its data under the data folder.

    jars (verified) ─▶ AOT cache (once) ─▶ format (once) ─▶ start ─▶ a metadata request is answered

Started by `up`, `demo` and the tests; the testbed makes clusters of it. Restarting it when it dies is the
supervisor's business; its data are on disk and survive kill -9.
"""

from __future__ import annotations

import base64
import json
import shutil
import subprocess
import uuid
from collections.abc import Sequence
from pathlib import Path

from commands.children import Starter
from commands.jvm import Engine
from commands.ports import LOOPBACK, free_port, is_free
from commands.service import Service, tail
from riftwatch.errors import UserError
from riftwatch.kafka import BROKER_FILE
from riftwatch.settings import Settings

HERE = Path(__file__).parent
CONFIG = "broker.properties"
LOG = "broker.log"
OUT = "broker.out"  # what the JVM itself says
LOGGING = (f"-Dlog4j2.configurationFile={HERE / 'kafka-log4j2.properties'}", f"-Driftwatch.log={LOG}")
START_S = 60.0  # 1-2 s usually, 5 s after kill -9; a busy machine may take a lot longer
STOP_S = 3.0  # 0.3-0.5 s usually
FREE_BYTES = 200 * 1024 * 1024  # below this Kafka would soon halt in the middle of its work

# What the broker's log says when it cannot start -> what a person should know.
KNOWN_FAILURES = (
    ("No space left on device", "the disk is full: make room"),
    ("Failed to acquire lock", "another Kafka uses this folder: stop the other `riftwatch up`"),
    ("Address already in use", "its port was taken: start again"),
    ("AccessDeniedException", "no permission to write there"),
    ("Permission denied", "no permission to write there"),
    ("Could not reserve enough space", "there is too little memory: 600 MB must be free"),
    ("OutOfMemoryError", "there is too little memory: 600 MB must be free"),
)


class Broker(Service):
    """One embedded broker over a data folder."""

    start_s, stop_s = START_S, STOP_S

    def __init__(
        self, data: Path, children: Starter, engine: Engine, *,
        options: Sequence[str] = (), ports: tuple[int, int] | None = None,
    ) -> None:  # fmt: skip
        self.data = data.absolute()
        super().__init__("Kafka", self.data / LOG, children)
        self._engine = engine
        self._options = options
        self.port, self.controller = ports or self._ports()

    @property
    def address(self) -> str:
        """Where clients find it."""
        return f"{LOOPBACK}:{self.port}"

    def launch(self) -> subprocess.Popen[bytes]:
        """Start the broker without waiting for its answer; raises UserError."""
        try:
            self.data.mkdir(parents=True, exist_ok=True)
            if shutil.disk_usage(self.data).free < FREE_BYTES:
                raise UserError(
                    f"the disk under {self.data} is full: make at least 200 MB of room for Kafka."
                )
            self._check_ports()
            (self.data / CONFIG).write_text("\n".join(self.properties()) + "\n", encoding="ascii")
            self._format()
            return self._launch()
        except OSError as error:
            raise UserError(
                f"Kafka cannot keep its data in {self.data}: {error.strerror or error}."
            ) from error

    def answers(self) -> bool:
        """Tell whether the broker answers a metadata request and counts itself as alive."""
        if is_free(self.port):
            return False
        from riftwatch.kafka import admin

        try:
            client = admin(Settings(kafka=self.address), answer_ms=1000)
        except UserError:
            return False
        try:
            return any(not one["is_fenced"] for one in client.describe_cluster()["brokers"])
        except Exception:  # a broker that is still starting may refuse in many ways; wait() has the limit
            return False
        finally:
            client.close()

    def stop(self, grace_s: float | None = None) -> None:
        """Stop the broker: 0.5 s usually, never more than the grace and a kill."""
        if self.process is not None:
            super().stop(grace_s)
            self._write_address()

    def kill(self) -> None:
        """End the broker as a crash would: SIGKILL, nothing flushed, nobody told."""
        if self.process is not None:
            self.process.kill()
            self.stop()

    def _ports(self) -> tuple[int, int]:
        """Return the ports of the last run if they are still free: other programs may remember them."""
        try:
            last = json.loads((self.data / BROKER_FILE).read_text(encoding="utf-8"))
            ports = int(last["kafka"].rpartition(":")[2]), int(last["controller"])
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return free_port(), free_port()
        return ports if all(map(is_free, ports)) else (free_port(), free_port())

    def _check_ports(self) -> None:
        for port in (self.port, self.controller):
            if not is_free(port):
                raise UserError(
                    f"Kafka cannot run in {self.data}: its port {port} is taken by another program."
                )

    def properties(self) -> list[str]:
        """Return the lines of the configuration; a later one wins."""
        # Kafka runs inside the folder and is given relative names: its configuration knows neither commas
        # nor letters outside Latin-1 in a path.
        listeners = f"PLAINTEXT://{self.address},CONTROLLER://{LOOPBACK}:{self.controller}"
        return [
            (HERE / "kafka.properties").read_text(encoding="utf-8"),
            f"listeners={listeners}",
            f"advertised.listeners={listeners}",
            f"controller.quorum.bootstrap.servers={LOOPBACK}:{self.controller}",
            "log.dirs=kafka",
        ]

    def identity(self) -> list[str]:
        """Return the options with which the folder is formatted: which cluster, who votes."""
        return [f"--cluster-id={uuid64(uuid.uuid4())}", "--standalone"]

    def _format(self) -> None:
        if (self.data / "kafka" / "meta.properties").exists():
            return
        argv = self._engine.command(
            "kafka.tools.StorageTool", "format", *self.identity(), "--ignore-formatted", "-c", CONFIG,
            options=LOGGING,
        )  # fmt: skip
        done = subprocess.run(
            argv, cwd=self.data, capture_output=True, text=True, timeout=START_S, check=False
        )
        if done.returncode:
            (self.data / OUT).write_text(done.stdout + done.stderr, encoding="utf-8")
            raise UserError(self.failure())

    def _launch(self) -> subprocess.Popen[bytes]:
        argv = self._engine.command("kafka.Kafka", CONFIG, options=[*LOGGING, *self._options])
        with (self.data / OUT).open("wb") as out:
            self.process = self._starter.start(argv, output=out, cwd=self.data)
        self._write_address()
        return self.process

    def _write_address(self) -> None:
        known = {
            "kafka": self.address,
            "controller": self.controller,
            "pid": getattr(self.process, "pid", None),
        }
        fresh = self.data / (BROKER_FILE + ".new")
        fresh.write_text(json.dumps(known), encoding="utf-8")
        fresh.replace(self.data / BROKER_FILE)

    def failure(self) -> str:
        """Say in one sentence why the broker ended."""
        said = tail(self.data / OUT) + tail(self.log)
        for phrase, meaning in KNOWN_FAILURES:
            if phrase in said:
                return f"Kafka cannot run in {self.data}: {meaning}."
        return f"Kafka ended by itself; the reason stands in {self.log} and {OUT} beside it."


def uuid64(one: uuid.UUID) -> str:
    """Return an id as Kafka writes it."""
    return base64.urlsafe_b64encode(one.bytes).decode().rstrip("=")
