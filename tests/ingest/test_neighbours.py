"""Who may be asked now: by domain, by address, after a refusal, after a plea for rest."""

from __future__ import annotations

import pytest

from ingest.hosts import HostRule, HostRules
from ingest.neighbours import Ended, Neighbours, ended, place_of
from ingest.outcome import Failure, Outcome
from tests.ingest.samples import NOW

A, A2, SUB = "https://a.example/1", "https://a.example/2", "https://feeds.a.example/1"
B, C = "https://b.example/1", "https://c.example/1"
QUICK = Ended(0.1)


def asked(neighbours: Neighbours, url: str, at: float, how: Ended = QUICK) -> bool:
    """Ask if that is polite, and answer at once."""
    if not neighbours.may_start(url, at):
        return False
    neighbours.started(url, url, at)
    neighbours.ended(url, url, at, how)
    return True


def test_hosts_of_one_registrable_domain_are_one_neighbour() -> None:
    neighbours = Neighbours(5.0)
    assert asked(neighbours, A, 0.0)
    assert not asked(neighbours, A2, 4.9)
    assert not asked(neighbours, SUB, 4.9)
    assert asked(neighbours, B, 0.0)
    assert asked(neighbours, SUB, 5.0)


def test_domains_behind_one_address_share_its_bucket() -> None:
    neighbours = Neighbours(5.0)
    urls = [f"https://outlet-{number}.example/rss" for number in range(40)]
    there = Ended(0.1, address="203.0.113.7")
    assert all(asked(neighbours, url, 0.0, there) for url in urls)
    assert sum(asked(neighbours, url, 100.0, there) for url in urls) == 5
    assert sum(asked(neighbours, url, 102.0, there) for url in urls) == 2
    elsewhere = [f"https://other-{number}.example/rss" for number in range(40)]
    assert all(asked(neighbours, url, 102.0) for url in elsewhere)


def test_a_host_that_refuses_connections_rests_ten_minutes_and_its_domain_does_not() -> None:
    neighbours = Neighbours(5.0)
    asked(neighbours, A, 0.0, Ended(0.1, refused=True))
    assert not asked(neighbours, A2, 599.0)
    assert asked(neighbours, SUB, 100.0)
    assert asked(neighbours, A2, 600.0)


@pytest.mark.parametrize(
    ("scope", "resting"),
    [(None, {A, A2}), ("feed", set()), ("host", {A, A2}), ("domain", {A, A2, SUB})],
)
def test_a_plea_for_rest_reaches_as_far_as_the_rule_says(scope: str | None, resting: set[str]) -> None:
    rules = [HostRule(host="a.example", retry_scope=scope)] if scope else []  # type: ignore[arg-type]
    neighbours = Neighbours(5.0, HostRules(rules))
    asked(neighbours, A, 0.0, Ended(0.1, too_many=True, rest_s=3600))
    assert {url for url in (A, A2, SUB, B) if not neighbours.may_start(url, 3599.0)} == resting
    assert all(neighbours.may_start(url, 3600.0) for url in (A, A2, SUB, B))


def test_x_tumblr_com_rests_with_all_of_tumblr_and_rsshub_feeds_alone() -> None:
    from riftwatch.settings import ROOT

    neighbours = Neighbours(5.0, HostRules.load(ROOT / "config" / "hosts.toml"))
    plea = Ended(0.1, too_many=True, rest_s=3600)
    asked(neighbours, "https://x.tumblr.com/rss", 0.0, plea)
    asked(neighbours, "https://rsshub.app/one", 0.0, plea)
    assert not neighbours.may_start("https://y.tumblr.com/rss", 3000.0)
    assert neighbours.may_start("https://rsshub.app/other", 3000.0)


def test_after_a_plea_the_feeds_of_a_host_do_not_come_back_in_a_burst() -> None:
    """100 feeds on one host, all of them answered 429 for an hour, each due again all the time."""
    neighbours = Neighbours(5.0)
    urls = [f"https://a.example/{number}" for number in range(100)]
    minutes: dict[int, int] = {}
    waiting = list(urls)
    for second in range(3 * 3600):
        for url in waiting:
            how = Ended(0.1, too_many=True, rest_s=600) if second < 3600 else QUICK
            if asked(neighbours, url, float(second), how):
                minutes[second // 60] = minutes.get(second // 60, 0) + 1
                if second >= 3600:
                    waiting.remove(url)
                break
    assert not waiting
    assert max(count for minute, count in minutes.items() if minute < 60) <= 1
    recovering = [count for minute, count in minutes.items() if 60 <= minute < 65]
    assert max(recovering) <= 10


def test_a_rule_sets_the_pace_of_its_host_and_a_gap_of_0_turns_everything_off() -> None:
    rules = HostRules([HostRule(host="a.example:8080", gap_s=0.0), HostRule(host="b.example", gap_s=60.0)])
    neighbours = Neighbours(5.0, rules)
    own = "http://a.example:8080/x"
    assert all(asked(neighbours, own, 0.0, Ended(9.0, refused=True, rest_s=99)) for _ in range(9))
    asked(neighbours, B, 0.0)
    assert not asked(neighbours, B, 59.0)
    assert asked(neighbours, B, 60.0)
    off = Neighbours(0.0)
    assert all(asked(off, A, 0.0, Ended(9.0, refused=True, too_many=True, rest_s=99)) for _ in range(9))


def test_requests_under_way_are_counted_even_if_the_address_becomes_known_meanwhile() -> None:
    neighbours = Neighbours(1.0)
    neighbours.started("one", A, 0.0)
    neighbours.started("two", A2, 1.0)
    assert not neighbours.may_start(A, 100.0)
    neighbours.ended("one", A, 100.0, Ended(0.0, address="203.0.113.7"))
    assert neighbours.may_start(A, 100.0)
    neighbours.ended("two", A2, 100.0, Ended(0.0, address="203.0.113.7"))
    assert all(bucket._under_way == 0 for bucket in neighbours._addresses.values())


def test_a_poller_with_a_third_of_the_feeds_keeps_three_gaps() -> None:
    neighbours = Neighbours(5.0)
    neighbours.share(4, 12)
    assert asked(neighbours, A, 100.0)
    assert not asked(neighbours, A, 114.9)
    assert asked(neighbours, A, 115.0)
    neighbours.share(0, 12)
    assert asked(neighbours, A, 200.0)
    assert asked(neighbours, A, 205.0)


def test_an_outcome_is_told_to_the_neighbourhood() -> None:
    plea = Failure(outcome=Outcome.RATE_LIMITED, detail="x", status=429, retry_after="120")
    assert ended(plea, 1.0, None, NOW) == Ended(1.0, too_many=True, rest_s=120)
    away = Failure(outcome=Outcome.UNREACHABLE, detail="x", refused=True)
    assert ended(away, 1.0, "203.0.113.7", NOW) == Ended(1.0, refused=True, address="203.0.113.7")
    assert ended(None, 1.0, None, NOW) == Ended(1.0)


def test_a_place_has_the_port_of_its_scheme() -> None:
    assert (place_of("https://Feeds.BBC.co.uk./x").domain, place_of(A).port) == ("bbc.co.uk", 443)
    assert (place_of("http://127.0.0.1:8080/").host, place_of("http://127.0.0.1:8080/").port) == (
        "127.0.0.1",
        8080,
    )
