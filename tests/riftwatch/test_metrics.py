"""Metrics: one table, documented in full."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from riftwatch import metrics
from riftwatch.errors import Retry

DOCS = Path(__file__).parents[2] / "docs" / "metrics.md"


def test_every_metric_is_documented_with_its_meaning() -> None:
    text = DOCS.read_text(encoding="utf-8")
    families = [f for f in metrics.REGISTRY.collect() if not f.name.endswith("_created")]
    assert len(families) >= 15
    assert [f.name for f in families if f"`{f.name}`" not in text or f.documentation not in text] == []


def test_every_name_carries_the_prefix() -> None:
    assert all(family.name.startswith("riftwatch_") for family in metrics.REGISTRY.collect())


def test_a_port_that_is_taken_is_one_sentence_and_passes() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(Retry, match=r"metrics cannot be served on 127\.0\.0\.1:\d+ .*metrics_port"):
            metrics.serve("127.0.0.1", taken.getsockname()[1])
    metrics.serve("127.0.0.1", 0)
