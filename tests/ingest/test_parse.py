"""Golden feeds: tests/feeds/NAME and what the parser makes of it in NAME.json. A bug found is a file added."""

from __future__ import annotations

import os
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.clean import MAX_ENTRIES
from ingest.document import ParseAnswer, ParseRequest
from ingest.outcome import Outcome
from ingest.parse import parse

FEEDS = Path(__file__).parent.parent / "feeds"
CASES = sorted(path for path in FEEDS.iterdir() if path.suffix != ".json")
TYPES = {
    ".xml": "application/xml",
    ".html": "text/html",
    ".txt": "text/plain",
    ".json_feed": "application/feed+json",
}


def answer_of(path: Path) -> ParseAnswer:
    return parse(
        ParseRequest(body=path.read_bytes(), url="https://feed.example/rss", content_type=TYPES[path.suffix])
    )


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.name)
def test_golden(path: Path) -> None:
    golden = path.with_name(path.name + ".json")
    text = msgspec.json.format(msgspec.json.encode(answer_of(path)), indent=1)
    if os.environ.get("WRITE_GOLDEN"):
        golden.write_bytes(text + b"\n")
    assert text + b"\n" == golden.read_bytes(), "see the difference, then WRITE_GOLDEN=1 if it is wanted"


def test_a_body_that_is_a_path_opens_no_file() -> None:
    problem = answer_of(FEEDS / "path.txt").problem
    assert problem is not None
    assert problem.outcome == Outcome.NOT_A_FEED
    assert "root" not in problem.detail


def test_entities_are_bounded_and_external_ones_never_read() -> None:
    document = answer_of(FEEDS / "billion_laughs.xml").document
    assert document is not None
    assert "root:" not in document.title
    assert [entry.title for entry in document.entries] == ["Still read"]


def test_more_entries_than_anyone_needs_are_cut_and_counted() -> None:
    items = "".join(f"<item><title>{number}</title></item>" for number in range(MAX_ENTRIES + 50))
    body = f"<rss version='2.0'><channel>{items}</channel></rss>".encode()
    document = parse(ParseRequest(body=body, url="")).document
    assert document is not None
    assert (len(document.entries), document.entries_cut) == (MAX_ENTRIES, 50)


@pytest.mark.parametrize("form", ["<item><title>{}</title></item>", "<entry><title>{}</title></entry>"])
def test_an_archive_of_50_000_entries_is_cut_before_it_is_parsed(form: str) -> None:
    entries = "".join(form.format(number) for number in range(50_000))
    shell = (
        "<rss version='2.0'><channel>{}</channel></rss>"
        if "item" in form
        else ("<feed xmlns='http://www.w3.org/2005/Atom'>{}<title>After</title></feed>")
    )
    document = parse(ParseRequest(body=shell.format(entries).encode(), url="")).document
    assert document is not None
    assert document.entries_cut == 50_000 - MAX_ENTRIES
    assert [entry.title for entry in document.entries] == [str(number) for number in range(MAX_ENTRIES)]
    assert document.title == ("" if "item" in form else "After")


@given(st.binary(max_size=300))
def test_no_bytes_make_it_raise(noise: bytes) -> None:
    parse(ParseRequest(body=noise, url=""))
    parse(
        ParseRequest(
            body=b"<rss version='2.0'><channel><item><title>" + noise, url="", content_type="text/xml"
        )
    )
    parse(ParseRequest(body=b'{"version":"https://jsonfeed.org/version/1","items":[' + noise, url=""))
    parse(ParseRequest(body=b"<urlset><url>" + noise, url=""))
