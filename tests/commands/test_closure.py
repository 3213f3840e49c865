from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any

from commands.closure import SLACK, Balance, Fed, buried_ids, compare, story_keys
from riftwatch.records import FeedItem, encode
from riftwatch.topics import EVIDENCE, ITEMS, STORIES
from tests.commands.letters import T0, buried, item, letter
from tests.sinks.fakes import FakeMessage


def fed(*items: FeedItem | bytes, first: int = 0) -> Fed:
    found = Fed()
    for offset, one in enumerate(items, first):
        found.take(FakeMessage(ITEMS.name, offset, one if isinstance(one, bytes) else encode(one), b"k"))
    return found


def canary(minutes: int = 0) -> FeedItem:
    return item("canary-0", canary=True, fetched_at=T0 + timedelta(minutes=minutes))


# Any: the arguments of compare, by name; `stored` are the stories with their fetch times.
def books(given: Fed, *, stored: Mapping[str, datetime] = MappingProxyType({}), **outcome: Any) -> Balance:
    nothing: dict[str, Any] = {"handled": {0: 100}, "analysed": set(), "dead": set()}
    lately = {name for name, time in stored.items() if given.since and time >= given.since}
    return compare(given, stored=set(stored), lately=lately, **(nothing | outcome))


def test_every_end_closes_the_books() -> None:
    given = fed(canary(), item("a"), item("b"), item("c"))
    balance = books(given, analysed={"a"}, stored={"b": T0}, dead={"c"})
    assert balance.closed
    assert (balance.fed, balance.analysed, balance.stored, balance.dead) == (3, 1, 1, 1)
    assert balance.not_stored == ("a",)


def test_what_is_handled_and_nowhere_is_missing() -> None:
    balance = books(fed(item("a"), item("b")), analysed={"a"})
    assert not balance.closed
    assert balance.missing == ("b",)


def test_what_the_workers_have_not_come_to_waits() -> None:
    balance = books(fed(item("a"), item("b"), item("a")), handled={0: 2})
    assert (balance.missing, balance.waiting) == (("b",), ("a",))
    assert not balance.closed
    assert books(fed(item("a")), handled={}).waiting == ("a",)


def test_a_stored_id_that_was_never_fed() -> None:
    balance = books(fed(canary(), item("a")), stored={"a": T0, "x": T0 + SLACK})
    assert (balance.closed, balance.never_fed, balance.not_judged) == (False, ("x",), 0)
    late = books(fed(item("a")), stored={"a": T0, "x": T0}, fed_since={"x"})
    assert late.closed


def test_stored_stories_older_than_the_items_kept_are_not_judged() -> None:
    kept = fed(canary(), item("a", fetched_at=T0 - timedelta(days=30)), first=500)
    balance = books(kept, handled={0: 600}, stored={"a": T0, "x": T0, "y": T0 + SLACK})
    assert (balance.never_fed, balance.not_judged) == (("y",), 1)
    assert books(fed(), stored={"x": T0}).closed


def test_a_record_that_cannot_be_read_closes_by_its_place() -> None:
    given = fed(b"\xff")
    assert books(given).missing == ("riftwatch.items-0-0",)
    assert books(given, dead=buried_ids(buried(letter(0)))).closed


def test_ids_of_letters_and_stories() -> None:
    letters = [
        letter(1, key=b"s1"),
        letter(2, topic=STORIES.name, key=b"s2"),
        letter(3, topic=EVIDENCE.name, key=b"e"),
    ]
    ids = buried_ids([*buried(*letters), *buried(b"broken")])
    assert {"s1", "s2"} <= ids
    assert "e" not in ids
    stories = [FakeMessage(STORIES.name, 0, b"{}", b"a"), FakeMessage(STORIES.name, 1, None, b"forgotten")]
    assert story_keys(stories) == {"a", "forgotten"}
