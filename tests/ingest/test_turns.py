from __future__ import annotations

from ingest.feeds import Feed
from ingest.turns import fairly


def test_a_large_host_does_not_fill_the_queue() -> None:
    urls = ["https://a.example/1", "https://a.example/2", "https://a.example/3", "https://b.example/1"]
    feeds = [Feed(feed_id=url, url=url) for url in urls]
    assert [feed.url for feed in fairly(feeds)] == [urls[0], urls[3], urls[1], urls[2]]
