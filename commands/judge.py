"""`riftwatch judge`: tone toward any target and relation of any pair, for scoring against public benchmarks."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, BinaryIO

import click
import msgspec

from processors.judge import Judge, Probabilities, RelationProbabilities, SentenceReading
from riftwatch import settings

# Larger sentences are none; the limit keeps the output of all ordered pairs within reason.
MAX_TARGETS = 500
PROGRESS_EVERY = 100


class Target(msgspec.Struct, frozen=True):
    """Character offsets of one target."""

    start: int
    end: int


class Question(msgspec.Struct, frozen=True):
    """One input line; other keys are ignored."""

    id: str | int
    text: str
    targets: tuple[Target, ...]
    language: str = "und"


@click.command("judge")
@click.argument("file", type=click.File("rb"), default="-")
@click.option("--model", type=click.Choice(["accurate", "fast"]), help="Default: the setting `model`.")
@click.pass_context
def command(ctx: click.Context, file: BinaryIO, model: str | None) -> None:
    """Read JSON Lines from FILE or standard input, write one line a line: tones and relations of any targets.

    \b
    In:  {"id", "text", "language", "targets": [{"start", "end"}]}, character offsets
    Out: {"id", "tones": [{"label", "score", "probabilities"}],
          "relations": [{"from", "to", "label", "score", "probabilities"}]}
    A bad line gives {"id", "error"}, and exit code 1 at the end.

    Example: echo '{"id":1,"text":"Musk sues OpenAI.","language":"en","targets":[{"start":0,"end":4},{"start":10,"end":16}]}' | riftwatch judge
    """  # noqa: D301 - \b is click's mark for a verbatim paragraph
    chosen = settings.load()
    judge = Judge.load(Path(chosen.models), model or chosen.model)
    bad = 0
    for number, line in enumerate(filter(bytes.strip, file), 1):
        answer = answer_line(judge, line)
        bad += "error" in answer
        sys.stdout.buffer.write(msgspec.json.encode(answer) + b"\n")
        if number % PROGRESS_EVERY == 0 and sys.stderr.isatty():
            click.echo(f"\r{number} lines", err=True, nl=False)
    sys.stdout.buffer.flush()
    ctx.exit(1 if bad else 0)


# Any: JSON on its way out.
def answer_line(judge: Judge, line: bytes) -> dict[str, Any]:
    """Return the answer to one line, or what is wrong with it."""
    try:
        question = msgspec.json.decode(line, type=Question)
        spans = [(t.start, t.end) for t in question.targets]
        if len(spans) > MAX_TARGETS:
            return {"id": question.id, "error": f"{len(spans)} targets, at most {MAX_TARGETS}"}
        return {"id": question.id, **shown(judge.read(question.text, spans, question.language))}
    except (msgspec.MsgspecError, UnicodeDecodeError, ValueError) as error:
        return {"id": id_of(line), "error": str(error)}


# Any: whatever the line's id is.
def id_of(line: bytes) -> Any:
    """Return the id of a bad line if it has one."""
    try:
        record = msgspec.json.decode(line)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return None
    return record.get("id") if isinstance(record, dict) else None


def shown(reading: SentenceReading) -> dict[str, Any]:
    """Return the reading as the command shows it."""
    pairs = sorted(reading.relations.items())
    return {
        "tones": [verdict(p, ("negative", "neutral", "positive")) for p in reading.tones],
        "relations": [
            {"from": i, "to": j, **verdict(p, ("hostile", "neutral", "friendly"))} for (i, j), p in pairs
        ],
    }


def verdict(p: Probabilities | RelationProbabilities, names: Sequence[str]) -> dict[str, Any]:
    """Return label, score and probabilities; the label is never unknown here."""
    shares = {name: round(getattr(p, name), 4) for name in names}
    return {"label": p.label(), "score": round(p.score, 4), "probabilities": shares}
