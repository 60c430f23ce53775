"""An office and public sites on machines of their own, on one PostgreSQL and one Elasticsearch.

Each has a data directory that no other sees.
"""

import secrets
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.builders.command import ROOT, Greffe, free_port, greffe_in, wait_for


@dataclass
class Machine:
    """A public site: `serve` and a follower."""

    greffe: Greffe
    processes: dict[str, subprocess.Popen[str]] = field(default_factory=dict)

    @property
    def base(self) -> str:
        return f"http://localhost:{self.greffe.environ['PORT']}"

    def start(self, name: str) -> None:
        """Start `serve` or `follow`."""
        if name == "serve":
            self.processes[name] = self.greffe.start("serve", "--no-follow")
            return
        command = [sys.executable, "-m", "tests.builders.following"]
        environ = {**self.greffe.environ, "PYTHONPATH": str(ROOT)}
        self.processes[name] = subprocess.Popen(command, env=environ, cwd=ROOT, text=True, start_new_session=True)

    def kill(self, name: str) -> None:
        """As a crash would."""
        self.processes[name].send_signal(signal.SIGKILL)
        self.processes[name].wait(timeout=30)

    def close(self) -> None:
        """End both."""
        for process in self.processes.values():
            process.terminate()
            process.wait(timeout=30)


def office_on(folder: Path, database: str, search_engine: str) -> Greffe:
    """An office with an empty ledger in that database, and an index of its own on that search engine."""
    own = greffe_in(folder / "office", free_port())
    settings = {
        "GREFFE_DATABASE_URL": database,
        "GREFFE_DATABASE_CONNECTIONS": "5",
        "GREFFE_SEARCH_URL": search_engine,
        "GREFFE_ORIGIN": f"machines.example/{secrets.token_hex(8)}",
    }
    office = Greffe({**own.environ, **settings})
    office("init")
    return office


def site_of(office: Greffe, folder: Path, port: int) -> Greffe:
    """The public side of that installation on another machine: it has the identity, and no key."""
    folder.mkdir()
    shutil.copy(office.data / "identity.json", folder)
    return Greffe({**office.environ, "GREFFE_DATA": str(folder), "PORT": str(port)})


@contextmanager
def machines(office: Greffe, folder: Path, count: int) -> Iterator[list[Machine]]:
    """So many public sites of that office, running; the first listens where the office says that its pages are."""
    ports = [int(office.environ["PORT"]), *(free_port() for _ in range(1, count))]
    every = [Machine(site_of(office, folder / f"site-{n}", port)) for n, port in enumerate(ports)]
    try:
        for machine in every:
            for name in ("serve", "follow"):
                machine.start(name)
        for machine in every:
            wait_for(machine.base)
        yield every
    finally:
        for machine in every:
            machine.close()
