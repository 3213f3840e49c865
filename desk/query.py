"""What a reader asks of a page: the query, read and checked. Bad input is one sentence, never a traceback."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from urllib.parse import urlencode

import msgspec

PAGE_SIZE = 25
COUNTED_TO = 10_000  # a search for words counts no further
MAX_PAGE = 10_000  # deeper pages cost the store more than they tell a reader
MAX_TEXT_CHARS = 200
RANGES: dict[str, int | None] = {"30d": 30, "90d": 90, "1y": 365, "all": None}  # days


class BadQuery(Exception):
    """The query cannot be understood; `key` and `values` name a text of the table that says why."""

    def __init__(self, key: str, **values: object) -> None:
        super().__init__(key)
        self.key = key
        self.values = values


class NotFound(Exception):
    """There is no such thing; `key` names the text that says what."""

    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key


class MovedTo(Exception):
    """The page has another address, relative to the root."""

    def __init__(self, path: str) -> None:
        super().__init__(path)
        self.path = path


@dataclass(frozen=True, slots=True)
class Asked:
    """Parts of the path and the query of one request."""

    path: Mapping[str, str]
    query: Mapping[str, str]

    def text(self, name: str) -> str:
        """Return a trimmed text, "" when absent; raises BadQuery when it is too long."""
        value = self.query.get(name, "").strip()
        if len(value) > MAX_TEXT_CHARS:
            raise BadQuery("bad.long", name=name, n=MAX_TEXT_CHARS)
        return value

    def choice(self, name: str, known: Iterable[str], default: str) -> str:
        """Return one of the known words; raises BadQuery for another."""
        value = self.query.get(name) or default
        known = tuple(known)
        if value not in known:
            raise BadQuery("bad.choice", name=name, known=", ".join(known), value=value[:40])
        return value

    def page(self) -> int:
        """Return the page asked for, from 1; raises BadQuery."""
        value = self.query.get("page") or "1"
        if not (value.isascii() and value.isdigit() and 1 <= int(value) <= MAX_PAGE):
            raise BadQuery("bad.page", n=MAX_PAGE)
        return int(value)

    def since(self, name: str = "since") -> datetime | None:
        """Return the start of a day given as YYYY-MM-DD; raises BadQuery."""
        value = self.query.get(name, "").strip()
        if not value:
            return None
        try:
            return datetime.combine(datetime.strptime(value, "%Y-%m-%d").date(), time(), UTC)  # noqa: DTZ007
        except ValueError as error:
            raise BadQuery("bad.date", name=name, value=value[:40]) from error

    def until(self, name: str = "until") -> datetime | None:
        """Return the start of the day after one given as YYYY-MM-DD: that day is included; raises BadQuery."""
        day = self.since(name)
        return None if day is None else day + timedelta(days=1)


class Paging(msgspec.Struct, frozen=True, kw_only=True):
    """Where in a list of results a page stands."""

    page: int
    total: int
    size: int = PAGE_SIZE

    @property
    def offset(self) -> int:
        """How many results come before this page."""
        return (self.page - 1) * self.size

    @property
    def pages(self) -> int:
        """How many pages there are, at least one."""
        return max(1, min(MAX_PAGE, -(-self.total // self.size)))

    @property
    def first(self) -> int:
        """Number of the first result on this page; 0 when there is none."""
        return min(self.offset + 1, self.total)

    @property
    def last(self) -> int:
        """Number of the last result on this page."""
        return min(self.offset + self.size, self.total)


def link(query: Mapping[str, str], **changes: object) -> str:
    """Return the query with some values changed; an empty value leaves its name out."""
    merged = {**query, **{name: "" if value is None else str(value) for name, value in changes.items()}}
    return "?" + urlencode({name: value for name, value in merged.items() if value})
