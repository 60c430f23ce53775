"""Look at the pages as browsers and validators do, before a release.

Serves the sample register from a scratch directory; Lighthouse, html-validate and vnu (npm, `tools/release`; vnu wants Java),
Debian's Chromium and Firefox look at it. One JSON object a line on stdout; exit 1 where something is below what is wanted.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

ROOT = Path(__file__).parent.parent
RELEASE = ROOT / "tools" / "release"
PORT = "8765"
_PATIENCE = 60


def main() -> int:
    """Issue, serve, look; the number of what is below what is wanted, at most 1."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        environ = {**os.environ, "GREFFE_DATA": str(folder / "data"), "PORT": PORT, "PYTHONPATH": str(ROOT)}

        def greffe(*arguments: str | Path, codes: tuple[int, ...] = (0,)) -> str:
            command = [sys.executable, str(ROOT / "greffe.py"), *map(str, arguments)]
            done = subprocess.run(command, env=environ, capture_output=True, text=True, check=False)
            if done.returncode not in codes:
                raise SystemExit(done.stderr)
            return done.stdout

        greffe("init")
        greffe("issue", "--source", "table", ROOT / "sample_data", codes=(0, 3))
        greffe("publish")
        verifier, evidence, trust = (folder / file for file in ("verifier.html", "a.evidence.json", "trust.json"))
        greffe("offline-verifier", "-o", verifier)
        greffe("evidence", "sample", "BC9000001", "-o", evidence)
        greffe("trust", "-o", trust)
        server = subprocess.Popen([sys.executable, str(ROOT / "greffe.py"), "serve"], env=environ)
        try:
            base = f"http://localhost:{PORT}"
            _wait_for(base)
            asked = ["node", "check.mjs", base, "/organizations/sample/BC9000001", verifier, evidence, trust]
            looked = subprocess.run(asked, cwd=RELEASE, stdout=subprocess.PIPE, text=True, check=True)
        finally:
            server.terminate()
            server.wait(30)
    lines = [json.loads(line) for line in looked.stdout.splitlines()]
    sys.stdout.write(looked.stdout)
    return int(any(line["bad"] for line in lines))


def _wait_for(base: str) -> None:
    until = time.monotonic() + _PATIENCE
    while time.monotonic() < until:
        try:
            urllib.request.urlopen(f"{base}/readyz", timeout=5).close()
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.2)
        else:
            return
    raise SystemExit("the site does not answer")


if __name__ == "__main__":
    sys.exit(main())
