"""The company of a wording: who else is named in the story, and when it was published."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from functools import cache

from processors.patterns import Pattern


class Company:
    """What one story offers as conditions."""

    def __init__(self, named: frozenset[str], text: str, published: date) -> None:
        self._named = named
        self._text = text
        self._published = published

    def objection(self, pattern: Pattern) -> str:
        """Return why a wording does not count in this story, or nothing."""
        when = pattern.when
        if when is None:
            return ""
        if (when.from_ and self._published < when.from_) or (when.until and self._published >= when.until):
            return f"counts only {_span(when.from_, when.until)}"
        if pattern.owner not in self._named and not self._first(when.with_):
            others = f", nor is any of {', '.join(when.with_)}" if when.with_ else ""
            return f"{pattern.owner} is not named in this story{others}"
        rival = self._first(when.unless)
        return f'could be another: "{rival}" is named too' if rival else ""

    def _first(self, words: Sequence[str]) -> str:
        match = _any_of(tuple(words)).search(self._text) if words else None
        return match[1] if match else ""


@cache  # one for each group of the watchlist
def _any_of(words: tuple[str, ...]) -> re.Pattern[str]:
    spelled = [re.escape(form) for word in words for form in (word, word.upper())]  # headlines in capitals
    return re.compile(rf"(?<!\w)({'|'.join(spelled)})[sS]?(?!\w)")


def _span(begin: date | None, end: date | None) -> str:
    parts = [f"from {begin}" if begin else "", f"before {end}" if end else ""]
    return " and ".join(part for part in parts if part)
