"""The one table of pages: address, view, template. Each has its JSON under /api at the same address."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import msgspec

from desk.actor import actor
from desk.feeds import feeds
from desk.inbox import inbox, mail
from desk.look import Look
from desk.ops import ops
from desk.overview import overview
from desk.pair import pair
from desk.query import RANGES, Asked
from desk.search import stories
from desk.shift_list import shifts
from desk.shift_page import shift
from desk.story import story
from desk.subject import ORDERS

View = Callable[[Look, Asked], msgspec.Struct]


@dataclass(frozen=True, slots=True)
class Route:
    """A page. `name` also names its template and its texts; `section` is the entry of the menu it is under."""

    name: str
    path: str
    view: View
    section: str = ""
    query: tuple[str, ...] = ()  # what may be asked, for the description of /api

    @property
    def api(self) -> str:
        """The address of its JSON."""
        return "/api/overview" if self.path == "/" else f"/api{self.path}"


_SUBJECT = (
    f"range={'|'.join(RANGES)}",
    "language",
    "publisher",
    f"order={'|'.join(ORDERS)}",
    "copies=1",
    "page",
)

ROUTES = (
    Route("overview", "/", overview, "overview"),
    Route("pair", "/pair/{a}/{b}", pair, "overview", _SUBJECT),
    Route("actor", "/actor/{entity}", actor, "overview", _SUBJECT),
    Route("shifts", "/shifts", shifts, "shifts", ("page",)),
    Route("shift", "/shift/{shift_id}", shift, "shifts"),
    Route(
        "stories", "/stories", stories, "stories",
        ("q", "actor", "language", "publisher", "since=YYYY-MM-DD", "until=YYYY-MM-DD", "page"),
    ),
    Route("story", "/story/{story_id}", story, "stories"),
    Route("feeds", "/feeds", feeds, "feeds", ("show=all|problems",)),
    Route("inbox", "/inbox", inbox, "inbox", ("page",)),
    Route("mail", "/inbox/{mail_id}", mail, "inbox"),
    Route("ops", "/ops", ops, "ops", ("page",)),
)  # fmt: skip
MENU = ("overview", "shifts", "stories", "feeds", "inbox", "ops", "about")
PLAIN = ("about", "api")  # pages of text alone, which need no store
