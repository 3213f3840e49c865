"""The soak of bench/soak.py for a minute: pollers killed, a server that misbehaves, nothing lost or doubled."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.soak import is_clean, soak


@pytest.mark.kafka
@pytest.mark.slow
@pytest.mark.timeout(240)
def test_nothing_is_lost_and_no_story_is_doubled(fresh_topics: str, tmp_path: Path) -> None:
    found = soak(fresh_topics, tmp_path, feeds=60, minutes=0.5, kills=2, quick=True)
    assert is_clean(found), found
    assert found["killed"] == 2
    assert not found["ended_by_themselves"], (tmp_path / "poll.log").read_text(encoding="utf-8")[-3000:]
    assert "Traceback" not in (tmp_path / "poll.log").read_text(encoding="utf-8")
