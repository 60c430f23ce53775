"""The stock `go` command as the client of a log made with our tree, tiles and notes: growth is accepted, forks are not.

It remembers the largest head that it saw and checks every record and tile against it, as it does with the public checksum
database; `Facade` gives our code that database's few addresses (go.dev/ref/mod#checksum-database).
"""

import base64
import io
import os
import subprocess
import threading
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from registry.keys import SigningKey
from registry.log import checkpoint, note
from registry.log.merkle import Frontier, leaf_hash
from registry.log.tiles import WIDTH, Tile, parse_tile, width_of
from sample_data.make_expected import fixed_bytes as seeded
from tests.interop.peers import go_command
from tests.mutations.bits import flip

ORIGIN = "go.sum database tree"
MODULE = "example.test/registered"
VERSIONS = ("v1.0.0", "v1.0.1", "v1.0.2")
SIGNER = SigningKey(seeded("sumdb")(32))
KEY = note.VerifierKey("sumdb.example", SIGNER.public.raw)


@dataclass
class Database:
    """A log of records: other modules' around those of `MODULE`, of which the versions given are in."""

    hashes: dict[str, str]
    versions: tuple[str, ...]
    others: str = ""
    entries: list[bytes] = field(default_factory=list)
    subtrees: dict[tuple[int, int], bytes] = field(default_factory=dict)
    frontier: Frontier = field(default_factory=Frontier)

    def __post_init__(self) -> None:
        self._fill(300)
        for version in self.versions:
            self.append(self.hashes[version])
            self._fill(150)

    def _fill(self, count: int) -> None:
        for _ in range(count):
            self.append(f"example.test/other{self.others} v0.0.{len(self.entries)} h1:\n")

    def append(self, record: str) -> None:
        self.entries.append(record.encode())
        for level, n, value in self.frontier.append(leaf_hash(record.encode())):
            self.subtrees[level, n] = value

    def signed(self) -> bytes:
        head = checkpoint.Checkpoint(ORIGIN, self.frontier.size, self.frontier.root())
        return note.sign(head.print(), KEY.name, SIGNER).print().encode()

    def record(self, version: str) -> bytes:
        """The answer to a lookup: the record's number, its text, a blank line, the signed head."""
        index = next(i for i, entry in enumerate(self.entries) if entry.startswith(f"{MODULE} {version} ".encode()))
        return f"{index}\n".encode() + self.entries[index] + b"\n" + self.signed()

    def tile(self, tile: Tile) -> bytes:
        assert tile.level is not None
        assert tile.width <= width_of(tile.level, tile.n, self.frontier.size)
        start = tile.n * WIDTH
        return b"".join(self.subtrees[8 * tile.level, start + i] for i in range(tile.width))


@dataclass
class Facade:
    """What is served now, and how it is tampered with on its way."""

    database: Database
    tamper: Callable[[str, bytes], bytes] = lambda _path, body: body

    def answer(self, path: str) -> bytes:
        if path == "/latest":
            return self.database.signed()
        if path.startswith(f"/lookup/{MODULE}@"):
            return self.database.record(path.partition("@")[2])
        return self.database.tile(parse_tile(path.removeprefix("/tile/8/")))


@contextmanager
def serving(facade: Facade) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = facade.tamper(self.path, facade.answer(self.path))
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *arguments: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


def hash_of(files: dict[str, bytes]) -> str:
    """The hash that go.sum has of a module's files (go.dev/ref/mod#go-sum-files)."""
    lines = "".join(f"{sha256(data).hexdigest()}  {name}\n" for name, data in sorted(files.items()))
    return "h1:" + base64.b64encode(sha256(lines.encode()).digest()).decode()


def release(folder: Path, version: str) -> str:
    """Put a version of the module where `go` finds it; its record for the database."""
    files = {"go.mod": f"module {MODULE}\n\ngo 1.21\n".encode(), "m.go": f"package m // {version}\n".encode()}
    named = {f"{MODULE}@{version}/{name}": data for name, data in files.items()}
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, data in named.items():
            archive.writestr(name, data)
    (folder / f"{version}.zip").write_bytes(packed.getvalue())
    (folder / f"{version}.mod").write_bytes(files["go.mod"])
    (folder / f"{version}.info").write_text(f'{{"Version":"{version}"}}', "utf-8")
    mod = hash_of({"go.mod": files["go.mod"]})
    return f"{MODULE} {version} {hash_of(named)}\n{MODULE} {version}/go.mod {mod}\n"


@dataclass(frozen=True)
class Client:
    """A `go` command of its own, which remembers what it saw."""

    folder: Path
    database: str

    def download(self, version: str) -> subprocess.CompletedProcess[str]:
        """Fetch a version of the module; the database is asked for its hash."""
        environment = {name: value for name, value in os.environ.items() if not name.startswith("GO")}
        own = {
            "GOPROXY": (self.folder.parent / "modules").as_uri(), "GOSUMDB": f"{KEY.print()} {self.database}",
            "GOPATH": str(self.folder), "GOCACHE": str(self.folder / "cache"), "GOENV": "off", "GOTOOLCHAIN": "local",
            "GOFLAGS": "-modcacherw", "GOWORK": "off", "GOTELEMETRY": "off",
        }  # fmt: skip
        command = [go_command(), "mod", "download", f"{MODULE}@{version}"]
        self.folder.mkdir(exist_ok=True)
        return subprocess.run(
            command, cwd=self.folder, env=environment | own, capture_output=True, encoding="utf-8", timeout=120
        )


@pytest.fixture
def hashes(tmp_path: Path) -> dict[str, str]:
    folder = tmp_path / "modules" / MODULE / "@v"
    folder.mkdir(parents=True)
    return {version: release(folder, version) for version in VERSIONS}


def test_growth_is_accepted_and_a_fork_refused(hashes: dict[str, str], tmp_path: Path) -> None:
    facade = Facade(Database(hashes, VERSIONS[:1]))
    with serving(facade) as url:
        client, newcomer = Client(tmp_path / "client", url), Client(tmp_path / "newcomer", url)
        assert client.download(VERSIONS[0]).returncode == 0
        facade.database = Database(hashes, VERSIONS[:2])
        grown = client.download(VERSIONS[1])
        assert grown.returncode == 0, grown.stderr
        facade.database = Database(hashes, VERSIONS, others=" forked")
        forked = client.download(VERSIONS[2])
        assert forked.returncode != 0
        assert "checking tree#602 against tree#753" in forked.stderr, forked.stderr
        assert newcomer.download(VERSIONS[2]).returncode == 0, "the control: who remembers nothing cannot see a fork"


def with_other_root(body: bytes) -> bytes:
    record = body[: body.index(ORIGIN.encode())]
    return record + note.sign(checkpoint.Checkpoint(ORIGIN, 451, bytes(32)).print(), KEY.name, SIGNER).print().encode()


#: what is tampered with -> does it to (address, answer)
TAMPERINGS: dict[str, Callable[[str, bytes], bytes]] = {
    "a hash of the record": lambda path, body: flip(body, 8 * (body.index(b"h1:") + 3)) if "lookup" in path else body,
    "the number of the record": lambda path, body: b"299\n" + body.partition(b"\n")[2] if "lookup" in path else body,
    "the root": lambda path, body: flip(body, 8 * (body.index(b"tree\n451\n") + 11)) if "lookup" in path else body,
    "the root, signed": lambda path, body: with_other_root(body) if "lookup" in path else body,
    "the signature": lambda path, body: flip(body, -72) if "lookup" in path else body,
    "a leaf's tile": lambda path, body: flip(body, 40) if path.startswith("/tile/8/0/") else body,
    "an upper tile": lambda path, body: flip(body, 40) if path.startswith("/tile/8/1/") else body,
    "a tile cut short": lambda path, body: body[:-32] if path.startswith("/tile/8/0/") else body,
}


@pytest.mark.parametrize("tamper", TAMPERINGS.values(), ids=TAMPERINGS)
def test_tampering_is_refused(hashes: dict[str, str], tamper: Callable[[str, bytes], bytes], tmp_path: Path) -> None:
    changed: list[str] = []

    def noting(path: str, body: bytes) -> bytes:
        answer = tamper(path, body)
        if answer != body:
            changed.append(path)
        return answer

    facade = Facade(Database(hashes, VERSIONS[:1]), noting)
    with serving(facade) as url:
        assert Client(tmp_path / "client", url).download(VERSIONS[0]).returncode != 0
        assert changed, "nothing was tampered with"
        facade.tamper = lambda _path, body: body
        assert Client(tmp_path / "control", url).download(VERSIONS[0]).returncode == 0
