"""Answers: a page, its JSON, or a sentence that says why there is neither."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
from aiohttp import web

from desk.render import Renderer
from desk.wording import Wording

RETRY_AFTER_S = "5"


class Answers:
    """Makes answers in the form a request wants: JSON under /api, pages elsewhere."""

    def __init__(self, renderer: Renderer, wording: Wording) -> None:
        self._renderer = renderer
        self.wording = wording

    def page(self, template: str, request: web.Request, **values: object) -> web.Response:
        """Return a rendered template; `section` is the menu's entry, `latest` the age of the data."""
        common: dict[str, object] = {"page": template, "section": "", "latest": None}
        asked = {"path": request.path, "query": dict(request.query)}
        html = self._renderer.page(template, common | asked | values)
        return web.Response(text=html, content_type="text/html")

    def message(self, request: web.Request, status: int, title: str, text: str) -> web.Response:
        """Return a sentence; `title` is the key of its heading."""
        headers = {"Retry-After": RETRY_AFTER_S} if status == 503 else {}
        if wants_json(request):
            return json({"error": text}, status, headers)
        response = self.page("message", request, title_key=title, text=text)
        response.set_status(status)
        response.headers.update(headers)
        return response

    def waiting(self, request: web.Request, detail: str) -> web.Response:
        """Return the page that waits for a store; it is no error and looks again by itself."""
        if wants_json(request):
            return json({"error": detail}, 503, {"Retry-After": RETRY_AFTER_S})
        response = self.page("waiting", request, detail=detail)
        response.headers["Refresh"] = RETRY_AFTER_S
        return response


def wants_json(request: web.Request) -> bool:
    """Tell whether a program asks."""
    return request.path.startswith("/api/")


def json(value: object, status: int = 200, headers: Mapping[str, str] | None = None) -> web.Response:
    """Return a value as JSON."""
    body = msgspec.json.encode(value)
    return web.Response(
        body=body, status=status, headers=headers, content_type="application/json", charset="utf-8"
    )
