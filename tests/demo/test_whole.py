"""The whole recording with the shipped rules: on Elasticsearch and twelve partitions it tells what it tells embedded."""

from __future__ import annotations

from pathlib import Path

import pytest

from commands.replaying import recording
from demo.stage import Stage
from riftwatch.settings import PREFIX, ROOT
from tests.demo.runs import PARTITIONS, assert_same, run

BREAKS = {"2025-01", "2025-06"}  # when the recorded papers tell of Musk and Trump falling out


@pytest.mark.slow
@pytest.mark.elasticsearch
@pytest.mark.timeout(1200)
@pytest.mark.usefixtures("kafka_engine")
def test_eighteen_months_tell_the_same_on_a_cluster_as_embedded(
    tmp_path: Path, elasticsearch_url: str, index_prefix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {
        "CONFIG_DIR": str(ROOT / "config"), "DESK_PORT": "0", "INDEX_PREFIX": index_prefix, "INDEX_ANALYSIS": "plain",
    }.items():  # fmt: skip
        monkeypatch.setenv(PREFIX + name, value)
    embedded = run(tmp_path / "embedded", Stage(), recording())
    cluster = Stage(store=elasticsearch_url, partitions=PARTITIONS, pollers=2, workers=2, sinks=2)
    together = run(tmp_path / "cluster", cluster, recording())
    assert_same(embedded, together)
    fallen = {
        f"{s.detected_at:%Y-%m}"
        for s in embedded.verdict.shifts
        if s.subject == "relation:musk|trump" and s.direction == "down"
    }
    assert fallen >= BREAKS
