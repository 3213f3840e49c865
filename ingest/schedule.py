"""When a feed is polled next. Pure: time, chance and the server's wishes are parameters.

planned = what the learnt rate asks for, never shorter than the server's own hints
after a failure: planned + random(0, min(cap, planned · 2^failures)), or what Retry-After asks for
healthy feeds: the next moment of the feed's own phase, so that no herd forms and a restart keeps it
"""

from __future__ import annotations

import hashlib
import random
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

FIRST_INTERVAL_S = 900.0  # until a rate is known
WANTED_NEW_PER_POLL = 0.5  # a quiet hour costs few empty polls, a busy one loses little time
RATE_HALF_LIFE_H = 24.0  # a day: the rate follows the news cycle, not a single story
ON_TIME_S = 1200.0  # a late poll sees more new items; learning from it would shorten the interval
BACK_OFF_CAP_S = 24 * 3600.0
PRIORITY_BACK_OFF_CAP_S = 6 * 3600.0
RETRY_AFTER_CAP_S = 24 * 3600.0


@dataclass(frozen=True, slots=True)
class Bounds:
    """The shortest and the longest interval of a healthy feed, in seconds."""

    min_s: float
    max_s: float

    def clamp(self, seconds: float) -> float:
        """Return the interval within the bounds."""
        return min(max(seconds, self.min_s), self.max_s)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hints:
    """What a server asks for, in seconds from now; 0 where it asks for nothing."""

    max_age_s: float = 0.0
    ttl_s: float = 0.0

    @property
    def wait_s(self) -> float:
        """The longest wait asked for."""
        return max(self.max_age_s, self.ttl_s)


def interval(rate_per_hour: float | None, hints: Hints, bounds: Bounds) -> float:
    """Return seconds between two polls of a healthy feed."""
    if rate_per_hour is None:
        wanted = FIRST_INTERVAL_S
    elif rate_per_hour <= 0:
        wanted = bounds.max_s
    else:
        wanted = 3600.0 * WANTED_NEW_PER_POLL / rate_per_hour
    return bounds.clamp(max(wanted, hints.wait_s))


def learnt_rate(rate: float | None, new: int, elapsed_s: float) -> float | None:
    """Return new items per hour after seeing `new` of them in `elapsed_s`; old news fades by half a day's."""
    if elapsed_s <= 0:
        return rate
    hours = elapsed_s / 3600
    seen = new / hours
    if rate is None:
        return seen
    kept: float = 0.5 ** (hours / RATE_HALF_LIFE_H)
    return kept * rate + (1 - kept) * seen


def was_on_time(planned: datetime | None, now: datetime) -> bool:
    """Return whether a poll ran when it was meant to."""
    return planned is not None and abs((now - planned).total_seconds()) <= ON_TIME_S


def next_in_phase(feed_id: str, now: datetime, interval_s: float) -> datetime:
    """Return the feed's next moment, half an interval to one and a half away; the same after a restart."""
    offset = phase(feed_id) * interval_s
    earliest = now.timestamp() + interval_s / 2
    turns = -(-(earliest - offset) // interval_s)
    return datetime.fromtimestamp(offset + turns * interval_s, UTC)


def phase(feed_id: str) -> float:
    """Return the feed's place in its interval, in [0, 1): evenly spread over feeds."""
    digest = hashlib.sha256(feed_id.encode("utf-8", "replace")).digest()
    return int.from_bytes(digest[:8], "big") / 2**64


def after_failure(
    now: datetime,
    planned_s: float,
    failures: float,
    retry_after_s: float | None,
    *,
    priority: bool,
    rng: random.Random,
) -> datetime:
    """Return when to try again after `failures` (weighted, in a row); a feed is never given up.

    Chance is drawn for each feed on its own: feeds of one host that failed together do not return together.
    """
    cap = PRIORITY_BACK_OFF_CAP_S if priority else BACK_OFF_CAP_S
    spread = min(cap, planned_s * 2.0 ** min(failures, 32.0))
    wait = planned_s + rng.uniform(0.0, spread)
    if retry_after_s is not None:
        wait = max(wait, retry_after_s + rng.uniform(0.0, planned_s))
    return now + timedelta(seconds=wait)


def retry_after(header: str | None, now: datetime) -> float | None:
    """Return the seconds that Retry-After asks for: a number or a date, none in the past, a day at most."""
    text = (header or "").strip()
    if re.fullmatch(r"\d+", text):
        return min(float(text[:12]), RETRY_AFTER_CAP_S)
    moment = _http_date(text)
    if moment is None:
        return None
    return min(max((moment - now).total_seconds(), 0.0), RETRY_AFTER_CAP_S)


def max_age(cache_control: str, expires: str | None, now: datetime) -> float:
    """Return the seconds for which a server calls its answer fresh."""
    found = re.search(r"\b(?:s-)?max-?age\s*=\s*\"?(\d{1,9})", cache_control, re.IGNORECASE)
    if found:
        return float(found[1])
    if re.search(r"\bno-(?:cache|store)\b", cache_control, re.IGNORECASE):
        return 0.0
    moment = _http_date(expires or "")
    return max((moment - now).total_seconds(), 0.0) if moment else 0.0


def _http_date(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
