"""`riftwatch feeds moves`: which feeds moved, since when and why, and a person's word on it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import click

from commands.catalogue import catalogue, change, known_states
from riftwatch.errors import UserError

if TYPE_CHECKING:
    from ingest.feeds import Feed
    from riftwatch.records import FeedState


@click.command("moves")
@click.option(
    "--accept", metavar="FEED", default="", help="Enter the new address of a feed in the catalogue."
)
@click.option(
    "--undo", metavar="FEED", default="", help="Go back to the catalogue's address, and stay there."
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
def moves(*, accept: str, undo: str, as_json: bool) -> None:
    """Show permanent redirects that were taken over or are being watched; accept one, or take it back.

    Example: riftwatch feeds moves --undo guardian-world
    """
    config, _, feeds = catalogue()
    states = known_states(config)
    if accept and undo:
        raise UserError("take either --accept or --undo.")
    if accept:
        target = _target(accept, states, feeds)
        change(config, feeds, [replace(one, url=target) if one.feed_id == accept else one for one in feeds])
        click.echo(f"{accept} is now {target} in the catalogue.")
    elif undo:
        _refuse_unknown(undo, feeds)
        change(config, feeds, [replace(one, stays=True) if one.feed_id == undo else one for one in feeds])
        click.echo(f'{undo} stays at the catalogue\'s address (stays="true") from its next poll on.')
    else:
        for feed in feeds:
            for line in _lines(states.get(feed.feed_id), as_json=as_json):
                click.echo(line)


def _refuse_unknown(feed_id: str, feeds: Sequence[Feed]) -> None:
    if feed_id not in {feed.feed_id for feed in feeds}:
        raise UserError(f"no feed has the id {feed_id}: see `riftwatch feeds list`.")


def _target(feed_id: str, states: dict[str, FeedState], feeds: Sequence[Feed]) -> str:
    """Return where a feed moved to, if the catalogue may say so."""
    _refuse_unknown(feed_id, feeds)
    state = states.get(feed_id)
    if state is None or state.moved_url is None:
        raise UserError(f"{feed_id} has not moved: see `riftwatch feeds moves`.")
    taken = next((feed.feed_id for feed in feeds if feed.url == state.moved_url), None)
    if taken:
        raise UserError(
            f"{state.moved_url} is the feed {taken} already: take {feed_id} out of the catalogue."
        )
    return state.moved_url


def _lines(state: FeedState | None, *, as_json: bool) -> list[str]:
    from riftwatch.clock import iso

    if state is None:
        return []
    rows: list[dict[str, str | None]] = [
        {"feed_id": state.feed_id, "at": iso(one.at), "old": one.old, "new": one.new, "why": one.why,
         "since": iso(one.since) if one.since else None, "state": "in use" if one.new == state.moved_url else "past"}
        for one in state.moves
    ]  # fmt: skip
    if state.moving_to and state.moving_since:
        rows.append(
            {"feed_id": state.feed_id, "at": None, "old": state.url, "new": state.moving_to,
             "why": f"seen at {state.moving_times} polls in a row, not taken over yet",
             "since": iso(state.moving_since), "state": "watched"}
        )  # fmt: skip
    if as_json:
        return [json.dumps(row) for row in rows]
    return [_line(row) for row in rows]


def _line(row: dict[str, str | None]) -> str:
    when = row["at"] or f"since {row['since']}"
    return f"{row['state']:<8} {row['feed_id']:<32} {row['old']} -> {row['new']}  ({when}: {row['why']})"
