"""`make pictures FOLDER`: home, results, an organization, three verdicts, in a real Chromium.

All over the running demo. The failed check is of a page whose name was changed after it was served.
"""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, expect, sync_playwright

ROOT = Path(__file__).parent.parent
ORGANIZATION = "/organizations/sample/BC9000001"
_NO_JUDGEMENT_MS = 1000  # the panel is closed to scripts: it is drawn by then


def main(folder: Path) -> None:
    """Run the demo on a scratch directory and take each picture into the folder."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    with tempfile.TemporaryDirectory() as scratch:
        environ = {**os.environ, "GREFFE_DATA": scratch, "PORT": port}
        demo = subprocess.Popen([sys.executable, str(ROOT / "tools" / "demo.py")], env=environ)
        try:
            base = f"http://localhost:{port}"
            _wait(base)
            _take(base, folder)
        finally:
            demo.terminate()
            demo.wait()


def _wait(base: str) -> None:
    for _ in range(1200):
        try:
            with urllib.request.urlopen(f"{base}/livez", timeout=2):
                return
        except OSError:
            time.sleep(0.1)
    raise SystemExit(f"nothing answers at {base}")


def _take(base: str, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"]
        )
        for name, go in PICTURES.items():
            page = browser.new_page(viewport={"width": 1000, "height": 900})
            go(page, base)
            page.screenshot(path=folder / f"{name}.png")
            page.close()
        browser.close()


def _press(page: Page) -> None:
    page.get_by_role("button", name="Check this page").click()
    expect(page.get_by_role("button", name="Check this page")).to_be_enabled()
    page.wait_for_timeout(_NO_JUDGEMENT_MS)


def _verified(page: Page, base: str) -> None:
    page.goto(f"{base}/en{ORGANIZATION}")
    _press(page)


def _failed(page: Page, base: str) -> None:
    page.goto(f"{base}/en{ORGANIZATION}")
    page.locator("h1 [data-claim]").evaluate("name => { name.textContent = 'ROYAL LANTERN BANK LTD.'; }")
    _press(page)


def _superseded(page: Page, base: str) -> None:
    items = page.request.get(f"{base}/api/v1/organizations?name_kind=former&limit=1").json()["items"]
    old = page.request.get(f"{base}/credentials/{items[0]['register']}/{items[0]['number']}/1/evidence").text()
    page.goto(f"{base}/en/verify")
    page.locator("#evidence").fill(old)
    page.locator("form#paste button").click()
    page.wait_for_timeout(_NO_JUDGEMENT_MS)


PICTURES: dict[str, Callable[[Page, str], object]] = {
    "home": lambda page, base: page.goto(f"{base}/en/"),
    "results": lambda page, base: page.goto(f"{base}/en/search?q=lantern"),
    "organization": lambda page, base: page.goto(f"{base}/fr{ORGANIZATION}"),
    "verified": _verified,
    "superseded": _superseded,
    "failed": _failed,
}

if __name__ == "__main__":
    main(Path(sys.argv[1]))
