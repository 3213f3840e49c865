"""Every page and its JSON over a real store; failures in the desk's own words; nothing runs that a feed sent."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest
from aiohttp.test_utils import TestClient, TestServer
from structlog.testing import capture_logs

from desk.app import make_app
from desk.source import Source
from riftwatch.errors import ConfigError, Retry
from riftwatch.records import Evidence, SentenceScore, Story, subject_entities
from stores.base import Store
from stores.sqlite import SqliteStore
from tests.desk import newsroom
from tests.desk.conftest import Client, desk_over

PAGES = (
    "/", "/pair/musk/trump", "/pair/musk/trump?range=all", "/pair/softbank/xai", "/actor/musk", "/shifts",
    "/shift/5c1f9a02", "/shift/e0d3f5a8", "/stories", "/stories?q=Musk+Trump", "/story/story-0009", "/feeds",
    "/feeds?show=problems", "/inbox", "/inbox/5c1f9a02-1-ab12", "/ops",
)  # fmt: skip
ALL_PAGES = (*PAGES, "/about", "/api")


Serve = Callable[[Callable[[], Store]], Awaitable[Client]]


def api_of(page: str) -> str:
    return "/api/overview" if page == "/" else f"/api{page}"


@pytest.mark.parametrize("page", ALL_PAGES)
async def test_page_is_whole_and_quick_to_read(client: Client, page: str) -> None:
    answer = await client.get(page)
    html = await answer.text()
    assert answer.status == 200
    assert answer.content_type == "text/html"
    assert html.count("<h1") == 1, "one heading of the first level"
    assert '<html lang="en">' in html
    assert "None" not in re.sub(r"<script.*?</script>", "", html, flags=re.DOTALL)


@pytest.mark.parametrize("page", PAGES)
async def test_json_of_a_page(client: Client, page: str) -> None:
    answer = await client.get(api_of(page))
    assert answer.status == 200
    assert answer.content_type == "application/json"
    assert msgspec.json.decode(await answer.read())


async def test_overview_leads_with_the_newest_shift_in_a_sentence(client: Client) -> None:
    html = await (await client.get("/")).text()
    text = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))
    assert "Elon Musk and Donald Trump fell out" in text
    assert "detected 5 Jun 2025" in text
    assert "+0.21" in text
    assert "−0.64" in text
    assert "9 publishers" in text


async def test_pair_in_the_other_order_is_redirected(client: Client) -> None:
    answer = await client.get("/pair/trump/musk?range=30d", allow_redirects=False)
    assert (answer.status, answer.headers["Location"]) == (301, "/pair/musk/trump?range=30d")
    answer = await client.get("/api/pair/trump/musk", allow_redirects=False)
    assert answer.headers["Location"] == "/api/pair/musk/trump"


@pytest.mark.parametrize(
    "address",
    ["/nothing", "/pair/musk/musk", "/pair/musk/nobody", "/actor/nobody", "/shift/x", "/story/x", "/inbox/x", "/inbox/x/html"],
)  # fmt: skip
async def test_unknown_things_are_a_calm_404(client: Client, address: str) -> None:
    answer = await client.get(address)
    assert answer.status == 404
    assert "Not found" in await answer.text()


async def test_unknown_things_in_the_api(client: Client) -> None:
    answer = await client.get("/api/shift/x")
    assert (answer.status, await answer.json()) == (404, {"error": "There is no shift with this id."})


@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        ("/pair/musk/trump?range=7y", "“7y” is no range; known are: 30d, 90d, 1y, all."),
        ("/pair/musk/trump?order=odd", "is no order"),
        ("/stories?page=0", "A page is a whole number from 1 to 10000."),
        ("/stories?page=²", "A page is a whole number"),
        ("/stories?since=yesterday", "“yesterday” is no date for “since”"),
        ("/stories?since=2025-02-01&until=2025-01-01", "The first day comes after the last."),
        ("/stories?q=" + "a" * 201, "longer than 200 characters"),
        ("/feeds?show=<script>", "&lt;script&gt;"),
    ],
)
async def test_bad_queries_are_one_sentence(client: Client, address: str, sentence: str) -> None:
    answer = await client.get(address)
    assert answer.status == 400
    assert sentence in await answer.text()
    error = await client.get(f"/api{address}")
    assert error.status == 400


async def test_every_answer_forbids_what_comes_from_elsewhere(client: Client) -> None:
    for address in ("/", "/nothing", "/api/overview", "/static/desk.css", "/healthz"):
        answer = await client.get(address)
        assert answer.headers["Content-Security-Policy"].startswith("default-src 'self'"), address
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Referrer-Policy"] == "no-referrer"


async def test_pages_carry_no_inline_script_or_style(client: Client) -> None:
    for page in ALL_PAGES:
        html = await (await client.get(page)).text()
        assert not re.findall(r"<script(?![^>]*(?:src=|application/json))", html), page
        assert not re.findall(r"\sstyle=|\son\w+=|<style", html), page


async def test_a_mail_is_shown_as_sent_and_locked_in(client: Client) -> None:
    page = await (await client.get("/inbox/5c1f9a02-1-ab12")).text()
    assert 'sandbox="allow-popups allow-popups-to-escape-sandbox"' in page
    answer = await client.get("/inbox/5c1f9a02-1-ab12/html")
    assert "Elon Musk and Donald Trump fell out</h1>" in await answer.text()
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "allow-scripts" not in policy


async def test_static_files_are_cached_by_content(client: Client) -> None:
    html = await (await client.get("/")).text()
    address = re.search(r'href="(/static/desk\.css\?v=\w{12})"', html)
    assert address
    answer = await client.get(address[1])
    assert "immutable" in answer.headers["Cache-Control"]
    assert (await client.get("/static/desk.css")).headers["Cache-Control"] == "no-cache"


async def test_an_unknown_host_is_refused(client: Client) -> None:
    answer = await client.get("/", headers={"Host": "evil.example:8420"})
    assert answer.status == 421
    assert (await client.get("/", headers={"Host": "localhost:8420"})).status == 200


async def test_filters_and_order_of_evidence(client: Client) -> None:
    answer = await client.get("/api/pair/musk/trump?range=all&language=de&order=lowest")
    lines = (await answer.json())["view"]["evidence"]
    assert {line["language"] for line in lines} == {"de"}
    assert [line["score"] for line in lines] == sorted(line["score"] for line in lines)
    assert len(lines) == 25


async def test_copies_are_left_out_unless_asked_for(client: Client) -> None:
    counted = (await (await client.get("/api/pair/musk/trump?range=all")).json())["view"]
    every = (await (await client.get("/api/pair/musk/trump?range=all&copies=1")).json())["view"]
    assert all(line["counted"] for line in counted["evidence"])
    assert counted["paging"]["total"] < every["paging"]["total"] == 240


async def test_pages_of_evidence_do_not_overlap(client: Client) -> None:
    first = (await (await client.get("/api/actor/musk?range=all")).json())["view"]["evidence"]
    second = (await (await client.get("/api/actor/musk?range=all&page=2")).json())["view"]["evidence"]
    assert not {line["story_id"] for line in first} & {line["story_id"] for line in second}


# --- hostile input ----------------------------------------------------------------------------------


async def test_what_feeds_send_is_never_run(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    writer = SqliteStore(path)
    bad = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>"
    story = next(one for one in newsroom.stories(1) if isinstance(one, Story))
    evil = msgspec.structs.replace(
        story, title=bad, summary=bad, content="", url="javascript:alert(1)", mentions=(), feed_id=bad
    )
    evidence = next(one for one in newsroom.stories(1) if isinstance(one, Evidence))
    quoted = msgspec.structs.replace(
        evidence, title=bad, url="javascript:alert(1)", publisher=bad, language='"><b>',
        sentences=(SentenceScore(sentence=bad, score=-0.5),),
    )  # fmt: skip
    writer.put([evil, quoted, *newsroom.series()])
    writer.close()
    desk = desk_over(Source(lambda: SqliteStore(path, readonly=True)))
    async with TestClient(TestServer(make_app(desk))) as client:
        for page in ("/pair/musk/trump", f"/story/{story.story_id}", "/stories", "/stories?q=alert"):
            html = await (await client.get(page)).text()
            assert "alert" in html, page
            assert "<script>alert" not in html, page
            assert "<img" not in html, page
            assert "<b>" not in html, page
            assert "javascript:" not in html, page


async def test_a_query_comes_back_escaped(client: Client) -> None:
    html = await (await client.get('/stories?q="><script>alert(1)</script>')).text()
    assert "<script>alert" not in html
    assert "&lt;script&gt;" in html


# --- stores that are not there, empty or unwell ------------------------------------------------------


class Unwell(SqliteStore):
    """A store whose every question fails in the way it was told."""

    def __init__(self, path: Path, error: Callable[[], Exception]) -> None:
        super().__init__(path, readonly=True)
        self._error = error

    def latest_time(self) -> None:
        raise self._error()


@pytest.fixture
async def serve() -> AsyncIterator[Serve]:
    clients: list[Client] = []

    async def start(open_store: Callable[[], Store]) -> Client:
        client = TestClient(TestServer(make_app(desk_over(Source(open_store)))))
        await client.start_server()
        clients.append(client)
        return client

    yield start
    for client in clients:
        await client.close()


async def test_without_a_store_pages_wait_calmly(serve: Serve, newsroom_file: Path) -> None:
    stores: list[Path] = []

    def open_store() -> Store:
        if not stores:
            raise ConfigError("there is no such folder, so there is nothing to read", "data/live")
        return SqliteStore(stores[0], readonly=True)

    client = await serve(open_store)
    answer = await client.get("/")
    assert (answer.status, answer.headers["Refresh"]) == (200, "5")
    assert "Waiting for the first stories" in await answer.text()
    assert (await client.get("/api/overview")).status == 503
    assert await (await client.get("/healthz")).json() == {"status": "ok", "store": "waiting"}
    stores.append(newsroom_file)
    assert "Elon Musk and Donald Trump fell out" in await (await client.get("/")).text()


async def test_an_empty_store_waits_too(serve: Serve, tmp_path: Path) -> None:
    client = await serve(lambda: SqliteStore(tmp_path / "store.db", readonly=True))
    for page in ("/", "/pair/musk/trump", "/actor/musk", "/shifts", "/stories", "/feeds", "/ops"):
        assert (await client.get(page)).status == 200, page
    assert "Waiting for the first stories" in await (await client.get("/")).text()


async def test_a_busy_store_asks_to_try_again(serve: Serve, newsroom_file: Path) -> None:
    client = await serve(lambda: Unwell(newsroom_file, lambda: Retry("database is locked")))
    with capture_logs():
        answer = await client.get("/")
    assert (answer.status, answer.headers["Retry-After"]) == (503, "5")
    assert "The store is busy" in await answer.text()


async def test_a_statistic_is_told_without_its_sign(client: Client) -> None:
    html = await (await client.get("/shift/5c1f9a02")).text()
    assert "The change measures 8.40 on the detector’s scale; from 5.00 on" in html


async def test_a_bug_is_logged_and_shows_no_traceback(serve: Serve, newsroom_file: Path) -> None:
    client = await serve(lambda: Unwell(newsroom_file, lambda: ZeroDivisionError("secret detail")))
    with capture_logs() as logs:
        answer = await client.get("/")
    assert answer.status == 500
    assert "secret detail" not in await answer.text()
    assert logs[0]["event"] == "page failed"


async def test_a_replay_ends_its_ranges_where_its_data_ends(client: Client) -> None:
    chart = (await (await client.get("/api/pair/musk/trump?range=30d")).json())["view"]["chart"]
    assert len(chart["days"]) == 30
    assert chart["days"][-1] == newsroom.at(newsroom.LAST, 0).timestamp()
    assert chart["days"][0] == (newsroom.at(newsroom.LAST, 0) - timedelta(days=29)).timestamp()


async def test_subjects_named_by_the_api_are_those_of_the_pages(client: Client) -> None:
    pairs = (await (await client.get("/api/overview")).json())["pairs"]
    for line in pairs[:3]:
        a, b = subject_entities(line["subject"])
        assert (await client.get(f"/pair/{a}/{b}")).status == 200
