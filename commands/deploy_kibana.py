"""`riftwatch deploy kibana`: bring the dashboards into Kibana, or tell what differs."""

from __future__ import annotations

import asyncio
import json
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from riftwatch import settings as settings_table
from riftwatch.errors import ConfigError
from riftwatch.settings import Settings

if TYPE_CHECKING:
    from deploy.dashboards.delivery import Difference


@click.command("kibana")
@click.option("--apply/--check", "applying", default=None, help="Change what differs, or only tell it.")
@click.option(
    "--pair",
    default="musk|trump",
    show_default=True,
    metavar="A|B",
    help="Pair that Relationship opens with.",
)
@click.option("--actor", default="musk", show_default=True, help="Actor that the dashboard Actor opens with.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a difference.")
def command(*, applying: bool | None, pair: str, actor: str, as_json: bool) -> int:
    """Make or check the data views and dashboards in Kibana.

    Through the Dashboards API on Kibana 9.4 and newer, as an import of saved objects on 9.0 to 9.3. Touches only
    objects whose ids begin with the index prefix. Links lead to desk_url, actors bear the names of the watchlist.
    --check exits with 1 when something differs.

    Example: RIFTWATCH_KIBANA=http://localhost:5601 riftwatch deploy kibana --apply
    """
    if applying is None:
        raise click.UsageError("say --check or --apply")
    settings = settings_table.load()
    found = asyncio.run(_deliver(settings, "|".join(sorted(pair.split("|"))), actor, applying=applying))
    for one in found:
        click.echo(json.dumps(asdict(one)) if as_json else f"{one}")
    if not as_json:
        _sum_up(len(found), applying=applying)
    return 1 if found and not applying else 0


async def _deliver(settings: Settings, pair: str, actor: str, *, applying: bool) -> list[Difference]:
    from deploy.dashboards.delivery import deliver
    from deploy.dashboards.kibana import Kibana
    from deploy.dashboards.place import Place
    from riftwatch.watchlist import Watchlist

    if not settings.kibana:
        raise ConfigError("there is no Kibana in the settings: set RIFTWATCH_KIBANA=http(s)://host:5601")
    watchlist = Watchlist.load(settings.config_dir / "watchlist.toml")
    names = tuple((entity, watchlist.title(entity)) for entity in watchlist.actors)
    place = Place(prefix=settings.index_prefix, desk=_desk(settings), pair=pair, actor=actor, actors=names)
    async with Kibana(settings) as kibana:
        return await deliver(kibana, place, applying=applying)


def _desk(settings: Settings) -> str:
    return settings.desk_url or f"http://{settings.desk_host}:{settings.desk_port}"


def _sum_up(many: int, *, applying: bool) -> None:
    if applying:
        click.echo(f"{many} changed" if many else "everything was as it should be")
    else:
        click.echo(f"{many} differ: run --apply" if many else "everything is as it should be")
