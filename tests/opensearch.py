"""Elasticsearch's own client, talking to an OpenSearch: for tests that need the full engine.

The two differ on the wire in the media types the client sends and in the header by which it knows its product.
"""

from __future__ import annotations

import dataclasses
from typing import Any

from elastic_transport import AiohttpHttpNode, HttpHeaders, Urllib3HttpNode
from elastic_transport._node import NodeApiResponse  # named only here
from elastic_transport.client_utils import DEFAULT
from elasticsearch import Elasticsearch

MEDIA_TYPES = ("accept", "content-type")


class OpenSearchNode(Urllib3HttpNode):
    """A node for `Elasticsearch(url, node_class=OpenSearchNode)`."""

    def perform_request(
        self, method: str, target: str, body: bytes | None = None, headers: HttpHeaders | None = None,
        request_timeout: Any = DEFAULT,  # Any: the client's own marker for "not given"
    ) -> NodeApiResponse:  # fmt: skip
        """Send a request with plain media types and add the product header to the answer."""
        return _answer(super().perform_request(method, target, body, _plain(headers), request_timeout))


class AsyncOpenSearchNode(AiohttpHttpNode):
    """The same for `AsyncElasticsearch`."""

    async def perform_request(  # type: ignore[override]  # the client's own async nodes do the same
        self, method: str, target: str, body: bytes | None = None, headers: HttpHeaders | None = None,
        request_timeout: Any = DEFAULT,  # Any: as above
    ) -> NodeApiResponse:  # fmt: skip
        """Send a request with plain media types and add the product header to the answer."""
        return _answer(await super().perform_request(method, target, body, _plain(headers), request_timeout))


def client(url: str, **options: Any) -> Elasticsearch:  # Any: whatever the client takes
    """Return a client of the OpenSearch at `url`; close it after use."""
    return Elasticsearch(url, node_class=OpenSearchNode, **options)


def _plain(headers: HttpHeaders | None) -> HttpHeaders:
    plain = HttpHeaders(headers or {})
    for name in MEDIA_TYPES:
        if name in plain:
            plain[name] = plain[name].partition(";")[0].replace("vnd.elasticsearch+", "")
    return plain


def _answer(response: NodeApiResponse) -> NodeApiResponse:
    headers = HttpHeaders({**response.meta.headers, "x-elastic-product": "Elasticsearch"})
    return NodeApiResponse(dataclasses.replace(response.meta, headers=headers), response.body)
