"""A feed server that misbehaves: it errs, redirects, lies, stalls, reorders and re-dates, by chance of its own.

What is published when is a function of the feed's number and the time, so that the whole truth can be told at the
end: GET /truth. Chance decides only how an answer looks. POST /calm ends both the misbehaviour and the publishing,
with one last entry in every feed.
"""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import hashlib
import json
import random
import sys
import time
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

from aiohttp import web

HOSTS = 50
FIRST_ENTRIES = 8  # published before the soak begins
MOST_ENTRIES = 120  # of a document: nothing leaves it during half an hour
EDITED, MOVED, REDATED, UNTITLED = 20, 60, 10, 15  # one entry in so many
MISCHIEF = {  # share of answers
    "server_error": 0.03, "rate_limited": 0.02, "not_found": 0.01, "reset": 0.02, "cut_off": 0.02, "garbage": 0.01,
    "login_page": 0.01, "redirect": 0.04, "permanent_redirect": 0.02, "redirect_loop": 0.005, "lying_304": 0.04,
    "stale_body": 0.02, "stall": 0.015, "drip": 0.005, "shuffled": 0.06, "campaign_links": 0.05, "empty": 0.005,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a feed at a moment."""

    guid: str
    link: str
    title: str
    text: str
    dated: datetime


class Paper:
    """One feed: what it has published by a moment."""

    def __init__(self, number: int, began: float) -> None:
        self.number = number
        self._began = began
        chance = random.Random(number)
        self._every_s = chance.uniform(30, 120)
        self._offset_s = chance.uniform(0, self._every_s)
        self.atom = number % 3 == 0

    def count(self, at: float, calm: float | None) -> int:
        """Return how many entries stand in the feed."""
        until = min(at, calm) if calm else at
        grown = int(max(0.0, until - self._began + self._offset_s) / self._every_s)
        return FIRST_ENTRIES + grown + (1 if calm and at >= calm else 0)

    def published(self, n: int, calm: float | None) -> float:
        """Return when entry n appeared."""
        if n < FIRST_ENTRIES:
            return self._began - 3600.0 * (FIRST_ENTRIES - n)
        at = self._began - self._offset_s + (n - FIRST_ENTRIES + 1) * self._every_s
        return min(at, calm) if calm else at

    def entry(self, n: int, at: float, calm: float | None) -> Entry:
        """Return entry n as it stands at a moment: edited after a minute, moved after a minute and a half."""
        chance = int.from_bytes(hashlib.sha256(f"{self.number}-{n}".encode()).digest()[:4], "big")
        age = at - self.published(n, calm)
        edited = chance % EDITED == 0 and age > 60
        moved = chance % MOVED == 1 and age > 90
        words = f"Report {n} of paper {self.number}"
        title = "" if chance % UNTITLED == 2 else f"{words}, corrected" if edited else words
        link = f"https://paper-{self.number}.example/{n}/{'late' if moved else 'early'}-words"
        dated = datetime.fromtimestamp(self.published(n, calm), UTC)
        if chance % REDATED == 3:
            dated -= timedelta(seconds=random.uniform(0, 3600))
        return Entry(f"p{self.number}-{n}", link, title, f"{words}. " + "A sentence of news. " * 10, dated)


def rss(paper: Paper, entries: list[Entry]) -> bytes:
    items = "".join(
        f"<item><title>{one.title}</title><link>{one.link}</link><guid isPermaLink='false'>{one.guid}</guid>"
        f"<pubDate>{format_datetime(one.dated)}</pubDate><description>{one.text}</description></item>\n"
        for one in entries
    )
    return f"<rss version='2.0'><channel><title>Paper {paper.number}</title>{items}</channel></rss>".encode()


def atom(paper: Paper, entries: list[Entry]) -> bytes:
    items = "".join(
        f"<entry><id>{one.guid}</id><title>{one.title}</title><link href='{one.link}'/>"
        f"<published>{one.dated.isoformat()}</published><summary>{one.text}</summary></entry>\n"
        for one in entries
    )
    return f"<feed xmlns='http://www.w3.org/2005/Atom'><title>Paper {paper.number}</title>{items}</feed>".encode()


class Press:
    """Answers for all papers."""

    def __init__(self, feeds: int, *, well: bool) -> None:
        self._well = well  # no mischief at all: for measuring
        self.papers = [Paper(number, time.time()) for number in range(feeds)]
        self.calm: float | None = None
        self.done: Counter[str] = Counter()
        self._chance = random.Random(1)

    async def feed(self, request: web.Request) -> web.StreamResponse:
        """Answer for one feed, well or badly."""
        paper = self.papers[int(request.match_info["number"])]
        kind = "well" if self.calm or self._well else self._mischief()
        self.done[kind] += 1
        at = time.time()
        if kind == "stale_body":
            at = max(paper.published(0, None), at - 300)
        count = paper.count(at, self.calm)
        tag = f'"{paper.number}-{paper.count(time.time(), self.calm)}-{int(time.time() // 60)}"'
        if kind == "lying_304" or (kind == "well" and request.headers.get("If-None-Match") == tag):
            return web.Response(status=304, headers={"ETag": tag})
        if awkward := await self._awkward(kind, request):
            return awkward
        entries = [paper.entry(n, at, self.calm) for n in range(max(0, count - MOST_ENTRIES), count)][::-1]
        if kind == "shuffled":
            self._chance.shuffle(entries)
        body = (atom if paper.atom else rss)(paper, entries)
        if kind == "campaign_links":
            body = body.replace(b"-words", b"-words?utm_source=%d" % self._chance.randrange(10**6))
        return await self._send(kind, request, body, tag)

    def _mischief(self) -> str:
        draw = self._chance.random()
        for kind, share in MISCHIEF.items():
            draw -= share
            if draw < 0:
                return kind
        return "well"

    async def _awkward(self, kind: str, request: web.Request) -> web.StreamResponse | None:
        """Return an answer that holds no document, if that is the mischief."""
        number = request.match_info["number"]
        plain = {
            "server_error": (500, "oops", {}),
            "rate_limited": (
                self._chance.choice((429, 503)),
                "",
                {"Retry-After": str(self._chance.randrange(1, 4))},
            ),
            "not_found": (404, "", {}),
            "garbage": (200, "\x00\x01<<<rss", {}),
            "login_page": (
                200,
                "<!doctype html><title>Please sign in</title>",
                {"Content-Type": "text/html"},
            ),
            "redirect": (302, "", {"Location": f"/moved/{number}"}),
            "permanent_redirect": (301, "", {"Location": f"/moved/{number}"}),
            "redirect_loop": (302, "", {"Location": f"/loop/{number}"}),
            "empty": (200, "", {}),
        }.get(kind)
        if plain:
            return web.Response(status=plain[0], text=plain[1], headers=plain[2])
        if kind == "reset":
            assert request.transport is not None
            request.transport.abort()
            return web.Response()
        if kind == "stall":
            await asyncio.sleep(30)
        return None

    async def _send(self, kind: str, request: web.Request, body: bytes, tag: str) -> web.StreamResponse:
        headers = {"ETag": tag, "Content-Type": "application/xml"}
        if kind == "cut_off":
            response = web.StreamResponse(headers=headers | {"Content-Length": str(len(body))})
            await response.prepare(request)
            await response.write(body[: len(body) // 2])
            assert request.transport is not None
            request.transport.abort()
            return response
        if kind == "drip":
            response = web.StreamResponse(headers=headers)
            await response.prepare(request)
            with contextlib.suppress(ConnectionError):  # the reader has lost patience
                for start in range(0, len(body), 200):
                    await response.write(body[start : start + 200])
                    await asyncio.sleep(1)
            return response
        if "gzip" in request.headers.get("Accept-Encoding", ""):
            return web.Response(body=gzip.compress(body, 1), headers=headers | {"Content-Encoding": "gzip"})
        return web.Response(body=body, headers=headers)

    async def moved(self, request: web.Request) -> web.StreamResponse:
        """Answer well at the address that redirects lead to."""
        paper = self.papers[int(request.match_info["number"])]
        entries = [
            paper.entry(n, time.time(), self.calm) for n in range(paper.count(time.time(), self.calm))
        ][::-1]
        return web.Response(
            body=(atom if paper.atom else rss)(paper, entries), content_type="application/xml"
        )

    async def loop(self, request: web.Request) -> web.StreamResponse:
        """Lead back to where the reader came from."""
        raise web.HTTPFound(f"/feed/{request.match_info['number']}?again")

    async def calm_down(self, _: web.Request) -> web.StreamResponse:
        """End the mischief and publish the last entries."""
        self.calm = time.time()
        return web.Response()

    async def truth(self, _: web.Request) -> web.StreamResponse:
        """Tell when every entry was published, by guid, and what the server did."""
        now = time.time()
        published = {
            f"p{paper.number}-{n}": paper.published(n, self.calm)
            for paper in self.papers
            for n in range(paper.count(now, self.calm))
        }
        return web.Response(text=json.dumps({"published": published, "answers": dict(self.done)}))


async def serve(feeds: int, *, well: bool) -> None:
    """Listen on HOSTS addresses of loopback and one port, and print the port."""
    press = Press(feeds, well=well)
    app = web.Application()
    app.router.add_get("/feed/{number}", press.feed)
    app.router.add_get("/moved/{number}", press.moved)
    app.router.add_get("/loop/{number}", press.loop)
    app.router.add_post("/calm", press.calm_down)
    app.router.add_get("/truth", press.truth)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    port = 0
    for number in range(HOSTS):
        site = web.TCPSite(runner, f"127.0.1.{number + 1}", port)
        await site.start()
        port = port or runner.addresses[0][1]
    print(port, flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), well="well" in sys.argv))
