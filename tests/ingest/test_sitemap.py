"""An index of sitemaps leads to the news in it, one level deep."""

from __future__ import annotations

import random
import time
from dataclasses import replace

import pytest

from ingest.fetch import Response
from ingest.outcome import Failure, Outcome
from ingest.poll import Deps, PollResult, poll_feed
from ingest.reading import Reader
from ingest.schedule import Bounds
from ingest.sitemap import child_of
from riftwatch.records import FeedState
from tests.ingest.fakes import FakeFetcher, InlineParser
from tests.ingest.samples import FEED, NOW, PUBLISHERS

INDEX = "https://news.example/sitemaps.xml"
NEWS = "https://www.news.example/news-1.xml"
CHILDREN = [
    ("https://news.example/archive.xml", "2025-01-22T13:00:00Z"),
    (NEWS, "2025-01-22T12:00:00Z"),
    ("https://news.example/news-0.xml", "2025-01-21T12:00:00Z"),
    ("https://elsewhere.example/news.xml", "2025-01-22T13:30:00Z"),
    ("javascript:news", "2025-01-22T13:30:00Z"),
]


def index(children: list[tuple[str, str]]) -> bytes:
    blocks = "".join(f"<sitemap><loc> {loc} </loc><lastmod>{at}</lastmod></sitemap>" for loc, at in children)
    return f"<?xml version='1.0'?><sitemapindex xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'>{blocks}</sitemapindex>".encode()


def news(*titles: str) -> bytes:
    urls = "".join(
        f"<url><loc>https://news.example/{title}</loc><n:news><n:title>{title}</n:title>"
        f"<n:publication_date>2025-01-22T10:00:00Z</n:publication_date></n:news></url>"
        for title in titles
    )
    return (
        "<urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9' xmlns:n='http://www.google.com/schemas/sitemap-news/0.9'>"
        f"{urls}</urlset>"
    ).encode()


def test_the_newest_named_for_news_on_the_same_domain_is_chosen() -> None:
    assert child_of(index(CHILDREN), INDEX) == NEWS
    assert child_of(index(CHILDREN[:1]), INDEX) == CHILDREN[0][0]
    assert child_of(index(CHILDREN[3:]), INDEX) is None
    assert child_of(news("One"), INDEX) is None
    assert child_of(b"<sitemapindex><sitemap><loc>", INDEX) is None


@pytest.mark.parametrize("piece", [b"<sitemap>", b"<loc> ", b"<", b"a:", b"<a:sitemap><loc>"])
def test_a_hostile_index_takes_no_time(piece: bytes) -> None:
    started = time.process_time()
    child_of(b"<sitemapindex>" + piece * (8_000_000 // len(piece)), INDEX)
    child_of(b"<sitemapindex><sitemap><loc>http://[::1</loc></sitemap>", INDEX)
    assert time.process_time() - started < 10  # 0.05 s; the square of 8 MB would take hours


class Always(random.Random):
    def random(self) -> float:
        return 0.0


async def poll(
    answers: dict[str, Response | Failure], state: FeedState | None = None, rng: random.Random | None = None
) -> PollResult:
    deps = Deps(
        fetcher=FakeFetcher(answers), reader=Reader(InlineParser(), PUBLISHERS), bounds=Bounds(300, 3600),
        rng=rng or random.Random(1),
    )  # fmt: skip
    return await poll_feed(replace(FEED, url=INDEX), state, deps, NOW)


def served(*titles: str, tag: str = '"1"') -> dict[str, Response | Failure]:
    return {
        INDEX: Response(status=200, url=INDEX, body=index(CHILDREN), etag=tag),
        NEWS: Response(status=200, url=NEWS, body=news(*titles)),
    }


async def test_its_articles_are_read_and_known_again() -> None:
    first = await poll(served("One", "Two"))
    assert [item.title for item in first.items] == ["One", "Two"]
    unchanged = await poll(served("One", "Two"), first.state)
    assert (unchanged.outcome, unchanged.items) == (Outcome.NOT_MODIFIED, ())
    more = await poll(served("Three", "One", "Two", tag='"2"'), first.state)
    assert [item.title for item in more.items] == ["Three"]


async def test_a_304_of_the_index_is_checked_against_the_articles() -> None:
    first = await poll(served("One"))
    honest = await poll(served("One"), first.state, Always())
    assert honest.state.validators_off_until is None
    from msgspec.structs import replace as altered

    lying = await poll(served("One", "Two"), altered(first.state, last_full_at=None), Always())
    assert [item.title for item in lying.items] == ["Two"]
    assert lying.state.validators_off_until is not None


@pytest.mark.parametrize(
    "inner",
    [Failure(outcome=Outcome.TIMEOUT, detail="late"), Response(status=200, url=NEWS, body=index(CHILDREN))],
)
async def test_an_index_that_leads_nowhere_is_named(inner: Response | Failure) -> None:
    result = await poll(served() | {NEWS: inner})
    assert result.outcome in {Outcome.TIMEOUT, Outcome.NOT_A_FEED}
    assert result.items == ()
