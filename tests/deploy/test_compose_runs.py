"""What docker-compose.yml starts, started: each command, setting and health check as the file has it.

Docker is not needed: the image's folder is laid out by the Dockerfile's own COPY lines, hosts and ports are those of
the test's engines, everything else is the file's.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from riftwatch.settings import ROOT, Settings
from tests.conftest import _forget
from tests.deploy.compose import ROLES, Service, services, variables

pytestmark = [pytest.mark.kafka, pytest.mark.elasticsearch, pytest.mark.slow, pytest.mark.timeout(180)]
READY_S = 60.0
OPML = """<opml version="2.0"><head/><body>
<outline type="rss" feedId="nobody" text="Nobody" xmlUrl="http://127.0.0.1:1/feed" publisher="nobody" language="en" />
</body></opml>"""
ENV = variables() | {name: "0123456789abcdef" for name in variables() if name.endswith(("PASSWORD", "KEY"))}


@pytest.fixture(scope="module")
def image(tmp_path_factory) -> Path:
    """The folder /app of the image."""
    app = tmp_path_factory.mktemp("image") / "app"
    for source, target in re.findall(r"^COPY (\w+) (\w+)$", (ROOT / "Dockerfile").read_text(), re.MULTILINE):
        shutil.copytree(ROOT / source, app / target, ignore=shutil.ignore_patterns("__pycache__"))
    (app / "config/feeds.opml").write_text(OPML)  # a test asks nobody's server
    script = app.parent / "bin" / "riftwatch"
    script.parent.mkdir()
    script.write_text(f'#!/bin/sh\nexec {sys.executable} -m commands.main "$@"\n')
    script.chmod(0o755)
    return app


class Place:
    """Where the services find one another here."""

    def __init__(self, image: Path, kafka: str, elasticsearch: str, prefix: str, data: Path) -> None:
        self.image, self.kafka, self.elasticsearch, self.prefix, self.data = (
            image,
            kafka,
            elasticsearch,
            prefix,
            data,
        )
        self.metrics = free_port()
        self.desk = free_port()

    def environment(self, service: Service) -> dict[str, str]:
        """The service's own, with the hosts and ports of this place."""
        own = {name: self._here(str(value)) for name, value in service["environment"].items()}
        data = self.data / "data"
        data.mkdir(exist_ok=True)
        ours = {
            "RIFTWATCH_DATA": str(data),
            "RIFTWATCH_INDEX_PREFIX": self.prefix,
            "RIFTWATCH_INDEX_ANALYSIS": "plain",
        }
        if "RIFTWATCH_DESK_HOST" in own:
            ours["RIFTWATCH_DESK_PORT"] = str(self.desk)
        path = f"{self.image.parent / 'bin'}:{Path(sys.executable).parent}:{os.environ['PATH']}"
        kept = {name: value for name, value in os.environ.items() if name.startswith("RUN_OF_")}
        return kept | own | ours | {"PATH": path, "PYTHONPATH": str(self.image), "HOME": "/nonexistent"}

    def words(self, service: Service, key: str) -> list[str]:
        """A command line of the service."""
        return [self._here(word) for word in service[key]]

    def _here(self, text: str) -> str:
        text = re.sub(r"http://\w+:\w+@elasticsearch:9200", self.elasticsearch, text)
        text = text.replace("kafka:9092", self.kafka).replace("127.0.0.1:9464", f"127.0.0.1:{self.metrics}")
        return str(self.metrics) if text == "9464" else text

    def run(self, service: Service, words: list[str]) -> subprocess.CompletedProcess[str]:
        """Run to the end."""
        return subprocess.run(
            words,
            cwd=self.image,
            env=self.environment(service),
            capture_output=True,
            text=True,
            timeout=90,
            check=False,
        )


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


@pytest.fixture
def empty_kafka(kafka) -> Iterator[str]:
    """host:port of a Kafka without any of our topics, before and after."""
    _forget(Settings(kafka=kafka))
    yield kafka
    _forget(Settings(kafka=kafka))


@pytest.fixture
def place(image, empty_kafka, elasticsearch_url, index_prefix, tmp_path) -> Place:
    return Place(image, empty_kafka, elasticsearch_url, index_prefix, tmp_path)


@pytest.fixture
def running(place) -> Iterator[list[subprocess.Popen[bytes]]]:
    started: list[subprocess.Popen[bytes]] = []
    yield started
    for child in started:
        child.kill()
        child.wait()


def test_the_jobs_and_every_role(place, running) -> None:
    composed = services(ENV)
    setup = composed["setup"]
    for _ in range(2):  # again does nothing, and is content
        done = place.run(setup, place.words(setup, "entrypoint"))
        assert done.returncode == 0, done.stderr
    for name in ROLES:
        start_and_ask(place, composed[name], name, running)


def start_and_ask(place: Place, service: Service, name: str, running: list[subprocess.Popen[bytes]]) -> None:
    """Start a role, wait until its health check passes, and stop it as Docker would."""
    log = place.data / f"{name}.log"
    with log.open("wb") as written:
        child = subprocess.Popen(
            ["riftwatch", *place.words(service, "command")],
            cwd=place.image, env=place.environment(service), stdout=written, stderr=subprocess.STDOUT,
        )  # fmt: skip
    running.append(child)
    check = place.words(service["healthcheck"], "test")[1:]
    until = time.monotonic() + READY_S
    while (
        (asked := place.run(service, check)).returncode and time.monotonic() < until and child.poll() is None
    ):
        time.sleep(0.5)
    said = log.read_text()
    assert asked.returncode == 0, f"{name}: {asked.stderr}\n{shlex.join(child.args)}\n{said}"
    child.terminate()
    assert child.wait(30) in {0, -15}, said
    assert "Traceback" not in log.read_text()
