"""The recorded news: outlets, and articles with their edits and withdrawals.

Knows what an outlet's feed held at any moment; knows no format and serves nothing.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal, TypeVar

import msgspec

from riftwatch.errors import ConfigError

HERE = Path(__file__).resolve().parent
FEED_LENGTH = 30  # entries in a document, a usual length of newsroom feeds


class Edit(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """New words under the same address, from a moment on."""

    at: datetime
    title: str
    summary: str


class Article(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One article as an outlet printed it."""

    id: str
    outlet: str
    published: datetime
    title: str
    summary: str
    event: str
    kind: Literal["event", "baseline", "noise", "hard-negative"]
    author: str = ""
    wire: str | None = None  # agency whose text it is; the credit stands in the summary
    copy_of: str | None = None
    edits: tuple[Edit, ...] = ()
    deleted: datetime | None = None

    def changes(self) -> list[datetime]:
        """Return every moment at which a reader of the feed could see something new, in order."""
        return sorted(
            [self.published, *(edit.at for edit in self.edits), *([self.deleted] if self.deleted else [])]
        )

    def words(self, at: datetime) -> tuple[str, str]:
        """Return title and summary as they stood."""
        latest = [edit for edit in self.edits if edit.at <= at]
        return (latest[-1].title, latest[-1].summary) if latest else (self.title, self.summary)

    def stands(self, at: datetime) -> bool:
        """Tell whether the article was in print."""
        return self.published <= at and not self.withdrawn(at)

    def withdrawn(self, at: datetime) -> bool:
        """Tell whether the outlet had taken the article back."""
        return self.deleted is not None and self.deleted <= at


class Outlet(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An invented outlet with one feed."""

    id: str
    title: str
    language: str
    country: str
    family: str
    format: Literal["rss", "atom"]

    @property
    def site(self) -> str:
        """The outlet's address; `.example` belongs to nobody."""
        return f"https://{self.id}.example"


class Agency(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An invented news agency and how its texts are credited."""

    id: str
    title: str
    credits: tuple[str, ...]


class _Outlets(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    outlet: tuple[Outlet, ...]
    wire: tuple[Agency, ...]


@dataclass(frozen=True, slots=True)
class Edition:
    """What a feed holds at a moment: newest entries first, withdrawals, and when it last changed."""

    at: datetime
    articles: tuple[Article, ...]
    withdrawn: tuple[Article, ...]
    changed: datetime | None


class Corpus:
    """All articles of all outlets."""

    def __init__(
        self, outlets: Iterable[Outlet], agencies: Iterable[Agency], articles: Iterable[Article]
    ) -> None:
        self.outlets = {outlet.id: outlet for outlet in outlets}
        self.agencies = tuple(agencies)
        self.articles = tuple(sorted(articles, key=lambda article: (article.published, article.id)))
        self._by_outlet: dict[str, list[Article]] = {outlet: [] for outlet in self.outlets}
        for article in self.articles:
            self._by_outlet[article.outlet].append(article)

    def edition(self, outlet: str, at: datetime) -> Edition:
        """Return what the outlet's feed held at a moment."""
        printed = [article for article in self._by_outlet[outlet] if article.published <= at]
        newest = printed[-FEED_LENGTH:][::-1]
        seen = [change for article in printed for change in article.changes() if change <= at]
        return Edition(
            at=at,
            articles=tuple(article for article in newest if not article.withdrawn(at)),
            withdrawn=tuple(article for article in newest if article.withdrawn(at)),
            changed=max(seen, default=None),
        )

    def until(self, moment: datetime) -> Corpus:
        """Return the part of the corpus that had been printed by a moment: a shorter run."""
        kept = [article for article in self.articles if article.published <= moment]
        return Corpus(self.outlets.values(), self.agencies, kept)


def load(folder: Path = HERE) -> Corpus:
    """Read outlets.toml and corpus/*.jsonl; raises ConfigError with file and line."""
    outlets = _outlets(folder / "outlets.toml")
    files = sorted((folder / "corpus").glob("*.jsonl"))
    articles = [
        article for file in files for article in _articles(file, {outlet.id for outlet in outlets.outlet})
    ]
    if not articles:
        raise ConfigError(
            "holds no recorded articles (*.jsonl); restore it from the repository", folder / "corpus"
        )
    return Corpus(outlets.outlet, outlets.wire, articles)


T = TypeVar("T", bound=msgspec.Struct)


def read_toml(path: Path, kind: type[T]) -> T:
    """Read a TOML file into a struct; raises ConfigError."""
    try:
        return msgspec.convert(tomllib.loads(path.read_text(encoding="utf-8")), kind)
    except OSError as error:
        raise ConfigError(f"cannot be read ({error.strerror})", path) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, msgspec.ValidationError) as error:
        raise ConfigError(str(error), path) from error


def _outlets(path: Path) -> _Outlets:
    return read_toml(path, _Outlets)


def _articles(path: Path, outlets: set[str]) -> Iterator[Article]:
    for number, line in enumerate(path.read_bytes().splitlines(), 1):
        try:
            article = msgspec.json.decode(line, type=Article)
        except msgspec.DecodeError as error:
            raise ConfigError(str(error), path, number) from error
        if article.outlet not in outlets:
            raise ConfigError(f'"{article.outlet}" is no outlet of outlets.toml', path, number)
        yield article
