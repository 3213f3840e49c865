"""`riftwatch trace` on a real Kafka and a real store."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from commands.trace import command
from riftwatch.kafka import producer
from riftwatch.records import encode
from riftwatch.settings import Settings
from riftwatch.topics import EVIDENCE, ITEMS, READINGS, STORIES
from stores.sqlite import SqliteStore
from tests.commands.letters import item, send
from tests.commands.test_journey import reading
from tests.stores.samples import evidence, story


@pytest.mark.kafka
def test_every_station_of_one_story(fresh_topics: str, tmp_path: Path) -> None:
    client = producer(Settings(kafka=fresh_topics))
    for name in ("s1", "s2"):
        send(client, ITEMS.name, encode(item(name)), name)
        send(client, STORIES.name, encode(story(name, "musk")), name)
        send(client, READINGS.name, encode(reading(name)), "tone:musk")
        send(client, EVIDENCE.name, encode(evidence(name, "tone:musk")), f"tone:musk|{name}")
    client.close()
    store = SqliteStore(tmp_path / "store.db")
    store.put([story("s1", "musk")])
    store.close()
    env = {"RIFTWATCH_KAFKA": fresh_topics, "RIFTWATCH_DATA": str(tmp_path)}
    shown = CliRunner().invoke(command, ["s1", "--json"], env=env, standalone_mode=False)
    found = [json.loads(line) for line in shown.stdout.splitlines()]
    assert [one["station"] for one in found] == ["items", "stories", "readings", "evidence", "store"]
    assert (shown.exception, shown.return_value) == (None, 0)
    told = CliRunner().invoke(command, ["s1"], env=env).stdout
    assert told.endswith("s1: in the store as revision 1\n")
    assert "s2" not in told
    nothing = CliRunner().invoke(command, ["s3"], env=env, standalone_mode=False)
    assert (nothing.stdout, nothing.return_value) == ("s3: nothing is known of it\n", 1)
