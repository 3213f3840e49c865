"""`riftwatch dead-letters` on a real Kafka."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from commands.dead_letters import command, read
from commands.replay import HEADER
from commands.scan import offsets_since, scan
from riftwatch.errors import UserError
from riftwatch.kafka import producer
from riftwatch.records import encode
from riftwatch.settings import Settings
from riftwatch.topics import CONTRIBUTIONS, DEAD_LETTERS, FEEDS, ITEMS
from tests.commands.letters import T0, letter, send


def test_no_broker_is_one_sentence(tmp_path: Path) -> None:
    result = CliRunner().invoke(command, ["list"], env={"RIFTWATCH_DATA": str(tmp_path)})
    assert isinstance(result.exception, UserError)


@pytest.mark.parametrize("words", [["replay"], ["replay", "x", "--all"]])
def test_replay_wants_an_id_or_all(words: list[str]) -> None:
    result = CliRunner().invoke(command, words)
    assert "name one dead letter, or say --all" in str(result.exception)


@pytest.mark.kafka
def test_list_show_replay_and_purge(fresh_topics: str) -> None:
    settings = Settings(kafka=fresh_topics)
    client = producer(settings)
    broken = letter(0, b"\xff{", key=b"s1", partition=2)
    state = letter(0, b"{}", topic=CONTRIBUTIONS.name, stage="watch")
    old_feed = letter(-1, b"{}", topic=FEEDS.name, stage="search", reason="not_storable", key=b"feed")
    send(client, FEEDS.name, b"{}", "feed", 0)
    for one in (broken, state, old_feed, broken):
        send(client, DEAD_LETTERS.name, encode(one), "s1")
    client.close()

    def run(*words: str, code: int = 0) -> Result:
        result = CliRunner().invoke(
            command, list(words), env={"RIFTWATCH_KAFKA": fresh_topics}, standalone_mode=False
        )
        assert result.exception is None
        assert (result.return_value or 0) == code
        return result

    assert [one.letter.letter_id for one in read(settings).letters] == [
        broken.letter_id, old_feed.letter_id, state.letter_id,
    ]  # fmt: skip
    assert "3 dead letters: " in run("list").stdout
    listed = [json.loads(line) for line in run("list", "--stage", "analyse", "--json").stdout.splitlines()]
    assert [(one["letter_id"], one["times"]) for one in listed] == [(broken.letter_id, 2)]
    assert "ff7b" in run("show", broken.letter_id).stdout

    told = run("replay", "--all", code=1).stdout
    assert f"{broken.letter_id}: sent to {ITEMS.name}, partition 2, offset 0" in told
    assert "riftwatch rebuild" in told
    assert "newer record" in told
    assert "1 sent, 2 not sent" in told
    run("replay", broken.letter_id)
    sent = list(scan(settings, ITEMS.name))
    assert [(one.partition, one.key, one.value) for one in sent] == [(2, b"s1", b"\xff{")] * 2
    assert [tuple(one.headers) for one in sent] == [((HEADER, broken.letter_id.encode()),)] * 2
    assert [one.offset for one in scan(settings, ITEMS.name, start={2: 1})] == [1]
    assert offsets_since(settings, ITEMS.name, T0) == {0: 0, 1: 0, 2: 0, 3: 0}

    unsure = CliRunner().invoke(command, ["purge"], env={"RIFTWATCH_KAFKA": fresh_topics})
    assert "deletes 4 dead letters for good: say --yes" in str(unsure.exception)
    assert json.loads(run("purge", "--yes", "--json").stdout) == {"deleted": 4}
    assert read(settings).letters == ()
    missing = CliRunner().invoke(command, ["show", broken.letter_id], env={"RIFTWATCH_KAFKA": fresh_topics})
    assert "there is no dead letter" in str(missing.exception)
