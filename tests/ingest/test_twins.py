"""Port 80 falls silent, https works: the feed goes on."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from ingest import twins
from ingest.fetch import Response
from ingest.outcome import Failure, Outcome
from ingest.poll import Deps, PollResult, poll_feed
from ingest.reading import Reader
from ingest.schedule import Bounds
from ingest.state import fresh
from riftwatch.records import FeedState
from tests.ingest.fakes import FakeFetcher, InlineParser
from tests.ingest.samples import FEED, NOW, PUBLISHERS, response
from tests.ingest.servers import rss

HTTP, HTTPS = "http://news.example/rss", "https://news.example/rss"
OLD = replace(FEED, url=HTTP)
AWAY = Failure(outcome=Outcome.UNREACHABLE, detail="refused")


class Outlet:
    def __init__(self, over_http: Response | Failure, over_https: Response | Failure) -> None:
        self.fetcher = FakeFetcher({HTTP: over_http, HTTPS: over_https})
        self.state: FeedState | None = None

    async def poll(self, now: datetime, **altered: bool) -> PollResult:
        deps = Deps(fetcher=self.fetcher, reader=Reader(InlineParser(), PUBLISHERS), bounds=Bounds(300, 3600))
        result = await poll_feed(replace(OLD, **altered), self.state, deps, now)  # type: ignore[arg-type]
        self.state = result.state
        return result

    def urls(self) -> list[str]:
        return [request.url for request in self.fetcher.asked]


def served(*titles: str) -> Response:
    return replace(response(rss(*titles), etag='"1"'), url=HTTPS)


async def test_items_come_at_once_and_the_new_address_is_kept_after_a_day() -> None:
    outlet = Outlet(AWAY, served("One"))
    first = await outlet.poll(NOW)
    assert [item.title for item in first.items] == ["One"]
    for hour in (6, 12, 18, 25):
        assert (await outlet.poll(NOW + timedelta(hours=hour))).outcome == Outcome.NOT_MODIFIED
    assert outlet.state is not None
    assert (outlet.state.moved_url, outlet.state.url) == (HTTPS, HTTP)
    assert [(row.old, row.new) for row in outlet.state.moves] == [(HTTP, HTTPS)]
    outlet.fetcher.asked.clear()
    await outlet.poll(NOW + timedelta(hours=26))
    assert outlet.urls() == [HTTPS]


async def test_a_twin_that_fails_too_is_tried_once_a_day_only() -> None:
    outlet = Outlet(AWAY, Failure(outcome=Outcome.TLS, detail="no"))
    for hour in (0, 1, 2, 23, 25):
        assert (await outlet.poll(NOW + timedelta(hours=hour))).outcome == Outcome.UNREACHABLE
    assert outlet.urls().count(HTTPS) == 2
    assert outlet.urls().count(HTTP) == 5


async def test_port_80_that_comes_back_is_used_again() -> None:
    outlet = Outlet(AWAY, served("One"))
    await outlet.poll(NOW)
    outlet.fetcher.answers[HTTP] = replace(served("One", "Two"), url=HTTP, etag='"2"')
    outlet.fetcher.asked.clear()
    result = await outlet.poll(NOW + timedelta(hours=1))
    assert outlet.urls() == [HTTP]
    assert [item.title for item in result.items] == ["Two"]
    assert result.state.moving_to is None


async def test_a_feed_that_stays_never_takes_over_a_new_address() -> None:
    outlet = Outlet(AWAY, served("One"))
    for hour in (0, 6, 12, 18, 25, 30):
        await outlet.poll(NOW + timedelta(hours=hour), stays=True)
    assert outlet.state is not None
    assert outlet.state.moved_url is None


@pytest.mark.parametrize(
    ("url", "outcome", "tried"),
    [
        (HTTP, Outcome.TIMEOUT, True), (HTTP, Outcome.NOT_FOUND, True), (HTTPS, Outcome.TIMEOUT, False),
        ("http://news.example:8080/", Outcome.TIMEOUT, False), ("http://news.example:80/", Outcome.TIMEOUT, True),
        (HTTP, Outcome.RATE_LIMITED, False), (HTTP, Outcome.DNS, False), (HTTP, Outcome.BLOCKED_ADDRESS, False),
    ],
)  # fmt: skip
def test_only_an_abandoned_port_80_has_a_twin(url: str, outcome: Outcome, tried: bool) -> None:
    assert twins.may_try(fresh(OLD), url, Failure(outcome=outcome, detail="x"), NOW) == tried
    assert twins.https_of("http://news.example:80/a?b=1") == "https://news.example/a?b=1"
