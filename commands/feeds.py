"""`riftwatch feeds`: what is polled, how it is doing, and changes to the catalogue."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from commands.catalogue import catalogue, change, known_states, path
from commands.feed_moves import moves
from riftwatch.errors import UserError
from riftwatch.settings import Settings

if TYPE_CHECKING:  # the rest is imported when a command runs: --help stays quick
    from ingest.feeds import Feed
    from riftwatch.publishers import Publishers


@click.group("feeds")
def command() -> None:
    """List, check and change the feeds of config/feeds.opml."""


command.add_command(moves)


@command.command("list")
@click.option("--problems", is_flag=True, help="Only feeds that do not read well.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
def list_feeds(*, problems: bool, as_json: bool) -> None:
    """Show every feed with its health, streak of failures and newest entry.

    Example: riftwatch feeds list --problems
    """
    from ingest.listing import listed

    config, publishers, feeds = catalogue()
    rows = listed(feeds, known_states(config), publishers)
    for row in rows:
        if row.is_problem or not problems:
            click.echo(json.dumps(row.as_json) if as_json else row.line)
    bad = sum(row.is_problem for row in rows)
    click.echo(f"{len(rows)} feeds, {bad} with a problem.", err=True)


@command.command("check")
@click.argument("feeds", nargs=-1)
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@click.option("--write", is_flag=True, help="Note today as lastVerified of the feeds that read well.")
def check_feeds(feeds: Sequence[str], *, as_json: bool, write: bool) -> int:
    """Fetch feeds now and say in one line each what is there; FEEDS are ids or addresses, all when empty.

    Exit code 1 if any does not read well. Nothing is sent to Kafka.

    Example: riftwatch feeds check guardian-world https://example.org/rss
    """
    config, publishers, known = catalogue()
    chosen = _chosen(feeds, known, publishers)
    good: set[str] = set()
    failed = False

    async def run() -> None:
        nonlocal failed
        from ingest.checking import check
        from riftwatch.clock import WallClock

        async for one in check(chosen, config, publishers, WallClock().now()):
            click.echo(json.dumps(one.as_json) if as_json else one.line)
            if one.is_good:
                good.add(one.feed.feed_id)
            failed = failed or not one.is_good

    asyncio.run(run())
    if write and good:
        _note_verified(config, known, good)
    return 1 if failed else 0


@command.command("add")
@click.argument("url")
@click.option("--id", "feed_id", default="", help="Short lasting id; made from the address when empty.")
@click.option("--title", default="", help="As the feed says when empty.")
@click.option("--publisher", default="", help="Family id or name of an outlet; from the address when empty.")
@click.option("--language", default="", help="Two letters; as the feed says when empty.")
@click.option("--country", default="", help="Two letters.")
@click.option("--category", default="general", show_default=True)
@click.option("--priority", is_flag=True, help="Poll as often as the settings allow.")
def add_feed(
    url: str,
    *,
    feed_id: str,
    title: str,
    publisher: str,
    language: str,
    country: str,
    category: str,
    priority: bool,
) -> int:
    """Add a feed by its address, or by that of a page that announces one.

    When a page announces several, they are listed and none is added (exit code 1).

    Example: riftwatch feeds add https://example.org/ --country GB --category politics
    """
    from dataclasses import replace

    from ingest.checking import find_feed
    from ingest.feeds import feed_id_of
    from riftwatch.clock import WallClock

    config, publishers, known = catalogue()
    checked = asyncio.run(find_feed(url, config, publishers, WallClock().now()))
    if isinstance(checked, list):
        click.echo(f"{url} announces {len(checked)} feeds; add one of them:")
        for one in checked:
            click.echo(f"  {one.url}  {one.title}")
        return 1
    found = replace(
        checked.feed,
        feed_id=feed_id or feed_id_of(checked.feed.url),
        title=title or checked.title or checked.feed.url,
        publisher=publishers.family(publisher or checked.feed.url),
        language=(language or checked.language or "")[:2].lower() or None,
        country=country.upper(),
        category=category,
        priority=priority,
        last_verified=_today(),
    )
    _save_merged(config, known, [found])
    return 0


@command.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def import_feeds(file: Path) -> None:
    """Add the feeds of another OPML file that the catalogue lacks.

    Example: riftwatch feeds import subscriptions.opml
    """
    from ingest.feeds import load

    config, publishers, known = catalogue()
    _save_merged(config, known, load(file, publishers))


@command.command("export")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path), required=False)
def export_feeds(file: Path | None) -> None:
    """Write the catalogue as OPML to FILE, or to standard output.

    Example: riftwatch feeds export feeds.opml
    """
    config, _, known = catalogue()
    data = path(config).read_bytes()  # as it stands: everything that other programs wrote is in it
    if file is None:
        click.get_binary_stream("stdout").write(data)
        return
    try:
        file.write_bytes(data)
    except OSError as error:
        raise UserError(f"{file} cannot be written ({error.strerror}).") from error
    click.echo(f"{len(known)} feeds written to {file}.", err=True)


def _chosen(names: Sequence[str], catalogue: Sequence[Feed], publishers: Publishers) -> list[Feed]:
    from ingest.feeds import Feed, feed_id_of

    known = {feed.feed_id: feed for feed in catalogue} | {feed.url: feed for feed in catalogue}
    chosen = []
    for name in names:
        if name not in known and not name.startswith(("http://", "https://")):
            raise UserError(f"no feed has the id {name}: see `riftwatch feeds list`.")
        chosen.append(
            known.get(name) or Feed(feed_id=feed_id_of(name), url=name, publisher=publishers.family(name))
        )
    return chosen or list(catalogue)


def _save_merged(config: Settings, feeds: Sequence[Feed], new: Sequence[Feed]) -> None:
    from ingest.editing import merge

    merged = merge(feeds, new)
    if merged.added:
        change(config, feeds, merged.feeds)
    for feed in merged.added:
        click.echo(f"added   {feed.feed_id}  {feed.url}  ({feed.publisher})")
    for feed in merged.known:
        click.echo(f"known   {feed.url}")


def _note_verified(config: Settings, feeds: Sequence[Feed], good: set[str]) -> None:
    from dataclasses import replace

    today = _today()
    noted = [replace(feed, last_verified=today) if feed.feed_id in good else feed for feed in feeds]
    change(config, feeds, noted)


def _today() -> str:
    from riftwatch.clock import WallClock

    return WallClock().now().date().isoformat()
