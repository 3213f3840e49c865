"""The text of an article's page to an item, for feeds that ask for it (`fullText="yes"`); off by default.

    new item ─▶ robots.txt ─▶ the host's pace ─▶ fetch within limits ─▶ extract in a parser's process ─▶ item

Whatever goes wrong on the way leaves the item as the feed gave it. An item is sent once, with its page's text or
without: a page is not tried again.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib.util import find_spec

from msgspec.structs import replace

from ingest.document import ParseRequest
from ingest.feeds import Feed
from ingest.fetch import Fetcher, Request, Response
from ingest.neighbours import Neighbours, ended, place_of
from ingest.outcome import Failure
from ingest.reading import Parser
from ingest.robots import Robots
from ingest.safety import allowance
from riftwatch import log
from riftwatch.clock import monotonic
from riftwatch.errors import ConfigError
from riftwatch.publishers import Publishers
from riftwatch.records import FeedItem
from riftwatch.settings import Settings

PAGES = 10  # of one poll
PAGES_S = 30.0  # for all pages of one poll: canaries wait for them
LOOK_S = 0.25  # between two looks at whether the host may be asked
FEWEST_CHARS = 200  # less is a consent page, a video or an error
MOST_BYTES = 2_000_000  # of a page; extraction takes 30-50 ms for an ordinary one
TITLE_SHARE = 1 / 3  # of the title's words that must stand in the text, or it is about something else
_WORD = re.compile(r"\w{4,}")
logger = log.get(__name__)


@dataclass(frozen=True, slots=True)
class Pages:
    """Fetches pages of articles, politely."""

    settings: Settings
    fetcher: Fetcher
    parser: Parser
    robots: Robots
    publishers: Publishers
    longest_s: float = PAGES_S

    async def enriched(
        self, feed: Feed, items: Sequence[FeedItem], neighbours: Neighbours, now: datetime
    ) -> tuple[FeedItem, ...]:
        """Return the items, new ones with the text of their page where it could be had."""
        until = monotonic() + self.longest_s
        texts: dict[str, str] = {}
        for item in [one for one in items if self._is_wanted(feed, one)][:PAGES]:
            try:
                async with asyncio.timeout(until - monotonic()):
                    text = await self._text(feed, item, neighbours, now)
            except TimeoutError:
                break
            except Exception:
                logger.exception("page failed", status="internal", feed=feed.feed_id)
                continue
            if is_better(text, item):
                texts[item.story_id] = text
        if texts:
            logger.info("pages read", status="ok", feed=feed.feed_id, pages=len(texts))
        return tuple(self._with(item, texts.get(item.story_id)) for item in items)

    def _is_wanted(self, feed: Feed, item: FeedItem) -> bool:
        """Return whether to fetch the page: never one that only a private feed of our own may name."""
        if item.status == "deleted" or item.backfill or not item.url:
            return False
        try:
            there, home = place_of(item.url), place_of(feed.url)
        except ValueError:
            return False
        private = allowance(self.settings.poll_allow_private)(there.host, there.port)
        return not private or (there.host, there.port) == (home.host, home.port)

    async def _text(self, feed: Feed, item: FeedItem, neighbours: Neighbours, now: datetime) -> str:
        if not await self.robots.allows(item.url, now, named_only=False):
            return ""
        page = await self._page(f"{feed.feed_id} page", item.url, neighbours, now)
        if (
            isinstance(page, Failure)
            or "html" not in page.content_type.lower()
            or len(page.body) > MOST_BYTES
        ):
            return ""
        request = ParseRequest(body=page.body, url=page.url, content_type=page.content_type, is_page=True)
        return (await self.parser.parse(request)).text or ""

    async def _page(self, name: str, url: str, neighbours: Neighbours, now: datetime) -> Response | Failure:
        while not neighbours.may_start(url, monotonic()):  # noqa: ASYNC110  # time alone makes it true
            await asyncio.sleep(LOOK_S)
        started = monotonic()
        neighbours.started(name, url, started)
        page: Response | Failure | None = None
        try:
            page = await self.fetcher.fetch(Request(url=url))
            return page
        finally:
            failure = page if isinstance(page, Failure) else None
            how = ended(failure, monotonic() - started, self.fetcher.address_of(url), now)
            neighbours.ended(name, url, monotonic(), how)

    def _with(self, item: FeedItem, text: str | None) -> FeedItem:
        if not text:
            return item
        return replace(item, content=text, wire=item.wire or self.publishers.wire(text, item.authors))


def is_better(text: str, item: FeedItem) -> bool:
    """Return whether a page's text says more on the item than the feed did."""
    if len(text) < FEWEST_CHARS or len(text) <= len(item.content):
        return False
    words = set(_WORD.findall(item.title.casefold()))
    there = sum(word in text.casefold() for word in words)
    return not words or there >= TITLE_SHARE * len(words)


def check(feeds: Sequence[Feed]) -> None:
    """Raise ConfigError if a feed asks for full text and the extra that reads pages is not installed."""
    asking = next((feed for feed in feeds if feed.full_text), None)
    if asking and find_spec("trafilatura") is None:
        raise ConfigError(
            f'feed "{asking.feed_id}" has fullText, which needs an extra: pip install "riftwatch[fulltext]", or '
            "take the attribute away"
        )
