"""The feed catalogue of a running poller: read again when an editor saves it."""

from __future__ import annotations

from pathlib import Path

from ingest import feeds
from ingest.feeds import Feed
from riftwatch import log
from riftwatch.errors import ConfigError
from riftwatch.publishers import Publishers

LOOK_S = 2.0
logger = log.get(__name__)


class Catalogue:
    """The feeds of config/feeds.opml. A broken edit is reported and changes nothing."""

    def __init__(self, path: Path, publishers: Publishers) -> None:
        self._path, self._publishers = path, publishers
        self._stamp = self._read_stamp()
        self._looked = 0.0
        self.feeds: dict[str, Feed] = self._load()

    def refresh(self, monotonic: float) -> None:
        """Read the file again if it was saved since the last look."""
        if monotonic - self._looked < LOOK_S:
            return
        self._looked = monotonic
        stamp = self._read_stamp()
        if stamp == self._stamp:
            return
        self._stamp = stamp
        try:
            self.feeds = self._load()
            logger.info("catalogue read again", status="ok", feeds=len(self.feeds))
        except ConfigError as error:
            logger.warning("catalogue kept as it was", status="config_error", error=str(error))

    def _load(self) -> dict[str, Feed]:
        return {feed.feed_id: feed for feed in feeds.load(self._path, self._publishers)}

    def _read_stamp(self) -> tuple[int, int]:
        try:
            found = self._path.stat()
        except OSError:
            return (0, 0)
        return (found.st_mtime_ns, found.st_size)
