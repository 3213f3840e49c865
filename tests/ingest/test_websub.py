"""WebSub, the pure part: what is announced, asked, believed and kept."""

from __future__ import annotations

import hashlib
import hmac
from datetime import timedelta

import pytest
from msgspec.structs import replace

from ingest import websub
from ingest.schedule import Bounds
from ingest.state import fresh
from ingest.websub import Denied, Verified
from riftwatch.records import FeedState, Subscription
from tests.ingest.samples import FEED, NOW, URL, response

HUB = "https://hub.example/"
KNOWN = Subscription(hub=HUB, topic=URL)
ACTIVE = replace(
    KNOWN,
    state="active",
    callback="https://us.example",
    until=NOW + timedelta(days=9),
    renew_at=NOW + timedelta(days=6),
)
BOUNDS = Bounds(300, 3600)


def feed_with(links: str) -> bytes:
    return f"<rss xmlns:atom='http://www.w3.org/2005/Atom'><channel>{links}<item/></channel></rss>".encode()


@pytest.mark.parametrize(
    ("links", "body", "found"),
    [
        ('<https://hub.example/>; rel="hub", <https://t.example/>; rel="self"', b"", (HUB, "https://t.example/")),
        ("</hub>; rel=hub", b"", ("https://feeds.news.example/hub", URL)),
        ("", feed_with("<atom:link rel='hub' href='https://hub.example/'/>"), (HUB, URL)),
        ("", feed_with('<atom:link href="https://hub.example/?a=1&amp;b=2" rel="hub"/>'), (HUB + "?a=1&b=2", URL)),
        ('<https://first.example/>; rel="hub"', feed_with("<link rel='hub' href='https://hub.example/'/>"), ("https://first.example/", URL)),
        ("", b"<rss><channel><item><link rel='hub' href='https://evil.example/'/></item></channel></rss>", None),
        ("", feed_with("<atom:link rel='hub' href='javascript:alert(1)'/>"), None),
        ("", b"", None),
    ],
)  # fmt: skip
def test_the_hub_stands_in_the_header_or_in_the_head_of_the_document(
    links: str, body: bytes, found: tuple[str, str] | None
) -> None:
    assert websub.announced(response(body, links=links)) == found


def noted(state: FeedState, links: str) -> FeedState:
    return websub.noted(state, response(b"", links=links))


def test_a_hub_that_is_no_longer_named_is_left() -> None:
    state = noted(fresh(FEED), f"<{HUB}>; rel=hub")
    assert state.websub == KNOWN
    state = replace(state, websub=ACTIVE)
    assert noted(state, f"<{HUB}>; rel=hub").websub == ACTIVE
    leaving = noted(state, "")
    assert leaving.websub is not None
    assert websub.wish_of(leaving.websub, "https://us.example", NOW) == "unsubscribe"
    assert websub.heard(leaving, Verified("unsubscribe", timedelta()), NOW).websub is None
    other = noted(state, "<https://other.example/>; rel=hub").websub
    assert other is not None
    assert (other.hub, other.state) == ("https://other.example/", "known")


@pytest.mark.parametrize(
    ("known", "wish"),
    [
        (None, None),
        (KNOWN, "subscribe"),
        (replace(KNOWN, state="asked", asked_at=NOW - timedelta(hours=1)), None),
        (replace(KNOWN, state="asked", asked_at=NOW - timedelta(hours=7)), "subscribe"),
        (replace(KNOWN, state="refused", asked_at=NOW - timedelta(hours=1)), None),
        (ACTIVE, None),
        (replace(ACTIVE, renew_at=NOW - timedelta(minutes=1)), "subscribe"),
        (replace(ACTIVE, callback="https://another-poller.example"), "subscribe"),
        (replace(ACTIVE, leaving=True), "unsubscribe"),
        (replace(ACTIVE, leaving=True, until=NOW - timedelta(days=1)), None),
    ],
)
def test_what_is_asked_and_when(known: Subscription | None, wish: str | None) -> None:
    assert websub.wish_of(known, "https://us.example", NOW) == wish


def test_a_lease_is_renewed_after_two_thirds_and_is_never_longer_than_a_month() -> None:
    state = replace(fresh(FEED), websub=KNOWN)
    for lease, kept in ((timedelta(days=9), timedelta(days=9)), (timedelta(days=999), websub.LONGEST_LEASE)):
        found = websub.heard(state, Verified("subscribe", lease), NOW).websub
        assert found is not None
        assert (found.state, found.until, found.renew_at) == ("active", NOW + kept, NOW + kept * 2 / 3)
    denied = websub.heard(state, Denied(), NOW).websub
    assert denied is not None
    assert denied.state == "refused"


def test_a_signature_is_the_secret_s_and_of_a_named_method() -> None:
    body, secret = b"<rss/>", "s" * 32
    for method in ("sha1", "sha256", "sha384", "sha512"):
        right = hmac.new(secret.encode(), body, getattr(hashlib, method)).hexdigest()
        assert websub.is_signed(body, f"{method}={right}", secret)
        assert websub.is_signed(body, f"{method.upper()}={right.upper()}", secret)
        assert not websub.is_signed(body + b" ", f"{method}={right}", secret)
        assert not websub.is_signed(body, f"{method}={right}", "other")
    for wrong in (
        "",
        "sha256",
        "sha256=",
        "md5=" + hashlib.md5(body).hexdigest(),
        "sha256=ü",
        "shake_128=00",
    ):
        assert not websub.is_signed(body, wrong, secret)


def test_secrets_differ_by_feed_topic_and_purpose() -> None:
    keys = {
        websub.key_of(master, purpose, feed, topic)
        for master in ("m1", "m2") for purpose in ("address", "signature") for feed in ("a", "b") for topic in ("x", "y")
    }  # fmt: skip
    assert len(keys) == 16


def polled(**given: object) -> FeedState:
    state = replace(fresh(FEED), polled_at=NOW, next_poll_at=NOW + timedelta(minutes=5), interval_s=300.0)
    return replace(state, **({"websub": ACTIVE} | given))


def test_polls_are_rare_only_while_pushes_are_proven_to_arrive() -> None:
    before = polled()
    unproven = websub.trusted(before, polled(), NOW, BOUNDS)
    assert unproven.interval_s == 300
    proven = polled(websub=replace(ACTIVE, pushed_at=NOW))
    rests = websub.trusted(before, proven, NOW, BOUNDS)
    assert rests.interval_s == 3600
    assert rests.next_poll_at is not None
    assert timedelta(minutes=30) <= rests.next_poll_at - NOW <= timedelta(minutes=90)
    missed = websub.trusted(before, replace(proven, items_new=1), NOW, BOUNDS)
    assert missed.websub is not None
    assert (missed.websub.pushed_at, missed.interval_s) == (None, 300)
    over = replace(proven, websub=replace(ACTIVE, pushed_at=NOW, until=NOW))
    assert websub.trusted(before, over, NOW, BOUNDS).interval_s == 300
