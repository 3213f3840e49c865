"""Search for stories."""

from __future__ import annotations

from datetime import datetime

import msgspec

from desk.chart import language_name
from desk.lines import web_address
from desk.look import Look
from desk.marks import Piece, hits, pieces, snippet
from desk.query import PAGE_SIZE, Asked, BadQuery, Paging
from desk.subject import Choice
from riftwatch.records import Story
from stores.base import StoryQuery

LANGUAGES = ("de", "en")


class StoryLine(msgspec.Struct, frozen=True, kw_only=True):
    """A story among the results."""

    story_id: str
    title: tuple[Piece, ...]
    text: tuple[Piece, ...]
    published: datetime
    publisher: str
    publisher_title: str
    language: str
    entities: tuple[str, ...]
    url: str
    revision: int
    deleted: bool


class SearchPage(msgspec.Struct, frozen=True, kw_only=True):
    """The results of a search and its filters."""

    q: str
    actor: str
    language: str
    publisher: str
    since: str
    until: str
    actors: tuple[Choice, ...]
    languages: tuple[Choice, ...]
    publishers: tuple[Choice, ...]
    stories: tuple[StoryLine, ...]
    paging: Paging


def stories(look: Look, asked: Asked) -> SearchPage:
    """Return the stories asked for, the newest ones when nothing is; raises BadQuery."""
    page = asked.page()
    query = _query(asked, page)
    found = look.store.search(query)
    return SearchPage(
        q=query.text,
        actor=asked.text("actor"),
        language=asked.text("language"),
        publisher=asked.text("publisher"),
        since=asked.text("since"),
        until=asked.text("until"),
        actors=tuple(Choice(key=key, label=label) for key, label in look.names.actors.items()),
        languages=tuple(Choice(key=code, label=language_name(code, look.wording)) for code in LANGUAGES),
        publishers=_publishers(look),
        stories=tuple(_line(story, query.text, look) for story in found),
        paging=Paging(page=page, total=found.total),
    )


def _query(asked: Asked, page: int) -> StoryQuery:
    actor = asked.text("actor")
    since, until = asked.since("since"), asked.until("until")
    if since and until and since >= until:
        raise BadQuery("bad.span")
    return StoryQuery(
        text=asked.text("q"),
        entities=(actor,) if actor else (),
        language=asked.text("language") or None,
        publisher=asked.text("publisher") or None,
        since=since,
        until=until,
        limit=PAGE_SIZE,
        offset=(page - 1) * PAGE_SIZE,
    )


def _publishers(look: Look) -> tuple[Choice, ...]:
    families = {feed.publisher for feed in look.store.feeds() if feed.publisher}
    choices = [Choice(key=family, label=look.names.publisher(family)) for family in families]
    return tuple(sorted(choices, key=lambda choice: choice.label.casefold()))


def _line(story: Story, text: str, look: Look) -> StoryLine:
    return StoryLine(
        story_id=story.story_id,
        title=pieces(story.title, hits(story.title, text)),
        text=snippet(" ".join(filter(None, (story.summary, story.content))), text),
        published=story.published,
        publisher=story.publisher,
        publisher_title=look.names.publisher(story.publisher),
        language=story.language,
        entities=tuple(dict.fromkeys(mention.entity for mention in story.mentions)),
        url=web_address(story.url),
        revision=story.revision,
        deleted=story.status == "deleted",
    )
