"""`riftwatch verify`: ids in − ids out."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING

import click

from riftwatch import settings as settings_table
from riftwatch.clock import monotonic
from riftwatch.settings import Settings, without_password

if TYPE_CHECKING:
    from commands.closure import Balance, Fed

PAUSE_S = 1.0
SHOWN = 20  # ids of a kind on a terminal; --json has all
KINDS = (
    ("missing", "fed and handled, and neither a story nor a dead letter"),
    ("waiting", "fed and not handled yet: see that the workers run, or say --wait"),
    ("never_fed", "stored, and no item was ever seen"),
    ("not_stored", "analysed and not in the store yet (still closed)"),
)


@click.command("verify")
@click.option(
    "--wait", "wait_s", type=click.FloatRange(0), default=0.0, help="Seconds to give to what is under way."
)
@click.option("--against", help="A store that was moved: the one in use must hold whatever it held.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object with every id.")
def command(*, wait_s: float, against: str | None, as_json: bool) -> int:
    """Check that every story that was fed is stored or a dead letter, and that nothing else is stored.

    Exit code 1 and the ids if not. Changes nothing; runs beside a working system.

    Example: riftwatch verify --wait 60
    """
    settings = settings_table.load()
    balance, lost, until = verify(settings), _lacking(settings, against), monotonic() + wait_s
    while (balance.waiting or any(lost.values())) and monotonic() < until:
        time.sleep(PAUSE_S)
        balance, lost = verify(settings), _lacking(settings, against)
    whole = not any(lost.values())
    if as_json:
        more = {"lacking": lost} if against else {}
        click.echo(json.dumps(asdict(balance) | {"closed": balance.closed} | more))
    else:
        _tell(balance)
        if against:
            _tell_lost(without_password(against), lost)
    return 0 if balance.closed and whole else 1


def verify(settings: Settings) -> Balance:
    """Return the books; what comes out is read after what goes in, so that a working system can be closed.

    Raises UserError when no broker answers or a topic is missing, ConfigError for a store that cannot be opened.
    """
    from commands.closure import Fed, buried_ids, compare, story_keys
    from commands.scan import scan
    from riftwatch.topics import DEAD_LETTERS, ITEMS, STORIES

    fed, read_to = Fed(), dict[int, int]()
    for message in scan(settings, ITEMS.name):
        fed.take(message)
        read_to[message.partition] = message.offset + 1
    handled = _handled(settings)
    analysed = story_keys(scan(settings, STORIES.name))
    dead = buried_ids(scan(settings, DEAD_LETTERS.name))
    stored, lately = _stored(settings, fed.since)
    fed_since = _fed_since(settings, read_to)
    return compare(
        fed, handled=handled, analysed=analysed, dead=dead, stored=stored, lately=lately,
        fed_since=fed_since.places.keys(),
    )  # fmt: skip


def _fed_since(settings: Settings, read_to: dict[int, int]) -> Fed:
    from commands.closure import Fed
    from commands.scan import scan
    from riftwatch.topics import ITEMS

    fed = Fed()
    for message in scan(settings, ITEMS.name, start=read_to):
        fed.take(message)
    return fed


def _handled(settings: Settings) -> dict[int, int]:
    """Return each partition's first item that the workers have not handled."""
    from riftwatch.kafka import answering, bootstrap, consumer, partitions_of
    from riftwatch.topics import GROUP_PROCESS, ITEMS

    with closing(consumer(settings, GROUP_PROCESS)) as client, answering(bootstrap(settings)):
        return {one.partition: client.committed(one) or 0 for one in partitions_of(client, ITEMS.name)}


def _stored(settings: Settings, since: datetime | None) -> tuple[set[str], set[str]]:
    """Return the ids of all stories in the store, and of those fetched since; none is read."""
    from stores.opening import open_store

    with closing(open_store(settings.store_url, readonly=True, settings=settings)) as store:
        return set(store.story_ids()), set(store.story_ids(since) if since else ())


def _lacking(settings: Settings, against: str | None) -> dict[str, list[str]]:
    if against is None:
        return {}
    from commands.likeness import lacking
    from stores.opening import open_store

    with (
        closing(open_store(settings.store_url, readonly=True, settings=settings)) as store,
        closing(open_store(against, readonly=True, settings=settings)) as before,
    ):
        return lacking(store, before)


def _tell(balance: Balance) -> None:
    click.echo(
        f"{balance.fed} fed, {balance.analysed} analysed, {balance.stored} stored, {balance.dead} dead letters"
    )
    for name, about in KINDS:
        ids = getattr(balance, name)
        _list(ids, about)
    if balance.not_judged:
        click.echo(
            f"{balance.not_judged} stored stories are older than the items that Kafka still holds: not judged"
        )
    click.echo("closed" if balance.closed else "NOT closed")


def _tell_lost(against: str, lost: Mapping[str, Sequence[str]]) -> None:
    for kind, ids in lost.items():
        _list(ids, f"{kind} records of {against} that the store in use lacks")
    if not any(lost.values()):
        click.echo(f"everything that {against} holds is there")


def _list(ids: Sequence[str], about: str) -> None:
    from commands.letterbox import in_one_line

    if not ids:
        return
    click.echo(f"{len(ids)} {about}")
    for one in ids[:SHOWN]:
        click.echo(f"  {in_one_line(one)}")
    if len(ids) > SHOWN:
        click.echo(f"  … and {len(ids) - SHOWN} more; --json has all")
