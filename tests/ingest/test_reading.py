"""Documents one after the other, with and without the memory of the last one: the same stories either way."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.document import ParseAnswer, ParseRequest
from ingest.fetch import Response
from ingest.harvest import Gathered
from ingest.outcome import Failure, Outcome
from ingest.parse import parse
from ingest.reading import Reader
from ingest.schedule import Bounds
from ingest.state import after_document, fresh
from riftwatch.records import FeedState
from tests.ingest.samples import FEED, NOW, PUBLISHERS
from tests.ingest.servers import rss

TYPE = "application/rss+xml"


@dataclass
class CountingParser:
    """The real parser without its process; counts the bytes it is given."""

    given: list[int] = field(default_factory=list)

    async def parse(self, request: ParseRequest) -> ParseAnswer:
        self.given.append(len(request.body))
        return parse(request)


@dataclass
class Desk:
    """A reader and the state of one feed."""

    reader: Reader
    state: FeedState = field(default_factory=lambda: fresh(FEED))
    polls: int = 0

    async def read(self, body: bytes, *, forget: bool = False, sent: bool = True) -> Gathered | Failure:
        self.polls += 1
        now = NOW + timedelta(hours=self.polls)
        if forget:
            self.reader.recall.keep(FEED.feed_id, "", None)
        fetched = Response(status=200, url=FEED.url, body=body, content_type=TYPE)
        found = await self.reader.read(FEED, self.state, fetched, f"{hash(body)}", now)
        if isinstance(found, Gathered) and sent:
            self.state = after_document(self.state, fetched, found.harvest, now, Bounds(300, 3600))
        return found


@pytest.fixture
def parser() -> CountingParser:
    return CountingParser()


@pytest.fixture
def desk(parser: CountingParser) -> Desk:
    return Desk(Reader(parser, PUBLISHERS))


def titles(found: Gathered | Failure) -> list[str]:
    assert isinstance(found, Gathered)
    return [item.title for item in found.items]


MANY = [f"Story {letter}" for letter in "abcdefghij"]


async def test_only_what_is_new_is_parsed(desk: Desk, parser: CountingParser) -> None:
    assert titles(await desk.read(rss(*MANY))) == MANY
    found = await desk.read(rss("Fresh", *MANY).replace(b"10:0", b"10:1"))
    assert titles(found) == ["Fresh"]
    assert isinstance(found, Gathered)
    assert found.harvest.total == 11
    again = await desk.read(rss("Fresher", "Fresh", *MANY[:-1]).replace(b"10:0", b"10:1"))
    assert titles(again) == ["Fresher"]
    whole = len(rss(*MANY))
    assert parser.given[0] == whole
    assert all(size >= whole for size in parser.given[:2])  # every date had changed
    assert isinstance(again, Gathered)


async def test_an_entry_on_top_costs_one_entry(desk: Desk, parser: CountingParser) -> None:
    def document(*numbers: int) -> bytes:
        items = "".join(
            f"<item><title>No {n}</title><guid>{n}</guid><link>https://n.example/{n}</link></item>"
            for n in numbers
        )
        return f"<rss version='2.0'><channel><title>T</title>{items}</channel></rss>".encode()

    await desk.read(document(*range(9, 0, -1)))
    assert titles(await desk.read(document(*range(10, 0, -1)))) == ["No 10"]
    assert parser.given[1] == len(document(10))
    assert len(desk.state.seen) == 10
    assert titles(await desk.read(document(*range(10, 1, -1)))) == []
    assert parser.given[2] == len(document())
    assert len(desk.state.seen) == 9


async def test_what_was_never_acknowledged_is_read_again(desk: Desk) -> None:
    await desk.read(rss("One"))
    await desk.read(rss("One", "Two"), sent=False)
    assert titles(await desk.read(rss("One", "Two"))) == ["Two"]
    assert titles(await desk.read(rss("One", "Two", "Three"))) == ["Three"]


async def test_a_broken_end_is_told_by_the_whole_document(desk: Desk) -> None:
    await desk.read(rss("One", "Two"))
    found = await desk.read(b"<html><title>Just a moment</title></html>")
    assert isinstance(found, Failure)
    assert found.outcome == Outcome.CHALLENGE
    assert titles(await desk.read(rss("One", "Two", "Three"))) == ["Three"]


entries = st.builds(
    dict,
    number=st.integers(0, 9),
    words=st.sampled_from(
        ["", "edited", "<![CDATA[ <b>bold</b> ]]>", "<![CDATA[ </item><item> ]]>", "<!-- - -->", "&amp;x"]
    ),
    address=st.sampled_from(["own", "own", "own", "shared", "moved", "none"]),
    guid=st.sampled_from(["own", "own", "own", "own", "own", "none", "same"]),
    date=st.sampled_from(["Wed, 22 Jan 2025 10:00:00 GMT", "Wed, 22 Jan 2025 16:00:00 GMT", "never", ""]),
)
documents = st.lists(entries, max_size=8, unique_by=lambda one: one["number"])


def written(found: list[dict[str, str]]) -> bytes:
    addresses = {
        "own": "https://n.example/{}",
        "shared": "https://n.example/live",
        "moved": "https://n.example/new-{}",
    }
    items = []
    for one in found:
        link = addresses.get(one["address"], "").format(one["number"])
        guid = {"own": f"<guid>g{one['number']}</guid>", "same": "<guid>g</guid>"}.get(one["guid"], "")
        items.append(
            f"<item><title>No {one['number']}</title><description>{one['words']}</description>"
            f"<link>{link}</link>{guid}<pubDate>{one['date']}</pubDate></item>\n"
        )
    return f"<rss version='2.0'><channel><title>T</title>{''.join(items)}</channel></rss>".encode()


@given(st.lists(documents, min_size=2, max_size=6))
@settings(max_examples=120, deadline=None)
def test_the_memory_changes_nothing_but_the_work(history: list[list[dict[str, str]]]) -> None:
    async def compare() -> None:
        ours, plain = (Desk(Reader(CountingParser(), PUBLISHERS)) for _ in range(2))
        for found in history:
            body = written(found)
            one, other = await ours.read(body), await plain.read(body, forget=True)
            assert isinstance(one, Gathered) == isinstance(other, Gathered)
            if isinstance(one, Gathered) and isinstance(other, Gathered):
                assert one.items == other.items
                assert one.harvest == other.harvest
            assert list(ours.state.guids) == list(plain.state.guids)
            assert ours.state == plain.state

    asyncio.run(compare())
