"""A changed document to what is new in it. Entries whose bytes are known from the last document are not parsed."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from ingest import recall
from ingest import state as states
from ingest.document import ParseAnswer, ParseRequest
from ingest.feeds import Feed
from ingest.fetch import Response
from ingest.harvest import Gathered, gather
from ingest.outcome import Failure
from ingest.pieces import Pieces, cut
from ingest.recall import EntangledError, Familiar, Recall
from riftwatch.publishers import Publishers
from riftwatch.records import FeedState


class Parser(Protocol):
    """Parses a body under limits."""

    async def parse(self, request: ParseRequest) -> ParseAnswer:
        """Return the document or the problem; never raises for a hostile body."""


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads documents, and remembers the last one of each feed."""

    parser: Parser
    publishers: Publishers
    recall: Recall = field(default_factory=Recall)

    async def read(
        self, feed: Feed, state: FeedState, fetched: Response, body_hash: str, now: datetime
    ) -> Gathered | Failure:
        """Return what the document brings since the feed's last one, or why it brings nothing."""
        pieces = cut(fetched.body, fetched.url, fetched.content_type)
        familiar = self.recall.familiar(state, pieces)
        if familiar is not None:
            try:
                return await self._read(feed, state, fetched, body_hash, now, pieces, familiar)
            except EntangledError:
                pass  # rare: the whole document tells
        return await self._read(feed, state, fetched, body_hash, now, pieces, None)

    async def _read(
        self,
        feed: Feed,
        state: FeedState,
        fetched: Response,
        body_hash: str,
        now: datetime,
        pieces: Pieces | None,
        familiar: Familiar | None,
    ) -> Gathered | Failure:
        known = familiar.known if familiar else {}
        body = familiar.pieces.without(known) if familiar else fetched.body
        answer = await self.parser.parse(
            ParseRequest(body=body, url=fetched.url, content_type=fetched.content_type)
        )
        if answer.document is None:
            if familiar:
                raise EntangledError
            return _as_failure(answer, fetched)
        entries = len(answer.document.entries)
        if familiar and entries != len(familiar.pieces.keys) - len(known):
            raise EntangledError
        hints = states.hints_of(fetched, answer.document.ttl_minutes, now)
        gathered = gather(
            feed, state, answer.document, self.publishers, now, hints=hints, body_hash=body_hash, known=known
        )
        self.recall.keep(feed.feed_id, body_hash, recall.learnt(pieces, gathered.found, entries, known))
        return gathered


def _as_failure(answer: ParseAnswer, fetched: Response) -> Failure:
    assert answer.problem is not None
    return Failure(outcome=answer.problem.outcome, detail=answer.problem.detail, status=fetched.status)
