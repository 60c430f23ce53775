"""Real Elasticsearch nodes of the tests' own, built from `tests/searchnode`."""

import fcntl
import os
import secrets
import shutil
import socket
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path
from tempfile import mkdtemp

from registry.installation.settings import SearchEngine
from search.index.elastic import ElasticIndex
from tests.builders.command import ROOT, require

_BUILT = ROOT / "tests" / "searchnode" / "target"
#: in memory, where there is such a place: a node syncs its files at every change, and outlives no machine here
_SCRATCH = "/dev/shm"
#: seconds until a node must serve
_PATIENCE = 180


class Node:
    """A node in a folder; it can be killed and started again there. It ends with the tests, however they end."""

    def __init__(self, settings: Sequence[str] = (), heap: str = "512m") -> None:
        require(shutil.which("java") is not None, "a JDK")
        require((_BUILT / ".built-from").exists(), "the search node (tools/install_peers.py builds it with Maven)")
        self.folder = Path(mkdtemp(prefix="greffe-node-", dir=_SCRATCH if os.access(_SCRATCH, os.W_OK) else None))
        self.url = ""
        (self.folder / "out").touch()
        self._settings, self._heap = list(settings), heap
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Starts it, and waits until it serves."""
        self.launch()
        self.await_ready()

    def launch(self) -> None:
        """Starts it, and waits for nothing."""
        with (self.folder / "out").open("wb") as out, (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                self.command, stdin=subprocess.PIPE, stdout=out, stderr=log, cwd=self.folder, env=self.environ
            )

    @property
    def command(self) -> list[str]:
        """What starts it; it ends with its standard input."""
        flags = [f"-Xms{self._heap}", f"-Xmx{self._heap}", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"]
        path = f"{_BUILT / 'classes'}:{_BUILT / 'lib'}/*"
        main = ["-cp", path, "org.elasticsearch.node.TestNode", str(self.folder), *self._settings]
        return ["java", *flags, f"-Djava.io.tmpdir={self.folder}", *main]

    @property
    def environ(self) -> dict[str, str]:
        """What changes how Java starts is left out."""
        return {name: value for name, value in os.environ.items() if not name.startswith(("JAVA_", "JDK_", "CLASS"))}

    def await_ready(self) -> None:
        """Waits until it serves. RuntimeError: it ended, or takes too long."""
        deadline = time.monotonic() + _PATIENCE
        while True:
            for line in (self.folder / "out").read_text("utf-8", "replace").splitlines(keepends=True):
                if line.startswith("READY ") and line.endswith("\n"):
                    self.url = line.split()[1]
                    return
            if time.monotonic() > deadline or (self._process is not None and self._process.poll() is not None):
                log = (self.folder / "log").read_text("utf-8", "replace")[-2000:]
                self.kill()
                raise RuntimeError(f"the search node does not serve: {log}")
            time.sleep(0.05)

    def kill(self) -> None:
        """Ends it at once, as a power cut would."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            assert self._process.stdin is not None
            self._process.stdin.close()
            self._process = None

    def stop(self) -> None:
        """Ends it in good order."""
        if self._process is not None:
            assert self._process.stdin is not None
            self._process.stdin.close()
            try:
                self._process.wait(30)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            self._process = None

    def remove(self) -> None:
        """Ends it, and removes its folder."""
        self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)


class SharedNode:
    """One node for all processes of tests; it ends with the last of them that holds on to it."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(exist_ok=True)
        self._tie = -1
        with (folder / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            fifo, address = folder / "tie", folder / "address"
            if not address.exists():
                os.mkfifo(fifo)
                # both ends, so that opening one waits for nobody
                both = os.open(fifo, os.O_RDWR)
                self._tie = os.open(fifo, os.O_WRONLY)
                address.write_text(self._started(fifo), "utf-8")
                os.close(both)
            else:
                self._tie = os.open(fifo, os.O_WRONLY)
            self.url = address.read_text("utf-8")

    def release(self) -> None:
        """Lets it go."""
        os.close(self._tie)

    def _started(self, tie: Path) -> str:
        """Starts it as nobody's child: its folder goes when it ends. `tie`: what it reads. Gives back its address."""
        node = Node()
        script = '("$@"; rm -rf "$0") <"$TIE" >"$0"/out 2>"$0"/log &'
        command = ["sh", "-c", script, str(node.folder), *node.command]
        subprocess.run(command, check=True, stdin=subprocess.DEVNULL, env={**node.environ, "TIE": str(tie)})
        node.await_ready()
        return node.url


def elastic_index(url: str, fresh: float = 0.0) -> ElasticIndex:
    """A new index of an installation that nobody else has. `fresh`: seconds for which it answers from the same state."""
    return ElasticIndex(SearchEngine((url,)), f"test/{secrets.token_hex(8)}", fresh)


def removed(index: ElasticIndex) -> None:
    """Takes all generations of an index away."""
    generations = index.generations
    for name in generations.every():
        generations.drop(name)
    index.close()


def free_ports(count: int) -> list[int]:
    """Ports that nobody listens on."""
    sockets = [socket.socket() for _ in range(count)]
    for each in sockets:
        each.bind(("127.0.0.1", 0))
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports
