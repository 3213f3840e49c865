"""robots.txt: who is meant, which rule decides, and that a feed is bound only by name."""

from __future__ import annotations

import asyncio
import time
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.fetch import Request, Response
from ingest.outcome import Failure, Outcome
from ingest.poll import Deps, poll_feed
from ingest.reading import Reader
from ingest.robots import KEPT, Robots, Rule, parse
from ingest.schedule import Bounds
from tests.ingest.fakes import FakeFetcher, InlineParser
from tests.ingest.samples import FEED, NOW, PUBLISHERS, URL, response
from tests.ingest.servers import rss

TEXT = """# ours
User-agent: GoogleBot
Disallow: /google

User-agent: *
User-agent: other
Disallow: /private
Disallow: /*.pdf$
Allow: /private/open   # but this
Disallow:
Sitemap: https://news.example/sitemap.xml
"""


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("/", True), ("/private", False), ("/private/x", False), ("/private/open/x", True), ("/a.pdf", False),
        ("/a.pdf?x=1", True), ("/google", True), ("/%70rivate", False), ("", True),
    ],
)  # fmt: skip
def test_the_longest_matching_rule_of_the_group_for_everybody_decides(path: str, allowed: bool) -> None:
    assert parse(TEXT).allows(path, named_only=False) == allowed


def test_for_feeds_only_a_group_that_names_us_counts() -> None:
    assert parse(TEXT).allows("/private", named_only=True)
    named = parse(TEXT + "\nUser-Agent: Riftwatch/1.0\nDisallow: /feed\n")
    assert not named.allows("/feed/rss", named_only=True)
    assert not named.allows("/feed/rss", named_only=False)
    assert named.allows("/private", named_only=False)
    assert parse("User-agent: riftwatch\nDisallow:").allows("/x", named_only=False)
    assert not parse("user-agent:RIFTWATCH\ndisallow:/").allows("/", named_only=True)


def test_a_tie_is_an_allowance() -> None:
    assert parse("User-agent: *\nDisallow: /a\nAllow: /a").allows("/a", named_only=False)


@given(st.text(), st.text())
def test_no_text_makes_it_raise(text: str, path: str) -> None:
    parse(text).allows(path, named_only=False)
    parse("User-agent: *\nDisallow: " + text).allows("/" + path, named_only=False)


def test_a_rule_of_stars_takes_no_time() -> None:
    started = time.process_time()
    assert not Rule(False, "/" + "*a" * 5000 + "$").matches("/" + "a" * 4000 + "b")
    assert time.process_time() - started < 10  # 1 ms; with a regular expression it would never end


async def test_a_feed_whose_host_names_us_is_left_alone_with_the_reason() -> None:
    origin = f"https://{urlsplit(URL).netloc}"
    unwanted = Response(status=200, url="", body=b"User-agent: Riftwatch\nDisallow: /rss")
    fetcher = FakeFetcher({f"{origin}/robots.txt": unwanted, URL: response(rss("One"))})
    deps = Deps(
        fetcher=fetcher, reader=Reader(InlineParser(), PUBLISHERS), bounds=Bounds(300, 3600), robots=Robots(fetcher)
    )  # fmt: skip
    result = await poll_feed(FEED, None, deps, NOW)
    assert (result.outcome, result.items) == (Outcome.FORBIDDEN, ())
    assert "by name" in result.state.detail
    assert [request.url for request in fetcher.asked] == [f"{origin}/robots.txt"]


async def test_feeds_of_one_host_that_start_together_ask_once() -> None:
    fetcher = FakeFetcher({"https://a.example/robots.txt": Response(status=200, url="", body=b"")})
    robots = Robots(fetcher)
    found = await asyncio.gather(
        *(robots.allows(f"https://a.example/{one}", NOW, named_only=True) for one in range(9))
    )
    assert all(found)
    assert len(fetcher.asked) == 1


class StallingFetcher(FakeFetcher):
    async def fetch(self, request: Request) -> Response | Failure:
        await asyncio.sleep(3600)
        raise AssertionError


async def test_a_host_that_stalls_holds_its_feeds_up_for_a_moment_only() -> None:
    assert await Robots(StallingFetcher(), ask_s=0.01).allows("https://a.example/x", NOW, named_only=False)


async def test_it_is_asked_once_a_day_and_what_is_no_robots_txt_allows_everything() -> None:
    url = "https://news.example/feed"
    fetcher = FakeFetcher(
        {
            "https://news.example/robots.txt": Response(
                status=200, url="", body=b"User-agent: riftwatch\nDisallow: /"
            ),
            "https://none.example/robots.txt": Failure(outcome=Outcome.NOT_FOUND, detail="404", status=404),
            "https://page.example/robots.txt": Response(
                status=200, url="", body=b"User-agent: *\nDisallow: /", content_type="text/html"
            ),
        }
    )
    robots = Robots(fetcher)
    assert not await robots.allows(url, NOW, named_only=True)
    assert not await robots.allows(url + "?x", NOW + timedelta(hours=23), named_only=True)
    assert len(fetcher.asked) == 1
    await robots.allows(url, NOW + KEPT, named_only=True)
    assert len(fetcher.asked) == 2
    assert await robots.allows("https://none.example/x", NOW, named_only=False)
    assert await robots.allows("https://page.example/x", NOW, named_only=False)
