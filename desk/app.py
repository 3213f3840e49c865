"""The web application.

request ─▶ own host? ─▶ view (in a thread) ─▶ template or JSON ─▶ headers
"""

from __future__ import annotations

from aiohttp import web

from desk.answers import Answers
from desk.failures import catch_all
from desk.headers import add_headers, own_host_only
from desk.pages import Desk, Pages
from desk.render import STATIC, Renderer
from desk.routes import PLAIN, ROUTES

__all__ = ["Desk", "make_app"]


def make_app(desk: Desk) -> web.Application:
    """Return the application."""
    answers = Answers(Renderer(desk.wording, desk.names), desk.wording)
    pages = Pages(desk, answers)
    app = web.Application(middlewares=[own_host_only(desk.host, desk.url), catch_all(answers)])
    for route in ROUTES:
        app.router.add_get(route.path, pages.html(route))
        app.router.add_get(route.api, pages.json(route))
    for name in PLAIN:
        app.router.add_get(f"/{name}", pages.plain(name))
    app.router.add_get("/inbox/{mail_id}/html", pages.mail_body)
    app.router.add_get("/api/pulse", pages.pulse)
    app.router.add_get("/healthz", pages.healthz)
    app.router.add_static("/static", STATIC)
    app.on_response_prepare.append(add_headers)
    app.on_cleanup.append(pages.close)
    return app
