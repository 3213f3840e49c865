"""Takes the pictures of the README from a running desk: python docs/images/take.py http://127.0.0.1:8420"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

HERE = Path(__file__).parent
PICTURES = (
    ("overview.png", "/", (1280, 900), "light"),
    ("pair.png", "/pair/musk/trump?range=all", (1280, 900), "light"),
    ("pair-phone.png", "/pair/musk/trump?range=1y", (390, 844), "dark"),
)


def main(url: str) -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"]
        )
        for name, path, (width, height), scheme in PICTURES:
            page = browser.new_page(viewport={"width": width, "height": height}, color_scheme=scheme)
            page.goto(url.rstrip("/") + path)
            page.wait_for_timeout(500)  # the chart is drawn once the page knows its width
            page.screenshot(path=HERE / name)
            print(f"{HERE / name}")
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8420")
