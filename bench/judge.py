"""Speed of the judge with each shipped model, against the bare session on the same sentences in the same run.

    python -m bench.judge

Prints JSON: sentences a CPU second, the share of the bare session's speed that is left, and what a loaded model adds
to the process in MB. Only the ratio is comparable between machines. Exits 1 when it falls
below what it was.
"""

from __future__ import annotations

import json
import resource
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from processors import model
from processors.judge import Judge
from processors.tokens import windows
from riftwatch import settings

ROUNDS = 7
SENTENCES = 60
# Tokens, pooling and heads cost both the same half millisecond, of which the fast session leaves less to share.
LEAST = {"accurate": 0.8, "fast": 0.6}
CORPUS = Path(__file__).parent.parent / "training" / "relations" / "hand.jsonl"
KB_IN_MB = 1024 if sys.platform != "darwin" else 1024**2

Marked = tuple[str, list[tuple[int, int]], str]


def sentences() -> list[Marked]:
    """Return hand-written sentences of both languages, each with two or three names."""
    rows = [json.loads(line) for line in CORPUS.read_text(encoding="utf-8").splitlines()]
    some = rows[:: len(rows) // SENTENCES][:SENTENCES]
    return [(r["text"], [(t["start"], t["end"]) for t in r["targets"]], r["language"]) for r in some]


def seconds(work: Callable[[], object]) -> float:
    began = time.process_time()
    work()
    return time.process_time() - began


def most_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / KB_IN_MB


def measured(folder: Path, name: str, data: Sequence[Marked]) -> dict[str, float]:
    """Return the figures of one model; rounds of judge and bare session alternate."""
    before = most_mb()
    bare = model.load(folder, name)
    judge = Judge(bare)
    ids = [w.ids for text, spans, _ in data for w in windows(bare.tokenizer, text, spans)]
    ours, theirs = [], []
    for _ in range(ROUNDS):
        ours.append(seconds(lambda: [judge.read(text, spans, language) for text, spans, language in data]))
        theirs.append(seconds(lambda: [bare.states(one) for one in ids]))
    ratios = [b / a for a, b in zip(ours, theirs, strict=True)]
    return {
        "sentences_per_cpu_s": round(len(data) / statistics.median(ours), 1),
        "share_of_bare_session": round(statistics.median(ratios), 3),
        "loaded_mb": round(most_mb() - before),
    }


def main() -> int:
    folder, data = settings.load().models, sentences()
    # The smaller one first: memory is a high-water mark.
    found = {name: measured(folder, name, data) for name in sorted(model.catalogue(folder), reverse=True)}
    print(json.dumps(found))
    return 1 if any(found[name]["share_of_bare_session"] < aim for name, aim in LEAST.items()) else 0


if __name__ == "__main__":
    raise SystemExit(main())
