"""Headers of every answer: nothing is loaded from elsewhere, nobody frames us or learns where a reader was."""

from __future__ import annotations

from ipaddress import ip_address
from urllib.parse import urlsplit

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

POLICY = "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
# A mail's HTML styles itself inline; it gets no script, no request and no origin.
MAIL_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'; "
    "sandbox allow-popups allow-popups-to-escape-sandbox"
)
STRANGE_HOST = "Unknown host: open the desk by the address it was started with."
FIXED = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}


async def add_headers(request: web.Request, response: web.StreamResponse) -> None:
    """Complete the headers of an answer; a signal handler."""
    for name, value in FIXED.items():
        response.headers.setdefault(name, value)
    response.headers.setdefault("Content-Security-Policy", POLICY)
    cacheable = request.path.startswith("/static/") and "v" in request.query and response.status == 200
    response.headers.setdefault(
        "Cache-Control", "public, max-age=31536000, immutable" if cacheable else "no-cache"
    )


def own_host_only(host: str, url: str) -> Middleware:
    """Answer only to our own name while listening on loopback.

    Otherwise a page elsewhere could point its own name at 127.0.0.1 and read the desk (DNS rebinding).
    """
    known = {"localhost", "127.0.0.1", "::1", host, urlsplit(url).hostname or host}
    guarded = _is_loopback(host)

    @web.middleware
    async def check(request: web.Request, handler: Handler) -> web.StreamResponse:
        if guarded and _name(request.host) not in known:
            return web.Response(status=421, text=STRANGE_HOST)
        return await handler(request)

    return check


def _name(host: str) -> str:
    """Return the name in a Host header, without its port."""
    try:
        return (urlsplit(f"//{host}").hostname or "").lower()
    except ValueError:
        return ""


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
