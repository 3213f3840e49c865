"""What a replay is played on: its engines, and how many processes of each kind share the work."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """The embedded engines and one process of each kind, unless told otherwise."""

    kafka: str = ""  # host:port of an empty cluster; empty: the embedded broker
    store: str = ""  # http(s)://host:9200; empty: SQLite in the data folder
    partitions: int = 4
    replication: int = 1
    pollers: int = 1
    workers: int = 1
    sinks: int = 1

    @property
    def copies(self) -> Mapping[str, int]:
        """How many processes of each role there are, where there may be several."""
        return {"poll": self.pollers, "process": self.workers, "search": self.sinks}
