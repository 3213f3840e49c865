"""What a feed's guids are worth, and what a feed that uses them again does to its stories: nothing."""

from __future__ import annotations

from datetime import timedelta

from msgspec.structs import replace

from ingest.document import Document
from ingest.guids import OFF_FOR, UNTRIED, Worth, observed
from ingest.harvest import Gathered, gather
from ingest.schedule import Hints
from ingest.state import fresh
from riftwatch.records import FeedState
from tests.ingest.samples import FEED, NOW, PUBLISHERS, entry


def test_a_few_edits_of_addresses_are_no_reuse() -> None:
    worth = UNTRIED
    for _ in range(100):
        worth = observed(worth, 1, 10, 30, NOW)
    assert worth.holds(NOW)


def test_many_in_one_document_or_a_quarter_of_all_are() -> None:
    at_once = observed(UNTRIED, 3, 0, 30, NOW)
    assert not at_once.holds(NOW)
    assert at_once.holds(NOW + OFF_FOR)
    worth = UNTRIED
    for _ in range(3):
        worth = observed(worth, 1, 1, 30, NOW)
    assert not worth.holds(NOW)


def test_two_are_chance_and_old_evidence_fades() -> None:
    assert observed(UNTRIED, 2, 0, 3, NOW).holds(NOW)
    assert observed(Worth(10, 200), 0, 10, 30, NOW) == Worth(5, 110)
    assert observed(Worth(10, 100), 0, 0, 30, NOW) == Worth(10, 100)


class NumberedFeed:
    """A feed whose guid is the place of an entry in the document."""

    def __init__(self) -> None:
        self.state: FeedState = fresh(FEED)

    def read(self, *titles: str) -> Gathered:
        entries = tuple(entry(title, guid=str(place)) for place, title in enumerate(titles))
        found = gather(
            FEED, self.state, Document(entries=entries), PUBLISHERS, NOW, hints=Hints(), body_hash="h"
        )
        told = found.harvest
        self.state = replace(
            self.state, seen=dict(told.seen), guids={**self.state.guids, **told.guids}, last_success_at=NOW,
            guid_moves=told.guids_worth.moves, guid_news=told.guids_worth.news,
            guids_off_until=told.guids_worth.off_until,
        )  # fmt: skip
        return found


def test_numbers_by_place_make_no_revisions_of_strangers() -> None:
    feed = NumberedFeed()
    first = feed.read("A", "B", "C", "D", "E")
    ids = {item.title: item.story_id for item in first.items}
    second = feed.read("New", "A", "B", "C", "D")
    assert [item.title for item in second.items] == ["New"]
    assert second.items[0].story_id not in ids.values()
    assert feed.state.guids_off_until == NOW + OFF_FOR
    assert [item.title for item in feed.read("Newer", "New", "A", "B", "C").items] == ["Newer"]


def test_guids_used_again_one_at_a_time_are_found_out_too() -> None:
    feed, worst = NumberedFeed(), 0
    feed.read(*(f"S{number}" for number in range(10)))
    ids = set(feed.state.seen)
    for number in range(6):
        found = feed.read(f"New {number}", *(f"S{place}" for place in range(1, 10)))
        worst += sum(item.story_id in ids for item in found.items)
        ids |= {item.story_id for item in found.items}
    assert worst <= 2
    assert feed.state.guids_off_until is not None


def test_a_relaunch_that_changes_all_addresses_but_no_guid_keeps_every_story() -> None:
    def relaunched(title: str) -> Document:
        return Document(
            entries=tuple(
                entry(name, link=f"https://news.example/{title}/{name.lower()}") for name in ("A", "B", "C", "D")
            )
        )  # fmt: skip

    before = gather(
        FEED, fresh(FEED), relaunched("old"), PUBLISHERS, NOW, hints=Hints(), body_hash="h"
    ).harvest
    state = replace(
        fresh(FEED),
        seen=dict(before.seen),
        guids=dict(before.guids),
        last_success_at=NOW - timedelta(hours=1),
    )
    after = gather(FEED, state, relaunched("new"), PUBLISHERS, NOW, hints=Hints(), body_hash="h")
    assert after.items == ()
    assert after.harvest.guids_worth.holds(NOW)
