from __future__ import annotations

from datetime import datetime

from commands.journey import Station, stations, stored, verdict
from riftwatch.records import Evidence, Reading, Tick, encode
from riftwatch.topics import DEAD_LETTERS, EVIDENCE, ITEMS, READINGS, STORIES
from tests.commands.letters import T0, buried, item, letter
from tests.sinks.fakes import FakeMessage
from tests.stores.samples import evidence, story


def reading(story_id: str) -> Reading:
    return Reading(
        subject="tone:musk", story_id=story_id, revision=2, score=-0.5, label="negative", publisher="herald",
        published=T0, first_published=T0, fetched_at=T0, model="m1",
    )  # fmt: skip


def at(revision: int | None, station: str) -> Station:
    return Station(station=station, at=None, revision=revision, what="", place="")


def test_the_items_of_the_story_alone() -> None:
    messages = [
        FakeMessage(ITEMS.name, 0, encode(item("s1")), b"s1"),
        FakeMessage(ITEMS.name, 1, encode(item("s2")), b"s2"),
        FakeMessage(
            ITEMS.name, 2, encode(item("s1", status="deleted")), b"s1",
            headers=(("riftwatch-replayed", b"riftwatch.items-0-9"),),
        ),
        FakeMessage(ITEMS.name, 3, b"broken", b"s2"),
        FakeMessage(ITEMS.name, 4, b"broken", b"s1"),
    ]  # fmt: skip
    found = stations(messages, "s1")
    assert [one.place for one in found] == [
        "riftwatch.items-0-0",
        "riftwatch.items-0-2",
        "riftwatch.items-0-4",
    ]
    assert found[0].what == "present, from f1, fetched 2025-01-22T09:00:00Z"
    assert found[1].what.endswith("replayed from riftwatch.items-0-9")
    assert found[2].what.startswith("cannot be read")
    assert found[0].at == datetime.fromisoformat("2025-01-21T22:53:20Z")


def test_what_analyse_and_watch_made_of_it() -> None:
    told = story("s1", "musk", revision=2, model="m1", watchlist="w1")
    assert [
        (one.revision, one.version)
        for one in stations([FakeMessage(STORIES.name, 0, encode(told), b"s1")], "s1")
    ] == [(2, "m1 w1")]
    ticks = [FakeMessage(READINGS.name, 0, encode(Tick(at=T0, source=0, sources=1)), b"tick-0")]
    said = [FakeMessage(READINGS.name, n, encode(reading(f"s{n}")), b"tone:musk") for n in (1, 2)]
    assert [one.what for one in stations(ticks + said, "s1")] == ["tone:musk negative -0.50"]


def shown(record: Evidence) -> list[str]:
    key = f"{record.subject}|{record.story_id}".encode()
    return [one.what for one in stations([FakeMessage(EVIDENCE.name, 0, encode(record), key)], "s1")]


def test_evidence_says_whether_it_counts() -> None:
    assert shown(evidence("s1", "tone:musk")) == ["tone:musk counted -0.50"]
    assert shown(evidence("s1", "tone:musk", counted=False, copy_of="s0")) == ["tone:musk a copy of s0"]
    assert shown(evidence("s1", "tone:musk", withdrawn=True)) == ["tone:musk withdrawn"]
    assert shown(evidence("s1", "tone:musk", counted=False, label="unknown")) == [
        "tone:musk not counted (unknown)"
    ]
    assert shown(evidence("xs1", "tone:musk")) == []


def test_letters_that_name_it_by_key_or_in_their_bytes() -> None:
    named = [
        letter(1, key=b"s1"), letter(2, key=b"tone:musk|s1"), letter(3, b'{"story_id":"s1"}', key=b"x"),
        letter(4, b'{"story_id":"s11"}', key=b"s11"),
    ]  # fmt: skip
    found = stations(buried(*named), "s1")
    assert [one.what.partition(":")[0] for one in found] == [f"riftwatch.items-0-{n}" for n in (1, 2, 3)]
    assert {one.station for one in found} == {DEAD_LETTERS.name.removeprefix("riftwatch.")}


def test_the_verdict_says_where_it_is_now() -> None:
    assert verdict([]) == "nothing is known of it"
    assert verdict([at(None, "items")]) == "waits to be analysed"
    assert (
        verdict([at(None, "items"), at(None, "dead-letters")]) == "only in the dead letters; dead letters: 1"
    )
    assert (
        verdict([at(None, "items"), at(2, "stories"), at(1, "store")])
        == "revision 2 waits for the search sink"
    )
    kept = stored(story("s1", revision=2), "sqlite:x")
    assert verdict([at(2, "stories"), kept]) == "in the store as revision 2"
