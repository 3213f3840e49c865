"""Talking with hubs: asks them for subscriptions, and listens for what they say and push (WebSub).

It listens on loopback unless told otherwise, for a proxy to bring the public address to it. What arrives is only
put aside here; the poller's loop works on it, one message of a feed at a time and never beside a poll of that feed.
"""

from __future__ import annotations

import asyncio
import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections import defaultdict, deque
from collections.abc import Callable
from datetime import datetime, timedelta
from types import TracebackType
from typing import Self

from aiohttp import web
from msgspec.structs import replace

from ingest import websub
from ingest.feeds import Feed
from ingest.fetch import HttpFetcher
from ingest.inflate import BadEncodingError, Inflater, TooLargeError
from ingest.websub import Denied, Message, Pushed, Verified, Wish
from riftwatch import log, metrics
from riftwatch.errors import ConfigError, UserError
from riftwatch.records import FeedState, Subscription
from riftwatch.settings import Settings

MOST_WAITING = 1000  # messages; more are left to the hub's patience, or to the next poll
SECRET_CHARS = 16
Lookup = Callable[[str], FeedState | None]
logger = log.get(__name__)


class Hub:
    """Our side of all subscriptions. Use as an async context manager."""

    def __init__(self, settings: Settings, fetcher: HttpFetcher) -> None:
        self._settings, self._fetcher = settings, fetcher
        self._lookup: Lookup = lambda _: None
        self._waiting: defaultdict[str, deque[Message]] = defaultdict(deque)
        self._asking: dict[str, Wish] = {}
        self._runner: web.AppRunner | None = None
        self.port = 0

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=self._settings.poll_max_wire_bytes)
        app.router.add_get("/{path:.*}", self._word)
        app.router.add_post("/{path:.*}", self._push)
        # What a hub compresses is unpacked here, while counting; addresses hold secrets and are not logged.
        self._runner = web.AppRunner(app, access_log=None, auto_decompress=False, shutdown_timeout=1.0)
        await self._runner.setup()
        site = web.TCPSite(self._runner, self._settings.websub_host, self._settings.websub_port)
        try:
            await site.start()
        except OSError as error:
            where = f"{self._settings.websub_host}:{self._settings.websub_port}"
            raise UserError(
                f"hubs cannot be listened for on {where} ({error.strerror}): set websub_port."
            ) from error
        self.port = self._runner.addresses[0][1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._runner is not None:
            await self._runner.cleanup()

    def watch(self, lookup: Lookup) -> None:
        """Tell where the states of the feeds are that this process polls."""
        self._lookup = lookup

    def has(self, feed_id: str) -> bool:
        """Return whether a message for a feed waits."""
        return bool(self._waiting.get(feed_id))

    def take(self, feed_id: str) -> Message | None:
        """Return the oldest message for a feed, and forget it."""
        queue = self._waiting.get(feed_id)
        if not queue:
            return None
        message = queue.popleft()
        if not queue:
            del self._waiting[feed_id]
        return message

    async def follow_up(self, feed: Feed, state: FeedState, now: datetime) -> FeedState | None:
        """Ask the feed's hub for what is wanted now, and return the state that knows of it."""
        callback = self._settings.websub_callback
        wish = websub.wish_of(state.websub, callback, now)
        if wish is None or state.websub is None:
            return None
        self._asking[feed.feed_id] = wish
        answer = await self._fetcher.post(
            state.websub.hub, self._form(wish, feed, state.websub), home=feed.url
        )
        taken = isinstance(answer, int) and 200 <= answer < 300
        logger.info(
            "hub asked", status="taken" if taken else "refused", feed=feed.feed_id, hub=state.websub.hub, wish=wish,
            detail=answer if isinstance(answer, int) else answer.detail,
        )  # fmt: skip
        return replace(state, websub=websub.asked(state.websub, callback, now, taken=taken))

    def _form(self, wish: Wish, feed: Feed, known: Subscription) -> dict[str, str]:
        base = self._settings.websub_callback.rstrip("/")
        name = urlsafe_b64encode(feed.feed_id.encode("utf-8", "replace")).decode()
        place = f"{name}/{self._key('address', feed.feed_id, known.topic)}"
        return {
            "hub.callback": f"{base}/{place}",
            "hub.mode": wish,
            "hub.topic": known.topic,
            "hub.lease_seconds": str(int(websub.LEASE.total_seconds())),
            "hub.secret": self._key("signature", feed.feed_id, known.topic),
        }

    def _key(self, purpose: str, feed_id: str, topic: str) -> str:
        return websub.key_of(self._settings.websub_secret, purpose, feed_id, topic)

    async def _word(self, request: web.Request) -> web.Response:
        """Answer a hub that asks whether we meant it, or says that it will not."""
        feed_id, known = self._known(request)
        mode = request.query.get("hub.mode", "")
        if known is None or request.query.get("hub.topic") != known.topic:
            return _unknown()
        if mode == "denied":
            return self._put(feed_id, Denied(), "denied", web.Response())
        asked = self._asking.get(feed_id)
        meant = {
            "subscribe": asked == "subscribe" or (known.state in {"asked", "active"} and not known.leaving),
            "unsubscribe": asked == "unsubscribe" or known.leaving,
        }
        lease = request.query.get("hub.lease_seconds", "")
        if not meant.get(mode):
            return _unknown()
        seconds = (
            int(lease)
            if lease.isascii() and lease.isdigit() and len(lease) < 10
            else int(websub.LEASE.total_seconds())
        )
        message = Verified("subscribe" if mode == "subscribe" else "unsubscribe", timedelta(seconds=seconds))
        echo = web.Response(text=request.query.get("hub.challenge", ""), content_type="text/plain")
        return self._put(feed_id, message, "verified", echo)

    async def _push(self, request: web.Request) -> web.Response:
        """Put aside what a hub delivers; one that cannot prove who it is gets a polite answer and no effect."""
        feed_id, known = self._known(request)
        if known is None:
            return _unknown()
        try:
            async with asyncio.timeout(self._settings.poll_timeout_s):
                body = await request.read()
        except TimeoutError:
            return web.Response(status=408)
        secret = self._key("signature", feed_id, known.topic)
        links = websub.self_of(", ".join(request.headers.getall("Link", ())))
        if not websub.is_signed(body, request.headers.get("X-Hub-Signature", ""), secret) or links not in {
            None,
            known.topic,
        }:
            metrics.WEBSUB.labels("unsigned").inc()
            return web.Response(status=202)
        try:
            inflater = Inflater(
                request.headers.get("Content-Encoding", ""),
                self._settings.poll_max_wire_bytes, self._settings.poll_max_body_bytes,
            )  # fmt: skip
            inflater.feed(body)
            message = Pushed(inflater.body(), request.headers.get("Content-Type", ""))
        except (TooLargeError, BadEncodingError):
            return web.Response(status=413)
        return self._put(feed_id, message, "pushed", web.Response(status=202))

    def _put(self, feed_id: str, message: Message, kind: str, answer: web.Response) -> web.Response:
        if sum(map(len, self._waiting.values())) >= MOST_WAITING:
            metrics.WEBSUB.labels("full").inc()
            return web.Response(status=503, headers={"Retry-After": "60"})
        metrics.WEBSUB.labels(kind).inc()
        self._waiting[feed_id].append(message)
        return answer

    def _known(self, request: web.Request) -> tuple[str, Subscription | None]:
        """Return the feed and the subscription that an address stands for; None unless its secret is right."""
        *_, name, given = ["", "", *request.match_info["path"].split("/")]
        try:
            feed_id = urlsafe_b64decode(name.encode("utf-8", "replace")).decode()
        except ValueError:
            return "", None
        state = self._lookup(feed_id)
        known = state.websub if state else None
        if known is None:
            return feed_id, None
        wanted = self._key("address", feed_id, known.topic)
        right = hmac.compare_digest(wanted.encode(), given.encode("utf-8", "replace"))
        return feed_id, known if right else None


def check(settings: Settings) -> bool:
    """Return whether WebSub is wanted; raises ConfigError if it cannot work as it is set up."""
    if not settings.websub_callback:
        return False
    if not settings.websub_callback.lower().startswith(("https://", "http://")):
        raise ConfigError("websub_callback must be an http or https address")
    if len(settings.websub_secret) < SECRET_CHARS:
        raise ConfigError(f"websub_callback needs websub_secret too, with at least {SECRET_CHARS} characters")
    return True


def _unknown() -> web.Response:
    metrics.WEBSUB.labels("unknown").inc()
    return web.Response(status=404)
