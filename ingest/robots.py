"""robots.txt (RFC 9309): what a host asks of programs, and the copy that is kept of it for a day.

A feed is published for programs, and a person entered its address: groups for everybody ("*") are about crawlers
and bind the fetching of articles only. A group that names Riftwatch binds everything.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import quote, unquote, urlsplit

from ingest.fetch import Fetcher, Request, Response

AGENT = "riftwatch"
KEPT = timedelta(days=1)
ASK_S = 5.0  # a host that stalls is found out by the poll itself, which must not wait twice
MAX_CHARS = 500_000  # what RFC 9309 asks a reader to take at least
MAX_ORIGINS = 20_000
# The length of a rule may not decide how long it is tried: "*" is matched piece by piece, not by a regex.


@dataclass(frozen=True, slots=True)
class Rule:
    """An Allow or a Disallow."""

    allow: bool
    pattern: str

    def matches(self, path: str) -> bool:
        """Return whether the pattern stands at the start of the path; `*` is anything, `$` the end."""
        whole = self.pattern.endswith("$")
        first, *others = (self.pattern[:-1] if whole else self.pattern).split("*")
        if not path.startswith(first):
            return False
        place = len(first)
        last = others.pop() if whole and others else None
        for piece in others:
            found = path.find(piece, place)
            if found < 0:
                return False
            place = found + len(piece)
        if last is not None:
            return len(path) - len(last) >= place and path.endswith(last)
        return place == len(path) if whole else True


@dataclass(frozen=True, slots=True)
class Rules:
    """The groups of a robots.txt that concern this program."""

    named: tuple[Rule, ...] | None = None  # for Riftwatch by name; None: there is no such group
    general: tuple[Rule, ...] = ()  # for everybody

    def allows(self, path: str, *, named_only: bool) -> bool:
        """Return whether a path may be fetched: the longest matching rule decides, Allow in a tie."""
        rules = self.named if self.named is not None else (() if named_only else self.general)
        path = _plain(path or "/")
        matching = [rule for rule in rules if rule.matches(path)]
        return max(matching, key=lambda rule: (len(rule.pattern), rule.allow), default=Rule(True, "")).allow


EVERYTHING = Rules()


def parse(text: str) -> Rules:
    """Return what a robots.txt says to Riftwatch and to everybody; lines that mean nothing are passed over."""
    groups: dict[str, list[Rule]] = {}
    agents: list[str] = []
    in_rules = False
    for name, value in _lines(text):
        if name == "user-agent":
            agents = [*([] if in_rules else agents), re.split(r"[/\s]", value.lower())[0]]
            in_rules = False
            groups.setdefault(agents[-1], [])
        elif name in {"allow", "disallow"}:
            in_rules = True
            for agent in agents if value else ():
                groups[agent].append(Rule(name == "allow", _plain(value)))
    named = groups.get(AGENT)
    return Rules(None if named is None else tuple(named), tuple(groups.get("*", ())))


class Robots:
    """Asks hosts for their robots.txt, once a day each; a host that has none, or fails, allows everything."""

    def __init__(self, fetcher: Fetcher, ask_s: float = ASK_S) -> None:
        self._fetcher, self._ask_s = fetcher, ask_s
        self._known: dict[str, tuple[datetime, Rules]] = {}
        self._asking: dict[str, asyncio.Task[Rules]] = {}  # feeds of one host that start together ask once

    async def allows(self, url: str, now: datetime, *, named_only: bool) -> bool:
        """Return whether an address may be fetched; `named_only` for feeds, see above."""
        parts = urlsplit(url)
        rules = await self._rules(f"{parts.scheme}://{parts.netloc}", now)
        path = parts.path + (f"?{parts.query}" if parts.query else "")
        return rules.allows(path, named_only=named_only)

    async def _rules(self, origin: str, now: datetime) -> Rules:
        known = self._known.get(origin)
        if known and known[0] <= now < known[0] + KEPT:
            return known[1]
        task = self._asking.get(origin)
        if task is None:
            task = self._asking[origin] = asyncio.create_task(self._ask(origin))
            task.add_done_callback(lambda _: self._asking.pop(origin, None))
        rules = await asyncio.shield(task)
        if len(self._known) >= MAX_ORIGINS:
            self._known.clear()
        self._known[origin] = (now, rules)
        return rules

    async def _ask(self, origin: str) -> Rules:
        try:
            async with asyncio.timeout(self._ask_s):
                answer = await self._fetcher.fetch(Request(url=f"{origin}/robots.txt"))
        except TimeoutError:
            return EVERYTHING
        if isinstance(answer, Response) and "html" not in answer.content_type.lower():
            return parse(answer.body[:MAX_CHARS].decode("utf-8", "replace"))
        return EVERYTHING


def _lines(text: str) -> Iterator[tuple[str, str]]:
    for line in re.split(r"[\r\n]+", text.removeprefix("\ufeff")):
        name, colon, value = line.partition("#")[0].partition(":")
        if colon:
            yield name.strip().lower(), value.strip()


def _plain(path: str) -> str:
    """Return a path in one spelling of its percent-encoding."""
    return quote(unquote(path), safe="/*$?&=;:@!'()+,~%#[]")
