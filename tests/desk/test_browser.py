"""The pages in a real Chromium: nothing overflows, nothing is loaded from elsewhere, everything works by keyboard."""

from __future__ import annotations

import asyncio
import os
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from aiohttp import web
from playwright.sync_api import Browser, Page, sync_playwright

from desk.app import make_app
from desk.source import Source
from stores.sqlite import SqliteStore
from tests.desk.conftest import desk_over
from tests.desk.test_app import ALL_PAGES

CHROMIUM = shutil.which("chromium")
REQUIRED = os.environ.get("RIFTWATCH_REQUIRE_ALL") == "1"
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None and not REQUIRED, reason="needs Chromium: apt-get install chromium"),
]
ARGS = [
    "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
    "--disable-default-apps", "--disable-sync", "--no-first-run",
]  # fmt: skip
DESKTOP, PHONE = (1280, 900), (360, 780)


class Served:
    """The desk in a thread of its own: Playwright's plain interface and asyncio do not share one."""

    def __init__(self, store: Path) -> None:
        self._loop = asyncio.new_event_loop()
        self._runner = web.AppRunner(make_app(desk_over(Source(lambda: SqliteStore(store, readonly=True)))))
        self._thread = threading.Thread(target=self._loop.run_forever, name="desk")
        self.url = ""

    def start(self) -> None:
        self._thread.start()
        self.url = asyncio.run_coroutine_threadsafe(self._serve(), self._loop).result(timeout=20)

    def stop(self) -> None:
        asyncio.run_coroutine_threadsafe(self._runner.cleanup(), self._loop).result(timeout=20)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(timeout=20)
        self._loop.close()

    async def _serve(self) -> str:
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        host, port = self._runner.addresses[0][:2]
        return f"http://{host}:{port}"


@pytest.fixture(scope="module")
def desk_url(newsroom_file: Path) -> Iterator[str]:
    served = Served(newsroom_file)
    served.start()
    yield served.url
    served.stop()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGS)
        yield browser
        browser.close()


def open_page(
    browser: Browser, size: tuple[int, int] = DESKTOP, scheme: str = "light"
) -> tuple[Page, list[str]]:
    """Open a tab and return it with the list into which its complaints go."""
    context = browser.new_context(
        viewport={"width": size[0], "height": size[1]},
        color_scheme="dark" if scheme == "dark" else "light",
        reduced_motion="reduce",
    )
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda m: complaints.append(m.text) if m.type in {"error", "warning"} else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on(
        "request",
        lambda request: (
            None if request.url.startswith("http://127.0.0.1:") else complaints.append(request.url)
        ),
    )
    return page, complaints


@pytest.mark.parametrize(
    ("size", "scheme"), [(DESKTOP, "light"), (DESKTOP, "dark"), (PHONE, "light"), (PHONE, "dark")]
)
def test_every_page_fits_and_is_quiet(
    browser: Browser, desk_url: str, size: tuple[int, int], scheme: str
) -> None:
    page, complaints = open_page(browser, size, scheme)
    wide = []
    for path in ALL_PAGES:
        page.goto(desk_url + path, wait_until="load")
        over = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        if over > 0:
            wide.append((path, over))
    page.context.close()
    assert wide == []
    assert complaints == []


def test_text_has_enough_contrast(browser: Browser, desk_url: str) -> None:
    """Every text of the overview, a pair and a shift reaches 4.5:1 (WCAG AA), in both schemes."""
    faint = []
    for scheme in ("light", "dark"):
        page, _ = open_page(browser, DESKTOP, scheme)
        for path in ("/", "/pair/musk/trump", "/shift/5c1f9a02", "/feeds", "/stories?q=Musk"):
            page.goto(desk_url + path)
            faint += [(scheme, path, *one) for one in page.evaluate(CONTRAST)]
        page.context.close()
    assert faint == []


def test_the_chart_is_drawn_and_read_by_keyboard(browser: Browser, desk_url: str) -> None:
    page, complaints = open_page(browser)
    page.goto(f"{desk_url}/pair/musk/trump")
    page.wait_for_selector(".plot canvas")
    assert page.locator(".plot canvas").count() == 2
    page.locator(".plot").focus()
    page.keyboard.press("End")
    last = page.locator(".readout").inner_text()
    page.keyboard.press("ArrowLeft")
    before = page.locator(".readout").inner_text()
    page.context.close()
    assert last.startswith("10 Jun 2025: −")
    assert before.startswith("9 Jun 2025: −")
    assert "publishers" in before
    assert complaints == []


def test_a_language_can_be_added_to_the_chart(browser: Browser, desk_url: str) -> None:
    page, complaints = open_page(browser)
    page.goto(f"{desk_url}/pair/musk/trump")
    button = page.get_by_role("button", name="German")
    button.focus()
    page.keyboard.press("Enter")
    assert button.get_attribute("aria-pressed") == "true"
    page.keyboard.press("Space")
    assert button.get_attribute("aria-pressed") == "false"
    page.context.close()
    assert complaints == []


def test_a_gap_is_said_to_be_one(browser: Browser, desk_url: str) -> None:
    page, _ = open_page(browser)
    page.goto(f"{desk_url}/pair/softbank/xai?range=30d")
    page.locator(".plot").focus()
    page.keyboard.press("End")
    told = {page.locator(".readout").inner_text()}
    for _ in range(12):
        page.keyboard.press("ArrowLeft")
        told.add(page.locator(".readout").inner_text())
    page.context.close()
    assert any(text.endswith("no counted story") for text in told)


def test_the_chart_follows_the_width_and_the_scheme(browser: Browser, desk_url: str) -> None:
    page, complaints = open_page(browser)
    page.goto(f"{desk_url}/actor/musk")
    page.wait_for_selector(".plot canvas")
    page.set_viewport_size({"width": 400, "height": 800})
    page.wait_for_function("document.querySelector('.plot .uplot').offsetWidth <= 400")
    page.emulate_media(color_scheme="dark")
    page.wait_for_timeout(100)
    assert page.locator(".plot canvas").count() == 2
    page.context.close()
    assert complaints == []


def test_from_the_overview_to_the_sentence_by_keyboard(browser: Browser, desk_url: str) -> None:
    page, complaints = open_page(browser)
    page.goto(desk_url)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Elon Musk and Donald Trump fell out"
    page.keyboard.press("Enter")
    page.wait_for_url("**/shift/5c1f9a02")
    page.get_by_role("link", name="Story").first.focus()
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    page.keyboard.press("Enter")
    page.wait_for_url("**/story/*")
    page.context.close()
    assert outline == "solid"
    assert complaints == []


def test_searching_by_keyboard(browser: Browser, desk_url: str) -> None:
    page, complaints = open_page(browser, PHONE)
    page.goto(f"{desk_url}/stories")
    page.get_by_role("searchbox").fill("Präsidenten")
    page.keyboard.press("Enter")
    page.wait_for_url("**/stories?q=Pr**")
    assert page.locator("mark").first.inner_text() == "Präsidenten"
    assert page.locator(".results h2").first.get_attribute("lang") == "de"
    page.context.close()
    assert complaints == []


def test_a_mail_is_shown_with_its_own_style(browser: Browser, desk_url: str) -> None:
    page, complaints = open_page(browser)
    page.goto(f"{desk_url}/inbox/5c1f9a02-1-ab12")
    heading = page.frame_locator("iframe").get_by_role("heading")
    assert heading.inner_text() == "Elon Musk and Donald Trump fell out"
    assert heading.evaluate("e => getComputedStyle(e).color") == "rgb(163, 68, 10)"
    page.context.close()
    assert complaints == []


@pytest.mark.parametrize("address", ["/inbox/5c1f9a02-2-ab12", "/inbox/5c1f9a02-2-ab12/html"])
def test_a_mail_cannot_run_or_load_anything(browser: Browser, desk_url: str, address: str) -> None:
    page, complaints = open_page(browser)
    answered: list[str] = []
    page.on("response", lambda response: answered.append(response.url))
    page.goto(desk_url + address)
    mail = page.frame_locator("iframe") if page.locator("iframe").count() else page
    assert mail.get_by_role("heading", name="fell out").inner_text() == "Elon Musk and Donald Trump fell out"
    page.context.close()
    assert [url for url in answered if not url.startswith(desk_url)] == []
    refused = [one for one in complaints if "Content Security Policy" in one or "sandboxed" in one]
    assert len(refused) >= 2, f"script and image are refused, and the browser says so: {complaints}"


def test_pages_work_without_scripts(browser: Browser, desk_url: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{desk_url}/pair/musk/trump")
    page.locator(".numbers summary").click()
    assert page.locator(".numbers tbody tr").count() > 60
    context.close()


# Compares the colour of each visible text with the nearest background that is not transparent.
CONTRAST = """
() => {
  const parse = (text) => {
    const [r, g, b, a = 1] = text.match(/[\\d.]+/g).map(Number);
    return { rgb: [r, g, b], a };
  };
  const luminance = (rgb) => {
    const [r, g, b] = rgb.map((v) => { v /= 255; return v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (element) => {
    for (let e = element; e; e = e.parentElement) {
      const { rgb, a } = parse(getComputedStyle(e).backgroundColor);
      if (a > 0.99) return rgb;
    }
    return [255, 255, 255];
  };
  const faint = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const element = node.parentElement;
    if (!node.textContent.trim() || element.closest("script, noscript, .hidden, .skip, canvas") || !element.offsetParent) continue;
    const fore = luminance(parse(getComputedStyle(element).color).rgb);
    const back = luminance(behind(element));
    const ratio = (Math.max(fore, back) + 0.05) / (Math.min(fore, back) + 0.05);
    if (ratio < 4.5) faint.push([element.className || element.tagName, node.textContent.trim().slice(0, 30), ratio.toFixed(2)]);
  }
  return faint;
}
"""
