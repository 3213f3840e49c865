"""The handlers: from a request to a page or its JSON."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from aiohttp import web
from aiohttp.typedefs import Handler

from desk.answers import Answers, json
from desk.figures import Times
from desk.headers import MAIL_POLICY
from desk.inbox import mail
from desk.look import Look
from desk.names import Names
from desk.query import Asked
from desk.routes import Route
from desk.source import Mails, Source, Waiting
from desk.wording import Wording
from riftwatch.clock import Clock
from riftwatch.errors import Retry


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What the desk needs to know."""

    source: Source
    mails: Mails
    names: Names
    wording: Wording
    clock: Clock
    host: str = "127.0.0.1"
    url: str = ""

    def look(self) -> Look:
        """Return what views look at; raises Waiting while there is no store. Blocks."""
        return Look(
            store=self.source.store(),
            mails=self.mails,
            names=self.names,
            wording=self.wording,
            times=Times(self.wording),
            clock=self.clock,
        )


class Pages:
    """Makes handlers. Views run in a thread, because stores block."""

    def __init__(self, desk: Desk, answers: Answers) -> None:
        self._desk = desk
        self._answers = answers

    def html(self, route: Route) -> Handler:
        """Return the handler of a page."""

        def page(request: web.Request) -> web.Response:
            look = self._desk.look()
            view = route.view(look, _asked(request))
            latest = look.store.latest_time()
            return self._answers.page(route.name, request, section=route.section, view=view, latest=latest)

        async def handle(request: web.Request) -> web.StreamResponse:
            return await asyncio.to_thread(page, request)

        return handle

    def json(self, route: Route) -> Handler:
        """Return the handler of a page's JSON."""

        def data(request: web.Request) -> web.Response:
            return json(route.view(self._desk.look(), _asked(request)))

        async def handle(request: web.Request) -> web.StreamResponse:
            return await asyncio.to_thread(data, request)

        return handle

    def plain(self, name: str) -> Handler:
        """Return the handler of a page of text."""

        async def handle(request: web.Request) -> web.StreamResponse:
            return self._answers.page(name, request, section=name)

        return handle

    async def mail_body(self, request: web.Request) -> web.StreamResponse:
        """Return a mail's HTML as it was sent, locked in."""
        view = await asyncio.to_thread(lambda: mail(self._desk.look(), _asked(request)))
        # Links of a framed mail open beside the desk.
        body = f'<!doctype html><base target="_blank">{view.mail.html}'
        headers = {"Content-Security-Policy": MAIL_POLICY}
        return web.Response(text=body, content_type="text/html", headers=headers)

    async def pulse(self, request: web.Request) -> web.StreamResponse:  # noqa: ARG002
        """Return a small object that changes when there is something new to see."""
        return json(await asyncio.to_thread(self._pulse))

    async def healthz(self, request: web.Request) -> web.StreamResponse:  # noqa: ARG002
        """Say that the desk is alive, and whether it has a store to read."""
        return json({"status": "ok", "store": await asyncio.to_thread(self._store_state)})

    async def close(self, app: web.Application) -> None:  # noqa: ARG002
        """Release the store and the outbox."""
        await asyncio.to_thread(self._desk.source.close)
        await asyncio.to_thread(self._desk.mails.close)

    def _pulse(self) -> dict[str, object]:
        store = self._desk.look().store
        shifts = store.shifts(limit=1)
        newest = [f"{shift.shift_id}.{shift.revision}" for shift in shifts]
        return {"latest": store.latest_time(), "shifts": shifts.total, "newest": newest}

    def _store_state(self) -> str:
        try:
            self._desk.source.store().latest_time()
        except Waiting:
            return "waiting"
        except Retry:
            return "busy"
        return "open"


def _asked(request: web.Request) -> Asked:
    return Asked(path=request.match_info, query=request.query)
