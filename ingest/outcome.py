"""How a poll ended: a closed set of values, each with its weight in the back-off.

A feed that fails is a value, not an exception. The same words are the feed's health, the metric's label and
what `riftwatch feeds list` shows, always with one sentence of detail beside them.
"""

from __future__ import annotations

from enum import StrEnum

import msgspec


class Outcome(StrEnum):
    """How a poll ended."""

    OK = "ok"
    NOT_MODIFIED = "not_modified"  # 304, the same validator or the same body
    SILENT = "silent"  # read well, but nothing new for far longer than usual
    EMPTY = "empty"  # a feed without a single entry
    UNDATED = "undated"  # more than half of its entries carry no usable date
    RATE_LIMITED = "rate_limited"  # 429, or 503 with Retry-After
    GONE = "gone"  # 410
    NOT_FOUND = "not_found"  # 404
    FORBIDDEN = "forbidden"  # 401, 403
    SERVER_ERROR = "server_error"  # any other status that is no success
    NOT_A_FEED = "not_a_feed"
    CHALLENGE = "challenge"  # a bot wall, a consent or a login page
    PARSE_TIMEOUT = "parse_timeout"  # the parser ran out of time or memory and was ended
    TOO_LARGE = "too_large"
    TLS = "tls"
    DNS = "dns"
    UNREACHABLE = "unreachable"  # refused, reset or cut off
    TIMEOUT = "timeout"
    REDIRECT = "redirect"  # a loop, too many hops, or from https to http
    BLOCKED_ADDRESS = "blocked_address"  # private address, or a scheme other than http and https
    INTERNAL = "internal"  # a fault of ours: the log has it; nothing saved
    UNSENT = "unsent"  # read well, but the broker did not take it: polled again, nothing saved


SUCCESSES = frozenset({Outcome.OK, Outcome.NOT_MODIFIED, Outcome.SILENT, Outcome.EMPTY, Outcome.UNDATED})

# A name server that hiccups says little about the feed, a 410 says a lot.
_TEMPORARY, _SOFT, _HARD = 0.25, 0.5, 1.0
_WEIGHTS = {
    Outcome.DNS: _TEMPORARY,
    Outcome.UNSENT: 0.0,
    Outcome.INTERNAL: 0.0,
    Outcome.GONE: _HARD,
    Outcome.FORBIDDEN: _HARD,
    Outcome.NOT_A_FEED: _HARD,
    Outcome.CHALLENGE: _HARD,
    Outcome.BLOCKED_ADDRESS: _HARD,
    Outcome.REDIRECT: _HARD,
}


def weight(outcome: Outcome) -> float:
    """Return what a poll with this outcome adds to the feed's failures; 0 for a success."""
    return 0.0 if outcome in SUCCESSES else _WEIGHTS.get(outcome, _SOFT)


class Failure(msgspec.Struct, frozen=True, kw_only=True):
    """A poll that brought no document, and one sentence that says why to an editor."""

    outcome: Outcome
    detail: str
    status: int | None = None
    retry_after: str | None = None
    refused: bool = False  # there was no connection: the host as a whole is away
