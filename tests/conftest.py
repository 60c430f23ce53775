"""What tests share. Reach for `office` for a ledger in this process, `greffe` for the command, `live_server` for a running
site with the sample issued and published. Each test gets a scratch directory of its own; `live_server` is one for all.
"""

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from registry.installation.initialize import initialize
from registry.installation.office import Office
from registry.installation.settings import from_environ
from registry.ledger.surroundings import Surroundings
from sample_data.make_expected import fixed_bytes as seeded

ROOT = Path(__file__).parent.parent
SHARED_DATA = ROOT.parent / "shared" / "data"
#: whether slow suites run at their full length (`make soak`)
SOAK = os.environ.get("GREFFE_TEST_SOAK") == "1"
NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def require(there: bool, what: str) -> None:
    """Skip loudly without an installable part; fail where GREFFE_TEST_REQUIRE=all says that it must be there."""
    if not there:
        if os.environ.get("GREFFE_TEST_REQUIRE") == "all":
            pytest.fail(f"{what} is missing, and GREFFE_TEST_REQUIRE=all")
        pytest.skip(f"{what} is missing: not proven here")


def shared_data(name: str) -> Path:
    """A folder of real registers beside the checkout; the test is skipped, loudly, where there is none."""
    folder = SHARED_DATA / name
    if not folder.exists():
        pytest.skip(f"the data folder {name} is not beside the checkout: not proven here")
    return folder


def surroundings(seed: str = "test", now: datetime = NOW) -> Surroundings:
    """A run's surroundings with a stopped clock and repeatable randomness, silent."""
    return Surroundings(lambda: now, seeded(seed), lambda _head: None, lambda _done, _total: None)


@pytest.fixture
def office(tmp_path: Path) -> Office:
    """A new installation in a scratch directory, with keys that are always the same."""
    return initialize(from_environ({"GREFFE_DATA": str(tmp_path / "data")}), seeded("keys"))


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Any]:
    """A PostgreSQL server of our own, one for all tests."""
    from tests.builders.postgresql import Server  # it takes `require` from here

    server = Server()
    yield server
    server.remove()


@dataclass(frozen=True)
class Greffe:
    """The command with an environment of its own."""

    environ: dict[str, str]

    @property
    def data(self) -> Path:
        return Path(self.environ["GREFFE_DATA"])

    def __call__(self, *arguments: str | Path, expect: int = 0) -> subprocess.CompletedProcess[str]:
        """Run it to its end; the exit code must be the expected one."""
        done = subprocess.run(
            self.command(*arguments), env=self.environ, cwd=ROOT, capture_output=True, text=True, timeout=600
        )
        assert done.returncode == expect, f"exit {done.returncode}\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}"
        return done

    def start(self, *arguments: str | Path, stderr: int | None = None) -> subprocess.Popen[str]:
        """Start it in a process group of its own."""
        return subprocess.Popen(
            self.command(*arguments),
            env=self.environ,
            cwd=ROOT,
            stdout=subprocess.DEVNULL,
            stderr=stderr,
            text=True,
            start_new_session=True,
        )

    @staticmethod
    def command(*arguments: str | Path) -> list[str]:
        return [sys.executable, str(ROOT / "greffe.py"), *map(str, arguments)]


def greffe_in(data: Path, port: int = 8000) -> Greffe:
    """The command on that data directory; nothing of this process's own settings leaks in."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GREFFE_")}
    return Greffe({**kept, "GREFFE_DATA": str(data), "PORT": str(port)})


@pytest.fixture
def greffe(tmp_path: Path) -> Greffe:
    """The command on a scratch data directory."""
    return greffe_in(tmp_path / "data")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session")
def live_installation(tmp_path_factory: pytest.TempPathFactory) -> Greffe:
    """The sample register issued and published, once for all tests that only read."""
    greffe = greffe_in(tmp_path_factory.mktemp("live"), free_port())
    greffe("init")
    greffe("issue", "--source", "table", ROOT / "sample_data", expect=3)
    greffe("publish")
    return greffe


@pytest.fixture(scope="session")
def live_server(live_installation: Greffe) -> Iterator[str]:
    """The base URL of a running site over the sample."""
    server = live_installation.start("serve")
    base = f"http://localhost:{live_installation.environ['PORT']}"
    try:
        wait_for(base)
        yield base
    finally:
        server.terminate()
        server.wait(timeout=30)


def wait_for(base: str, seconds: float = 60) -> None:
    """Wait until the site answers and its index holds the whole ledger."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(f"{base}/readyz", timeout=5) as answer:
                if b"index ok" in answer.read():
                    return
        except OSError:
            pass
        time.sleep(0.1)
    pytest.fail(f"nothing answers at {base} after {seconds} s")
