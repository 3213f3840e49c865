"""Metrics: one table, documented in full."""

from __future__ import annotations

from pathlib import Path

from riftwatch import metrics

DOCS = Path(__file__).parents[2] / "docs" / "metrics.md"


def test_every_metric_is_documented_with_its_meaning() -> None:
    text = DOCS.read_text(encoding="utf-8")
    families = [f for f in metrics.REGISTRY.collect() if not f.name.endswith("_created")]
    assert len(families) >= 15
    assert [f.name for f in families if f"`{f.name}`" not in text or f.documentation not in text] == []


def test_every_name_carries_the_prefix() -> None:
    assert all(family.name.startswith("riftwatch_") for family in metrics.REGISTRY.collect())
