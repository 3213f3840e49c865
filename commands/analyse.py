"""`riftwatch analyse`: what the stream would read from stories, a line a story."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from typing import Any

import click
import msgspec

from commands.history import BadLine, StoryLine, item_of, lines
from processors.analyse import Analysed, Analyser
from processors.judge import Judge
from riftwatch import settings as settings_table
from riftwatch.clock import WallClock, iso
from riftwatch.publishers import Publishers
from riftwatch.records import Mention, Relation, Side, Story, Tone
from riftwatch.watchlist import Watchlist

PROGRESS_EVERY = 100


class TextLine(StoryLine, frozen=True, kw_only=True):
    """A line of the input; a text without a date was published now."""

    published: str = ""


@click.command("analyse")
@click.argument("file", type=click.File("rb"), default="-")
@click.option("--model", type=click.Choice(["accurate", "fast"]), help="Default: the setting `model`.")
@click.pass_context
def command(ctx: click.Context, file: Iterable[bytes], model: str | None) -> None:
    """Read stories (JSON Lines, FILE or standard input), write what is read from each, in input order.

    \b
    In:  {"id", "title", "summary", "content", "language", "published", "publisher", "url"}
         one of title, summary and content must be there; other keys are ignored
    Out: {"id", "language", "entities", "mentions": [{"entity", "field", "start", "end", "text", "via"}],
          "tones": {"musk": {"label", "score", "confidence"}},
          "relations": {"musk|trump": {"label", "score", "confidence", "a_to_b", "b_to_a", "evidence"}}}
    A bad line gives {"id", "error"}, and exit code 1 at the end.

    Example: echo '{"id": 1, "title": "Musk attackiert Trump"}' | riftwatch analyse
    """  # noqa: D301 - \b is click's mark for a verbatim paragraph
    settings = settings_table.load()
    watchlist = Watchlist.load(settings.config_dir / "watchlist.toml")
    publishers = Publishers.load(settings.config_dir / "publishers.toml")
    analyser = Analyser(watchlist, Judge.load(settings.models, model or settings.model))
    bad = 0
    for answer in _with_progress(answers(file, analyser, publishers)):
        bad += "error" in answer
        sys.stdout.buffer.write(msgspec.json.encode(answer) + b"\n")
        sys.stdout.buffer.flush()
    ctx.exit(1 if bad else 0)


# Any: JSON on its way out.
def answers(raw: Iterable[bytes], analyser: Analyser, publishers: Publishers) -> Iterator[dict[str, Any]]:
    """Yield the answer to each line that is not blank; a bad one gets its error and stops nothing."""
    for line in lines(raw, TextLine):
        if isinstance(line, BadLine):
            yield {"id": line.id, "error": line.error}
            continue
        try:
            yield _answer(line, analyser, publishers)
        except Exception as error:  # one story must not cost the others
            yield {"id": line.id, "error": f"could not be analysed ({type(error).__name__}: {error})"}


def _answer(line: StoryLine, analyser: Analyser, publishers: Publishers) -> dict[str, Any]:
    dated = msgspec.structs.replace(line, published=line.published or iso(WallClock().now()))
    item = item_of(dated, publishers)
    if isinstance(item, BadLine):
        return {"id": item.id, "error": item.error}
    result = analyser.analyse(item, None)
    assert isinstance(result, Analysed)  # without memory nothing is dropped
    return {"id": line.id, **shown(result.story)}


def shown(story: Story) -> dict[str, Any]:
    """Return what was read from a story as the command shows it."""
    return {
        "language": story.language,
        "entities": sorted(story.tones),
        "mentions": [_mention(mention) for mention in story.mentions],
        "tones": {entity: _tone(tone) for entity, tone in story.tones.items()},
        "relations": {pair: _relation(relation) for pair, relation in story.relations.items()},
    }


def _mention(mention: Mention) -> dict[str, Any]:
    return {key: getattr(mention, key) for key in ("entity", "field", "start", "end", "text", "via")}


def _tone(tone: Tone) -> dict[str, Any]:
    return {"label": tone.label, "score": tone.score, "confidence": tone.confidence}


def _relation(relation: Relation) -> dict[str, Any]:
    return {
        "label": relation.label,
        "score": relation.score,
        "confidence": relation.confidence,
        "a_to_b": _side(relation.a_to_b),
        "b_to_a": _side(relation.b_to_a),
        "evidence": [{"sentence": one.sentence, "score": one.score} for one in relation.evidence],
    }


def _side(side: Side) -> dict[str, Any]:
    return {"label": side.label, "score": side.score}


def _with_progress(found: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Count on standard error when a person watches and the answers go elsewhere."""
    watched = sys.stderr.isatty() and not sys.stdout.isatty()
    for number, answer in enumerate(found, 1):
        if watched and number % PROGRESS_EVERY == 0:
            click.echo(f"\r{number} stories", err=True, nl=False)
        yield answer
    if watched:
        click.echo("", err=True)
