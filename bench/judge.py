"""Speed of the judge with each shipped model, against the bare session on the same sentences in the same run.

    python -m bench.judge

Prints JSON: sentences a CPU second, the share of the bare session's speed that is left when the sentences of an
article are read together and when each is read alone, and what a loaded model adds to the process in MB. Only the
shares are comparable between machines. Exits 1 when the first falls below what it was.
"""

from __future__ import annotations

import json
import resource
import statistics
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path

from processors import model
from processors.asked import Asked
from processors.judge import Judge
from processors.tokens import windows
from riftwatch import settings

ROUNDS = 9
SENTENCES = 60
TOGETHER = 10  # sentences with a name in an article
# Tokens, pooling and heads cost both the same third of a millisecond, of which the fast session leaves less to share.
LEAST = {"accurate": 0.87, "fast": 0.8}
CORPUS = Path(__file__).parent.parent / "training" / "relations" / "hand.jsonl"
KB_IN_MB = 1024 if sys.platform != "darwin" else 1024**2


def sentences() -> list[Asked]:
    """Return hand-written sentences of both languages, each with two or three names."""
    rows = [json.loads(line) for line in CORPUS.read_text(encoding="utf-8").splitlines()]
    some = rows[:: len(rows) // SENTENCES][:SENTENCES]
    return [Asked(r["text"], [(t["start"], t["end"]) for t in r["targets"]], r["language"]) for r in some]


def seconds(work: Callable[[], object]) -> float:
    began = time.process_time()
    work()
    return time.process_time() - began


def most_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / KB_IN_MB


def rounds(sides: Mapping[str, Callable[[Sequence[Asked]], object]]) -> list[dict[str, float]]:
    """Return the seconds of each side, a round each; they take turns at every ten sentences."""
    data, found = sentences(), []
    for _ in range(ROUNDS):
        spent = dict.fromkeys(sides, 0.0)
        for first in range(0, len(data), TOGETHER):
            some = data[first : first + TOGETHER]
            for name, work in sides.items():
                spent[name] += seconds(partial(work, some))
        found.append(spent)
    return found


def measured(folder: Path, name: str) -> dict[str, float]:
    """Return the figures of one model."""
    before = most_mb()
    bare = model.load(folder, name)
    judge = Judge(bare)
    ids = {a.text: [w.ids for w in windows(bare.tokenizer, a.text, a.spans)] for a in sentences()}
    found = rounds(
        {
            "bare": lambda some: [bare.states(one) for a in some for one in ids[a.text]],
            "together": judge.read_all,
            "alone": lambda some: [judge.read_all([a]) for a in some],
        }
    )
    return {
        "sentences_per_cpu_s": round(SENTENCES / statistics.median(spent["together"] for spent in found), 1),
        "share_of_bare_session": round(share(found, "together"), 3),
        "share_read_alone": round(share(found, "alone"), 3),
        "loaded_mb": round(most_mb() - before),
    }


def share(found: Sequence[Mapping[str, float]], side: str) -> float:
    """Return the median share of the bare session's speed that is left to a side."""
    return statistics.median(spent["bare"] / spent[side] for spent in found)


def main() -> int:
    folder = settings.load().models
    # The smaller one first: memory is a high-water mark.
    found = {name: measured(folder, name) for name in sorted(model.catalogue(folder), reverse=True)}
    print(json.dumps(found))
    return 1 if any(found[name]["share_of_bare_session"] < aim for name, aim in LEAST.items()) else 0


if __name__ == "__main__":
    raise SystemExit(main())
