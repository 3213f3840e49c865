"""When a feed is polled next. Pure: time, chance and the server's wishes are parameters.

planned = until half a new item is to be expected (rhythm.py), never shorter than the server's own hints
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

from ingest.rhythm import Rhythm, wait_s

FIRST_INTERVAL_S = 900.0  # until a rate is known
WANTED_NEW_PER_POLL = 0.5  # a quiet hour costs few empty polls, a busy one loses little time
RATE_HALF_LIFE_H = 24.0  # a day: the rate follows the news cycle, not a single story
ON_TIME_S = 1200.0  # a late poll sees more new items; learning from it would shorten the interval
BACK_OFF_CAP_S = 24 * 3600.0
PRIORITY_BACK_OFF_CAP_S = 6 * 3600.0
RETRY_AFTER_CAP_S = 24 * 3600.0
SPREAD_S = 3600.0  # over which feeds come back that a server sent away together
STEADY = 0.15  # a plan that differs by less is the old one: each change moves the feed's phase
PHASE_SLACK = 0.1  # of the least wait, so that a poll some seconds late keeps its phase
LEAST_OVERLAP = 1 / 3  # of a document known already; less of it, and the next one may have lost entries


@dataclass(frozen=True, slots=True)
class Bounds:
    """The shortest and the longest interval of a healthy feed, in seconds."""

    min_s: float
    max_s: float
    fast_s: float | None = None  # shortest where the server itself says how long its answers are fresh

    def clamp(self, seconds: float, *, hinted: bool = False) -> float:
        """Return the interval within the bounds."""
        least = self.fast_s if hinted and self.fast_s is not None else self.min_s
        return min(max(seconds, least), self.max_s)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hints:
    """What a server asks for, in seconds from now; 0 where it asks for nothing."""

    max_age_s: float = 0.0
    ttl_s: float = 0.0
    stated: bool = False  # whether it said anything at all

    @property
    def wait_s(self) -> float:
        """The longest wait asked for."""
        return max(self.max_age_s, self.ttl_s)


def interval(wanted_s: float, hints: Hints, bounds: Bounds) -> float:
    """Return seconds between two polls of a healthy feed that would like to be polled every `wanted_s`."""
    return bounds.clamp(max(wanted_s, hints.wait_s), hinted=hints.stated)


def wanted(rate_per_hour: float | None, rhythm: Rhythm, now: datetime, longest_s: float) -> float:
    """Return the seconds until a poll is expected to pay, before anyone's wishes and bounds."""
    if rate_per_hour is None:
        return FIRST_INTERVAL_S
    return wait_s(rhythm, rate_per_hour, WANTED_NEW_PER_POLL, now, longest_s)


def steady(before_s: float, planned_s: float) -> float:
    """Return the new plan, or the old one where the difference is not worth a new phase."""
    return before_s if abs(planned_s - before_s) <= STEADY * before_s else planned_s


def before_entries_are_lost(elapsed_s: float, new: int, total: int) -> float | None:
    """Return the longest interval at which half of a document would be known again, or None if most is.

    For a poll on time. A feed that turns over its whole document between two polls loses entries unseen.
    """
    if total < 5 or elapsed_s <= 0 or 1 - new / total >= LEAST_OVERLAP:
        return None
    return elapsed_s * 0.5 * total / new


def learnt_rate(rate: float | None, new: int, elapsed_s: float, factor: float = 1.0) -> float | None:
    """Return new items per hour after seeing `new` of them in `elapsed_s`; old news fades by half a day's.

    `factor` is how much busier than usual these hours are by the feed's rhythm.
    """
    if elapsed_s <= 0:
        return rate
    hours = elapsed_s / 3600
    seen = new / hours / factor
    if rate is None:
        return seen
    kept: float = 0.5 ** (hours / RATE_HALF_LIFE_H)
    return kept * rate + (1 - kept) * seen


def was_on_time(planned: datetime | None, now: datetime) -> bool:
    """Return whether a poll ran when it was meant to."""
    return planned is not None and abs((now - planned).total_seconds()) <= ON_TIME_S


def next_in_phase(feed_id: str, now: datetime, interval_s: float, least_s: float = 0.0) -> datetime:
    """Return the feed's next moment, the same after a restart: the first at least half an interval away.

    It is never nearer than nine tenths of `least_s`, what the server or the settings ask for at least.
    """
    offset = phase(feed_id) * interval_s
    earliest = now.timestamp() + max(interval_s / 2, (1 - PHASE_SLACK) * min(least_s, interval_s))
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
        wait = max(wait, retry_after_s + rng.uniform(0.0, max(planned_s, min(retry_after_s, SPREAD_S))))
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
