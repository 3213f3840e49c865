"""The quick reader gives what feedparser gives, or nothing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from html import escape
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest import parse as reading
from ingest import quick
from ingest.document import ParseAnswer, ParseRequest
from ingest.parse import by_feedparser
from tests.ingest.servers import rss
from tests.ingest.test_parse import CASES, TYPES

URL = "https://feed.example/news/rss"
ATOM = "<feed xmlns='http://www.w3.org/2005/Atom' xml:lang='de'><title>T</title>{}</feed>"
RSS = (
    "<rss version='2.0' xmlns:dc='http://purl.org/dc/elements/1.1/' xmlns:media='http://search.yahoo.com/mrss/' "
    "xmlns:content='http://purl.org/rss/1.0/modules/content/' xmlns:atom='http://www.w3.org/2005/Atom'>"
    "<channel><atom:link rel='self' href='https://a.example/rss'/><title>T</title>{}</channel></rss>"
)


@contextmanager
def without_quick() -> Iterator[None]:
    """Leave every document to feedparser."""
    kept, quick_read = quick.read, lambda *_: None
    try:
        quick.read = quick_read  # type: ignore[assignment]
        yield
    finally:
        quick.read = kept


def both(body: bytes, content_type: str = "application/xml") -> tuple[ParseAnswer, ParseAnswer]:
    request = ParseRequest(body=body, url=URL, content_type=content_type)
    ours = reading.parse(request)
    with without_quick():
        return ours, reading.parse(request)


def is_quick(body: str, content_type: str = "application/xml") -> bool:
    return quick.read(body.encode(), URL, content_type) is not None


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.name)
def test_golden_feeds_read_alike(path: Path) -> None:
    ours, theirs = both(path.read_bytes(), TYPES[path.suffix])
    assert ours == theirs


PLAIN = [
    RSS.format("<language>de</language><ttl>5</ttl><item><title>A</title><link>/a?x=1&amp;y=2</link><guid>7</guid></item>"),
    RSS.format("<image><url>u</url><title>I</title><link>l</link></image><item><guid isPermaLink='false'>x</guid></item>"),
    RSS.format("<item><description/><content:encoded><![CDATA[<p>Long</p>]]></content:encoded></item>"),
    RSS.format("<item><content:encoded>c</content:encoded><description>d</description></item>"),
    RSS.format("<item><dc:creator>A B</dc:creator><dc:creator>C</dc:creator><dc:creator/></item>"),
    RSS.format("<item><category>dpa</category><category domain='x'>Politik</category><category/></item>"),
    RSS.format("<item><media:content url='u'><media:credit>AP</media:credit></media:content><title>x</title></item>"),
    RSS.format("<item><guid>https://a.example/1</guid></item><item><link/><guid>https://a.example/1</guid></item>"),
    RSS.format("<item><pubDate>2025-01-22T10:00:00Z</pubDate><dc:date>2025-01-21</dc:date></item>"),
    RSS.format("<item><pubDate>Mi, 22 Jan 2025 10:00:00 +0100</pubDate><title>Größe – 10 €</title></item>"),
    ATOM.format("<entry><id>tag:a</id><title type='html'>&lt;b&gt;x&lt;/b&gt;</title><link href='/x'/></entry>"),
    ATOM.format("<entry><id>urn:1</id><link rel='self' href='s'/><link rel='alternate' href='https://a.example/1'/></entry>"),
    ATOM.format("<entry><author><name>A</name><uri>u</uri></author><author><email>e@x.example</email></author></entry>"),
    ATOM.format("<entry><content type='html'>c</content><summary>s</summary><updated>2025-01-22T10:00:00+01:00</updated></entry>"),
    ATOM.format("<entry><category term='dpa' label='x'/><category term='dpa' label='x'/><category term='b'/></entry>"),
    ATOM.format("<author><name>Desk</name></author><entry><summary/><published>2025-01-22T10:00:00Z</published></entry>"),
]  # fmt: skip
ODD = [
    RSS.format("<item><title>A<b>B</b></title></item>"),
    RSS.format("<item><title>A</title><title>B</title></item>"),
    RSS.format("<item><author>mail@a.example (A B)</author></item>"),
    RSS.format("<item><media:description>x</media:description><description>y</description></item>"),
    RSS.format("<item><title>GrÃ¶Ã¤e</title></item>"),
    RSS.format("<item><title>quote\u0092s</title></item>"),
    RSS.format("<item xml:base='https://b.example/'><link>x</link></item>"),
    RSS.format("<item><unheard>of</unheard></item>"),
    ATOM.format(
        "<entry><content type='xhtml'><div xmlns='http://www.w3.org/1999/xhtml'>x</div></content></entry>"
    ),
    ATOM.format("<entry><content type='image/png'>aGFsbG8=</content></entry>"),
    ATOM.format("<entry><source><title>Other</title></source></entry>"),
    "<!DOCTYPE rss><rss version='0.91'><channel><item><title>x</title></item></channel></rss>",
    "<rss version='2.0'><channel><item><title>cut off",
]


@pytest.mark.parametrize("text", PLAIN)
def test_a_plain_document_is_read_quickly_and_alike(text: str) -> None:
    assert is_quick(text)
    ours, theirs = both(text.encode())
    assert ours == theirs


@pytest.mark.parametrize("text", ODD)
def test_anything_else_is_left_to_feedparser(text: str) -> None:
    assert not is_quick(text)
    ours, theirs = both(text.encode())
    assert ours == theirs


def test_other_letters_than_utf_8_are_left_to_feedparser() -> None:
    assert is_quick(rss("One").decode(), "text/xml; charset=UTF-8")
    assert not is_quick(rss("One").decode(), "text/xml; charset=iso-8859-1")
    assert not is_quick("<?xml version='1.0' encoding='windows-1252'?>" + rss("One").decode())
    assert not is_quick("\ufeff" + rss("One").decode())
    assert quick.read(rss("Grö").decode().encode("latin-1"), URL, "") is None


PIECES = [*"ab /?#:&;<>'\"@.-ÄöÃ¶€\u0085\u2028\U0001f600\n", "&lt;", "https://", "&amp;", "]]>", "2025-01-22"]
words = st.lists(st.sampled_from(PIECES), max_size=12).map("".join)
cdata = words.filter(lambda text: "]]>" not in text).map(lambda text: f"<![CDATA[{text}]]>")
content = st.one_of(words.map(escape), words.map(lambda text: escape(escape(text))), cdata)
dates = st.sampled_from(
    ["Wed, 22 Jan 2025 10:00:00 GMT", "2025-01-22", "22.01.2025", "2025-01-22T10:00:00+01:00", "soon"]
)


def element(name: str, inside: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return inside.map(lambda text: f"<{name}>{text}</{name.partition(' ')[0]}>")


rss_parts = st.one_of(
    *(element(name, content) for name in ("title", "link", "description", "content:encoded", "guid", "dc:creator",
      "guid isPermaLink='false'", "category", "category domain='d'", "author", "comments", "media:credit", "source url='u'")),
    *(element(name, dates) for name in ("pubDate", "dc:date")),
    st.sampled_from(["<media:thumbnail url='u'/>", "<enclosure url='e' type='audio/mpeg'/>", "<media:title>m</media:title>",
                     "<atom:link href='https://a.example/at'/>", "stray", "<b>x</b>"]),
)  # fmt: skip
atom_parts = st.one_of(
    *(element(name, content) for name in ("title", "title type='html'", "summary", "summary type='text'", "content",
      "content type='html'", "id", "rights")),
    *(element(name, dates) for name in ("published", "updated")),
    *(words.map(lambda text, rel=rel: f"<link{rel} href={escape(text)!r}/>") for rel in ("", " rel='self'", " type='text/html'")),
    element("author", element("name", content)), element("contributor", element("name", content)),
    st.sampled_from(["<category term='t'/>", "<category term='t' label='l'>x</category>", "stray", "<link/>"]),
)  # fmt: skip
entries = st.lists(st.lists(rss_parts, max_size=7).map("".join), max_size=3).map(
    lambda found: RSS.format("".join(f"<item>{one}</item>" for one in found))
)
atom_entries = st.lists(st.lists(atom_parts, max_size=7).map("".join), max_size=3).map(
    lambda found: ATOM.format("".join(f"<entry>{one}</entry>" for one in found))
)


@given(st.one_of(entries, atom_entries))
@settings(max_examples=150, deadline=None)
def test_whatever_is_read_quickly_is_what_feedparser_reads(text: str) -> None:
    body = text.encode()
    found = quick.read(body, URL, "application/xml")
    if found is None:
        return
    theirs = by_feedparser(body, ParseRequest(body=body, url=URL, content_type="application/xml"))
    ours, plain = both(body)
    assert ours == plain
    assert [one.get("link", "") for one in found["entries"]] == [
        one.get("link", "") for one in theirs["entries"]
    ]
    assert [one.get("id", "") for one in found["entries"]] == [one.get("id", "") for one in theirs["entries"]]
    assert [[tag["term"] for tag in one.get("tags", ())] for one in found["entries"]] == [
        [tag["term"] for tag in one.get("tags", ())] for one in theirs["entries"]
    ]
