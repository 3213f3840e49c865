from __future__ import annotations

import sys

import pytest
from aiokafka.record.default_records import DefaultRecordBatch, DefaultRecordBatchBuilder

from processors.packing import pack_quickly

GZIP = 1  # as Kafka numbers its codecs
HEADER_BYTES = 61  # of a batch of records, before what is compressed
VALUES = [b'{"subject": "musk|trump", "story": "%d"}' % number for number in range(200)]


@pytest.fixture
def _unpatched(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the library as it was after the test."""
    module = sys.modules[DefaultRecordBatchBuilder.__module__]
    monkeypatch.setattr(module, "gzip_encode", module.gzip_encode)


def packed() -> bytearray:
    builder = DefaultRecordBatchBuilder(2, GZIP, 0, -1, -1, -1, 1 << 18)
    for number, value in enumerate(VALUES):
        builder.append(number, 1_750_000_000_000, b"k", value, [])
    return bytearray(builder.build())


def extra_flags(batch: bytearray) -> int:
    """Return the byte in which gzip tells its level: 2 the slowest, 4 the quickest."""
    return batch[HEADER_BYTES + 8]


@pytest.mark.usefixtures("_unpatched")
def test_batches_are_packed_at_the_quickest_level_and_read_back() -> None:
    assert extra_flags(packed()) == 2
    pack_quickly()
    batch = packed()
    assert extra_flags(batch) == 4
    assert len(batch) < sum(map(len, VALUES)) / 2
    assert [record.value for record in DefaultRecordBatch(batch)] == VALUES
