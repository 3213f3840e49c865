"""What a person typed into a search, as words. Pure."""

from __future__ import annotations

import re
import unicodedata

MAX_WORDS = 12  # a pasted paragraph must not become a query that takes seconds
MIN_STEM = 4
# English and German endings that come and go; prefix terms do the rest ("Haus" finds "Häuser").
ENDINGS = ("ern", "er", "en", "em", "es", "e", "s")


def words_of(text: str) -> list[str]:
    """Return the words of a query in lower case, without punctuation."""
    plain = text.casefold().replace("'s", "").replace("’s", "")
    return re.findall(r"\w+", plain)[:MAX_WORDS]


def without_accents(text: str) -> str:
    """Return the text with every letter bare."""
    return "".join(
        char for char in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(char)
    )


def stem(word: str) -> str:
    """Return the word without one inflectional ending, if enough of it is left."""
    for ending in ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= MIN_STEM:
            return word[: -len(ending)]
    return word
