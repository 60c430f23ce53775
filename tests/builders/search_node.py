"""Real Elasticsearch nodes of the tests' own, built from `tests/searchnode`."""

import fcntl
import os
import queue
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from tempfile import mkdtemp

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
        self._settings, self._heap = list(settings), heap
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Starts it, and waits until it serves."""
        self.launch()
        self.await_ready()

    def launch(self, tie: int = subprocess.PIPE) -> None:
        """Starts it, and waits for nothing. `tie`: what it reads, and ends with; else a pipe of ours."""
        flags = [f"-Xms{self._heap}", f"-Xmx{self._heap}", "-XX:+UseSerialGC", f"-Djava.io.tmpdir={self.folder}"]
        flags.append("-XX:TieredStopAtLevel=1")
        environ = {name: value for name, value in os.environ.items() if not name.startswith(("JAVA_", "JDK_", "CLASS"))}
        path = f"{_BUILT / 'classes'}:{_BUILT / 'lib'}/*"
        command = ["java", *flags, "-cp", path, "org.elasticsearch.node.TestNode", str(self.folder), *self._settings]
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                command, stdin=tie, stdout=subprocess.PIPE, stderr=log, cwd=self.folder, env=environ
            )
        self._lines: queue.Queue[bytes] = queue.Queue()
        threading.Thread(target=self._drain, args=(self._process, self._lines), daemon=True).start()

    def await_ready(self) -> None:
        """Waits until it serves. RuntimeError: it ended, or takes too long."""
        deadline = time.monotonic() + _PATIENCE
        while True:
            try:
                line = self._lines.get(timeout=max(0.0, deadline - time.monotonic()))
            except queue.Empty:
                line = b""
            if line.startswith(b"READY "):
                self.url = line.split()[1].decode()
                return
            if not line:
                log = (self.folder / "log").read_text("utf-8", "replace")[-2000:]
                self.kill()
                raise RuntimeError(f"the search node does not serve: {log}")

    def kill(self) -> None:
        """Ends it at once, as a power cut would."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            if self._process.stdin is not None:
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

    def _drain(self, process: "subprocess.Popen[bytes]", lines: "queue.Queue[bytes]") -> None:
        """Reads what it prints for its whole life: a full pipe would stop it."""
        assert process.stdout is not None
        with process.stdout:
            for line in process.stdout:
                lines.put(line)
        lines.put(b"")


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
                # both ends, so that opening it waits for nobody
                both = os.open(fifo, os.O_RDWR)
                node = Node()
                reads = os.open(fifo, os.O_RDONLY)
                node.launch(tie=reads)
                os.close(reads)
                self._tie = os.open(fifo, os.O_WRONLY)
                os.close(both)
                node.await_ready()
                address.write_text(node.url, "utf-8")
            else:
                self._tie = os.open(fifo, os.O_WRONLY)
            self.url = address.read_text("utf-8")

    def release(self) -> None:
        """Lets it go."""
        os.close(self._tie)


def free_ports(count: int) -> list[int]:
    """Ports that nobody listens on."""
    sockets = [socket.socket() for _ in range(count)]
    for each in sockets:
        each.bind(("127.0.0.1", 0))
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports
