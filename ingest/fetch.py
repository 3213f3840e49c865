"""One document over HTTP, within limits: hops followed by hand, every connected address checked.

It knows nothing of feeds. A failure is a value (`Failure`), never an exception.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import TracebackType
from typing import Protocol, Self
from urllib.parse import urljoin, urlsplit

import aiohttp
from aiohttp import ClientResponse, ClientSession, ClientTimeout, TCPConnector
from yarl import URL

from ingest.failures import by_error, by_status
from ingest.inflate import Inflater
from ingest.outcome import Failure, Outcome
from ingest.safety import allowance, guarded_socket, open_socket, start_noting
from riftwatch import __version__
from riftwatch.settings import Settings

MAX_HOPS = 5
CONNECT_S = 5.0
HEADERS_S = 10.0
MAX_HEADER_BYTES = 16_000  # of one header; all together at most 128 of them
CHUNK_BYTES = 65_536
ACCEPT = "application/atom+xml, application/rss+xml, application/feed+json, application/xml;q=0.9, */*;q=0.5"
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_PERMANENT = frozenset({301, 308})


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What to fetch, with the validators of the last answer byte for byte."""

    url: str
    etag: str | None = None
    last_modified: str | None = None
    validators_host: str | None = None  # the host they came from; no other host gets to see them


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """A document, or the news that it has not changed (304)."""

    status: int
    url: str  # after all hops
    body: bytes = b""
    etag: str | None = None
    last_modified: str | None = None
    content_type: str = ""
    cache_control: str = ""
    expires: str | None = None
    moved_to: str | None = None  # target when every hop was a permanent one
    links: str = ""  # all Link headers

    @property
    def host(self) -> str:
        """The host and port that answered."""
        return urlsplit(self.url).netloc


class Fetcher(Protocol):
    """Fetches one document."""

    async def fetch(self, request: Request) -> Response | Failure:
        """Return the document or the reason why there is none; never raises for what a server does."""

    def address_of(self, url: str) -> str | None:
        """Return the IP address at which the host of this address was last met, or None."""


class HttpFetcher:
    """Fetches over aiohttp. Use as an async context manager."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._allows = allowance(settings.poll_allow_private)
        self._met: dict[str, str] = {}
        self._public, self._private = self._session(guarded=True), self._session(guarded=False)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._public.close()
        await self._private.close()

    async def fetch(self, request: Request) -> Response | Failure:
        """Fetch within all limits; the total time counts over all hops."""
        try:
            async with asyncio.timeout(self._settings.poll_timeout_s):
                return await self._follow(request)
        except TimeoutError:
            return Failure(
                outcome=Outcome.TIMEOUT, detail=f"no whole answer within {self._settings.poll_timeout_s:g} s"
            )
        except Exception as error:
            return by_error(error)

    async def post(self, url: str, form: Mapping[str, str], *, home: str) -> int | Failure:
        """Send a form with a secret in it and return the status; no hop is followed.

        Only over https, unless the address is an allowed private one on the host of `home`, whose feed named it.
        """
        place = _place(url)
        if isinstance(place, Failure):
            return place
        private = self._allows(*place) and place == _place(home)
        if not private and not url.lower().startswith("https:"):
            return Failure(outcome=Outcome.BLOCKED_ADDRESS, detail="a secret is only sent over https")
        session = self._private if private else self._public
        try:
            async with (
                asyncio.timeout(self._settings.poll_timeout_s),
                session.post(URL(url), data=form, allow_redirects=False) as response,
            ):
                return response.status
        except Exception as error:
            return by_error(error)

    def address_of(self, url: str) -> str | None:
        """Return the IP address at which the host of this address was last met, or None."""
        return self._met.get(urlsplit(url).hostname or "")

    def _session(self, *, guarded: bool) -> ClientSession:
        connector = TCPConnector(
            socket_factory=guarded_socket if guarded else open_socket,
            limit=self._settings.poll_parallel * 2,
            limit_per_host=0 if not guarded else 2,
            ttl_dns_cache=60,
        )
        return ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            trust_env=False,
            timeout=ClientTimeout(total=None, sock_connect=CONNECT_S, sock_read=HEADERS_S),
            max_line_size=MAX_HEADER_BYTES,
            max_field_size=MAX_HEADER_BYTES,
            headers={
                "User-Agent": f"Riftwatch/{__version__} (+{self._settings.contact_url})",
                "Accept": ACCEPT,
                "Accept-Encoding": "gzip",
            },
        )

    async def _follow(self, request: Request) -> Response | Failure:
        url, visited, permanent = request.url, {request.url}, True
        home, at_home = _place(url), True
        for _ in range(MAX_HOPS + 1):
            place = _place(url)
            if isinstance(place, Failure):
                return place
            # Whoever redirects elsewhere must not reach what only our own feed there may: no way back, either.
            at_home = at_home and place == home
            session = self._private if at_home and self._allows(*place) else self._public
            tried = start_noting()
            async with session.get(
                URL(url), headers=_validators(request, url), allow_redirects=False
            ) as response:
                if tried:  # none when a connection was used again
                    self._met[place[0]] = tried[-1]
                location = response.headers.get("Location")
                if response.status not in _REDIRECTS or not location:
                    return await self._take(response, url, moved=permanent and len(visited) > 1)
                permanent = permanent and response.status in _PERMANENT
            target = urljoin(url, location)
            refused = _refuse_hop(url, target, visited)
            if refused:
                return refused
            visited.add(target)
            url = target
        return Failure(outcome=Outcome.REDIRECT, detail=f"redirected more than {MAX_HOPS} times")

    async def _take(self, response: ClientResponse, url: str, *, moved: bool) -> Response | Failure:
        headers = response.headers
        if response.status not in {200, 304}:
            return by_status(response)
        body = b"" if response.status == 304 else await self._body(response)
        return Response(
            status=response.status,
            url=url,
            body=body,
            etag=headers.get("ETag"),
            last_modified=headers.get("Last-Modified"),
            content_type=headers.get("Content-Type", ""),
            cache_control=headers.get("Cache-Control", ""),
            expires=headers.get("Expires"),
            moved_to=url if moved else None,
            links=", ".join(headers.getall("Link", ())),
        )

    async def _body(self, response: ClientResponse) -> bytes:
        inflater = Inflater(
            response.headers.get("Content-Encoding", ""),
            self._settings.poll_max_wire_bytes,
            self._settings.poll_max_body_bytes,
        )
        async for chunk in response.content.iter_chunked(CHUNK_BYTES):
            inflater.feed(chunk)
        return inflater.body()


@lru_cache(maxsize=20_000)  # each poll asks for its address two or three times
def _place(url: str) -> tuple[str, int] | Failure:
    """Return the host and port of an address, or why it is none of ours to poll."""
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        detail = f'only http and https addresses are polled, not "{url[:100]}"'
        return Failure(outcome=Outcome.BLOCKED_ADDRESS, detail=detail)
    return parts.hostname, parts.port or (443 if parts.scheme == "https" else 80)


def _validators(request: Request, url: str) -> dict[str, str]:
    host = urlsplit(url).netloc
    if request.validators_host not in {None, host}:
        return {}
    named = {"If-None-Match": request.etag, "If-Modified-Since": request.last_modified}
    return {name: value for name, value in named.items() if value}


def _refuse_hop(url: str, target: str, visited: set[str]) -> Failure | None:
    if target in visited:
        return Failure(outcome=Outcome.REDIRECT, detail=f"redirected in a circle, to {target[:100]}")
    if url.startswith("https:") and target.startswith("http:"):
        return Failure(outcome=Outcome.REDIRECT, detail=f"redirected from https to http, to {target[:100]}")
    return None
