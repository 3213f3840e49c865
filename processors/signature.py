"""The near-duplicate signature: tells whether two texts are the same text, as agencies' are.

MinHash over word shingles, 128 permutations of which only the low byte is kept (172 characters of base64).
A text of about 40 words or less has few 5-word shingles, and one changed word tears five of them: it is
compared by 2-word shingles, and then its numbers, decisive words and tracked actors must be equal too
("droht" is not "droht nicht"). Texts near the limit carry both sketches, or a copy one word longer than its
original could not be found.
"""

from __future__ import annotations

import base64
import hashlib
import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

import numpy as np
import numpy.typing as npt
from rensa import RMinHash

from processors.boilerplate import stripped

PERMUTATIONS = 128
SEED = 20250122  # any number, but for ever the same: signatures are stored
# The limit is 40 words. A copy at Jaccard 0.8 differs in length by a fifth at most, so 32 to 50 words can
# meet across it: up to 50 a text has the short sketch, from 32 on the long one.
SHORT_UP_TO, LONG_FROM = 50, 32
MAX_WORDS = 5_000  # beyond that a text is told apart by its beginning
CHANCE = 1 / 256  # two unrelated low bytes are equal this often

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)?")
_ENGLISH = ("not", "no", "never", "none", "without", "denies", "denied", "deny", "cannot")
_GERMAN = ("nicht", "nie", "niemals", "kein", "keine", "keinen", "keiner", "keinem", "keines", "ohne")
_DENIALS = ("dementiert", "dementierte", "bestreitet", "bestritt")
_DECISIVE = frozenset((*_ENGLISH, *_GERMAN, *_DENIALS))

Sketch = npt.NDArray[np.uint8]


def signature(*, title: str, summary: str, content: str, entities: Iterable[str] = ()) -> str:
    """Return the signature of a story: of its body, of its title if it has no body, "" if it has no words.

    Titles are left out where there is a body: papers give the same agency text titles of their own.
    """
    for text in (content, summary, title):
        words = _words(stripped(text))
        if words:
            return _sign(words, sorted(set(entities)))
    return ""


def jaccard(a: str, b: str) -> float:
    """Return the estimated share of common shingles of two signed texts, in [0, 1].

    0 if either has no words, or if both are short and differ in numbers, decisive words or tracked actors.
    """
    read_a, read_b = _read(a), _read(b)
    if "short" in read_a and "short" in read_b and read_a["short"][0] != read_b["short"][0]:
        return 0.0
    common = read_a.keys() & read_b.keys()
    return max((_estimate(read_a[kind][1], read_b[kind][1]) for kind in common), default=0.0)


def _words(text: str) -> list[str]:
    folded = unicodedata.normalize("NFKC", text).casefold().replace("’", "'")
    return _WORD.findall(folded)[:MAX_WORDS]


def _sign(words: list[str], entities: list[str]) -> str:
    parts = []
    if len(words) <= SHORT_UP_TO:
        parts.append(f"short:{_decisive(words, entities)}:{_sketch(words, 2)}")
    if len(words) >= LONG_FROM:
        parts.append(f"long::{_sketch(words, 5)}")
    return " ".join(parts)


def _decisive(words: list[str], entities: list[str]) -> str:
    """Return a mark that must be equal for two short texts to be the same."""
    decisive = sorted(
        word for word in words if word in _DECISIVE or word.endswith("n't") or any(map(str.isdigit, word))
    )
    return hashlib.sha256(" ".join([*decisive, "|", *entities]).encode()).hexdigest()[:8]


def _sketch(words: list[str], size: int) -> str:
    shingles = {" ".join(words[i : i + size]) for i in range(max(1, len(words) - size + 1))}
    minhash = RMinHash(num_perm=PERMUTATIONS, seed=SEED)
    minhash.update(sorted(shingles))
    low = bytes(value & 0xFF for value in minhash.digest())
    return base64.b64encode(low).decode("ascii")


@lru_cache(maxsize=20_000)  # watch compares each signature with many: three days of a newsroom's news
def _read(signature: str) -> dict[str, tuple[str, Sketch]]:
    read = {}
    for part in signature.split():
        kind, mark, data = part.split(":")
        read[kind] = (mark, np.frombuffer(base64.b64decode(data), dtype=np.uint8))
    return read


def _estimate(a: Sketch, b: Sketch) -> float:
    equal = float(np.count_nonzero(a == b)) / PERMUTATIONS
    return max(0.0, (equal - CHANCE) / (1 - CHANCE))
