"""What a server did wrong, by name and in a sentence for an editor."""

from __future__ import annotations

import ssl

import aiohttp
from aiohttp import ClientResponse

from ingest.inflate import BadEncodingError, TooLargeError
from ingest.outcome import Failure, Outcome
from ingest.safety import BlockedAddressError


def by_status(response: ClientResponse) -> Failure:
    """Return the failure that a status stands for, with what the server asks for."""
    status, retry_after = response.status, response.headers.get("Retry-After")
    if response.headers.get("cf-mitigated", "").lower() == "challenge":
        outcome, words = Outcome.CHALLENGE, "the server wants a browser to solve a puzzle"
    elif status == 429 or (status == 503 and retry_after):
        outcome, words = Outcome.RATE_LIMITED, "the server asks to be polled less often"
    elif status == 410:
        outcome, words = Outcome.GONE, "the server says the feed is gone for good"
    elif status == 404:
        outcome, words = Outcome.NOT_FOUND, "there is no feed at this address"
    elif status in {401, 403, 407, 451}:
        outcome, words = Outcome.FORBIDDEN, "the server refuses to hand out the feed"
    else:
        outcome, words = Outcome.SERVER_ERROR, "the server has a fault"
    detail = f"{words} (HTTP {status})"
    return Failure(outcome=outcome, detail=detail, status=status, retry_after=retry_after)


def by_error(error: Exception) -> Failure:
    """Return the failure that an exception stands for; one that no server can cause is raised again."""
    cause = getattr(error, "os_error", None) or error
    if isinstance(cause, BlockedAddressError) or "is not a public address" in str(error):
        return Failure(outcome=Outcome.BLOCKED_ADDRESS, detail=f"refused to connect: {cause}")
    for kinds, outcome, words in _ERRORS:
        if isinstance(error, kinds):
            refused = outcome == Outcome.UNREACHABLE and isinstance(error, aiohttp.ClientConnectorError)
            return Failure(outcome=outcome, detail=f"{words}{_because(error)}", refused=refused)
    raise error


def _because(error: Exception) -> str:
    if isinstance(error, aiohttp.ClientConnectorError):
        why = error.os_error.strerror or str(error.os_error)
        return f" ({error.host}: {' '.join(why.split())[:150]})"
    told = str(error).splitlines()[0][:150] if str(error) else type(error).__name__
    return f" ({told})"


_ERRORS: tuple[tuple[tuple[type[Exception], ...], Outcome, str], ...] = (
    ((TooLargeError,), Outcome.TOO_LARGE, "the answer is too large"),
    ((BadEncodingError,), Outcome.SERVER_ERROR, "the answer cannot be unpacked"),
    ((aiohttp.ClientConnectorDNSError,), Outcome.DNS, "the host name does not resolve"),
    ((aiohttp.ClientSSLError, ssl.SSLError), Outcome.TLS, "no secure connection"),
    ((aiohttp.ServerTimeoutError, TimeoutError), Outcome.TIMEOUT, "the server did not answer in time"),
    ((aiohttp.InvalidURL, ValueError), Outcome.BLOCKED_ADDRESS, "that is no usable address"),
    ((aiohttp.ClientResponseError,), Outcome.SERVER_ERROR, "the answer is no proper HTTP"),
    ((aiohttp.ClientError, OSError), Outcome.UNREACHABLE, "the server cannot be reached"),
)
