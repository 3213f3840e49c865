"""One readable log of all processes: a line says who spoke. Goes to a file, and to the terminal if wanted."""

from __future__ import annotations

import logging
import re
import sys
import threading
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import IO

import click

from riftwatch.clock import Clock, WallClock, iso

FILE_BYTES = 20 * 1024 * 1024
FILES = 3
LINE_BYTES = 64 * 1024  # a longer line is cut in two; nothing of ours is that long
COLOURS = ("cyan", "green", "yellow", "magenta", "blue", "bright_cyan", "bright_green")
WIDTH = 8
# Colours of a child's own, and whatever a feed's title might want to do to a terminal.
CONTROL = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|[\x00-\x08\x0b-\x1f\x7f-\x9f]")


class _File(RotatingFileHandler):
    """A log file whose disk may be full: the terminal and the processes go on."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802  # the library's name
        """Leave the line out."""


class Journal:
    """Writes lines, prefixed with their speaker; safe to use from several threads."""

    def __init__(self, path: Path, *, echo: bool, clock: Clock | None = None) -> None:
        self._clock = clock or WallClock()
        self._echo = echo
        self._file = _File(path, maxBytes=FILE_BYTES, backupCount=FILES, encoding="utf-8")
        self._lock = threading.Lock()
        self._colours: dict[str, str] = {}
        self._last: dict[str, str] = {}

    def say(self, text: str) -> None:
        """Write a line of the supervisor's own, with the time."""
        self.line("up", f"{iso(self._clock.now())} {text}")

    def line(self, who: str, text: str) -> None:
        """Write one line."""
        with self._lock:
            self._last[who] = text
            self._file.emit(logging.makeLogRecord({"msg": f"{who:<{WIDTH}} | {text}"}))
            if self._echo:
                self._show(who, text)

    def last(self, who: str) -> str:
        """Return the last line that somebody said."""
        return self._last.get(who, "")

    def follow(self, who: str, stream: IO[bytes]) -> threading.Thread:
        """Write what the stream says, line by line, until it ends; in a thread of its own."""
        thread = threading.Thread(target=self._copy, args=(who, stream), name=f"log of {who}", daemon=True)
        thread.start()
        return thread

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _copy(self, who: str, stream: IO[bytes]) -> None:
        with stream:
            while raw := stream.readline(LINE_BYTES):
                if text := CONTROL.sub("", raw.decode("utf-8", "replace")).rstrip():
                    self.line(who, text)

    def _show(self, who: str, text: str) -> None:
        colour = self._colours.setdefault(who, COLOURS[len(self._colours) % len(COLOURS)])
        try:
            click.echo(f"{click.style(f'{who:<{WIDTH}} |', fg=colour)} {text}", file=sys.stderr)
        except OSError:  # the terminal is gone; the file goes on
            self._echo = False
