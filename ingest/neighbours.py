"""Politeness toward hosts: who may be asked now. Pure; times are monotonic seconds.

Two hundred feeds on one registrable domain are one neighbour, and so are all domains behind one address. A host
that refuses connections rests; one that answers with Retry-After rests as long as it asks, for the feed, the
host or the whole domain, as hosts.toml says. Afterwards its feeds come back at the domain's pace, not at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from urllib.parse import urlsplit

from ingest.hosts import HostRule, HostRules, Scope
from ingest.outcome import Failure, Outcome
from ingest.pace import Bucket
from ingest.schedule import retry_after
from riftwatch.publishers import registrable_domain

PARALLEL = 2  # requests under way to one domain
ADDRESS_SHARE = (
    5  # an address takes as many requests as five domains, in bursts of as many: CDNs serve thousands
)
REFUSED_REST_S = 600.0  # ten minutes: a restart of a server takes less, an outage more
RETRY_SCOPE: Scope = "host"


@dataclass(frozen=True, slots=True)
class Ended:
    """How a request ended, as far as the host is concerned."""

    took_s: float
    refused: bool = False  # no connection
    too_many: bool = False  # 429, or 503 with Retry-After
    rest_s: float | None = None  # what Retry-After asks for
    address: str | None = None  # that was connected to


def ended(failure: Failure | None, took_s: float, address: str | None, now: datetime) -> Ended:
    """Return what the outcome of a poll means for the host that was asked."""
    if failure is None:
        return Ended(took_s, address=address)
    return Ended(
        took_s,
        refused=failure.refused,
        too_many=failure.outcome == Outcome.RATE_LIMITED,
        rest_s=retry_after(failure.retry_after, now),
        address=address,
    )


@dataclass(frozen=True, slots=True)
class Place:
    """Where an address leads."""

    host: str
    port: int
    domain: str


class Neighbours:
    """Decides who may be asked now; a gap of 0, everywhere or by rule, turns politeness off.

    Pollers that share the feeds do not hear of one another's requests: each keeps a gap as many times longer as
    its share of the feeds is smaller, so that all of them together ask a domain no more often than one would.
    """

    def __init__(self, gap_s: float, rules: HostRules | None = None) -> None:
        self._gap_s = gap_s
        self._rules = rules or HostRules()
        self._pollers = 1.0
        self._domains: dict[str, Bucket] = {}
        self._addresses: dict[str, Bucket] = {}
        self._address_of: dict[str, str] = {}  # host -> the address it was last seen at
        self._rests: dict[str, float] = {}  # host, or @domain -> until when it rests
        self._taken: dict[
            str, list[Bucket]
        ] = {}  # feed -> the buckets that its request under way has drawn from

    def may_start(self, url: str, at: float) -> bool:
        """Return whether a request to this address may start now."""
        place = place_of(url)
        rule = self._rules.of(place.host, place.port)
        if self._gap(rule) <= 0:
            return True
        if at < max(self._rests.get(place.host, 0.0), self._rests.get(f"@{place.domain}", 0.0)):
            return False
        return all(bucket.may_start(at) for bucket in self._buckets(place, rule))

    def share(self, ours: int, parts: int) -> None:
        """Note that this process polls `ours` of so many parts of the feeds."""
        self._pollers = parts / ours if ours else 1.0

    def started(self, feed_id: str, url: str, at: float) -> None:
        """Note a start."""
        place = place_of(url)
        buckets = self._buckets(place, self._rules.of(place.host, place.port))
        self._taken[feed_id] = buckets
        for bucket in buckets:
            bucket.started(at, self._pollers)

    def ended(self, feed_id: str, url: str, at: float, how: Ended) -> None:
        """Note an end, and who rests because of it."""
        for bucket in self._taken.pop(feed_id, ()):
            bucket.ended(how.took_s, refused=how.too_many)
        place = place_of(url)
        if how.address:
            self._address_of[place.host] = how.address
        rule = self._rules.of(place.host, place.port)
        if how.refused:
            self._rest(place.host, at + (REFUSED_REST_S if rule.rest_s is None else rule.rest_s))
        if how.rest_s:
            self.asked_to_rest(url, at + how.rest_s)

    def asked_to_rest(self, url: str, until: float) -> None:
        """Let the neighbours of a feed rest too, as far as the host's rule says."""
        place = place_of(url)
        scope = self._rules.of(place.host, place.port).retry_scope or RETRY_SCOPE
        if scope != "feed":
            self._rest(place.host if scope == "host" else f"@{place.domain}", until)

    def _rest(self, key: str, until: float) -> None:
        self._rests[key] = max(until, self._rests.get(key, 0.0))

    def _gap(self, rule: HostRule) -> float:
        return self._gap_s if rule.gap_s is None else rule.gap_s

    def _buckets(self, place: Place, rule: HostRule) -> list[Bucket]:
        """Return the buckets that a request draws from: its domain's, and its address's once that is known."""
        gap = self._gap(rule)
        key = rule.host or place.domain  # a host with a rule of its own is a neighbour of its own
        parallel = PARALLEL if rule.parallel is None else rule.parallel
        domain = self._domains.setdefault(key, Bucket(gap, 1, parallel))
        address = self._address_of.get(place.host)
        if address is None or gap <= 0:
            return [domain]
        shared = Bucket(self._gap_s / ADDRESS_SHARE, ADDRESS_SHARE, PARALLEL * ADDRESS_SHARE)
        return [domain, self._addresses.setdefault(address, shared)]


@lru_cache(maxsize=20_000)
def place_of(url: str) -> Place:
    """Return where an address leads; cached, as the poller asks at every turn."""
    parts = urlsplit(url)
    host = (parts.hostname or "").rstrip(".")
    port = parts.port or (443 if parts.scheme == "https" else 80)
    return Place(host, port, registrable_domain(host))
