"""What Elasticsearch's answers to a bulk mean for us, item by item and as a whole. Pure.

    2xx ─▶ written · 409 ─▶ stale · 400, 404 ─▶ rejected · 401, 403 ─▶ AccessError
    429, 5xx, no answer ─▶ unwell · a block on writing, whatever its status ─▶ unwell ("blocked")

Every message is read by someone at night: what is wrong, and the next step.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from elastic_transport import ConnectionTimeout, SerializationError, TlsError, TransportError
from elasticsearch import ApiError, UnsupportedProductError

from riftwatch.errors import AccessError
from stores.base import Outcome, Written

UNWELL, BUSY, BLOCKED = "unwell", "busy", "blocked"  # labels of the retry counter
WRITTEN = Written(Outcome.WRITTEN)
STALE = Written(Outcome.STALE)
MAX_REASON = 160  # characters of the server's own words; a dead letter keeps 300 of ours
# The step comes before the server's words: a dead letter cuts the end off.
DEPLOY = (
    "run `riftwatch deploy elasticsearch --apply`, then `riftwatch dead-letters replay --all --stage search`"
)

Item = Mapping[str, Any]  # Any: JSON


@dataclass(frozen=True, slots=True)
class Unwell:
    """Not written, and no fault of the record: put it again later."""

    reason: str  # one of the labels above
    message: str


@dataclass(frozen=True, slots=True)
class TooLarge:
    """A request that is too large, or has a document that spoils it: send its halves. One alone: rejected."""

    message: str


Answer = Written | Unwell


def of_item(item: Item, index: str) -> Answer:
    """Read one item of a bulk response; raises AccessError."""
    status = int(item.get("status", 0))
    if status == 409:
        return STALE
    error = item.get("error") or {}
    if status in (200, 201) and not error:
        return _failed_aside(item, index)
    said = _said(error)
    if _is_block(error):
        return _blocked(index, said)
    if status in (401, 403):
        raise _no_access(status, said, f"write to {index}")
    if status == 429:
        return Unwell(BUSY, f"Elasticsearch is busy ({said})")
    if status == 404:
        return Written(Outcome.REJECTED, f"there is no index {index} and none may be made: {DEPLOY} ({said})")
    if status == 400:
        return _refused(index, said)
    return Unwell(UNWELL, f"Elasticsearch could not write to {index} ({status} {said})")


def of_failure(error: ApiError | TransportError) -> Unwell | TooLarge:
    """Read the failure of a whole request; raises AccessError."""
    if isinstance(error, UnsupportedProductError):
        raise AccessError(
            "what answers there is not Elasticsearch: check the setting elasticsearch"
        ) from error
    if isinstance(error, ApiError):
        return _of_status(error)
    if isinstance(error, SerializationError):
        return Unwell(UNWELL, "Elasticsearch's answer is no JSON: is a proxy in between unwell?")
    why = _short(str(error.message).rpartition("): ")[2] or str(error.message))
    if isinstance(error, TlsError):
        return _of_handshake(error, why)
    if isinstance(error, ConnectionTimeout):
        return Unwell(UNWELL, "Elasticsearch did not answer in time")
    return Unwell(UNWELL, f"Elasticsearch is out of reach ({why})")


def _of_handshake(error: TlsError, why: str) -> Unwell:
    if "CERTIFICATE_VERIFY_FAILED" in why:
        raise AccessError(
            f"Elasticsearch's certificate is not trusted ({why}): set elasticsearch_ca to the file of its authority"
        ) from error
    if "WRONG_VERSION_NUMBER" in why:
        raise AccessError(
            "the address of Elasticsearch says https and it speaks http: write http://"
        ) from error
    return Unwell(UNWELL, f"no safe connection to Elasticsearch ({why})")


def _of_status(error: ApiError) -> Unwell | TooLarge:
    status, body = error.meta.status, error.body
    cause = body.get("error", {}) if isinstance(body, dict) else {}
    said = _said(cause) if cause else _short(str(body))
    if _is_block(cause):
        return _blocked("the cluster", said)
    if status in (401, 403):
        raise _no_access(status, said, "write")
    if status == 429:
        return Unwell(BUSY, f"Elasticsearch is busy ({said})")
    if status >= 500:
        return Unwell(UNWELL, f"Elasticsearch is unwell ({status} {said})")
    if status == 413:
        return TooLarge(
            f"too large for Elasticsearch or a proxy before it ({status}): raise http.max_content_length there"
        )
    if status == 400 and "media_type" not in said:
        return TooLarge(f"Elasticsearch takes no request with this document in it ({said})")
    raise AccessError(
        f"Elasticsearch does not understand us ({status} {said}): client and server must be the same major version, "
        "and the setting elasticsearch must be its own address"
    ) from error


def _refused(index: str, said: str) -> Answer:
    if "maximum normal shards open" in said or "maximum shards open" in said:
        return Unwell(
            BLOCKED, f"the cluster has no room for another index ({said}): delete old ones or raise the limit"
        )
    step = f": {DEPLOY}" if "strict_dynamic_mapping" in said else ""
    return Written(Outcome.REJECTED, f"{index} does not take this document{step} ({said})")


def _failed_aside(item: Item, index: str) -> Written:
    """Tell whether a failure store took what its data stream refused, which the status does not show."""
    if item.get("failure_store") == "used":
        return Written(Outcome.REJECTED, f"{index} put this document into its failure store")
    return WRITTEN


def _is_block(error: object) -> bool:
    return isinstance(error, dict) and error.get("type") == "cluster_block_exception"


def _blocked(index: str, said: str) -> Unwell:
    step = "when the block is no longer wanted, lift it in the index settings (index.blocks)"
    if "read-only-allow-delete" in said or "flood" in said:
        step = "its disk is full: make room, and writing resumes by itself"
    return Unwell(BLOCKED, f"{index} is blocked for writing ({said}): {step}")


def _no_access(status: int, said: str, what: str) -> AccessError:
    step = "give our account or key the rights that docs/search.md lists"
    if status == 401:
        step = "the key or password is wrong or has run out; set RIFTWATCH_ELASTICSEARCH_API_KEY"
    return AccessError(
        f"Elasticsearch does not let us {what} ({status} {said}): {step}. Nothing was dropped."
    )


def _said(error: object) -> str:
    if not isinstance(error, dict):
        return _short(str(error))
    return _short(f"{error.get('type', 'error')}: {error.get('reason', '')}")


def _short(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= MAX_REASON else flat[: MAX_REASON - 1] + "…"
