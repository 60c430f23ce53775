"""`make picture FILE`: the organization page after the check, in a real Chromium."""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

from playwright.sync_api import expect, sync_playwright

ROOT = Path(__file__).parent.parent
NUMBER = "BC9000001"


def main(target: Path) -> None:
    """Run the demo on a scratch directory, press Check, take the picture."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    with tempfile.TemporaryDirectory() as scratch:
        environ = {**os.environ, "GREFFE_DATA": scratch, "PORT": port}
        demo = subprocess.Popen([sys.executable, str(ROOT / "tools" / "demo.py")], env=environ)
        try:
            base = f"http://localhost:{port}"
            _wait(base)
            _take(f"{base}/en/organizations/sample/{NUMBER}", target)
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


def _take(url: str, target: Path) -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"]
        )
        page = browser.new_page(viewport={"width": 1000, "height": 900})
        page.goto(url)
        page.get_by_role("button", name="Check").click()
        expect(page.get_by_role("button", name="Check")).to_be_enabled()  # the panel itself is closed to scripts
        page.wait_for_timeout(1000)
        page.screenshot(path=target)
        browser.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
