"""What the poller works with: everything that is outside of its loop."""

from __future__ import annotations

from dataclasses import dataclass, field

from ingest.catalogue import Catalogue
from ingest.hosts import HostRules
from ingest.hub import Hub
from ingest.memory import Memory
from ingest.pages import Pages
from ingest.poll import Deps
from ingest.produce import Sender
from riftwatch.clock import Clock, WallClock
from riftwatch.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """Everything outside of the loop."""

    settings: Settings
    clock: Clock
    catalogue: Catalogue
    memory: Memory
    sender: Sender
    deps: Deps
    item_partitions: int
    hosts: HostRules = field(default_factory=HostRules)
    hub: Hub | None = None  # None: no WebSub
    pages: Pages | None = None  # None: no full text, as in a replay

    @property
    def stepped(self) -> bool:
        """Whether time stands still until somebody moves it on, as in a replay."""
        return not isinstance(self.clock, WallClock)
