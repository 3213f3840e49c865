"""Hosts whose 304 was found to lie: one server answers for all of its feeds, so none of them is believed. Pure."""

from __future__ import annotations

from datetime import datetime

from msgspec.structs import replace

from riftwatch.records import FeedState


class Liars:
    """Known from the states of the feeds, and so by whoever polls them after a restart."""

    def __init__(self) -> None:
        self._until: dict[str, datetime] = {}

    def learn(self, state: FeedState) -> None:
        """Take over what a feed's state says of its host."""
        host, until = state.validators_host, state.validators_off_until
        if host and until and until > self._until.get(host, until.min.replace(tzinfo=until.tzinfo)):
            self._until[host] = until

    def warned(self, state: FeedState, now: datetime) -> FeedState:
        """Return the state of a feed about to be polled, its validators off if its host lied to another feed."""
        until = self._until.get(state.validators_host or "")
        if until is None or until <= now or until <= (state.validators_off_until or now):
            return state
        return replace(state, validators_off_until=until)
