"""Structured logs: one line per outcome, on standard error. Bodies and secrets are never logged."""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Callable

import structlog

from riftwatch.clock import monotonic
from riftwatch.settings import Settings

SPARING_S = 60.0
SPARING_KEPT = 1000  # different lines remembered; more would be a leak
NUMBERS = re.compile(r"[0-9a-fx]*[0-9][0-9a-fx]*")


def configure(settings: Settings, role: str) -> None:
    """Set up logging for this process; `role` is bound to every line."""
    level = getattr(logging, settings.log_level.upper(), logging.INFO)
    renderer: structlog.types.Processor = (
        structlog.processors.JSONRenderer()
        if settings.log_format == "json"
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.WriteLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=True,
    )
    structlog.contextvars.bind_contextvars(role=role)
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="%(name)s %(levelname)s %(message)s")
    for handler in logging.getLogger().handlers:
        handler.addFilter(Sparing())


class Sparing(logging.Filter):
    """Lets a library say the same thing once a minute: a dead broker is worth thousands of lines to Kafka's.

    The same thing is the same logger and the same words, whatever numbers and addresses stand among them.
    """

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        super().__init__()
        self._clock = clock
        self._said: dict[tuple[str, str], float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Let the record through unless its like was let through within a minute."""
        what = record.name, NUMBERS.sub("", str(record.msg))[:60]
        now = self._clock()
        if now - self._said.get(what, -SPARING_S) < SPARING_S:
            return False
        if len(self._said) >= SPARING_KEPT:
            self._said.clear()
        self._said[what] = now
        return True


def get(name: str) -> structlog.typing.FilteringBoundLogger:
    """Return the logger of a module."""
    logger: structlog.typing.FilteringBoundLogger = structlog.get_logger(name)
    return logger
