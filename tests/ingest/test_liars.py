from __future__ import annotations

from datetime import timedelta

from msgspec.structs import replace

from ingest.liars import Liars
from ingest.state import fresh, request_of
from tests.ingest.samples import FEED, NOW

WEEK = timedelta(days=7)
OURS = replace(fresh(FEED), etag='"1"', validators_host="feeds.news.example")


def test_a_host_whose_304_lied_to_one_feed_is_believed_by_none_for_a_week() -> None:
    liars = Liars()
    assert request_of(liars.warned(OURS, NOW), NOW).etag == '"1"'
    liars.learn(replace(OURS, feed_id="other", validators_off_until=NOW + WEEK))
    assert request_of(liars.warned(OURS, NOW), NOW).etag is None
    later = NOW + WEEK
    assert request_of(liars.warned(OURS, later), later).etag == '"1"'


def test_other_hosts_and_feeds_without_validators_are_left_alone() -> None:
    liars = Liars()
    liars.learn(replace(OURS, validators_off_until=NOW + WEEK))
    elsewhere = replace(OURS, validators_host="b.example")
    assert liars.warned(elsewhere, NOW) == elsewhere
    assert liars.warned(fresh(FEED), NOW) == fresh(FEED)
    liars.learn(fresh(FEED))
    liars.learn(replace(OURS, validators_off_until=NOW))
    assert liars.warned(OURS, NOW).validators_off_until == NOW + WEEK
