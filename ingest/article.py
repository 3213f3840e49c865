"""A web page to the text of its article. Run in a worker process: pages are as hostile as feeds (see worker.py)."""

from __future__ import annotations

from html import escape

from ingest import clean
from ingest.document import ParseAnswer, ParseRequest


def text_of(request: ParseRequest) -> ParseAnswer:
    """Return the article's text, empty when the page holds none or the extra `fulltext` is missing."""
    try:
        import trafilatura
    except ImportError:
        return ParseAnswer(text="")
    found = trafilatura.extract(
        request.body,
        url=request.url,
        fast=True,
        include_comments=False,
        include_tables=False,
        deduplicate=False,
    )
    return ParseAnswer(text=clean.text_of(escape(found or ""), clean.MAX_CONTENT_CHARS))
