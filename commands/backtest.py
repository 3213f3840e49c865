"""`riftwatch backtest`: play a history through the stream's own two chains, and print what they would have said."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import click
import msgspec

from commands.history import BadLine, ReadingLine, StoryLine, item_of, lines, reading_of
from processors.replay import replay
from processors.rules import Rules
from processors.watch import Watcher
from riftwatch import settings as settings_table
from riftwatch.clock import iso
from riftwatch.publishers import Publishers
from riftwatch.records import FeedItem, Reading, Shift, WindowMean
from riftwatch.settings import Settings


@click.command("backtest")
@click.argument("file", type=click.File("rb"), default="-")
@click.option("--rules", "rules_file", type=click.Path(path_type=Path), help="Rules other than the desk's.")
@click.option("--readings", is_flag=True, help="The lines are readings: test detection apart from judgement.")
@click.pass_context
def command(ctx: click.Context, file: Iterable[bytes], rules_file: Path | None, *, readings: bool) -> None:
    """Play stories (JSON Lines, FILE or standard input) in event time; print one line per change of a shift.

    \b
    In:  {"id", "title", "summary", "content", "language", "published", "publisher", "url"}
         or, with --readings, {"subject", "story_id", "score", "published", "publisher", "language"}
    Out: sorted by detection; bad lines first, as {"id", "error"}, and then the exit code is 1.

    Example: riftwatch backtest stories.jsonl --rules config/rules.toml
    """  # noqa: D301 - click reads \b
    settings = settings_table.load()
    rules = Rules.load(rules_file or settings.config_dir / "rules.toml")
    publishers = Publishers.load(settings.config_dir / "publishers.toml")
    history, bad = (_readings if readings else _analysed)(file, publishers, settings)
    shifts = list(replay(history, Watcher(rules)))
    for line in bad:
        _print({"id": line.id, "error": line.error})
    for shift in sorted(shifts, key=lambda shift: (shift.detected_at, shift.shift_id)):  # stable: by report
        _print(_shown(shift))
    ctx.exit(1 if bad else 0)


def _readings(
    file: Iterable[bytes], publishers: Publishers, _: Settings
) -> tuple[list[Reading], list[BadLine]]:
    """Return the readings of the input and its bad lines."""
    found: list[Reading] = []
    bad: list[BadLine] = []
    newest: dict[tuple[str, str], Reading] = {}
    for line in lines(file, ReadingLine):
        result: Reading | BadLine
        if isinstance(line, BadLine):
            result = line
        else:
            result = reading_of(line, publishers, newest.get((line.subject, str(line.story_id))))
        if isinstance(result, Reading):
            newest[result.subject, result.story_id] = result
            found.append(result)
        else:
            bad.append(result)
    return found, bad


def _analysed(
    file: Iterable[bytes], publishers: Publishers, settings: Settings
) -> tuple[list[Reading], list[BadLine]]:
    """Return the readings of the stories of the input, analysed in order of time, and its bad lines."""
    items: list[FeedItem] = []
    bad: list[BadLine] = []
    for line in lines(file, StoryLine):
        result = item_of(line, publishers) if isinstance(line, StoryLine) else line
        (items if isinstance(result, FeedItem) else bad).append(result)  # type: ignore[arg-type]
    items.sort(key=lambda item: (item.published, item.story_id))
    return _judged(items, settings), bad


def _judged(items: list[FeedItem], settings: Settings) -> list[Reading]:
    from processors.analyse import Analysed, Analyser, StoryMemory
    from processors.judge import Judge
    from riftwatch.watchlist import Watchlist

    watchlist = Watchlist.load(settings.config_dir / "watchlist.toml")
    analyser = Analyser(watchlist, Judge.load(settings.models, settings.model))
    readings: list[Reading] = []
    memory: dict[str, StoryMemory] = {}
    with click.progressbar(
        items, label="Reading stories", file=sys.stderr, hidden=not sys.stderr.isatty()
    ) as bar:
        for item in bar:
            result = analyser.analyse(item, memory.get(item.story_id))
            if isinstance(result, Analysed):
                memory[item.story_id] = result.memory
                readings += result.readings
    return readings


def _shown(shift: Shift) -> dict[str, Any]:  # Any: a JSON object
    return {
        "shift_id": shift.shift_id,
        "subject": shift.subject,
        "direction": shift.direction,
        "state": shift.state,
        "onset": iso(shift.onset),
        "detected_at": iso(shift.detected_at),
        "before": _window(shift.before),
        "after": _window(shift.after),
        "publishers": list(shift.publishers),
        "statistic": round(shift.statistic, 3),
        "threshold": shift.threshold,
        "evidence": [
            {
                "story_id": found.story_id,
                "sentence": found.sentence,
                "score": round(found.score, 4),
                "published": iso(found.published),
                "publisher": found.publisher,
                "language": found.language,
            }
            for found in shift.evidence
        ],
    }


def _window(window: WindowMean) -> dict[str, float]:
    return {name: round(getattr(window, name), 4) for name in ("mean", "low", "high", "n")}


def _print(line: dict[str, Any]) -> None:  # Any: a JSON object
    click.echo(msgspec.json.encode(line))
