"""`riftwatch config show`: the effective settings, secrets hidden."""

from __future__ import annotations

import json

import click

from riftwatch import settings


@click.group("config")
def command() -> None:
    """Show the effective settings."""


@command.command("show")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def show(*, as_json: bool) -> None:
    """Print every setting with its effective value.

    Example: riftwatch config show
    """
    shown = settings.shown(settings.load())
    if as_json:
        click.echo(json.dumps(shown))
        return
    width = max(map(len, shown))
    for name, value in shown.items():
        click.echo(f"{name:<{width}}  {value}")
