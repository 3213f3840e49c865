"""Local servers for tests: one that serves what it is told, and helpers to run the real poller against it."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from aiohttp import web

Answer = Callable[[web.Request], web.StreamResponse]


def rss(*titles: str, host: str = "news.example") -> bytes:
    """A feed with one entry a title, all of 22 January 2025."""
    items = "".join(
        f"<item><title>{title}</title><link>https://{host}/{title.lower().replace(' ', '-')}</link>"
        f"<guid isPermaLink='false'>{title}</guid><pubDate>Wed, 22 Jan 2025 10:0{number}:00 GMT</pubDate>"
        f"<description>{title} in a sentence.</description></item>"
        for number, title in enumerate(titles)
    )
    return f"<rss version='2.0'><channel><title>News</title>{items}</channel></rss>".encode()


class FeedServer:
    """Serves documents by path, with validators, in a thread of its own."""

    def __init__(self) -> None:
        self.documents: dict[str, bytes] = {}
        self.polled: list[str] = []
        self.port = 0

    async def _answer(self, request: web.Request) -> web.Response:
        self.polled.append(request.path)
        body = self.documents.get(request.path)
        if body is None:
            return web.Response(status=404)
        tag = f'"{hash(body)}"'
        if request.headers.get("If-None-Match") == tag:
            return web.Response(status=304, headers={"ETag": tag})
        return web.Response(body=body, headers={"ETag": tag, "Content-Type": "application/rss+xml"})

    @contextmanager
    def running(self) -> Iterator[FeedServer]:
        loop = asyncio.new_event_loop()
        thread = threading.Thread(target=loop.run_forever, daemon=True)
        thread.start()
        runner = asyncio.run_coroutine_threadsafe(self._start(), loop).result(10)
        try:
            yield self
        finally:
            asyncio.run_coroutine_threadsafe(runner.cleanup(), loop).result(10)
            loop.call_soon_threadsafe(loop.stop)
            thread.join(10)
            loop.close()

    async def _start(self) -> web.AppRunner:
        app = web.Application()
        app.router.add_get("/{path:.*}", self._answer)
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        self.port = site._server.sockets[0].getsockname()[1]  # type: ignore[union-attr]
        return runner


@contextmanager
def poller(environ: Mapping[str, str], folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A real `riftwatch poll`; killed at the end if it still runs."""
    with (folder / "poll.log").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "commands.main", "poll"], env=dict(os.environ) | dict(environ), stderr=log
        )
        try:
            yield process
        finally:
            process.kill()
            process.wait()
