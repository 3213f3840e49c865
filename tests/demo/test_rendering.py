from __future__ import annotations

import io
from datetime import UTC, datetime
from html import unescape

import feedparser
import pytest

from demo import corpus
from demo.corpus import Corpus
from demo.rendering import guid, link, render

END = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def recorded() -> Corpus:
    return corpus.load()


def parsed(body: bytes, mime: str = "application/xml"):
    return feedparser.parse(
        io.BytesIO(body),
        response_headers={"content-type": mime},
        sanitize_html=False,
        resolve_relative_uris=False,
    )


@pytest.mark.parametrize("outlet_id", list(corpus.load().outlets))
def test_a_document_says_what_the_corpus_says(recorded: Corpus, outlet_id: str) -> None:
    outlet = recorded.outlets[outlet_id]
    edition = recorded.edition(outlet_id, END)
    feed = parsed(render(outlet, edition))
    assert not feed.bozo
    assert feed.version == ("atom10" if outlet.format == "atom" else "rss20")
    assert feed.feed.title == outlet.title
    assert len(feed.entries) == len(edition.articles)
    for entry, article in zip(feed.entries, edition.articles, strict=True):
        words = article.words(END)
        summary = entry.summary if outlet.format == "atom" else unescape(entry.summary)
        assert (entry.title, summary) == words
        assert (entry.id, entry.link) == (guid(outlet, article), link(outlet, article))
        assert datetime(*entry.published_parsed[:6], tzinfo=UTC) == article.published
        assert entry.get("author", "") == article.author


def test_addresses_are_stable_unique_and_never_the_servers(recorded: Corpus) -> None:
    links = [link(recorded.outlets[a.outlet], a) for a in recorded.articles]
    assert len(set(links)) == len(links)
    assert all(".example/20" in address for address in links)


def test_an_edit_keeps_address_and_id(recorded: Corpus) -> None:
    edited = next(a for a in recorded.articles if a.edits and a.outlet == "meridian")
    outlet = recorded.outlets["meridian"]
    old, new = (
        next(
            e
            for e in parsed(render(outlet, recorded.edition("meridian", at))).entries
            if e.id == guid(outlet, edited)
        )
        for at in (edited.published, edited.edits[-1].at)
    )
    assert old.title != new.title
    assert (old.link, old.published) == (new.link, new.published)
    assert old.updated < new.updated


def test_a_withdrawal_leaves_a_tombstone(recorded: Corpus) -> None:
    gone = next(a for a in recorded.articles if a.deleted)
    outlet = recorded.outlets[gone.outlet]
    assert gone.deleted
    body = render(outlet, recorded.edition(outlet.id, gone.deleted)).decode()
    assert f'deleted-entry ref="{guid(outlet, gone)}"' in body
    assert gone.title not in body


def test_an_empty_feed_is_a_feed(recorded: Corpus) -> None:
    for outlet in recorded.outlets.values():
        feed = parsed(render(outlet, recorded.edition(outlet.id, datetime(2020, 1, 1, tzinfo=UTC))))
        assert feed.version
        assert feed.entries == []


def test_letters_that_mean_something_in_markup_survive(recorded: Corpus) -> None:
    with_ampersand = [a for a in recorded.articles if "&" in a.summary]
    assert with_ampersand
    for article in with_ampersand:
        outlet = recorded.outlets[article.outlet]
        feed = parsed(render(outlet, recorded.edition(outlet.id, article.published)))
        summary = feed.entries[0].summary if outlet.format == "atom" else unescape(feed.entries[0].summary)
        assert summary == article.summary
