"""The catalogue and what the store knows of its feeds, for the commands that show or change them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from riftwatch import settings as settings_table
from riftwatch.errors import UserError
from riftwatch.settings import Settings

if TYPE_CHECKING:  # the rest is imported when a command runs: --help stays quick
    from ingest.feeds import Feed
    from riftwatch.publishers import Publishers
    from riftwatch.records import FeedState


def catalogue() -> tuple[Settings, Publishers, list[Feed]]:
    """Return the settings, who is a publisher, and the feeds; raises ConfigError."""
    from ingest.feeds import load
    from riftwatch.publishers import Publishers

    config = settings_table.load()
    publishers = Publishers.load(config.config_dir / "publishers.toml")
    return config, publishers, load(path(config), publishers)


def path(config: Settings) -> Path:
    """Return the file of the catalogue."""
    return config.config_dir / "feeds.opml"


def known_states(config: Settings) -> dict[str, FeedState]:
    """Return what the store knows of feeds; nothing yet before the first run."""
    from stores.opening import open_store

    try:
        store = open_store(config.store_url, readonly=True, settings=config)
    except UserError as error:
        click.echo(f"riftwatch: {error}, so no health is known.", err=True)
        return {}
    try:
        return {state.feed_id: state for state in store.feeds()}
    finally:
        store.close()


def change(config: Settings, before: Sequence[Feed], after: Sequence[Feed]) -> None:
    """Save a changed catalogue; what others wrote into the file stays."""
    from ingest.editing import save

    save(path(config), after, before)
