"""`riftwatch dead-letters list|show|replay|purge`: records that could not be processed, kept with their bytes."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from contextlib import closing
from typing import TYPE_CHECKING, Any

import click

from riftwatch import settings as settings_table
from riftwatch.errors import UserError
from riftwatch.settings import Settings
from riftwatch.topics import DEAD_LETTERS

if TYPE_CHECKING:
    from commands.letterbox import Buried, Letterbox
    from commands.replay import Replayed

Command = Callable[..., Any]  # Any: click's commands take what their options say


@click.group("dead-letters")
def command() -> None:
    """Look at records that could not be processed; send them again or delete them.

    Example: riftwatch dead-letters list
    """


def _choice(function: Command) -> Command:
    for option in (
        click.option("--reason", help="Only this reason, such as undecodable."),
        click.option("--stage", help="Only this stage: analyse, watch, search or mail."),
    ):
        function = option(function)
    return function


_as_json = click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")


@command.command("list")
@_choice
@click.option("--limit", type=click.IntRange(1), default=50, show_default=True, help="How many to list.")
@_as_json
def list_command(*, stage: str | None, reason: str | None, limit: int, as_json: bool) -> None:
    """List dead letters, newest first, and count them by stage and reason.

    Example: riftwatch dead-letters list --stage analyse
    """
    from commands.letterbox import lines, summary

    box = read(settings_table.load())
    found = box.chosen(stage, reason)
    if as_json:
        for one in found[:limit]:
            click.echo(json.dumps(summary(one), ensure_ascii=False))
        return
    for line in lines(found[:limit]):
        click.echo(line)
    _count(found, limit, box)


def _count(found: Sequence[Buried], limit: int, box: Letterbox) -> None:
    from commands.letterbox import tally

    parts = [f"{stage} {reason} {number}" for stage, reason, number in tally(found)]
    click.echo(f"{len(found)} dead letters" + (f": {', '.join(parts)}" if parts else ""))
    if len(found) > limit:
        click.echo(f"the newest {limit} are shown; --limit shows more")
    for place in box.unreadable:
        click.echo(f"not a dead letter: {place}", err=True)


@command.command("show")
@click.argument("letter_id", metavar="ID")
@_as_json
def show_command(letter_id: str, *, as_json: bool) -> None:
    """Show all of a dead letter; bytes that are no text are shown as hex.

    Example: riftwatch dead-letters show riftwatch.items-2-4711
    """
    from commands.letterbox import harmless, whole

    for one in _named(read(settings_table.load()), letter_id):
        fields = whole(one)
        if as_json:
            click.echo(json.dumps(fields, ensure_ascii=False))
            continue
        for name, value in fields.items():
            if name == "headers":
                value = ", ".join(f"{header['name']}: {header['value']}" for header in value)  # noqa: PLW2901
            click.echo(f"{name:<10} {harmless(str(value))}")


@command.command("replay")
@click.argument("letter_id", metavar="[ID]", required=False)
@click.option("--all", "everything", is_flag=True, help="Every letter, or every one of --stage and --reason.")
@_choice
@_as_json
def replay_command(
    *, letter_id: str | None, everything: bool, stage: str | None, reason: str | None, as_json: bool
) -> int:
    """Send original records to their topic and partition once more; what was handled meanwhile changes nothing.

    The letters stay. State of Faust is refused, and so is what would replace something newer: exit code 1.

    Example: riftwatch dead-letters replay --all --stage search
    """
    from commands.replay import replay

    if bool(letter_id) == everything:
        raise UserError("name one dead letter, or say --all; `riftwatch dead-letters list` shows them.")
    settings = settings_table.load()
    box = read(settings)
    found = _named(box, letter_id) if letter_id else box.chosen(stage, reason)
    results = replay(settings, [one.letter for one in found])
    _tell(results, as_json=as_json)
    return 1 if any(one.refused for one in results) else 0


def _tell(results: Sequence[Replayed], *, as_json: bool) -> None:
    from dataclasses import asdict

    for one in results:
        if as_json:
            click.echo(json.dumps(asdict(one)))
        elif one.refused:
            click.echo(f"{one.letter_id}: not sent: {one.refused}")
        else:
            click.echo(
                f"{one.letter_id}: sent to {one.topic}, partition {one.partition}, offset {one.offset}"
            )
    if not as_json:
        refused = sum(bool(one.refused) for one in results)
        click.echo(f"{len(results) - refused} sent, {refused} not sent")


@command.command("purge")
@click.option("--yes", is_flag=True, help="Delete them: without this nothing happens.")
@_as_json
def purge_command(*, yes: bool, as_json: bool) -> None:
    """Delete every dead letter that the topic holds now; a store keeps its copy for 30 days.

    The original bytes are gone then, and `verify` misses the stories that only had a letter.

    Example: riftwatch dead-letters purge --yes
    """
    from riftwatch.kafka import extents

    settings = settings_table.load()
    if not yes:
        number = extents(settings, [DEAD_LETTERS.name])[DEAD_LETTERS.name].size
        raise UserError(f"this deletes {number} dead letters for good: say --yes if that is what you want.")
    number = purge(settings)
    click.echo(json.dumps({"deleted": number}) if as_json else f"{number} dead letters deleted")


def read(settings: Settings) -> Letterbox:
    """Return what the topic holds now; raises UserError when no broker answers."""
    from commands.letterbox import letterbox
    from commands.scan import scan

    return letterbox(scan(settings, DEAD_LETTERS.name))


def purge(settings: Settings) -> int:
    """Delete the topic's records up to now and return how many; what comes meanwhile stays."""
    from kafka import TopicPartition

    from riftwatch.kafka import admin, answering, bootstrap, consumer, end_offsets, extents

    held = extents(settings, [DEAD_LETTERS.name])[DEAD_LETTERS.name]
    with answering(bootstrap(settings)):
        with closing(consumer(settings, None)) as client:
            ends = end_offsets(client, DEAD_LETTERS.name)
        with closing(admin(settings)) as client:
            client.delete_records({TopicPartition(DEAD_LETTERS.name, one): end for one, end in ends.items()})
    return sum(ends.values()) - held.start


def _named(box: Letterbox, letter_id: str) -> list[Buried]:
    found = box.named(letter_id)
    if not found:
        raise UserError(
            f"there is no dead letter {letter_id}: `riftwatch dead-letters list` shows what there is."
        )
    return found
