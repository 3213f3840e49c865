"""What a feed adds to every title, such as " - Reuters" or "NYT: ": learnt per feed, taken off. Pure.

With it two outlets' equal headlines look different, and a feed that begins to add it seems to have edited all
its stories. It is taken off only where most titles of a document carry it *and* it names the outlet: a topic
feed in which every title begins with "Trump: " keeps it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence

LEAST_TITLES = 5
SHARE = 0.6
MAX_AFFIX_CHARS = 40
LEAST_LEFT = 2  # words that must be left of a title
_TAIL = re.compile(rf"\s+[-–—|·•»]\s+[^\s].{{0,{MAX_AFFIX_CHARS - 4}}}$")
_HEAD = re.compile(rf"^.{{1,{MAX_AFFIX_CHARS - 4}}}?(?::|\s[-–—|·•»])\s+")
_ARTICLES = frozenset({"der", "die", "das", "the", "und", "and", "news", "online", "com"})


def learnt(titles: Iterable[str], outlet: Sequence[str], before: Sequence[str] = ()) -> tuple[str, ...]:
    """Return the affixes of a feed: what this document shows, and what earlier ones showed.

    `outlet` is how the outlet is called: names, ids, hosts.
    """
    distinct = sorted(set(filter(None, titles)))
    found = [*_common(distinct, _tail), *_common(distinct, _head)] if len(distinct) >= LEAST_TITLES else []
    fresh = [affix for affix in found if names_outlet(affix, outlet)]
    return tuple(sorted({*before, *fresh}))


def stripped(title: str, affixes: Sequence[str]) -> str:
    """Return the title without the affixes of its feed; one that would be left with next to nothing stays."""
    plain = title
    for affix in affixes:
        cut = plain.removesuffix if affix[0].isspace() else plain.removeprefix
        plain = cut(affix)
    return plain.strip() if len(plain.split()) >= LEAST_LEFT else title


def names_outlet(affix: str, outlet: Sequence[str]) -> bool:
    """Return whether an affix names the outlet: by its whole name, or by a word that stands in its host."""
    words = re.findall(r"[^\W_]+(?:\.[^\W_]+)*", affix.casefold().replace("'", ""))
    letters = _letters(affix)
    names = {_letters(name) for name in outlet}
    if letters in names:
        return True
    hosts = [_letters(name) for name in outlet if "." in name and " " not in name]
    telling = [word for word in words if word not in _ARTICLES]
    tried = [letters, *map(_letters, telling)] if telling else []
    return any(len(word) >= 3 and word in host for word in tried for host in hosts)


def _tail(title: str) -> str | None:
    """Return the shortest end of a title after a separator."""
    starts = [match.start() for match in re.finditer(r"\s+[-–—|·•»]\s+", title)]
    match = _TAIL.match(title, starts[-1]) if starts else None
    return match[0] if match else None


def _head(title: str) -> str | None:
    match = _HEAD.match(title)
    return match[0] if match else None


def _common(titles: Sequence[str], part: Callable[[str], str | None]) -> list[str]:
    counts = Counter(found for title in titles if (found := part(title)))
    return [affix for affix, count in counts.items() if count >= SHARE * len(titles)]


def _letters(text: str) -> str:
    return re.sub(r"[\W_]+", "", text.casefold())
