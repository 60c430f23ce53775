"""The command in a process of its own; and what tests start from: time, chance, ports, parts that can be installed."""

import gc
import multiprocessing
import os
import random
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

import greffe
from registry.ledger.surroundings import Surroundings
from sample_data.make_expected import fixed_bytes

greffe.commands()  # the rooms are imported before a process is forked, and before a test patches one
ROOT = Path(__file__).parent.parent.parent
SHARED_DATA = ROOT.parent / "shared" / "data"
#: whether slow suites run at their full length (`make soak`)
SOAK = os.environ.get("GREFFE_TEST_SOAK") == "1"
NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
#: forks processes that have imported the command already: ten milliseconds each, where an interpreter takes a second
FORKED = multiprocessing.get_context("forkserver")
FORKED.set_forkserver_preload([__name__])
#: what the interpreter reads when it starts: a command with others than ours gets an interpreter of its own
_READ_AT_START = ("LANG", "LC_", "PYTHON")
#: seconds
_PATIENCE = 600
#: below the ports that the kernel gives to whoever does not ask for one
_PORTS = range(20_000, 32_000)
#: one socket for each port that this process drew; closed when it ends
_claims: list[socket.socket] = []


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
    return Surroundings(lambda: now, fixed_bytes(seed), lambda _head: None, lambda _done, _total: None)


@dataclass(frozen=True)
class Greffe:
    """The command with an environment of its own."""

    environ: dict[str, str]

    @property
    def data(self) -> Path:
        return Path(self.environ["GREFFE_DATA"])

    def __call__(self, *arguments: str | Path, expect: int = 0) -> subprocess.CompletedProcess[str]:
        """Run it to its end; the exit code must be the expected one."""
        command = self.command(*arguments)
        if _read_at_start(self.environ) == _read_at_start(os.environ):
            done = _forked(command, self.environ)
        else:
            done = subprocess.run(
                command, env=self.environ, cwd=ROOT, capture_output=True, text=True, timeout=_PATIENCE
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


def _read_at_start(environ: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in environ.items() if name.startswith(_READ_AT_START)}


def _forked(command: list[str], environ: dict[str, str]) -> subprocess.CompletedProcess[str]:
    with tempfile.TemporaryDirectory() as name:
        stdout, stderr = Path(name) / "stdout", Path(name) / "stderr"
        process = FORKED.Process(target=_run, args=(command[1:], environ, stdout, stderr))
        process.start()
        process.join(_PATIENCE)
        if process.exitcode is None:
            process.kill()
            raise subprocess.TimeoutExpired(command, _PATIENCE)
        texts = (file.read_text("utf-8") if file.exists() else "" for file in (stdout, stderr))
        done = subprocess.CompletedProcess(command, process.exitcode, *texts)
        process.close()
        return done


def _run(argv: list[str], environ: dict[str, str], stdout: Path, stderr: Path) -> None:
    """What a new interpreter would do with these arguments, in a process that was forked."""
    for number, file in ((1, stdout), (2, stderr)):
        os.dup2(os.open(file, os.O_WRONLY | os.O_CREAT), number)
    os.environ.clear()
    os.environ.update(environ)
    os.chdir(ROOT)
    sys.argv, sys.modules["__main__"] = argv, greffe
    try:
        greffe.main()
    except SystemExit as error:
        code = error.code
    gc.collect()  # an interpreter closes at its end what nobody closed; a forked process does not
    sys.exit(code)


def greffe_in(data: Path, port: int = 8000) -> Greffe:
    """The command on that data directory; nothing of this process's own settings leaks in.

    Its site counts what tests ask for, and has a quota that they do not reach.
    """
    environ = {name: value for name, value in os.environ.items() if not name.startswith("GREFFE_")}
    return Greffe({**environ, "GREFFE_DATA": str(data), "PORT": str(port), "GREFFE_RATE_LIMIT": "1000000"})


def free_port() -> int:
    """A TCP port of this machine that nobody listens on and no other test draws.

    A UDP socket under the same number claims it until this process ends: TCP stays free for the server, and a second
    process of tests cannot make the same claim.
    """
    for port in random.sample(_PORTS, len(_PORTS)):
        claim = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        try:
            claim.bind(("127.0.0.1", port))
            with socket.socket() as probe:
                probe.bind(("127.0.0.1", port))
        except OSError:
            claim.close()
            continue
        _claims.append(claim)
        return port
    raise RuntimeError("no free port")


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
