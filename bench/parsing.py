"""How fast documents are read, against bare feedparser with the same flags in the same run.

Prints JSON: documents a second of feedparser alone, of our parser (which also turns markup to text), of our parser
without the quick reader, and of a changed document of which one entry is new, as the poller has it parsed.
Example: python -m bench.parsing
"""

from __future__ import annotations

import io
import json
import statistics
import time
from collections.abc import Callable

import feedparser

from bench.polling import document
from ingest import quick
from ingest.document import ParseRequest
from ingest.parse import parse
from ingest.pieces import cut

ROUNDS = 7
DOCUMENTS = [document(f"f{number}", 3) for number in range(20)]
URL, TYPE = "https://feed.example/rss", "application/rss+xml"


def per_second(work: Callable[[bytes], object], bodies: list[bytes]) -> float:
    started = time.process_time()
    for body in bodies:
        work(body)
    return len(bodies) / (time.process_time() - started)


def alone(body: bytes) -> object:
    return feedparser.parse(
        io.BytesIO(body),
        response_headers={"content-type": TYPE},
        sanitize_html=False,
        resolve_relative_uris=False,
    )


def ours(body: bytes) -> object:
    return parse(ParseRequest(body=body, url=URL, content_type=TYPE))


def ours_without_quick(body: bytes) -> object:
    kept = quick.read
    quick.read = lambda *_: None  # type: ignore[assignment]
    try:
        return ours(body)
    finally:
        quick.read = kept


def one_new(body: bytes) -> bytes:
    pieces = cut(body, URL, TYPE)
    assert pieces is not None
    return pieces.without(set(pieces.keys[1:]))


def main() -> None:
    changed = [one_new(body) for body in DOCUMENTS]
    ways: dict[str, Callable[[], float]] = {
        "feedparser": lambda: per_second(alone, DOCUMENTS),
        "ours": lambda: per_second(ours, DOCUMENTS),
        "ours_without_quick": lambda: per_second(ours_without_quick, DOCUMENTS),
        "ours_one_new_entry": lambda: per_second(ours, changed),
    }
    taken: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(ROUNDS):
        for name, way in ways.items():
            taken[name].append(way())
    found = {name: round(statistics.median(values), 1) for name, values in taken.items()}
    ratios = {
        f"{name}_ratio": round(found[name] / found["feedparser"], 2) for name in ways if name != "feedparser"
    }
    print(json.dumps({"document_bytes": len(DOCUMENTS[0]), "entries": 30} | found | ratios, indent=1))


if __name__ == "__main__":
    main()
