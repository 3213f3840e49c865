"""The public tone sets and the own relation corpus as one row shape, with name swapping and folds.

Reads train and development splits only: there is no test split to read.
"""

from __future__ import annotations

import hashlib
import json
import random
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise, permutations
from pathlib import Path
from typing import Any

from training import names

RELATIONS = Path(__file__).parent / "relations"
TONE_TRAIN = ("newsmtsc-train", "mad-en-train", "mad-de-train")
TONE_DEV = ("newsmtsc-rw", "newsmtsc-mt", "mad-en", "mad-de", "gerntsa")
UNKNOWN = -1
TONE_CLASS = {"negative": 0, "neutral": 1, "positive": 2}
RELATION_CLASS = {"hostile": 0, "neutral": 1, "friendly": 2}
# One sentence in 16 of the training data is never trained on: temperatures and thresholds are fitted there.
FOLD_SHARE = 16
SMOOTHING = 0.05  # of a label that is learnt

Shares = tuple[float, float, float]  # probabilities, worst first


@dataclass(frozen=True, slots=True)
class Row:
    """A sentence, its marked spans, and what is known of them."""

    text: str
    language: str
    spans: tuple[tuple[int, int], ...]
    tone: int = UNKNOWN  # of the first span
    relations: Mapping[tuple[int, int], int] = field(default_factory=dict)
    group: str = ""  # rows of one group never stand on two sides of a split
    source: str = ""
    # What a teacher says of the tone of a span, and of an ordered pair.
    tones_taught: Mapping[int, Shares] = field(default_factory=dict)
    pairs_taught: Mapping[tuple[int, int], Shares] = field(default_factory=dict)

    def mention(self, index: int) -> str:
        """Return the text of one span."""
        start, end = self.spans[index]
        return self.text[start:end]


# Any: foreign JSON.
def _lines(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def _newsmtsc(path: Path, name: str) -> Iterator[Row]:
    for x in _lines(path):
        yield Row(x["sentence"], "en", ((x["from"], x["to"]),), x["polarity"] + 1, {}, x["sentence"], name)


def _mad(path: Path, language: str, name: str) -> Iterator[Row]:
    for x in _lines(path):
        for t in x["targets"]:
            tone = {2.0: 0, 4.0: 1, 6.0: 2}[t["polarity"]]
            # The ids are those of the parallel sentences: both languages fall on the same side.
            yield Row(
                x["sentence_normalized"],
                language,
                ((t["from"], t["to"]),),
                tone,
                {},
                x["primary_gid"].split("_")[0],
                name,
            )


def _gerntsa(path: Path, name: str) -> Iterator[Row]:
    for x in _lines(path):
        at = x["target_anchor"]
        tone = TONE_CLASS[x["sentiment"]["polarity"]]
        yield Row(x["opinion_snippet"], "de", ((at["from"], at["to"]),), tone, {}, x["opinion_snippet"], name)


def tone_set(data: Path, name: str) -> list[Row]:
    """Return one public set by its name in TONE_TRAIN or TONE_DEV (or gerntsa-train)."""
    part = "train" if name.endswith("-train") else "validation"
    match name.removesuffix("-train").split("-"):
        case ["newsmtsc", *which]:
            file = f"dev_{which[0]}" if which else "train"
            return list(_newsmtsc(data / "newsmtsc" / f"{file}.jsonl", name))
        case ["mad", language]:
            return list(_mad(data / "mad_tsc" / language / f"{part}.jsonl", language, name))
        case _:
            return list(
                _gerntsa(data / "gerntsa" / ("train.jsonl" if part == "train" else "dev.jsonl"), name)
            )


def relation_set(split: str, *sources: str) -> list[Row]:
    """Return the own relation corpus, one split ("train", "dev", "test"), from the named files or all."""
    rows = []
    for path in sorted(RELATIONS.glob("*.jsonl")):
        if sources and path.stem.split(".")[0] not in sources:
            continue
        rows += [relation_row(x, path.stem) for x in _lines(path) if x["split"] == split]
    return [r for r in rows if r.relations]


# Any: JSON of the corpus.
def relation_row(x: Mapping[str, Any], source: str) -> Row:
    """Read one line of the corpus; ordered pairs that it does not list are neutral."""
    spans = tuple((t["start"], t["end"]) for t in x["targets"])
    pairs = {(i, j): 1 for i in range(len(spans)) for j in range(len(spans)) if i != j}
    pairs.update({(r["from"], r["to"]): RELATION_CLASS[r["label"]] for r in x["relations"]})
    return Row(x["text"], x["language"], spans, UNKNOWN, pairs, x["group"], source)


def own_tones(split: str, source: str) -> list[Row]:
    """Return a row for each target of the own sentences with tone labels (told.jsonl, news.jsonl)."""
    return [
        Row(
            x["text"],
            x["language"],
            ((t["start"], t["end"]),),
            TONE_CLASS[t["tone"]],
            {},
            x["group"],
            source,
        )
        for x in _lines(RELATIONS / f"{source}.jsonl")
        if x["split"] == split
        for t in x["targets"]
    ]


def in_fold(row: Row) -> bool:
    """Say whether the row belongs to the fold kept for calibration."""
    return int(hashlib.sha256(row.group.encode()).hexdigest(), 16) % FOLD_SHARE == 0


def tone_train(data: Path, *, fold: bool = False) -> list[Row]:
    """Return the tone training rows, or the fold kept out of them."""
    return [r for name in TONE_TRAIN for r in tone_set(data, name) if in_fold(r) == fold]


def together(data: Sequence[Row]) -> list[Row]:
    """Return the sentences that are there once a mention with all their mentions: pairs in real news."""
    return [
        Row(text, language, tuple(spans), source="together")
        for (text, language), spans in mentions(data).items()
        if len(spans) > 1 and apart(spans)
    ]


def mentions(data: Iterable[Row]) -> dict[tuple[str, str], list[tuple[int, int]]]:
    """Return the marked mentions of each sentence and language, in the order of the rows, each once."""
    spans = defaultdict[tuple[str, str], dict[tuple[int, int], None]](dict)
    for row in data:
        spans[row.text, row.language][row.spans[0]] = None
    return {sentence: list(found) for sentence, found in spans.items()}


def apart(spans: Sequence[tuple[int, int]]) -> bool:
    """Say whether no two spans overlap."""
    order = sorted(spans)
    return all(a[1] <= b[0] for a, b in pairwise(order))


def asked(row: Row) -> Row:
    """Return the row with all its pairs, those without a label as unknown."""
    pairs = dict.fromkeys(permutations(range(len(row.spans)), 2), UNKNOWN)
    return replace(row, relations=pairs | dict(row.relations))


def tones(row: Row) -> Iterator[tuple[int, int, Shares | None]]:
    """Yield the spans whose tone is known: span, label or UNKNOWN, what a teacher says."""
    for i in range(len(row.spans)):
        label, taught = row.tone if i == 0 else UNKNOWN, row.tones_taught.get(i)
        if label != UNKNOWN or taught:
            yield i, label, taught


def wanted(label: int, taught: Shares | None) -> tuple[float, ...]:
    """Return the distribution to learn: the label lightly smoothed, what a teacher says, or half of each."""
    own = [(c == label) * (1 - SMOOTHING) + SMOOTHING / len(TONE_CLASS) for c in range(len(TONE_CLASS))]
    if not taught:
        return tuple(own)
    return tuple(taught) if label == UNKNOWN else tuple((a + b) / 2 for a, b in zip(own, taught, strict=True))


def translations(data: Sequence[Row]) -> dict[int, int]:
    """Return which row says the same of the same mention in the other language, by row number."""
    sides = [[n for n, r in enumerate(data) if r.source == f"mad-{side}-train"] for side in ("en", "de")]
    if not all(sides):
        return {}
    both = list(zip(*sides, strict=True))
    assert all(data[n].group == data[m].group for n, m in both)
    return dict(both) | {m: n for n, m in both}


def swap(row: Row, rng: random.Random) -> Row:
    """Return the row with every marked name replaced by another one; offsets follow."""
    mentions = [row.mention(i) for i in range(len(row.spans))]
    return put(row, [names.other_name(m, rng) if names.is_name(m) else m for m in mentions])


def put(row: Row, chosen: Iterable[str]) -> Row:
    """Return the row with each span's text replaced. Spans must not overlap."""
    text, shift, spans = row.text, 0, dict[int, tuple[int, int]]()
    order = sorted(zip(row.spans, chosen, range(len(row.spans)), strict=True))
    for (start, end), name, index in order:
        at = start + shift
        text = text[:at] + name + text[end + shift :]
        spans[index] = (at, at + len(name))
        shift += len(name) - (end - start)
    return replace(row, text=text, spans=tuple(spans[i] for i in range(len(spans))))
