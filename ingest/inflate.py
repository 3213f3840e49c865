"""Decoding a response while counting: a bomb is noticed before it is unpacked, not after."""

from __future__ import annotations

import zlib

_AUTO = 47  # zlib.MAX_WBITS + 32: gzip or zlib, told apart by their headers
_GZIP = b"\x1f\x8b"


class TooLargeError(Exception):
    """More bytes than allowed, on the wire or decoded."""


class BadEncodingError(Exception):
    """The body is not what its Content-Encoding says."""


class Inflater:
    """Takes chunks as they come and keeps the decoded body; raises as soon as a limit is passed."""

    def __init__(self, encoding: str, max_wire: int, max_body: int) -> None:
        self._encoding = encoding.strip().lower()
        if self._encoding not in {"", "identity", "gzip", "x-gzip", "deflate"}:
            raise BadEncodingError(f'encoded as "{encoding[:40]}" although only gzip was asked for')
        self._max_wire, self._max_body = max_wire, max_body
        self._wire = 0
        self._body = bytearray()
        self._decoder: zlib._Decompress | None = None

    def feed(self, chunk: bytes) -> None:
        """Take one chunk; raises TooLargeError or BadEncodingError."""
        first = not self._wire
        self._wire += len(chunk)
        if self._wire > self._max_wire:
            raise TooLargeError(f"more than {self._max_wire:,} bytes")
        if first and chunk and (self._encoding not in {"", "identity"} or chunk.startswith(_GZIP)):
            self._decoder = zlib.decompressobj(_AUTO)
        if self._decoder is None:
            self._keep(chunk)
        else:
            self._inflate(chunk)

    def body(self) -> bytes:
        """Return the whole decoded body; raises BadEncodingError if it was cut short."""
        if self._decoder is not None and not self._decoder.eof:
            raise BadEncodingError("the compressed body ends too early")
        return bytes(self._body)

    def _inflate(self, chunk: bytes) -> None:
        assert self._decoder is not None
        try:
            while chunk:
                self._keep(self._decoder.decompress(chunk, self._max_body - len(self._body) + 1))
                chunk = self._decoder.unconsumed_tail or self._next_member()
        except zlib.error as error:
            raise BadEncodingError("the compressed body is damaged") from error

    def _next_member(self) -> bytes:
        """Start the next member of a gzip file, and return what is there of it."""
        assert self._decoder is not None
        rest = self._decoder.unused_data
        if self._decoder.eof and rest.startswith(_GZIP):
            self._decoder = zlib.decompressobj(_AUTO)
            return rest
        return b""

    def _keep(self, piece: bytes) -> None:
        self._body += piece
        if len(self._body) > self._max_body:
            raise TooLargeError(f"more than {self._max_body:,} bytes once unpacked")
