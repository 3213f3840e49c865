"""`riftwatch testbed`: real Kafka, Elasticsearch and OpenSearch on this machine, for tests and trials."""

from __future__ import annotations

import json
from pathlib import Path

import click

from commands.testbed import bed
from commands.testbed.places import default_folder

folder_option = click.option(
    "--folder", type=click.Path(path_type=Path, file_okay=False), default=default_folder,
    help="Where data and logs are kept; by default a folder of this account under /var/tmp.",
)  # fmt: skip


@click.group()
def command() -> None:
    """Start, show and end real engines on loopback: no Docker, no Maven, no JDK."""


@command.command()
@click.option(
    "--brokers", type=click.Choice(["1", "3"]), help="Kafka with one broker (the default) or three."
)
@click.option("--only", type=click.Choice(bed.ENGINES), multiple=True, help="Start this engine; repeatable.")
@folder_option
def up(brokers: str | None, only: tuple[str, ...], folder: Path) -> None:
    """Start the engines that do not run yet and print their addresses for a shell.

    About a minute and 150 MB of downloads the first time, half a minute later; 1.5 GB of memory for all.

    Example: eval "$(riftwatch testbed up)"; riftwatch topics apply
    """
    found = bed.up(folder, only or bed.ENGINES, int(brokers) if brokers else None, _say)
    for variable, address in found.items():
        click.echo(f"export {variable}={address}")


@command.command()
@click.option("--json", "as_json", is_flag=True, help="One line of JSON for each process.")
@folder_option
def status(as_json: bool, folder: Path) -> int:
    """Show what was started, whether it runs and answers, and where its log is.

    Exit code 1 when something that was started does not answer.

    Example: riftwatch testbed status --json
    """
    states = bed.status(folder)
    if not states and not as_json:
        click.echo("nothing was started; `riftwatch testbed up` does")
    for state in states:
        one = state.running
        if as_json:
            told = {
                "name": one.name,
                "state": state.word,
                "address": one.address,
                "pid": one.pid,
                "log": one.log,
            }
            click.echo(json.dumps(told))
        else:
            click.echo(f"{one.name:14} {state.word:8} {one.address:26} pid {one.pid:<8} {one.log}")
    return 0 if all(state.answers for state in states) else 1


@command.command()
@click.option("--wipe", is_flag=True, help="Delete data and logs as well.")
@folder_option
def down(wipe: bool, folder: Path) -> None:
    """End every engine that was started, and wait for it; data and logs are kept.

    Example: riftwatch testbed down
    """
    known, killed = bed.down(folder, wipe=wipe)
    for one in known:
        how = "killed, for it did not end by itself" if one.name in killed else "ended"
        click.echo(f"{one.name} {how}" + ("" if wipe else f"; its log: {one.log}"))
    if not known:
        click.echo("nothing ran")


def _say(text: str) -> None:
    click.echo(text, err=True)
