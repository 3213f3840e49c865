from __future__ import annotations

from datetime import timedelta

from msgspec.structs import replace

from ingest import identity
from ingest.document import Document, Withdrawn
from ingest.harvest import Gathered, gather
from ingest.outcome import Outcome
from ingest.schedule import Hints
from ingest.state import fresh
from riftwatch.records import FeedState
from tests.ingest.samples import FEED, NOW, PUBLISHERS, document, entry


def read(found: Document, state: FeedState | None = None) -> Gathered:
    return gather(FEED, state or fresh(FEED), found, PUBLISHERS, NOW, hints=Hints(), body_hash="h")


def after(found: Gathered, state: FeedState | None = None, hours: float = 1) -> FeedState:
    """The state an hour ago, when `found` was read."""
    return replace(
        state or fresh(FEED), seen=dict(found.harvest.seen), guids=dict(found.harvest.guids),
        last_success_at=NOW - timedelta(hours=hours), items_total=found.harvest.total,
    )  # fmt: skip


def test_an_item_carries_what_the_feed_said() -> None:
    text = entry(
        "Deal",
        summary="They signed. (npa)",
        authors=("Jo Field",),
        link="https://www.news.example/deal/?utm_x=1",
    )
    item = read(Document(entries=(text,))).items[0]
    assert (item.title, item.summary, item.authors, item.wire) == ("Deal", text.summary, ("Jo Field",), "npa")
    assert (item.feed_id, item.publisher, item.language) == ("alpha", "alpha-group", "en")
    assert (item.url, item.canonical_url) == (text.link, "https://news.example/deal")
    assert (item.published_claimed, item.published_confidence) == ("2025-01-22T10:00:00Z", "claimed")
    assert (item.fetched_at, item.status, item.backfill) == (NOW, "present", False)
    assert item.content_hash == identity.content_hash(text)


def test_known_entries_are_not_sent_again_and_edited_ones_are() -> None:
    first = read(document("One", "Two"))
    state = after(first)
    assert read(document("One", "Two"), state).items == ()
    edited = Document(entries=(entry("One"), entry("Two", summary="Now it says this.")))
    again = read(edited, state)
    assert [item.summary for item in again.items] == ["Now it says this."]
    assert again.items[0].story_id == first.items[1].story_id
    assert again.items[0].content_hash != first.items[1].content_hash
    assert again.harvest.new == 0


def test_a_title_edit_that_changes_the_address_is_a_revision() -> None:
    first = read(document("One"))
    moved = entry("One no more", guid="guid-one")
    again = read(Document(entries=(moved,)), after(first))
    assert again.items[0].story_id == first.items[0].story_id
    assert again.harvest.new == 0


def test_old_entries_of_a_first_poll_are_backfill() -> None:
    old = entry("Old", published="2025-01-20T10:00:00Z")
    flags = {item.title: item.backfill for item in read(Document(entries=(old, entry("New")))).items}
    assert flags == {"Old": True, "New": False}


def test_an_archive_dump_is_backfill_and_what_came_during_an_outage_is_not() -> None:
    state = after(read(document("One")), hours=72)
    during = entry("During", published="2025-01-20T10:00:00Z")
    before = entry("Before", published="2025-01-10T10:00:00Z")
    items = read(Document(entries=(entry("One"), during, before)), state).items
    assert {item.title: item.backfill for item in items} == {"During": False, "Before": True}


def settled(titles: list[str], rate: float = 1.0) -> FeedState:
    return replace(after(read(document(*titles))), rate_per_hour=rate)


def test_a_document_full_of_unknown_entries_is_an_archive_or_has_new_names_for_old_ones() -> None:
    fresh_names = [f"New {number}" for number in range(30)]
    items = read(document(*fresh_names), settled(["One", "Two"])).items
    assert len(items) == 30
    assert all(item.backfill for item in items)
    busy = read(document(*fresh_names), settled(["One", "Two"], rate=30.0)).items
    assert not any(item.backfill for item in busy)
    few = read(document(*fresh_names[:15]), settled(["One", "Two"])).items
    assert not any(item.backfill for item in few)
    half_known = [*fresh_names[:20], *(f"Old {number}" for number in range(10))]
    known = settled([f"Old {number}" for number in range(10)])
    assert not any(item.backfill for item in read(document(*half_known), known).items)


def test_a_flood_teaches_no_rate() -> None:
    found = read(document(*(f"New {number}" for number in range(30))), settled(["One"])).harvest
    assert (found.new, found.news) == (30, [])


def test_undated_entries_of_a_first_poll_are_old_news_and_later_ones_are_not() -> None:
    undated = Document(entries=(entry("One", published=None), entry("Two", published=None)))
    assert all(item.backfill for item in read(undated).items)
    state = after(read(Document(entries=(entry("One", published=None),))))
    assert [item.backfill for item in read(undated, state).items] == [False]


def test_a_document_with_nothing_of_the_last_one_may_have_lost_some_and_says_so() -> None:
    lost = read(document("A", "B", "C", "D", "E"), settled(["One", "Two"])).harvest
    assert "some may have been missed" in lost.detail
    kept = read(document("A", "B", "C", "D", "One"), settled(["One", "Two"])).harvest
    assert "missed" not in kept.detail
    assert "missed" not in read(document("A", "B", "C", "D", "E")).harvest.detail


def test_what_the_feed_adds_to_every_title_is_taken_off_and_learning_it_is_no_edit() -> None:
    names = ["Deal is off", "Deal is on", "Storm is near", "Market is up", "Market is down"]
    plain = Document(title="Alpha", entries=tuple(entry(name) for name in names))
    marked = [f"{name} - Alpha" for name in names]
    with_mark = tuple(
        entry(title, guid=old.guid, link=old.link, summary=old.summary)
        for title, old in zip(marked, plain.entries, strict=True)
    )
    first = read(Document(title="Alpha", entries=with_mark[:3]))
    assert [item.title for item in first.items] == marked[:3]
    second = read(Document(title="Alpha", entries=with_mark), after(first))
    assert [item.title for item in second.items] == names[3:]
    assert second.harvest.title_affixes == (" - Alpha",)
    state = replace(after(second), title_affixes=(" - Alpha",))
    assert read(plain, state).items == ()


def test_an_agency_named_by_a_category_counts() -> None:
    filed = entry("Deal", summary="They signed.", categories=("Politik", "npa"))
    topic = entry("Other", summary="They signed.", categories=("npa-tower",))
    assert [item.wire for item in read(Document(entries=(filed, topic))).items] == ["npa", None]


def test_a_revision_is_never_backfill() -> None:
    old = entry("Old", published="2025-01-10T10:00:00Z")
    state = after(read(Document(entries=(old,))))
    edited = entry("Old", published="2025-01-10T10:00:00Z", summary="Corrected.")
    assert [item.backfill for item in read(Document(entries=(edited,)), state).items] == [False]


def test_a_withdrawn_entry_is_sent_as_deleted_once() -> None:
    first = read(document("One", "Two"))
    state = after(first)
    mark = Withdrawn(ref="guid-two", when="2025-01-22T13:00:00Z")
    gone = Document(entries=(entry("One"),), withdrawn=(mark,))
    found = read(gone, state)
    assert [(item.status, item.story_id) for item in found.items] == [("deleted", first.items[1].story_id)]
    assert read(gone, after(found, state)).items == ()


def test_a_withdrawn_entry_is_found_by_its_address_too() -> None:
    state = after(read(document("One", "Two")))
    found = read(Document(withdrawn=(Withdrawn(ref="https://www.news.example/two/"),)), state)
    assert [item.status for item in found.items] == ["deleted"]


def test_nothing_is_deleted_that_the_feed_does_not_say() -> None:
    state = after(read(document("One", "Two")))
    assert read(document("One"), state).items == ()
    assert read(Document(), state).items == ()
    unknown = Document(entries=(entry("One"), entry("Two")), withdrawn=(Withdrawn(ref="guid-three"),))
    assert read(unknown, state).items == ()
    still_there = Document(entries=(entry("Two"),), withdrawn=(Withdrawn(ref="guid-two"),))
    assert read(still_there, state).items == ()


def test_a_story_that_comes_back_after_its_withdrawal_is_sent() -> None:
    state = after(read(document("One")))
    gone = read(Document(withdrawn=(Withdrawn(ref="guid-one"),)), state)
    back = read(document("One"), after(gone, state))
    assert [item.status for item in back.items] == ["present"]


def test_verdicts() -> None:
    assert read(Document()).harvest.outcome == Outcome.EMPTY
    undated = Document(
        entries=(entry("A", published=None), entry("B", published="2099-01-01T00:00:00Z"), entry("C"))
    )
    assert read(undated).harvest.outcome == Outcome.UNDATED
    assert read(document("One")).harvest.outcome == Outcome.OK


def test_two_languages_a_hint_of_the_feed_wins_over_the_document() -> None:
    found = Document(language="de-DE", entries=(entry("One"),))
    assert read(found).items[0].language == "en"


def test_shuffled_delivery_gives_the_same_items() -> None:
    one, two = entry("One"), entry("Two")
    forward = {item.story_id: item for item in read(Document(entries=(one, two))).items}
    backward = {item.story_id: item for item in read(Document(entries=(two, one))).items}
    assert forward == backward
