"""An installation that began embedded moves to a Kafka cluster and Elasticsearch, and nobody can tell afterwards."""

from __future__ import annotations

import shutil
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from commands.likeness import lacking
from commands.rebuild import rebuild
from commands.replaying import Recording, recording
from commands.topics import apply
from demo.stage import Stage
from riftwatch.records import Mail
from riftwatch.settings import Settings
from stores.opening import open_store
from stores.outbox import read_mails
from tests.conftest import _forget
from tests.demo.runs import LIMIT_S, PARTITIONS, UNTIL, Run, run

# A shift of the pair was opened and mailed in the hours before; it will be withdrawn later that day.
MOVES_AFTER = datetime(2024, 7, 14, 12, tzinfo=UTC)


def part(*, before: bool) -> Recording:
    whole = recording(UNTIL)
    moments = [moment for moment in whole.moments if (moment < MOVES_AFTER) == before]
    return Recording(whole.corpus, moments, whole.expected)


def told(mails: list[Mail]) -> list[tuple[str, str, str, str]]:
    return sorted((mail.mail_id, mail.kind, mail.state, mail.subject_line) for mail in mails)


@pytest.mark.slow
@pytest.mark.elasticsearch
@pytest.mark.timeout(LIMIT_S * 2)
@pytest.mark.usefixtures("nervous")
def test_what_began_embedded_goes_on_on_a_cluster(
    tmp_path: Path,
    alone: Run,
    kafka: str,
    elasticsearch_url: str,
    index_prefix: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    embedded = run(tmp_path / "embedded", Stage(), part(before=True))
    assert read_mails(embedded.settings.data)

    def move(cluster: Settings) -> None:
        apply(cluster)
        counts = rebuild(cluster, embedded.settings.store_url)
        assert all(count is not None for count in counts.values())
        shutil.copyfile(embedded.settings.data / "outbox.db", cluster.data / "outbox.db")

    monkeypatch.setenv("RIFTWATCH_INDEX_PREFIX", index_prefix)
    monkeypatch.setenv("RIFTWATCH_INDEX_ANALYSIS", "plain")
    _forget(Settings(kafka=kafka))
    stage = Stage(kafka=kafka, store=elasticsearch_url, partitions=PARTITIONS)
    moved = run(tmp_path / "moved", stage, part(before=False), before_start=move)
    assert moved.closed
    for kind, records in alone.records.items():
        assert moved.records[kind] == records, kind
    assert moved.verdict.shifts == alone.verdict.shifts
    with (
        closing(open_store(elasticsearch_url, readonly=True, settings=moved.settings)) as store,
        closing(open_store(embedded.settings.store_url, readonly=True)) as before,
    ):
        assert not any(lacking(store, before).values())
    assert told(read_mails(moved.settings.data)) == told(read_mails(alone.settings.data))
