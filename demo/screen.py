"""The terminal while the replay runs: one line that is renewed, and lines that stay."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TextIO

RENEW_S = 0.2
PLAIN_RENEW_S = 5.0  # where lines cannot be renewed, in a log of CI


class Screen:
    """Writes to a stream; `seconds` is a monotonic clock."""

    def __init__(self, seconds: Callable[[], float], stream: TextIO = sys.stderr) -> None:
        self._seconds = seconds
        self._stream = stream
        self._live = stream.isatty()
        self._next = 0.0
        self._shown = False

    def progress(self, line: Callable[[], str]) -> None:
        """Renew the progress line if it is time to; only then is the line made."""
        now = self._seconds()
        if now < self._next:
            return
        self._next = now + (RENEW_S if self._live else PLAIN_RENEW_S)
        self._write(f"\r\x1b[K{line()}" if self._live else f"{line()}\n")
        self._shown = self._live

    def say(self, line: str) -> None:
        """Write a line that stays."""
        self._write(("\r\x1b[K" if self._shown else "") + line + "\n")
        self._shown = False

    def _write(self, text: str) -> None:
        self._stream.write(text)
        self._stream.flush()
