"""`riftwatch trace STORY`: what became of one story at each stage."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING

import click

from riftwatch import settings as settings_table
from riftwatch.clock import iso
from riftwatch.settings import Settings, without_password

if TYPE_CHECKING:
    from commands.journey import Station
    from riftwatch.records import Story


@click.command("trace")
@click.argument("story_id", metavar="STORY")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a record.")
def command(story_id: str, *, as_json: bool) -> int:
    """Follow one story through topics, dead letters and store; times are the broker's.

    The desk shows a story's id in the address of its page. Exit code 1 if nothing is known of it.

    Example: riftwatch trace 1c0f3a5b7d9e1c0f3a5b7d9e
    """
    from commands.journey import verdict

    found = trace(settings_table.load(), story_id)
    if as_json:
        for one in found:
            click.echo(json.dumps(asdict(one) | {"at": iso(one.at) if one.at else None}, ensure_ascii=False))
    else:
        for line in table(found):
            click.echo(line)
        click.echo(f"{story_id}: {verdict(found)}")
    return 0 if found else 1


def trace(settings: Settings, story_id: str) -> list[Station]:
    """Return the stations of a story in the order of the path.

    Raises UserError when no broker answers, ConfigError for a store that cannot be opened.
    """
    from commands.journey import stations, stored
    from commands.scan import offsets_since, scan
    from riftwatch.topics import DEAD_LETTERS, EVIDENCE, ITEMS, READINGS, STORIES

    key, kept = story_id.encode(), _stored(settings, story_id)
    found = stations(scan(settings, ITEMS.name, key=key), story_id)
    since = _earliest(found, kept)
    for topic in (STORIES, READINGS, EVIDENCE, DEAD_LETTERS):
        start = offsets_since(settings, topic.name, since) if since else None
        records = scan(settings, topic.name, start=start, key=key if topic is STORIES else None)
        found += stations(records, story_id)
    return [*found, stored(kept, without_password(settings.store_url))] if kept else found


def _stored(settings: Settings, story_id: str) -> Story | None:
    from stores.opening import open_store

    with closing(open_store(settings.store_url, readonly=True, settings=settings)) as store:
        return store.story(story_id)


def _earliest(items: Sequence[Station], kept: Story | None) -> datetime | None:
    """Return a time before which nothing downstream can be, None when only a full reading can tell."""
    times = [one.at for one in items if one.at] + ([kept.first_published] if kept else [])
    return min(times, default=None)


def table(found: Sequence[Station]) -> Iterator[str]:
    """Yield a line for each station, in columns."""
    from commands.letterbox import in_one_line

    rows = [
        (
            one.station,
            f"{one.at:%Y-%m-%d %H:%M:%S}" if one.at else "",
            "" if one.revision is None else f"r{one.revision}",
            one.version,
            f"{one.what}  [{one.place}]",
        )
        for one in found
    ]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        yield in_one_line(
            "  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip()
        )
