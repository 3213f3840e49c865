"""Fixtures shared by all tests."""

from __future__ import annotations

import os
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from commands.broker import Broker
from commands.children import Children
from commands.jvm import Engine
from commands.topics import apply
from processors.judge import Judge
from riftwatch import topics
from riftwatch.kafka import admin
from riftwatch.settings import Settings
from tests.given import GIVEN

pytest_plugins = ["tests.engines", "tests.secured"]

RUN_MARK = "RUN_OF_RIFTWATCH_TESTS"
LEAVING_S = 10.0


@pytest.fixture(scope="session", autouse=True)
def _no_process_survives() -> Iterator[None]:
    """Fail the run if a process that a test started is still there at its end (seen on Linux only)."""
    os.environ[RUN_MARK] = mark = f"{os.getpid()}"
    yield
    until = time.monotonic() + LEAVING_S
    while (left := _marked(mark)) and time.monotonic() < until:
        time.sleep(0.1)
    assert not left, f"processes survived the test run: {left}"


def _marked(mark: str) -> list[str]:
    """The command lines of other processes that inherited the mark."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            environ = (folder / "environ").read_bytes().split(b"\0")
            command = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
        except OSError:
            continue
        # The resource tracker of multiprocessing lives until its Python ends.
        ours = int(folder.name) == os.getpid() or "resource_tracker" in command
        if f"{RUN_MARK}={mark}".encode() in environ and not ours:
            found.append(command[:200])
    return found


@pytest.fixture(scope="session")
def kafka(request: pytest.FixtureRequest) -> Iterator[str]:
    """host:port of a real Kafka: the one RIFTWATCH_KAFKA names, or one embedded broker for the whole run.

    Topics are not made: see `fresh_topics`. Where the jars cannot be fetched the tests are skipped, unless
    RIFTWATCH_REQUIRE_ALL=1.
    """
    if given := GIVEN["RIFTWATCH_KAFKA"]:
        yield from _borrowed(given)
    else:
        yield from _embedded(request.getfixturevalue("kafka_engine"))


def _embedded(engine: Engine) -> Iterator[str]:
    children = Children()
    with tempfile.TemporaryDirectory(prefix="riftwatch-kafka-") as folder:
        broker = Broker(Path(folder), children, engine)
        try:
            yield broker.start()
        finally:
            broker.stop()
            children.close()


def _borrowed(address: str) -> Iterator[str]:
    """Use somebody's cluster, and leave it as it was; never one with an installation's data."""
    settings = Settings(kafka=address)
    if _ours(settings):
        pytest.exit(
            f"Kafka at {address} holds Riftwatch's topics, which tests would delete: use another one.", 2
        )
    yield address
    _forget(settings)


def _ours(settings: Settings) -> list[str]:
    client = admin(settings)
    try:
        return [name for name in client.list_topics() if name in {topic.name for topic in topics.ALL}]
    finally:
        client.close()


def _forget(settings: Settings) -> None:
    """Delete every topic of the table and the groups that read them."""
    client = admin(settings)
    try:
        if old := _ours(settings):
            client.delete_topics(old)
        if groups := [g["group_id"] for g in client.list_groups() if g["group_id"].startswith("riftwatch")]:
            client.delete_groups(groups)
    finally:
        client.close()
    while _ours(settings):  # the broker forgets a moment after the controller
        time.sleep(0.01)


@pytest.fixture
def fresh_topics(kafka: str) -> str:
    """Every topic of the table, empty, and no consumer group's offsets; returns host:port.

    One broker serves the whole run and topics have fixed names, so a test that needs them asks for this.
    """
    settings = Settings(kafka=kafka)
    _forget(settings)
    apply(settings)
    return kafka


@pytest.fixture(scope="session")
def judge() -> Judge:
    """Return the shipped default model, loaded once."""
    return Judge.load(Settings().models)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say what was skipped and why, a line a reason."""
    reasons = Counter(report.longrepr[2] for report in terminalreporter.stats.get("skipped", ()))
    for reason, count in reasons.most_common():
        terminalreporter.write_line(f"skipped {count}: {reason.removeprefix('Skipped: ')}", yellow=True)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """With RIFTWATCH_REQUIRE_ALL=1, as in CI, a skipped test fails the run."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    skipped = len(reporter.stats.get("skipped", ())) if reporter else 0
    if reporter and skipped and os.environ.get("RIFTWATCH_REQUIRE_ALL") == "1":
        reporter.write_line(f"{skipped} skipped although everything is required", red=True)
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
