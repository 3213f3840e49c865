"""`riftwatch deploy elasticsearch|kibana`: bring a server to what this version needs, or tell the difference."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import closing
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from commands import deploy_kibana
from riftwatch import settings as settings_table
from riftwatch.errors import ConfigError
from riftwatch.settings import Settings, without_password

if TYPE_CHECKING:
    from stores.elastic_deploy import Difference

ANALYSES = ("languages", "plain")


@click.group("deploy")
def command() -> None:
    """Bring Elasticsearch or Kibana to what this version needs, or tell the difference."""


@command.command("elasticsearch")
@click.option("--apply/--check", "applying", default=None, help="Change what differs, or only tell it.")
@click.option(
    "--plain-text", is_flag=True, help="Without German and English analysis, as index_analysis=plain."
)
@click.option("--fill-from", "old", metavar="PREFIX", help="Afterwards copy every record from these indices.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a difference.")
def elasticsearch(*, applying: bool | None, plain_text: bool, old: str | None, as_json: bool) -> int:
    """Make or check the templates, fields and indices of the store on Elasticsearch.

    Changes only what bears the index prefix, and never a field that exists. --check exits with 1 when something
    differs. Run --apply before the sinks start, and after each update. When a field has to change, choose another
    index prefix, --apply, restart the sinks with it, and only then fill it from the old one: what a sink wrote under
    the old prefix after that would be missing.

    Example: RIFTWATCH_ELASTICSEARCH=http://localhost:9200 riftwatch deploy elasticsearch --apply
    """
    if applying is None:
        raise click.UsageError("say --check or --apply")
    if old and not applying:
        raise click.UsageError("--fill-from goes with --apply")
    settings = settings_table.load()
    found = deploy(settings, applying=applying, plain_text=plain_text)
    if as_json:
        for one in found:
            click.echo(json.dumps(asdict(one)))
    else:
        _tell(found, applying=applying)
    if old:
        return _fill(settings, old)
    return 1 if found and not applying else 0


def _fill(settings: Settings, old: str) -> int:
    from commands.filling import fill

    refused = 0
    for name, copied, bad in fill(settings, _address(settings), old):
        click.echo(f"{name:<14} {copied:>9} copied{f', {bad} refused' if bad else ''}")
        refused += bad
    return 1 if refused else 0


def deploy(settings: Settings, *, applying: bool, plain_text: bool = False) -> Sequence[Difference]:
    """Return what differs, or what was changed; raises UserError and Retry."""
    from riftwatch.clock import WallClock
    from stores.elastic_check import health
    from stores.elastic_client import connect
    from stores.elastic_deploy import apply, differences
    from stores.elastic_templates import templates

    wanted = templates(settings.index_prefix, plain_text=plain_text or _is_plain(settings))
    url, now = _address(settings), WallClock().now()
    with closing(connect(settings, url, who="riftwatch-deploy")) as client:
        health(client, settings.index_prefix, without_password(url))
        return apply(client, wanted, now) if applying else differences(client, wanted, now)


def _address(settings: Settings) -> str:
    from stores.opening import is_elastic

    url = settings.store if is_elastic(settings.store) else settings.elasticsearch  # as the roles choose
    if not url:
        raise ConfigError(
            "there is no Elasticsearch in the settings: set RIFTWATCH_ELASTICSEARCH=http(s)://host:9200"
        )
    return url


def _is_plain(settings: Settings) -> bool:
    if settings.index_analysis not in ANALYSES:
        raise ConfigError(f'index_analysis must be {" or ".join(ANALYSES)}, not "{settings.index_analysis}"')
    return settings.index_analysis == "plain"


def _tell(found: Sequence[Difference], *, applying: bool) -> None:
    for one in found:
        click.echo(f"{one}")
    if applying:
        click.echo(f"{len(found)} changed" if found else "everything was as it should be")
    else:
        click.echo(f"{len(found)} differ: run --apply" if found else "everything is as it should be")


command.add_command(deploy_kibana.command)
