from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ingest import identity
from ingest.document import Entry
from ingest.identity import Identified
from tests.ingest.samples import URL, entry


def identify(
    *entries: Entry, feed_id: str = "alpha", guids: dict[str, str] | None = None
) -> list[Identified]:
    return identity.identify(feed_id, URL, entries, guids or {})


def ids(*entries: Entry, feed_id: str = "alpha", guids: dict[str, str] | None = None) -> list[str]:
    return [one.story_id for one in identify(*entries, feed_id=feed_id, guids=guids)]


def test_an_article_is_its_address_in_every_feed_and_under_every_tracking_parameter() -> None:
    plain = entry("One")
    tracked = entry("One", link="http://www.news.example/one/?utm_source=rss", guid="other")
    assert ids(plain) == ids(tracked, feed_id="beta")


def test_without_an_address_it_is_the_guid_of_its_feed() -> None:
    one = entry("One", link="")
    assert ids(one) == ids(entry("Another title", link="", guid=one.guid))
    assert ids(one) != ids(one, feed_id="beta")


def test_without_both_it_is_its_words_and_date() -> None:
    one = entry("One", link="", guid="")
    assert ids(one) == ids(one)
    assert ids(one) != ids(entry("One", link="", guid="", claimed="2025-01-21"))
    assert ids(one) != ids(entry("Two", link="", guid="", summary=one.summary))


def test_entries_without_a_title_are_all_kept() -> None:
    posts = [entry("", link="", guid="", summary=f"Post {number}") for number in range(5)]
    by_guid = [entry("", link="", guid=f"g{number}", summary="") for number in range(5)]
    assert len(set(ids(*posts))) == 5
    assert len(set(ids(*by_guid))) == 5


def test_a_link_to_the_home_page_identifies_nothing() -> None:
    entries = [entry(f"Story {number}", link="https://news.example/") for number in range(3)]
    assert len(set(ids(*entries))) == 3
    assert identify(*entries)[0].canonical_url == "https://news.example/"


def test_a_live_ticker_at_one_address_keeps_its_entries_apart() -> None:
    posts = [entry(f"Minute {number}", link="https://news.example/ticker") for number in range(5)]
    assert len(set(ids(*posts))) == 5


def test_an_entry_listed_twice_counts_once() -> None:
    assert len(ids(entry("One"), entry("One"))) == 1


def test_a_repeated_guid_is_told_apart_by_address() -> None:
    entries = [entry(f"Story {number}", guid="same") for number in range(4)]
    assert len(set(ids(*entries))) == 4
    assert all(one.guid_key is None for one in identify(*entries))


def test_guids_are_bad_when_many_are_missing_or_repeated() -> None:
    good = [entry(f"Story {number}") for number in range(30)]
    assert identity.guids_are_good(good)
    assert identity.guids_are_good([])
    assert identity.guids_are_good([*good, entry("x", guid="")])
    assert not identity.guids_are_good([*good[:10], entry("x", guid="")])
    assert not identity.guids_are_good([*good[:10], entry("x", guid="a"), entry("y", guid="a")])


def test_a_known_guid_under_a_new_address_is_the_same_story() -> None:
    before = identify(entry("One"))[0]
    moved = entry("New title", link="https://news.example/new-title", guid=before.entry.guid)
    assert before.guid_key is not None
    assert ids(moved, guids={before.guid_key: before.story_id}) == [before.story_id]
    assert ids(moved) != [before.story_id]


def test_a_change_of_all_guids_keeps_the_stories() -> None:
    before = ids(entry("One"), entry("Two"))
    after = ids(
        entry("One", guid="https://news.example/?p=1"), entry("Two", guid="https://news.example/?p=2")
    )
    assert before == after


def test_the_hash_changes_with_words_and_with_nothing_else() -> None:
    one = entry("One")
    assert identity.content_hash(one) == identity.content_hash(
        entry("One", guid="x", claimed="later", authors=("A",))
    )
    assert identity.content_hash(one) == identity.content_hash(entry("One", summary="One  in a\nsentence."))
    assert identity.content_hash(one) != identity.content_hash(
        entry("One", summary="One in another sentence.")
    )
    moved = entry("One", summary="", content=one.summary)
    assert identity.content_hash(one) != identity.content_hash(moved)


@given(st.permutations([entry(f"Story {number}") for number in range(6)]))
def test_the_order_of_entries_changes_no_id(entries: list[Entry]) -> None:
    found = {one.entry.title: one.story_id for one in identify(*entries)}
    assert found == {
        one.entry.title: one.story_id for one in identify(*sorted(entries, key=lambda e: e.title))
    }
