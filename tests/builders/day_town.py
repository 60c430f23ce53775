"""An office, its public site, a witness, PostgreSQL and a small disk, as processes that a plan breaks and a watch looks at.

The office's data directory lies on a disk of its own, a tmpfs that only its processes see; between them and the database stands
a link that can be cut.
"""

import json
import os
import shutil
import signal
import socket
import subprocess
import threading
import time
import urllib.error
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from hashlib import sha256
from http.client import HTTPException
from pathlib import Path
from urllib.request import Request, urlopen

import pytest
import sqlalchemy as sa

from registry.log import checkpoint, note
from tests.builders.command import ROOT, Greffe, free_port, greffe_in, require
from tests.builders.day_plan import DAEMONS, Commit, Ended, Observed, Ready
from tests.builders.postgresql import Server

_DISK_MIB = 192
_WITNESS = "witness.example/day"
#: a daemon that ends so within these seconds of its start is started again, as its unit says (`Restart=on-failure`)
_TRY_LATER, _STARTING = 75, 20.0
#: what an answer ends in whose server was killed
_GONE = (OSError, HTTPException)


class Link:
    """A TCP port of this machine in front of the database's socket. `cut`: connections fall, and none comes about."""

    def __init__(self, target: Path) -> None:
        self.port, self._target = free_port(), target
        self._links = set[socket.socket]()
        self._listening: socket.socket | None = None

    def mend(self) -> None:
        """Let connections through."""
        listening = socket.create_server(("127.0.0.1", self.port))
        self._listening = listening
        threading.Thread(target=self._accept, args=(listening,), daemon=True).start()

    def cut(self) -> None:
        """From now on nothing gets through."""
        listening, self._listening = self._listening, None
        if listening is not None:
            listening.shutdown(socket.SHUT_RDWR)
            listening.close()
        for link in list(self._links):
            with suppress(OSError):
                link.shutdown(socket.SHUT_RDWR)

    def _accept(self, listening: socket.socket) -> None:
        while True:
            try:
                near, _ = listening.accept()
            except OSError:
                return
            far = socket.socket(socket.AF_UNIX)
            try:
                far.connect(str(self._target))
            except OSError:
                near.close()
                far.close()
                continue
            self._links |= {near, far}
            if self._listening is not listening:  # cut meanwhile
                near.close()
                far.close()
                return
            for source, sink in ((near, far), (far, near)):
                threading.Thread(target=self._pump, args=(source, sink), daemon=True).start()

    def _pump(self, source: socket.socket, sink: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(1 << 16):
                sink.sendall(data)
        for end in (source, sink):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
        self._links.discard(source)
        source.close()


class Disk:
    """A small disk that the processes started `on` it see under `path`, and everybody else under `outside`."""

    def __init__(self, path: Path) -> None:
        for program in ("unshare", "nsenter"):
            require(shutil.which(program) is not None, f"{program} (Debian: util-linux)")
        path.mkdir()
        self.path = path
        script = f'mount -t tmpfs -o size={_DISK_MIB}m day "$1" && echo there && exec sleep infinity'
        command = ["unshare", "-rm", "sh", "-c", script, "sh", str(path)]
        self._keeper = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert self._keeper.stdout is not None
        if self._keeper.stdout.readline() != "there\n":  # a right, not a part: nobody can install it
            pytest.skip("no right to mount in a namespace of one's own: not proven here")
        self.on = ["nsenter", f"--target={self._keeper.pid}", "-U", "-m", "--preserve-credentials", "--"]
        self.outside = Path(f"/proc/{self._keeper.pid}/root") / path.relative_to("/")

    def fill(self) -> None:
        """Leave not a byte."""
        with (self.outside / "filling").open("wb", buffering=0) as file, suppress(OSError):
            while file.write(bytes(1 << 16)):
                pass

    def empty(self) -> None:
        """Take the filling away."""
        (self.outside / "filling").unlink()

    def close(self) -> None:
        """It is gone with all that lies on it."""
        self._keeper.kill()
        self._keeper.wait(timeout=30)
        assert self._keeper.stdout is not None
        self._keeper.stdout.close()


class Town:
    """All of it. `observed`: what was seen; every moment is in seconds since `start`."""

    def __init__(self, folder: Path, server: Server, disk: Disk) -> None:
        self.observed = Observed()
        self._folder, self._server, self.disk = folder, server, disk
        self._link = Link(server.folder / ".s.PGSQL.5432")
        self._link.mend()
        name = sa.make_url(server.new_database()).database
        own = greffe_in(disk.path / "office", free_port())
        url = f"postgresql+psycopg://reg@127.0.0.1:{self._link.port}/{name}"
        self.greffe = Greffe({**own.environ, "GREFFE_DATABASE_URL": url, "GREFFE_DATABASE_CONNECTIONS": "5"})
        self.base = f"http://localhost:{own.environ['PORT']}"
        self._office, self._witness = free_port(), free_port()
        self._daemons = dict[str, subprocess.Popen[str]]()
        self._started = dict[str, float]()
        self._running = dict[str, subprocess.Popen[str]]()
        self._off, self._lock = set[str](), threading.RLock()
        self._done = threading.Event()
        self._threads = list[threading.Thread]()
        self.errors = list[str]()
        self._began = time.monotonic()

    def now(self) -> float:
        """Seconds since the day began."""
        return time.monotonic() - self._began

    def prepare(self) -> None:
        """An empty ledger that relies on one witness."""
        self.run("init")
        data = self.disk.outside / "office"
        trust = json.loads((data / "trust.json").read_bytes())
        self._logs = [*trust["ledgerKeys"], *trust["indexKeys"]]
        vkey = greffe_in(self._folder / "elsewhere")(*self._witnessing(), "--print-key").stdout.strip()
        lines = [f"log {log}" for log in self._logs]
        lines += [f"witness w {vkey} http://127.0.0.1:{self._witness}", "quorum w", ""]
        (data / "witness-policy").write_text("\n".join(lines), "utf-8")
        self.origin = trust["origin"]

    def _witnessing(self) -> list[str]:
        return ["witness", "--name", _WITNESS, "--data", str(self._folder / "witness")]

    def _command(self, *arguments: str) -> list[str]:
        return [*self.disk.on, *Greffe.command(*arguments)]

    def run(self, *arguments: str, expect: tuple[int, ...] = (0,)) -> str:
        """A command on the office's disk, to its end: what it prints."""
        done = subprocess.run(
            self._command(*arguments), env=self.greffe.environ, cwd=ROOT, capture_output=True, text=True, timeout=600
        )
        assert done.returncode in expect, f"exit {done.returncode}\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}"
        return done.stdout

    def start(self, name: str) -> None:
        """Start a daemon."""
        arguments = {
            "serve": ["serve", "--no-follow"],
            "publish": ["publish", "--every", "0.5"],
            "office": ["office", "--port", str(self._office)],
            "witness": [*self._witnessing(), "--port", str(self._witness)],
        }[name]
        command, environ = self._command(*arguments), self.greffe.environ
        if name == "witness":  # on a machine of its own
            logs = [word for log in self._logs for word in ("--log", log)]
            command, environ = Greffe.command(*arguments, *logs), greffe_in(self._folder / "elsewhere").environ
        self._started[name] = self.now()
        with (self._folder / f"{name}.log").open("a") as log_file, self._lock:
            self._daemons[name] = subprocess.Popen(
                command,
                env=environ,
                cwd=ROOT,
                stdout=subprocess.DEVNULL,
                stderr=log_file,
                text=True,
                start_new_session=True,
            )

    def act(self, kind: str, *, ends: bool) -> None:
        """Break something, or put it right."""
        which = kind.partition(" ")[2]
        if which in DAEMONS:
            if ends:
                self.start(which)
            else:
                self._kill_daemon(which)
        elif which in ("issue", "follow"):
            self._switch(which, ends=ends)
        else:
            server = self._server
            broken, mended = {
                "kill database": (server.kill, server.start),
                "stop database": (server.stop, server.start),
                "cut database": (self._link.cut, self._link.mend),
                "freeze database": (server.freeze, server.thaw),
                "fill disk": (self.disk.fill, self.disk.empty),
            }[kind]
            (mended if ends else broken)()

    def _kill_daemon(self, name: str) -> None:
        with self._lock:
            process = self._daemons.pop(name)
            code = process.poll()
            process.kill()
            process.wait(timeout=30)
            self.observed.ended.append(Ended(name, self.now(), code or -signal.SIGKILL, code is None))

    def _switch(self, name: str, *, ends: bool) -> None:
        """`follow` does not run meanwhile; `issue` dies at its next acknowledgement, whenever that comes."""
        with self._lock:
            if ends and name == "follow":
                self._off.discard(name)
            if ends:
                return
            self._off.add(name)
            if name == "follow" and name in self._running:
                self._running[name].kill()

    def is_off(self, name: str) -> bool:
        """Whether the plan keeps that command from its work now."""
        return name in self._off

    def command(self, name: str, *arguments: str) -> int:
        """A command that others may kill meanwhile, to its end: its exit code. Acknowledgements are noted as they come."""
        process = subprocess.Popen(
            self._command(name, *arguments),
            env=self.greffe.environ,
            cwd=ROOT,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        assert process.stderr is not None
        self._running[name] = process
        killed, said = False, deque[str](maxlen=3)
        for line in process.stderr:
            said.append(line)
            if line.startswith("committed "):
                _, size, root = line.split()
                self.observed.commits.append(Commit(self.now(), int(size), root))
                if name == "issue" and self.is_off(name):
                    process.kill()
                    self._off.discard(name)
                    killed = True
            elif "Traceback" in line:
                self.errors.append(f"{name}: a traceback at {self.now():.1f} s")
        process.stderr.close()
        code = process.wait(timeout=600)
        del self._running[name]
        killed = killed or (code == -signal.SIGKILL and self.is_off(name))
        self.observed.ended.append(Ended(name, self.now(), code, killed, "".join(said)))
        return code

    def post_note(self) -> bool:
        """One note through the office's door; whether it was acknowledged."""
        token = (self.disk.outside / "office" / "keys" / "office-token").read_text("utf-8").strip()
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/x-ndjson"}
        asked = Request(f"http://localhost:{self._office}/entries", b'{"kind":"note","reason":"of_the_day"}\n', headers)
        try:
            with urlopen(asked, timeout=30) as answer:
                said = json.loads(answer.read())
        except _GONE:
            return False
        self.observed.commits.append(Commit(self.now(), said["size"], said["root"]))
        return True

    def look(self) -> None:
        """Ask `/readyz` once; and whether a daemon has ended. One that found the database away as it began begins again."""
        asked, status, parts = self.now(), 0, None
        try:
            with urlopen(f"{self.base}/readyz", timeout=60) as answer:
                status, text = answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            status, text = error.code, error.read().decode()
        except _GONE:
            text = ""
        if text:
            parts = {line.split()[0]: line.split()[1] == "ok" for line in text.splitlines()}
        self.observed.ready.append(Ready(asked, self.now(), status, parts))
        with self._lock:
            for name, process in list(self._daemons.items()):
                code = process.poll()
                if code == _TRY_LATER and self.now() - self._started[name] < _STARTING:
                    self.start(name)
                elif code is not None:
                    self.observed.ended.append(Ended(name, self.now(), code, False))
                    del self._daemons[name]

    def wait_until_well(self, seconds: float) -> None:
        """Wait until `/readyz` has nothing to tell."""
        until = time.monotonic() + seconds
        while True:
            with suppress(*_GONE), urlopen(f"{self.base}/readyz", timeout=60) as answer:
                text = answer.read().decode()
                if all(line.endswith(" ok") for line in text.splitlines()):
                    return
            assert time.monotonic() < until, f"not well within {seconds} s\n{self.logs()[-4000:]}"
            time.sleep(0.1)

    def note_heads(self) -> None:
        """What the site and the witness show of the log."""
        hashed = sha256(self.origin.encode()).hexdigest()
        places = [f"{self.base}/checkpoint", f"{self.base}/checkpoint/pending"]
        for url in (*places, f"http://127.0.0.1:{self._witness}/{hashed}/checkpoint"):
            with suppress(*_GONE), urlopen(url, timeout=60) as answer:
                head = checkpoint.parse(note.parse(answer.read().decode()).text)
                self.observed.heads.add((head.size, head.root.hex()))

    def repeat(self, act: Callable[[], object], seconds: float) -> None:
        """Do something again and again in a thread, until the day is over."""

        def run() -> None:
            while not self._done.is_set():
                try:
                    act()
                except Exception as error:
                    self.errors.append(f"{type(error).__name__}: {error}")
                self._done.wait(seconds)

        thread = threading.Thread(target=run)
        thread.start()
        self._threads.append(thread)

    def end_repeating(self) -> None:
        """The day is over: whoever repeats something ends."""
        self._done.set()
        for thread in self._threads:
            thread.join(120)

    def logs(self) -> str:
        """What the daemons have said."""
        return "".join(path.read_text("utf-8", "replace") for path in sorted(self._folder.glob("*.log")))

    def close(self) -> None:
        """End everything that still runs."""
        self.end_repeating()
        with self._lock:
            for process in (*self._daemons.values(), *self._running.values()):
                with suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
                process.wait(timeout=30)
        self._link.cut()


@contextmanager
def town_in(folder: Path) -> Iterator[Town]:
    """A town with an empty ledger, nothing of it running yet."""
    server = Server()
    try:
        disk = Disk(folder / "disk")
        try:
            town = Town(folder, server, disk)
            try:
                town.prepare()
                yield town
            finally:
                town.close()
        finally:
            disk.close()
    finally:
        server.remove()
