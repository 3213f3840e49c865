"""The feed server: every outlet's document on loopback, as it stood at the moment that was set last.

Answers conditional requests as a good newsroom's server does: ETag, Last-Modified, 304.
"""

from __future__ import annotations

import asyncio
import hashlib
import threading
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime

from aiohttp import web

from demo.corpus import Corpus
from demo.rendering import content_type, render

HOST = "127.0.0.1"
STOP_S = 5.0


@dataclass(frozen=True, slots=True)
class Answer:
    """A document, ready to be sent, with its validators."""

    body: bytes
    content_type: str
    etag: str
    modified: datetime | None

    def is_known(self, headers: Mapping[str, str]) -> bool:
        """Tell whether the reader has this document already; an ETag outweighs a date (RFC 9110, 13.2.2)."""
        tags = headers.get("If-None-Match")
        if tags is not None:
            return tags.strip() == "*" or self.etag in {
                tag.strip().removeprefix("W/") for tag in tags.split(",")
            }
        since = _date(headers.get("If-Modified-Since"))
        return since is not None and self.modified is not None and self.modified <= since

    def headers(self) -> dict[str, str]:
        """Return the response headers."""
        modified = {"Last-Modified": format_datetime(self.modified, usegmt=True)} if self.modified else {}
        return {"ETag": self.etag, "Content-Type": self.content_type, **modified}


class Press:
    """Prints the documents of one moment; prints an unchanged one only once."""

    def __init__(self, corpus: Corpus) -> None:
        self.corpus = corpus
        self._printed: dict[str, tuple[datetime | None, Answer]] = {}

    def answer(self, outlet_id: str, at: datetime) -> Answer:
        """Return the outlet's document as of a moment; raises KeyError for an unknown outlet."""
        outlet = self.corpus.outlets[outlet_id]
        edition = self.corpus.edition(outlet_id, at)
        known = self._printed.get(outlet_id)
        if known and known[0] == edition.changed:
            return known[1]
        body = render(outlet, edition)
        etag = f'"{hashlib.sha256(body).hexdigest()[:20]}"'
        answer = Answer(body, content_type(outlet), etag, edition.changed)
        self._printed[outlet_id] = (edition.changed, answer)
        return answer


class FeedServer:
    """Serves the feeds from a thread of its own; `moment` is set by the stepper."""

    def __init__(self, corpus: Corpus, moment: datetime) -> None:
        self.moment = moment
        # (outlet, moment, whether with validators) -> requests
        self.asked: Counter[tuple[str, datetime, bool]] = Counter()
        self.port = 0
        self._press = Press(corpus)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="feeds", daemon=True)
        self._runner = web.AppRunner(self._app(), access_log=None, shutdown_timeout=0.5)

    def start(self) -> str:
        """Listen on a free port of loopback and return host:port."""
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result(STOP_S)
        return f"{HOST}:{self.port}"

    def stop(self) -> None:
        """Stop listening and end the thread."""
        asyncio.run_coroutine_threadsafe(self._runner.cleanup(), self._loop).result(STOP_S)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(STOP_S)
        self._loop.close()

    def url(self, outlet_id: str) -> str:
        """Return the address of an outlet's feed."""
        return f"http://{HOST}:{self.port}/{outlet_id}.xml"

    def _app(self) -> web.Application:
        app = web.Application()
        app.router.add_get("/{outlet}.xml", self._serve)
        return app

    async def _listen(self) -> None:
        await self._runner.setup()
        site = web.TCPSite(self._runner, HOST, 0)
        await site.start()
        self.port = self._runner.addresses[0][1]

    async def _serve(self, request: web.Request) -> web.Response:
        try:
            answer = self._press.answer(request.match_info["outlet"], self.moment)
        except KeyError:
            raise web.HTTPNotFound from None
        conditional = "If-None-Match" in request.headers
        self.asked[request.match_info["outlet"], self.moment, conditional] += 1
        if answer.is_known(request.headers):
            return web.Response(status=304, headers=answer.headers())
        return web.Response(body=answer.body, headers=answer.headers())


def _date(text: str | None) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text) if text else None
    except ValueError:
        return None
    return moment.replace(tzinfo=UTC) if moment and moment.tzinfo is None else moment
