"""The limit on dead letters."""

from __future__ import annotations

import pytest

from riftwatch.flood import MOST_DEAD, WATCHED, Flood, TooManyDead


def test_so_many_are_borne_and_not_one_more() -> None:
    flood = Flood("read")
    flood.count(good=0, dead=MOST_DEAD)
    with pytest.raises(TooManyDead, match="more than 50 of the last 51 records could not be read"):
        flood.count(good=0, dead=1)


def test_what_is_long_past_counts_no_more() -> None:
    flood = Flood("read")
    for _ in range(5):
        flood.count(good=WATCHED - MOST_DEAD, dead=MOST_DEAD)
    flood.count(good=WATCHED, dead=0)
    flood.count(good=0, dead=MOST_DEAD)
