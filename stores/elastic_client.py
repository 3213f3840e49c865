"""Connects to Elasticsearch, and turns the ways in which it does not answer into one sentence.

connect(settings) ─▶ client ─▶ with answering(): … ─▶ Retry (wait) or AccessError (a person is needed)
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from elastic_transport import TransportError
from elasticsearch import ApiError, Elasticsearch, OrjsonSerializer

from riftwatch.errors import AccessError, ConfigError, Retry
from riftwatch.settings import Settings, without_password
from stores.elastic_answers import Unwell, of_failure

PORT = 9200
READ_TIMEOUT_S = 30.0
SCHEMES = ("http", "https")


def connect(settings: Settings, url: str = "", *, who: str = "riftwatch") -> Elasticsearch:
    """Return a client of the Elasticsearch at `url`, or of the store in use; close it after use.

    Nothing is asked yet. `who` shows in the server's tasks and slow logs. Raises ConfigError.
    """
    address = url or settings.store_url
    parts = _checked(address)
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    plain = f"{parts.scheme}://{host}:{parts.port or PORT}{parts.path.rstrip('/')}"
    options: dict[str, Any] = {}  # Any: the client's own options
    if settings.elasticsearch_api_key:
        options["api_key"] = settings.elasticsearch_api_key
    elif parts.username:
        options["basic_auth"] = (unquote(parts.username), unquote(parts.password or ""))
    if parts.scheme == "https" and settings.elasticsearch_ca:
        options["ca_certs"] = _ca(settings.elasticsearch_ca)
    # What fails is in our own sentence; the library would put a traceback before it.
    logging.getLogger("elastic_transport").setLevel(logging.ERROR)
    client = Elasticsearch(
        plain, request_timeout=READ_TIMEOUT_S, retry_on_timeout=False, max_retries=1,
        serializer=OrjsonSerializer(), **options,
    )  # fmt: skip
    return client.options(opaque_id=who)


@contextmanager
def answering(what: str = "read") -> Iterator[None]:
    """Raise Retry when the server is unwell and AccessError when waiting does not help; `what` is being done."""
    try:
        yield
    except (ApiError, TransportError) as error:
        status = error.meta.status if isinstance(error, ApiError) else 0
        if status == 401:
            raise AccessError(
                f"Elasticsearch does not know us (401), so we cannot {what}: set RIFTWATCH_ELASTICSEARCH_API_KEY to a "
                "key that is still valid"
            ) from error
        if status == 403 and "cluster_block" not in str(error):
            raise AccessError(
                f"Elasticsearch does not let us {what} (403): give our key the rights that docs/search.md lists"
            ) from error
        failure = of_failure(error)
        if isinstance(failure, Unwell):
            raise Retry(failure.message, failure.reason) from error
        raise


def _checked(address: str) -> Any:  # Any: urllib has two result types for one thing
    try:
        parts = urlsplit(address)
        good = parts.scheme in SCHEMES and bool(parts.hostname) and parts.port != 0
    except ValueError:
        good = False
    if not good:
        raise ConfigError(
            f'the address of Elasticsearch must be http(s)://host:9200, not "{without_password(address)}"'
        )
    return parts


def _ca(path: str) -> str:
    if not Path(path).is_file():
        raise ConfigError("there is no such file: elasticsearch_ca names the CA's certificate (PEM)", path)
    return path
