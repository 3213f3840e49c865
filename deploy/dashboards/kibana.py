"""Speaks to a Kibana: one request, tried again while it is unwell, and what it refuses in one sentence.

Does not know what a dashboard is; see delivery.
"""

from __future__ import annotations

import asyncio
import json
import ssl
from base64 import b64encode
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Self, TypeAlias
from urllib.parse import quote, unquote, urlsplit

import aiohttp
import elasticsearch

from riftwatch.errors import AccessError, ConfigError, Retry
from riftwatch.settings import Settings, without_password

Json: TypeAlias = dict[str, Any]  # Any: JSON
Sleep: TypeAlias = Callable[[float], Awaitable[None]]

MAJOR = elasticsearch.__version__[0]  # client, Elasticsearch and Kibana are of one major version
DASHBOARDS_API = (9, 4)  # the first version that takes dashboards as plain JSON
API_VERSION = {"Elastic-Api-Version": "2023-10-31"}
# A Kibana that starts or saves a large dashboard on a small machine takes seconds; a dead one is told within a minute.
WAITS_S = (1.0, 2.0, 4.0, 8.0, 16.0)
REQUEST_S = 60.0
UNWELL = (408, 425, 429, 500, 502, 503, 504)
RIGHTS = "all of Dashboards and Data View Management, in that space"


@dataclass(frozen=True, slots=True)
class Answer:
    """What Kibana said: a status below 500 that is not a refusal of us, and its body."""

    status: int
    body: bytes

    @property
    def json(self) -> Json:
        """The body as JSON; empty when it is none."""
        try:
            found = json.loads(self.body)
        except ValueError:
            return {}
        return found if isinstance(found, dict) else {}

    @property
    def message(self) -> str:
        """What it says about an error, cut to a line."""
        return str(self.json.get("message") or self.body[:300].decode(errors="replace"))[:600]


class Kibana:
    """A Kibana and the space in it. Use as an asynchronous context."""

    def __init__(self, settings: Settings, sleep: Sleep = asyncio.sleep) -> None:
        self.where = without_password(settings.kibana)
        self._root, self._login = _address(settings)
        self._space = f"/s/{quote(settings.kibana_space, safe='')}" if settings.kibana_space else ""
        self._ssl = _trust(settings.kibana_ca)
        self._sleep = sleep

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession(
            headers={"kbn-xsrf": "riftwatch", "User-Agent": "riftwatch-deploy"} | self._login,
            timeout=aiohttp.ClientTimeout(total=REQUEST_S),
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._session.close()

    async def version(self) -> tuple[int, int]:
        """Return (major, minor); raises AccessError for what is no Kibana of our major version."""
        answer = await self.ask("GET", "/api/status", in_space=False)
        number = answer.json.get("version", {}).get("number", "") if answer.status == 200 else ""
        if "status" not in answer.json:
            raise AccessError(
                f"there is no Kibana at {self.where} (GET /api/status says {answer.status}): set RIFTWATCH_KIBANA to its"
                " address, with its base path if it has one"
            )
        if not number:
            raise AccessError(
                f"Kibana at {self.where} does not tell its version: set RIFTWATCH_KIBANA_API_KEY"
            )
        major, minor = (int(part) for part in number.split(".")[:2])
        if major != MAJOR:
            raise AccessError(
                f"Kibana at {self.where} is version {number}, and this Riftwatch makes dashboards for {MAJOR}.x: use a"
                f" Kibana and an Elasticsearch of major version {MAJOR}"
            )
        return major, minor

    async def ask(
        self, method: str, path: str, body: Json | bytes | None = None, *,
        in_space: bool = True, headers: dict[str, str] | None = None,
    ) -> Answer:  # fmt: skip
        """Send a request until it is answered; raises Retry when Kibana stays unwell, AccessError when we may not."""
        address = self._root + (self._space if in_space else "") + path
        for wait in (*WAITS_S, None):
            trouble = ""
            try:
                answer = await self._once(method, address, body, headers or {})
                if answer.status not in UNWELL:
                    return self._allowed(answer)
                trouble = f"it says {answer.status}: {answer.message}"
            except aiohttp.ClientConnectorCertificateError as error:
                raise AccessError(
                    f"the certificate of Kibana at {self.where} is not trusted: set RIFTWATCH_KIBANA_CA to the file with"
                    " its CA"
                ) from error
            except (aiohttp.ClientError, TimeoutError) as error:
                trouble = str(error) or type(error).__name__
            if wait is not None:
                await self._sleep(wait)
        raise Retry(f"Kibana at {self.where} does not serve us ({without_password(trouble)})")

    async def _once(
        self, method: str, address: str, body: Json | bytes | None, headers: dict[str, str]
    ) -> Answer:
        if isinstance(body, bytes):
            form = aiohttp.FormData()
            form.add_field("file", body, filename="riftwatch.ndjson", content_type="application/ndjson")
            sent: dict[str, Any] = {"data": form}  # Any: aiohttp's own
        else:
            sent = {} if body is None else {"json": body}
        async with self._session.request(
            method, address, headers=headers, ssl=self._ssl, allow_redirects=False, **sent
        ) as answer:
            return Answer(answer.status, await answer.read())

    def _allowed(self, answer: Answer) -> Answer:
        if answer.status == 401:
            raise AccessError(
                f"Kibana at {self.where} does not know us (401): set RIFTWATCH_KIBANA_API_KEY to a key that is still valid"
            )
        if answer.status == 403:
            raise AccessError(f"Kibana at {self.where} does not let us (403): give our key {RIGHTS}")
        if 300 <= answer.status < 400:
            raise AccessError(
                f"Kibana at {self.where} sends us elsewhere ({answer.status}), as a login page does: set RIFTWATCH_KIBANA"
                " to its own address and RIFTWATCH_KIBANA_API_KEY to a key"
            )
        return answer


def _address(settings: Settings) -> tuple[str, dict[str, str]]:
    """Return the address without its password, and the header that proves who we are."""
    try:
        parts = urlsplit(settings.kibana)
        good = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        good = False
    if not good:
        raise ConfigError(
            f'kibana must be http(s)://host:5601, such as RIFTWATCH_KIBANA=http://localhost:5601, not "{without_password(settings.kibana)}"'
        )
    root = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path.rstrip('/')}"
    if settings.kibana_api_key:
        return root, {"Authorization": f"ApiKey {settings.kibana_api_key}"}
    if parts.username:
        login = f"{unquote(parts.username)}:{unquote(parts.password or '')}".encode()
        return root, {"Authorization": f"Basic {b64encode(login).decode()}"}
    return root, {}


def _trust(ca: str) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=ca or None)
    except (OSError, ssl.SSLError) as error:
        raise ConfigError(f"kibana_ca cannot be read as a certificate ({error})", ca) from error
