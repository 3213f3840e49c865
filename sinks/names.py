"""The names that mails use, from the files that a desk edits."""

from __future__ import annotations

from riftwatch.publishers import Publishers
from riftwatch.settings import Settings
from riftwatch.watchlist import Watchlist
from sinks.facts import Names


def names_of(settings: Settings) -> Names:
    """Read the names of actors and publishers; raises ConfigError."""
    return Names(
        Watchlist.load(settings.config_dir / "watchlist.toml"),
        Publishers.load(settings.config_dir / "publishers.toml"),
    )
