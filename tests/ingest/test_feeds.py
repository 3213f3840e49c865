from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest import feeds
from ingest.feeds import Feed
from riftwatch.errors import ConfigError
from riftwatch.publishers import Family, Publishers
from riftwatch.settings import ROOT

PUBLISHERS = Publishers([Family(id="bbc", title="BBC", domains=("bbc.co.uk", "bbci.co.uk"))])
OPML = """<?xml version="1.0"?>
<opml version="2.0"><head><title>x</title></head><body>
<outline text="politics">
<outline type="rss" text="World" title="BBC World" xmlUrl="https://feeds.bbci.co.uk/news/world/rss.xml"
 feedId="bbc-world" language="en-GB" country="GB" priority="high" lastVerified="2026-01-02" htmlUrl="https://bbc.co.uk/" x="y"/>
</outline>
<outline text="Unknown" xmlUrl="https://news.example.com/rss"/>
</body></opml>"""


def read(text: str) -> list[Feed]:
    return feeds.read(text.encode(), PUBLISHERS, "feeds.opml")


def test_a_feed_has_what_the_catalogue_says_and_defaults_for_the_rest() -> None:
    known, plain = read(OPML)
    assert known == Feed(
        feed_id="bbc-world", url="https://feeds.bbci.co.uk/news/world/rss.xml", title="BBC World", publisher="bbc",
        language="en", country="GB", category="politics", priority=True, last_verified="2026-01-02", line=4,
        extra={"htmlUrl": "https://bbc.co.uk/", "x": "y"},
    )  # fmt: skip
    assert (plain.publisher, plain.language, plain.category, plain.priority) == (
        "example.com",
        None,
        "",
        False,
    )
    assert plain.feed_id == feeds.feed_id_of("http://www.news.example.com/rss/") != known.feed_id


def test_what_is_written_is_read_again_with_every_attribute() -> None:
    found = read(OPML)
    again = feeds.read(feeds.write(found), PUBLISHERS)
    assert [replace(one, line=0) for one in again] == [replace(one, line=0) for one in found]


@given(st.text(alphabet=st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), max_size=30))
def test_any_title_survives_writing(title: str) -> None:
    feed = Feed(feed_id="a", url="https://a.example/rss", title=title, publisher="a.example")
    again = feeds.read(feeds.write([feed]), PUBLISHERS)[0]
    assert again.title == title.replace("\ufffe", "").replace("\uffff", "")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("<opml><body>\n<outline xmlUrl='https://a.example/'>\n</body></opml>", r"feeds\.opml:3: .*well-formed"),
        ("not xml", r"feeds\.opml:1: "),
        ("<rss/>", r"feeds\.opml:1: is not OPML"),
        ("<opml><body>\n<outline xmlUrl='ftp://a.example/'/></body></opml>", r"feeds\.opml:2: .*http or https"),
        ("<opml><body>\n<outline xmlUrl='http://'/></body></opml>", r"feeds\.opml:2: .*http or https"),
        ("<opml><body>\n<outline xmlUrl='https://a.example/'/>\n<outline xmlUrl='https://a.example/'/></body></opml>",
         r"feeds\.opml:3: .*line 2 already"),
        ("<opml><body>\n<outline feedId='a' xmlUrl='https://a.example/'/>\n<outline feedId='a' xmlUrl='https://b.example/'/></body></opml>",
         r'feeds\.opml:3: "a" stands on line 2'),
        ("<!DOCTYPE opml [<!ENTITY a 'b'>]><opml/>", r"feeds\.opml:1: holds an entity"),
        ("", r"feeds\.opml:1: "),
    ],
)  # fmt: skip
def test_what_is_broken_is_told_with_file_and_line(text: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        read(text)


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        feeds.load(tmp_path / "none.opml", PUBLISHERS)


def test_the_shipped_catalogue_is_what_a_desk_expects() -> None:
    publishers = Publishers.load(ROOT / "config" / "publishers.toml")
    found = feeds.load(ROOT / "config" / "feeds.opml", publishers)
    assert len(found) >= 80
    assert {feed.language for feed in found} == {"en", "de"}
    assert sum(feed.language == "de" for feed in found) >= 40
    assert {feed.category for feed in found} >= {"politics", "business", "technology"}
    assert all(feed.url.startswith("https://") and feed.country and feed.last_verified for feed in found)
    assert {feed.publisher for feed in found} <= set(publishers._titles)
    assert all(publishers.family(feed.url) == feed.publisher for feed in found)
