"""The catalogue is a person's file: a command changes its feed and nothing else."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ingest import feeds
from ingest.amending import amend
from ingest.feeds import Feed
from riftwatch.publishers import Publishers

OPML = b"""<?xml version="1.0" encoding="utf-8"?>
<!-- kept by Ada; ask before you remove anything -->
<opml version="2.0" xmlns:x="https://reader.example/ns">
  <head><title>Our feeds</title><ownerName>Ada</ownerName></head>
  <body>
    <!-- the big ones -->
    <outline text="politics" x:colour="red">
      <outline text="abroad" isOpen="true">
        <outline feedId="a" text="A" xmlUrl="https://a.example/rss" htmlUrl="https://a.example/" x:fresh="1"/>
      </outline>
      <outline text="B" xmlURL="https://b.example/rss"/>
    </outline>
    <outline text="a note without an address"/>
  </body>
</opml>
"""


def read(data: bytes) -> list[Feed]:
    return [replace(feed, line=0) for feed in feeds.read(data, Publishers(()))]


BEFORE = read(OPML)
ALL_KEPT = [
    b"kept by Ada", b"the big ones", b"<ownerName>Ada</ownerName>", b'colour="red"', b'isOpen="true"', b'fresh="1"',
    b'htmlUrl="https://a.example/"', b"a note without an address",
]  # fmt: skip


def test_nothing_changes_nothing() -> None:
    data = amend(OPML, BEFORE, BEFORE)
    assert read(data) == BEFORE
    assert all(part in data for part in ALL_KEPT)
    assert amend(data, BEFORE, BEFORE) == data


def test_a_changed_feed_is_changed_in_place_and_keeps_its_derived_id() -> None:
    moved = replace(BEFORE[1], url="https://new.example/rss", stays=True)
    data = amend(OPML, BEFORE, [BEFORE[0], moved])
    assert read(data) == [BEFORE[0], moved]
    assert all(part in data for part in ALL_KEPT)
    undone = amend(data, [BEFORE[0], moved], [BEFORE[0], replace(moved, stays=False)])
    assert b"stays" not in undone


def test_a_new_feed_joins_its_group_or_founds_one() -> None:
    more = [
        Feed(feed_id="c", url="https://c.example/rss", publisher="c.example", category="politics"),
        Feed(feed_id="d", url="https://d.example/rss", publisher="d.example", category="business"),
        Feed(feed_id="e", url="https://e.example/rss", publisher="e.example"),
    ]
    data = amend(OPML, BEFORE, [*BEFORE, *more])
    assert {feed.feed_id: feed.category for feed in read(data)} == {
        "a": "abroad", BEFORE[1].feed_id: "politics", "c": "politics", "d": "business", "e": "",
    }  # fmt: skip
    assert all(part in data for part in ALL_KEPT)


def test_an_imported_attribute_with_a_prefix_leaves_a_file_that_others_can_read() -> None:
    from xml.etree import ElementTree as ET

    new = Feed(
        feed_id="c", url="https://c.example/rss", publisher="c.example", extra={"frss:priority": "feed"}
    )
    for data in (amend(OPML, BEFORE, [*BEFORE, new]), feeds.write([new])):
        ET.fromstring(data)
        assert read(data)[-1] == new


def test_a_feed_left_out_goes_alone() -> None:
    assert read(amend(OPML, BEFORE, BEFORE[1:])) == BEFORE[1:]


@pytest.mark.parametrize("encoding", ["ISO-8859-1", "utf-16"])
def test_a_file_in_another_encoding_becomes_utf_8(encoding: str) -> None:
    text = f"<?xml version='1.0' encoding='{encoding}'?><opml><body><outline text='Über' xmlUrl='https://a.example/'/></body></opml>"
    data = text.encode(encoding)
    found = read(data)
    again = amend(data, found, found)
    assert read(again) == found
    assert "Über".encode() in again
