"""Names the language of a story: English, German or another one; "und" when the text does not tell.

The feed's language is a strong hint, not the answer: German outlets quote English and print English titles.
Names of tracked actors are left out, they belong to no language and are half of a headline.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from typing import Protocol

from py3langid.langid import MODEL_FILE, LanguageIdentifier

UNKNOWN = "und"
SAMPLE_CHARS = 400
# What newsrooms' feeds are written in. Fewer candidates make short headlines safer.
CANDIDATES = (
    "ar", "cs", "da", "de", "el", "en", "es", "fa", "fi", "fr", "he", "hi", "hu", "it", "ja", "ko", "nl", "no",
    "pl", "pt", "ro", "ru", "sv", "tr", "uk", "zh",
)  # fmt: skip
# Shares expected of a feed without a hint, and of one with: most feeds followed are English or German, and a
# hint is right nine times in ten. Long texts outvote both.
PRIOR_READ = 0.3
PRIOR_HINTED = 0.75
# Below it several languages are about as likely. Four words suffice for it in English and German.
MIN_PROBABILITY = 0.35

_LETTERS = re.compile(r"[^\W\d_]{2,}")


class _Ranker(Protocol):
    """What is used of py3langid."""

    def rank(self, text: str) -> list[tuple[str, float]]: ...


class LanguageDetector:
    """Detects languages; `names` are left out of the texts."""

    def __init__(self, names: Iterable[str] = ()) -> None:
        words = sorted({word for name in names for word in name.split()}, key=len, reverse=True)
        self._names = re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, words))})s?(?!\w)") if words else None

    def detect(self, title: str, body: str, hint: str | None = None) -> str:
        """Return the ISO 639-1 code of the language, or "und"; `hint` is the feed's language."""
        hint = _primary(hint)
        sample = f"{title[:SAMPLE_CHARS]}\n{body[:SAMPLE_CHARS]}"
        if self._names:
            sample = self._names.sub(" ", sample)
        if not _LETTERS.search(sample):
            return hint or UNKNOWN
        weighed = {code: p * _prior(code, hint) for code, p in _ranker().rank(sample)}
        best = max(weighed, key=weighed.__getitem__)
        return best if weighed[best] >= MIN_PROBABILITY * sum(weighed.values()) else UNKNOWN


def _primary(hint: str | None) -> str | None:
    code = (hint or "").replace("_", "-").partition("-")[0].lower()
    return code if code in CANDIDATES else None


def _prior(code: str, hint: str | None) -> float:
    if code == hint:
        return PRIOR_HINTED
    read = code in {"en", "de"}
    others = PRIOR_READ if read else (1 - 2 * PRIOR_READ) / (len(CANDIDATES) - 2)
    return others * (1 - PRIOR_HINTED) if hint else others


@cache
def _ranker() -> _Ranker:
    """Load the model once: a second of time, 84 MB."""
    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    identifier.set_languages(list(CANDIDATES))
    ranker: _Ranker = identifier
    return ranker
