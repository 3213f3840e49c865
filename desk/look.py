"""What a view looks at: one object with the store, the mails, the names, the texts and the time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from desk.figures import Times
from desk.names import Names
from desk.source import Mails
from desk.wording import Wording
from riftwatch.clock import Clock
from stores.base import Store


@dataclass(frozen=True, slots=True)
class Look:
    """Everything a view may read."""

    store: Store
    mails: Mails
    names: Names
    wording: Wording
    times: Times
    clock: Clock

    def now(self) -> datetime:
        """Return the time of the newest story, or the clock's while there is none.

        In a replay, and after a stop, the store lags the clock: ranges end where the data ends.
        """
        return self.store.latest_time() or self.clock.now()

    def today(self) -> date:
        """Return the day at which ranges end."""
        return self.now().date()
