"""How the worker packs what it sends: gzip at its quickest level, as riftwatch.kafka does (decision 126)."""

from __future__ import annotations

import sys
from functools import partial

from aiokafka.codec import gzip_encode
from aiokafka.record.default_records import DefaultRecordBatchBuilder

from riftwatch.kafka import GZIP_LEVEL

CODEC = "gzip"  # zstd and lz4 would need another package on every machine that reads


def pack_quickly() -> None:
    """Set the level for every producer of this process; the library has no setting for it and takes 9."""
    module = sys.modules[DefaultRecordBatchBuilder.__module__]  # the compiled one, or its twin in Python
    vars(module)["gzip_encode"] = partial(gzip_encode, compresslevel=GZIP_LEVEL)
