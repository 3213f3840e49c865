"""When in the week a feed brings news, and how long to wait for the next item. Pure.

The learnt rate says how busy a feed is these days; the rhythm says by what factor this hour differs: nights,
weekends, the morning rush. It is a fading count of new items in each of the 168 hours of the week (UTC), and
it is believed only as far as there are items behind it: an hour is drawn towards the same hour of all
weekdays (or of the weekend), and that towards the feed's mean, each with the weight of PRIOR_ITEMS items. So a
young or quiet feed has no rhythm at all, and one flood of news makes none.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

HOURS = 168
HALF_LIFE_WEEKS = 4.0  # an election campaign or a holiday has passed out of it after a season
PRIOR_ITEMS = 4.0
LEAST_WEEKS = 0.9  # before every day was seen once, those not seen yet would look quiet
LOWEST, HIGHEST = 0.25, 4.0  # a quiet night still gets a quarter: that is when such news breaks
UNIT = 1000  # counts are whole thousandths: they fade without rounding away, and are short to write
MOST_PER_POLL = 10  # items of one poll that count: an archive or a live ticker is no habit
_FADE_EVERY = timedelta(days=1)
_WEEK = timedelta(weeks=1)


@dataclass(frozen=True, slots=True)
class Rhythm:
    """New items by hour of the week, and how much observation stands behind them."""

    counts: tuple[int, ...] = ()
    weeks: float = 0.0
    at: datetime | None = None


FLAT = Rhythm()


def learnt(rhythm: Rhythm, published: Iterable[datetime], now: datetime) -> Rhythm:
    """Return the rhythm after a poll that brought new items published at these times."""
    rhythm = _faded(rhythm, now)
    hours = [hour_of_week(moment) for moment in published][:MOST_PER_POLL]
    if not hours:
        return rhythm
    counts = list(rhythm.counts or (0,) * HOURS)
    for hour in hours:
        counts[hour] += UNIT
    return Rhythm(tuple(counts), rhythm.weeks, rhythm.at)


def factor(rhythm: Rhythm, hour: int) -> float:
    """Return how many times its mean a feed brings in this hour of the week; 1 while that is unknown."""
    total = sum(rhythm.counts) / UNIT
    if not total or rhythm.weeks < LEAST_WEEKS:
        return 1.0
    mean = total / (HOURS * rhythm.weeks)
    alike = _alike(hour)
    day = _drawn(sum(_smeared(rhythm.counts, one) for one in alike), rhythm.weeks * len(alike), mean)
    here = _drawn(_smeared(rhythm.counts, hour), rhythm.weeks, day)
    return min(max(here / mean, LOWEST), HIGHEST)


def mean_factor(rhythm: Rhythm, start: datetime, end: datetime) -> float:
    """Return the mean factor between two moments; a day or more has a bit of everything."""
    hours = int((end - start).total_seconds() // 3600) + 1
    if hours >= 24:
        return 1.0
    step = (end - start) / hours
    middles = (start + step * (number + 0.5) for number in range(hours))
    return sum(factor(rhythm, hour_of_week(middle)) for middle in middles) / hours


def wait_s(rhythm: Rhythm, rate_per_hour: float, wanted: float, now: datetime, longest_s: float) -> float:
    """Return the seconds until `wanted` new items are to be expected, `longest_s` at most."""
    waited, missing = 0.0, wanted
    while waited < longest_s:
        moment = now + timedelta(seconds=waited)
        left = 3600.0 - (moment.minute * 60 + moment.second + moment.microsecond / 1e6)
        per_s = rate_per_hour * factor(rhythm, hour_of_week(moment)) / 3600
        if per_s * left >= missing:
            return min(longest_s, waited + missing / per_s)
        missing -= per_s * left
        waited += left
    return longest_s


def hour_of_week(moment: datetime) -> int:
    """Return the hour since Monday 00:00 of a time in UTC."""
    return moment.weekday() * 24 + moment.hour


def _drawn(items: float, weeks: float, towards: float) -> float:
    """Return items an hour, drawn towards what is known of other hours as far as there are few."""
    return (items + PRIOR_ITEMS) / (weeks + PRIOR_ITEMS / towards)


def _smeared(counts: Sequence[int], hour: int) -> float:
    """Return the items of an hour with its neighbours', so that summer time and chance move little."""
    near = counts[hour - 1] + counts[(hour + 1) % HOURS]
    return (0.5 * counts[hour] + 0.25 * near) / UNIT


def _alike(hour: int) -> range:
    """Return the same hour of all weekdays, or of both days of the weekend."""
    first, last = (0, 5) if hour < 5 * 24 else (5, 7)
    return range(first * 24 + hour % 24, last * 24, 24)


def _faded(rhythm: Rhythm, now: datetime) -> Rhythm:
    if rhythm.at is None:
        return Rhythm(rhythm.counts, rhythm.weeks, now)
    passed = now - rhythm.at
    if passed < _FADE_EVERY:
        return rhythm
    kept = 0.5 ** (passed / _WEEK / HALF_LIFE_WEEKS)
    watched = min(passed, 2 * _FADE_EVERY) / _WEEK  # nobody watched during an outage
    counts = tuple(round(count * kept) for count in rhythm.counts)
    return Rhythm(counts, rhythm.weeks * kept + watched, now)
