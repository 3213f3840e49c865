"""`riftwatch rebuild`: refill lost or empty topics and state from a store."""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from contextlib import closing, contextmanager
from typing import Any

import click
from msgspec import DecodeError
from msgspec.structs import replace

from commands.refill import REFILLED, STATE, Refill, refills
from riftwatch import log, topics
from riftwatch import settings as settings_table
from riftwatch.clock import Clock, WallClock, monotonic
from riftwatch.errors import Reject, StateError
from riftwatch.records import Rebuild, Shift, encode
from riftwatch.settings import Settings, without_password
from riftwatch.topics import GROUP_MAIL, GROUP_POLL, GROUP_PROCESS, REBUILDS, SHIFTS, Topic
from stores.base import Store

WINDOW = 10_000  # records under way at once
ACK_S = 60.0
LEAVING_S = 3.0  # a killed worker counts as a member until its session is over, and somewhat longer
LOOK_S = 0.5
TOLD_SHIFTS = 1000  # the newest; mail is never sent for what began more than a day ago
PROGRESS_EVERY = 5_000

logger = log.get(__name__)


@click.command("rebuild")
@click.option("--from", "source", help="sqlite:PATH or http(s)://host:9200; default: the store in use.")
def command(*, source: str | None) -> None:
    """Refill lost, shortened or empty topics and state from a store; what is whole is left alone.

    Stop the workers first. No mail goes out for what is refilled. One that was cut short is noticed: workers
    refuse to start until the same command has run to its end.

    Example: riftwatch rebuild --from sqlite:data/live/store.db
    """
    config = settings_table.load()
    log.configure(config, "rebuild")
    for name, count in rebuild(config, source or config.store_url).items():
        click.echo(f"{name:<40} {count if count is not None else 'holds records, left alone'}")


def rebuild(settings: Settings, source: str, clock: Clock | None = None) -> dict[str, int | None]:
    """Refill every topic that lacks something from the store; return topic -> records sent, None if left alone.

    State of which only a part is left is deleted and made anew: what is missing cannot be told from what is not.
    A rebuild that was cut short is gone through again; every record replaces itself.

    Raises StateError while a worker is running or when another store was begun with, ConfigError for a store that
    cannot be opened.
    """
    from riftwatch.kafka import producer
    from stores.opening import open_store

    clock = clock or WallClock()
    store = open_store(source, readonly=True, settings=settings)
    with closing(store), _readable(without_password(source)):
        mark, shortened = _begin(settings, store, without_password(source), clock)
        counts: Counter[str] = Counter()
        if mark.topics:
            with closing(producer(settings)) as sender:
                _send(sender, [_marked(mark)])
                _refuse_workers(settings, mark.topics)
                _make_anew(settings, shortened)
                chosen = (one for one in refills(store, settings.partitions) if one[0].name in mark.topics)
                _send(sender, _counted(chosen, counts))
                _send(sender, [_marked(replace(mark, finished_at=clock.now()))])
    return {topic.name: counts[topic.name] if topic.name in mark.topics else None for topic in REFILLED}


@contextmanager
def _readable(source: str) -> Iterator[None]:
    """Turn a damaged record of the store into one sentence."""
    try:
        yield
    except (Reject, DecodeError) as error:
        raise StateError(
            f"{source} holds a record that cannot be read ({error}): mend or delete it, then run the same command"
            " again."
        ) from error


def _begin(settings: Settings, store: Store, source: str, clock: Clock) -> tuple[Rebuild, set[Topic]]:
    """Return what is to be done, as the mark says it, and the state that has to be deleted before."""
    from riftwatch.rebuilt import last_rebuild

    last = last_rebuild(settings)
    unfinished = last is not None and last.finished_at is None
    if last is not None and unfinished and last.source != source:
        raise StateError(
            f"a rebuild from {last.source} has not finished: go on with `riftwatch rebuild --from {last.source}`."
        )
    shortened, lacking = _lacking(settings)
    names = {topic.name for topic in shortened | lacking} | set(last.topics if last and unfinished else ())
    _wait_for_workers(settings, names)
    told = dict(last.told) if last else {}
    if SHIFTS.name in names:
        told |= _told(store)
    order = tuple(topic.name for topic in REFILLED if topic.name in names)
    return Rebuild(source=source, started_at=clock.now(), topics=order, told=told), shortened


def _lacking(settings: Settings) -> tuple[set[Topic], set[Topic]]:
    """Return the state of which a part is gone, and the topics that hold nothing."""
    from processors.kept_state import check_partitions
    from riftwatch.kafka import extents

    found = extents(settings, [topic.name for topic in (topics.ITEMS, topics.READINGS, *REFILLED)])
    check_partitions(found, settings.partitions)
    shortened = {topic for topic in STATE if found[topic.name].start > 0}
    empty = {topic for topic in REFILLED if found[topic.name].empty}
    purged = {topics.DEAD_LETTERS} if found[topics.DEAD_LETTERS.name].end else set()
    return shortened, empty - purged


def _told(store: Store) -> dict[str, str]:
    """Return the newest shifts and their states: whoever mails from a new outbox must not tell them again."""
    newest = sorted(store.everything(Shift), key=lambda shift: shift.reported_at)[-TOLD_SHIFTS:]
    return {shift.shift_id: shift.state for shift in newest}


def _wait_for_workers(settings: Settings, refilled: Collection[str]) -> None:
    """Give killed workers the time to be counted out; raises StateError when somebody is at work after that."""
    until = monotonic() + settings.session_timeout_s + LEAVING_S
    if _at_work(settings, refilled) and sys.stderr.isatty():
        click.echo("waiting for workers to leave their groups", err=True)
    while _at_work(settings, refilled) and monotonic() < until:
        time.sleep(LOOK_S)
    _refuse_workers(settings, refilled)


def _refuse_workers(settings: Settings, refilled: Collection[str]) -> None:
    working = _at_work(settings, refilled)
    if working:
        raise StateError(
            f"{' and '.join(working)} still at work: stop the workers, wait {settings.session_timeout_s:.0f} s and"
            " rebuild then."
        )


def _at_work(settings: Settings, refilled: Collection[str]) -> list[str]:
    from riftwatch.kafka import group_members

    # Mail may go on working unless the shifts themselves are refilled: it must know first what was told.
    groups = [GROUP_PROCESS, GROUP_POLL, *([GROUP_MAIL] if SHIFTS.name in refilled else [])]
    return [group for group in groups if group_members(settings, group)]


def _make_anew(settings: Settings, shortened: Collection[Topic]) -> None:
    from commands.topics import apply, delete

    if shortened:
        delete(settings, [topic.name for topic in shortened])
        apply(settings)


def _marked(mark: Rebuild) -> Refill:
    from riftwatch.rebuilt import KEY

    return REBUILDS, KEY.decode(), encode(mark), None


# Any: kafka-python has no types
def _send(sender: Any, refilled: Iterable[Refill]) -> None:
    """Send everything and return once all of it is acknowledged; raises KafkaError."""
    pending = []
    for topic, key, value, partition in refilled:
        pending.append(sender.send(topic.name, key=key.encode(), value=value, partition=partition))
        if len(pending) >= WINDOW:
            _await(sender, pending)
            pending = []
    _await(sender, pending)


def _await(sender: Any, pending: Iterable[Any]) -> None:
    sender.flush()
    for sent in pending:
        sent.get(timeout=ACK_S)


def _counted(refilled: Iterable[Refill], counts: Counter[str]) -> Iterator[Refill]:
    watched = sys.stderr.isatty()
    for one in refilled:
        counts[one[0].name] += 1
        if watched and counts.total() % PROGRESS_EVERY == 0:
            click.echo(f"\r{counts.total():,} records", err=True, nl=False)
        yield one
    if watched and counts.total() >= PROGRESS_EVERY:
        click.echo("\r\x1b[K", err=True, nl=False)
