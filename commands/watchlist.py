"""`riftwatch watchlist`: check the file, and try what counts in a text and why."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

import click
import msgspec

from processors.entities import EntityFinder
from processors.hits import Field, Hit
from processors.language import LanguageDetector
from processors.pronouns import Followed, Follower
from processors.sentences import sentences
from riftwatch import settings
from riftwatch.clock import WallClock
from riftwatch.watchlist import Watchlist

VIA = {
    "name": "by name",
    "alias": "by another name",
    "compound": "inside a compound",
    "description": "by a description: the actor is named in the same text",
    "speaks_for": "by someone who speaks for the actor",
}


@click.group("watchlist")
def command() -> None:
    """Check the watchlist, and try what counts in a text and why."""


def _file(given: Path | None) -> Path:
    return given or settings.load().config_dir / "watchlist.toml"


_FILE_OPTION = click.option(
    "--file", "given", type=click.Path(path_type=Path), help="Another file than the desk's."
)
_JSON_OPTION = click.option("--json", "as_json", is_flag=True, help="One JSON object.")


@command.command("check")
@_FILE_OPTION
@_JSON_OPTION
def check(*, given: Path | None, as_json: bool) -> None:
    """Read the watchlist; say what it holds, or which line is wrong.

    Example: riftwatch watchlist check
    """
    path = _file(given)
    watchlist = Watchlist.load(path)
    EntityFinder(watchlist)
    if as_json:
        titles = {entity: watchlist.title(entity) for entity in watchlist.entities}
        pairs = ["|".join(pair) for pair in watchlist.pairs]
        click.echo(msgspec.json.encode({"version": watchlist.version, "actors": titles, "pairs": pairs}))
        return
    for entity in watchlist.entities:
        voices = [s.title for s in watchlist.spokespeople.values() if s.speaks_for == entity]
        spoken = f"; {', '.join(voices)} speak{'s' if len(voices) == 1 else ''} for it" if voices else ""
        click.echo(f"{entity:<12} {watchlist.title(entity)} ({watchlist.actors[entity].kind}){spoken}")
    click.echo(f"{path}: in order, {len(watchlist.pairs)} pairs, version {watchlist.version}")


@command.command("try")
@click.argument("text")
@click.option("--language", help="Of the text; default: detected.")
@click.option("--date", "day", type=click.DateTime(["%Y-%m-%d"]), help="Of publication; default: today.")
@_FILE_OPTION
@_JSON_OPTION
def try_text(
    text: str, *, language: str | None, day: datetime | None, given: Path | None, as_json: bool
) -> None:
    """Show every actor found in TEXT and how, and what was passed over and why.

    Example: riftwatch watchlist try "Trumpf trumpft auf: Musks Firma und die Trump-Regierung"
    """
    watchlist = Watchlist.load(_file(given))
    language = language or LanguageDetector(watchlist.names).detect("", text)
    published = (day or WallClock().now()).date()
    texts: dict[Field, str] = {"summary": text}
    hits = EntityFinder(watchlist).explain(texts, language, published)
    mentions = [hit.mention for hit in hits if not hit.refused]
    followed = Follower(watchlist).follow(sentences(texts, language), mentions, language)
    if as_json:
        found = [*map(_shown, hits), *(shown for one in followed for shown in _shown_pronoun(one))]
        click.echo(msgspec.json.encode({"language": language, "hits": found}))
        return
    click.echo(f"language {language}, published {published}")
    lines = [(hit.start, _line(hit, watchlist)) for hit in hits]
    lines += [(one.mentions[0].start, _line_of_pronoun(one, watchlist)) for one in followed]
    for _, line in sorted(lines):
        click.echo(line)
    if not hits:
        click.echo("nothing of the watchlist is in this text")


# Any: JSON on its way out.
def _shown(hit: Hit) -> dict[str, Any]:
    found = asdict(hit)
    return {
        "entity": hit.pattern.entity,
        "counts": not hit.refused,
        **{key: found[key] for key in ("start", "end", "text", "via")},
        "reason": hit.refused,
    }


def _shown_pronoun(followed: Followed) -> list[dict[str, Any]]:
    return [
        {
            "entity": m.entity,
            "counts": True,
            "start": m.start,
            "end": m.end,
            "text": m.text,
            "via": m.via,
            "reason": "",
        }
        for m in followed.mentions
    ]


def _line_of_pronoun(followed: Followed, watchlist: Watchlist) -> str:
    first = followed.mentions[0]
    who = " and ".join(watchlist.title(mention.entity) for mention in followed.mentions)
    return f"  yes  {f'{first.start}–{first.end}':<9} {first.text!r} is {who}, named in the sentence before"


def _line(hit: Hit, watchlist: Watchlist) -> str:
    place = f"{hit.start}–{hit.end}"
    if hit.refused:
        return f"  no   {place:<9} {hit.text!r}: {hit.refused}"
    return f"  yes  {place:<9} {hit.text!r} is {watchlist.title(hit.pattern.entity)}, {_why(hit, watchlist)}"


def _why(hit: Hit, watchlist: Watchlist) -> str:
    if hit.via == "speaks_for":
        return f"for whom {watchlist.spokespeople[hit.pattern.owner].title} speaks"
    return VIA.get(hit.via, hit.via)
