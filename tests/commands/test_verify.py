"""`riftwatch verify` on a real Kafka and a real store."""

from __future__ import annotations

import json
import threading
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from kafka import TopicPartition
from kafka.structs import OffsetAndMetadata

from commands.verify import command
from riftwatch.kafka import consumer, partition, producer
from riftwatch.records import encode
from riftwatch.settings import Settings
from riftwatch.topics import DEAD_LETTERS, GROUP_PROCESS, ITEMS, STORIES
from stores.sqlite import SqliteStore
from tests.commands.letters import T0, item, letter, send
from tests.stores.samples import shift, story


def handle(settings: Settings, ids: str) -> None:
    """Commit what was fed, as the workers do."""
    client = consumer(settings, GROUP_PROCESS)
    places = {TopicPartition(ITEMS.name, partition(one.encode(), settings.partitions)) for one in ids}
    ends = client.end_offsets(list(places))
    client.assign(list(places))
    client.commit({place: OffsetAndMetadata(end, "", -1) for place, end in ends.items()})
    client.close()


@pytest.mark.kafka
@pytest.mark.elasticsearch
def test_the_store_that_was_moved_is_named_without_its_password(
    fresh_topics: str, elasticsearch_url: str, index_prefix: str, tmp_path: Path
) -> None:
    env = {
        "RIFTWATCH_KAFKA": fresh_topics, "RIFTWATCH_DATA": str(tmp_path), "RIFTWATCH_INDEX_PREFIX": index_prefix,
    }  # fmt: skip
    against = elasticsearch_url.replace("://", "://anna:secret@")
    said = CliRunner().invoke(command, ["--against", against], env=env, standalone_mode=False)
    assert said.exception is None
    assert "everything that http://***@" in said.stdout
    assert "secret" not in said.stdout


@pytest.mark.kafka
def test_the_books_of_an_installation(fresh_topics: str, tmp_path: Path) -> None:
    settings = Settings(kafka=fresh_topics)
    client = producer(settings)
    for name in "abc":
        send(client, ITEMS.name, encode(item(name)), name)
    send(client, ITEMS.name, encode(item("canary-0", canary=True)), "canary-0", 0)
    send(client, STORIES.name, encode(story("a")), "a")
    store = SqliteStore(tmp_path / "store.db")
    store.put([story("b")])

    def run(*words: str) -> Result:
        env = {"RIFTWATCH_KAFKA": fresh_topics, "RIFTWATCH_DATA": str(tmp_path)}
        return CliRunner().invoke(command, list(words), env=env, standalone_mode=False)

    waiting = run("--json")
    assert waiting.exception is None
    assert json.loads(waiting.stdout)["waiting"] == ["c"]
    handle(settings, "abc")
    lost = run()
    assert lost.return_value == 1
    assert "1 fed and handled, and neither a story nor a dead letter\n  c\n" in lost.stdout
    send(client, DEAD_LETTERS.name, encode(letter(0, key=b"c")), "c")
    closed = run("--json")
    assert (closed.return_value, json.loads(closed.stdout)["closed"]) == (0, True)
    store.put([story("z", fetched_at=T0)])
    moved = SqliteStore(tmp_path / "before.db")
    moved.put([story("b"), shift(revision=2)])
    lacking = json.loads(run("--json", "--against", f"sqlite:{tmp_path / 'before.db'}").stdout)["lacking"]
    assert {kind: ids for kind, ids in lacking.items() if ids} == {"Shift": [shift().shift_id]}
    store.put([shift(revision=1)])
    assert "1 Shift records of" in run("--against", f"sqlite:{tmp_path / 'before.db'}").stdout
    late = threading.Timer(0.5, store.put, [[shift(revision=3)]])  # as a sink that is still writing
    late.start()
    whole = run("--wait", "30", "--against", f"sqlite:{tmp_path / 'before.db'}")
    late.join()
    assert (whole.return_value, whole.stdout.endswith("before.db holds is there\n")) == (
        1,
        True,
    )  # z is strange
    moved.close()
    strange = json.loads(run("--json").stdout)
    assert (strange["closed"], strange["never_fed"]) == (False, ["z"])
    client.close()
    store.close()
