"""From topics to store on a cluster that wants TLS and a login; what it refuses is one sentence and exit code 2."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from riftwatch import kafka, topics
from riftwatch.records import FeedItem, encode
from riftwatch.settings import ROOT, Settings, to_environ
from stores.sqlite import SqliteStore
from tests.secured import PASSWORD, Authority, SecuredBroker

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(300)]
AT = datetime(2025, 1, 2, tzinfo=UTC)
LIMIT_S = 120.0


@pytest.fixture
def settings(secured: SecuredBroker, tmp_path: Path) -> Settings:
    return replace(secured.settings(), data=tmp_path, partitions=1)


def argv(words: str) -> Sequence[str]:
    return (sys.executable, "-m", "commands.main", *words.split())


def said(words: str, settings: Settings) -> tuple[int, str]:
    """Run a command; return its exit code and all it said."""
    done = subprocess.run(
        argv(words), cwd=ROOT, env=os.environ | to_environ(settings), text=True, check=False, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )  # fmt: skip
    return done.returncode, done.stdout


def lines(output: str) -> list[str]:
    """What was said, without the library's remarks on a busy machine."""
    return [line for line in output.splitlines() if not line.startswith("kafka.net.selector WARNING")]


@contextmanager
def running(words: str, settings: Settings, log: Path) -> Iterator[subprocess.Popen[bytes]]:
    with log.open("ab") as out:
        process = subprocess.Popen(
            argv(words), cwd=ROOT, env=os.environ | to_environ(settings), stdout=out, stderr=out
        )
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(20)
        finally:
            process.kill()
            process.wait()


def send(settings: Settings, number: int) -> None:
    item = FeedItem(
        story_id=f"s{number}", content_hash=f"c{number}", feed_id="f", publisher="paper", language="de",
        title=f"Musk lobt Trump: Treffen Nummer {number}", published=AT, fetched_at=AT,
    )  # fmt: skip
    with closing(kafka.producer(settings)) as sender:
        sender.send(topics.ITEMS.name, value=encode(item), key=item.story_id.encode()).get(20)


def wait_for(store: SqliteStore, story_id: str, log: Path) -> None:
    until = time.monotonic() + LIMIT_S
    while store.story(story_id) is None:
        assert time.monotonic() < until, log.read_text()
        time.sleep(0.1)


def test_a_story_goes_the_whole_way_and_state_is_read_back(settings: Settings, tmp_path: Path) -> None:
    log = tmp_path / "log"
    assert said("topics apply", settings)[0] == 0
    with running("sink search", settings, log), closing(SqliteStore(tmp_path / "store.db")) as store:
        for number in (1, 2):  # the second worker reads its tables from the changelogs
            with running("process", settings, log):
                send(settings, number)
                wait_for(store, f"s{number}", log)
    code, output = said("verify --wait 20", settings)
    assert code == 0, output
    assert PASSWORD not in log.read_text() + output


def test_what_a_cluster_refuses_is_one_sentence(settings: Settings, tmp_path: Path) -> None:
    stranger = str(Authority(tmp_path, "stranger").certificate)
    for words in ("topics check", "process", "sink search"):
        code, output = said(words, replace(settings, kafka_password="battery-staple"))
        (sentence,) = lines(output)
        assert code == 2
        assert f"riftwatch: Kafka at {settings.kafka} does not accept our login: see kafka_user" in sentence
        assert "battery-staple" not in output
    code, output = said("poll", replace(settings, kafka_ca=stranger))
    assert code == 2, output
    assert f"riftwatch: Kafka at {settings.kafka} shows a certificate that is not trusted" in output


def test_what_contradicts_itself_is_told_before_anything_runs(settings: Settings) -> None:
    code, output = said("up", replace(settings, kafka=""))
    assert (code, len(lines(output))) == (2, 1), output
    assert "kafka_security=sasl_ssl is for a cluster: set kafka" in output
    assert not list(settings.data.iterdir())


def test_settings_are_shown_without_the_password(settings: Settings) -> None:
    code, output = said("config show --json", settings)
    assert code == 0
    assert '"kafka_password": "***"' in output
    assert PASSWORD not in output
