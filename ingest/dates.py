"""Dates as feeds write them: read leniently, kept as claimed, never believed beyond the time of fetching."""

from __future__ import annotations

import re
import time
from calendar import timegm
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Literal

from riftwatch.clock import iso, parse_time

EARLIEST = datetime(1995, 1, 1, tzinfo=UTC)  # no news feed is older
SKEW = timedelta(hours=1)  # newsrooms' clocks and time zones are off by up to an hour
Confidence = Literal["claimed", "day", "clamped", "missing"]

_DAY = re.compile(r"(\d{4})-(\d{2})-(\d{2})|(\d{2})\.(\d{2})\.(\d{4})")


@dataclass(frozen=True, slots=True)
class Published:
    """When an entry was published, and how far to trust that."""

    at: datetime
    confidence: Confidence


def readable(claimed: str, parsed: time.struct_time | None = None) -> str | None:
    """Return a claimed date as ISO 8601 in UTC, a bare day as YYYY-MM-DD, or None if it cannot be read.

    A time without a zone is taken as UTC. `parsed` is feedparser's reading, tried before our own.
    """
    text = claimed.strip()
    day = _DAY.fullmatch(text)
    if day:
        year, month, number = day.groups()[:3] if day[1] else day.groups()[:2:-1]
        return f"{year}-{month}-{number}"
    readings: tuple[Callable[[], datetime], ...] = (
        lambda: _from_struct(parsed), lambda: parse_time(text), lambda: _from_mail(text),
    )  # fmt: skip
    for read in readings:
        try:
            return iso(read())
        except (ValueError, TypeError, OverflowError, IndexError):
            continue
    return None


def placed(published: str | None, now: datetime) -> Published:
    """Return the time to work with: as claimed, at noon for a bare day, or `now` if it cannot be true."""
    if published is None:
        return Published(now, "missing")
    try:
        moment = parse_time(published)
    except ValueError:
        return Published(now, "missing")
    if len(published) == len("2025-01-22"):
        noon = moment + timedelta(hours=12)
        return (
            Published(min(noon, now), "day")
            if EARLIEST <= moment <= now + SKEW
            else Published(now, "clamped")
        )
    if not EARLIEST <= moment <= now + SKEW:
        return Published(now, "clamped")
    return Published(min(moment, now), "claimed")


def _from_struct(parsed: time.struct_time | None) -> datetime:
    if parsed is None:
        raise ValueError
    return datetime.fromtimestamp(timegm(parsed), UTC)


def _from_mail(text: str) -> datetime:
    moment = parsedate_to_datetime(text)
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
