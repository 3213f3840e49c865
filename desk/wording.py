"""All texts of the pages, in one table per language: texts/en.toml today.

A text may hold {names}; what is filled in is escaped. A text that counts has two forms, `one` and `other`,
chosen by `n`. A key that is missing is a programming error and raises KeyError; a test walks them all.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path

from markupsafe import Markup, escape

FOLDER = Path(__file__).parent / "texts"


class Wording:
    """The texts of one language."""

    def __init__(self, texts: Mapping[str, str], language: str = "en") -> None:
        self._texts = dict(texts)
        self.language = language

    @classmethod
    def load(cls, language: str = "en") -> Wording:
        """Read the table of a language that ships with the desk."""
        table = tomllib.loads((FOLDER / f"{language}.toml").read_text(encoding="utf-8"))
        return cls(dict(_flat(table)), language)

    def __contains__(self, key: str) -> bool:
        return key in self._texts

    @property
    def keys(self) -> frozenset[str]:
        """All keys of the table."""
        return frozenset(self._texts)

    def plain(self, key: str, **values: object) -> str:
        """Return a text with its values filled in, not escaped: for JSON and for further escaping."""
        return self._texts[self._form(key, values)].format(**values)

    def html(self, key: str, **values: object) -> Markup:
        """Return a text as HTML; text and values are escaped, except values that are markup already."""
        return escape(self._texts[self._form(key, values)]).format(**values)

    def under(self, prefix: str) -> dict[str, str]:
        """Return the texts below a prefix, by the rest of their keys; for scripts."""
        start = prefix + "."
        return {key.removeprefix(start): text for key, text in self._texts.items() if key.startswith(start)}

    def _form(self, key: str, values: Mapping[str, object]) -> str:
        if key in self._texts:
            return key
        return f"{key}.{'one' if values.get('n') == 1 else 'other'}"


def _flat(table: Mapping[str, object], prefix: str = "") -> Iterator[tuple[str, str]]:
    for key, value in table.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{prefix}{key}.")
        else:
            yield prefix + key, str(value)
