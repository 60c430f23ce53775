"""The rows of `make bench` about the index: following in bulk, freshness, readers beside a writer."""

import shutil
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from multiprocessing import get_context
from pathlib import Path
from random import Random

sys.path.insert(0, str(Path(__file__).parent.parent))

import bench_names
from bench_rows import say

from issuer import sources
from issuer.run.issue import issue
from registry.installation.initialize import initialize
from registry.installation.office import Office
from registry.installation.settings import from_environ
from registry.ledger.admission import Head
from registry.ledger.publish import publish
from registry.ledger.surroundings import Surroundings
from sample_data import generate
from search.index.decoding import Decoding, portion
from search.index.embedded import EmbeddedIndex
from search.index.follow import Follower, follow
from search.question.query import Filters, parse_query

_ISSUED, _INDEXED = 8_000, 50_000
_SECONDS = 8.0
_UPSERTS = 100


def say_finding(scratch: Path) -> None:
    """All of them, each beside its like."""
    folder = scratch / "finding"
    folder.mkdir()
    office = _filled(folder)
    _say_bulk(office, folder)
    _say_freshness(office, folder)
    _say_readers(folder)
    shutil.rmtree(folder)


def _filled(folder: Path) -> Office:
    text, _ = generate.extract(_ISSUED, generate.SEED, planted=False)
    (folder / "extract.csv").write_text(text, "utf-8", newline="")
    office = initialize(from_environ({"GREFFE_DATA": str(folder / "data")}))
    _issue(office, folder / "extract.csv")
    return office


def _issue(office: Office, extract: Path) -> None:
    around = Surroundings(lambda: datetime.now(UTC), bytes, _quiet, lambda _done, _total: None)
    issue(office, "table", sources.read("table", extract), around)


def _quiet(_head: Head) -> None:
    pass


def _say_bulk(office: Office, folder: Path) -> None:
    """One process, then others that read for it; starting those costs a second, whatever the ledger."""
    size = office.reader.size()
    start = time.perf_counter()
    documents = [each for first in range(0, size, 1000) for each in portion(office.reader, first, 1000).documents]
    say("index: read, held and taken apart, one process", size / (time.perf_counter() - start), "entries/s", _READ)
    start = time.perf_counter()
    EmbeddedIndex(folder / "written.db").rebuild(documents, size)
    say("index: written", size / (time.perf_counter() - start), "entries/s", _READ)
    for name, decoding in (("one process", None), ("two that read", Decoding(office.settings, 2))):
        start = time.perf_counter()
        follow(office.reader, EmbeddedIndex(folder / f"{name[:3]}.db"), decoding=decoding)
        say(f"index: followed from nothing, {name}", size / (time.perf_counter() - start), "entries/s", _READ)


_READ = "index: read, held and taken apart, one process"


def _say_freshness(office: Office, folder: Path) -> None:
    """From the publication of a new organization until a search finds it."""
    index = EmbeddedIndex(folder / "fresh.db")
    follow(office.reader, index)
    follower = Follower(office.reader, index)
    follower.start()
    try:
        lines = (folder / "extract.csv").read_text("utf-8").splitlines()
        first = lines[1].split(",")
        first[0], first[6] = "BC9999999", "Zzyzx Tardy Wharf Ltd."
        (folder / "new.csv").write_text("\n".join((lines[0], ",".join(first), "")), "utf-8")
        _issue(office, folder / "new.csv")
        publish(office.store, office.log_keys.signers)
        start = time.perf_counter()
        while not index.search(parse_query("zzyzx"), Filters(), None, 1).hits and time.perf_counter() - start < 30:
            time.sleep(0.005)
        say("index: from publication until found", (time.perf_counter() - start) * 1000, "ms", _FRESH)
    finally:
        follower.close()


_FRESH = "index: from publication until found"


def _say_readers(folder: Path) -> None:
    path = folder / "read.db"
    EmbeddedIndex(path).rebuild(bench_names.documents(_INDEXED), 1)
    quiet, beside = "search p99, 2 readers", f"search p99, 2 readers beside {_UPSERTS} upserts a second"
    for name, writes in ((quiet, False), (beside, True)):
        with ProcessPoolExecutor(3, get_context("spawn")) as pool:
            writing = pool.submit(_write, path) if writes else None
            reading = [pool.submit(_read, path, seed) for seed in (1, 2)]
            times = sorted(ms for future in reading for ms in future.result())
            say(name, times[int(len(times) * 0.99)], "ms", quiet)
            if writing is not None:
                say(
                    "upserts, each in its own transaction",
                    writing.result(),
                    "1/s",
                    "upserts, each in its own transaction",
                )


def _read(path: Path, seed: int) -> list[float]:
    """Milliseconds of one question after the other, with and without typos."""
    chance, index = Random(seed), EmbeddedIndex(path)
    documents = list(bench_names.documents(2000, 7))
    times = []
    end = time.perf_counter() + _SECONDS
    while time.perf_counter() < end:
        name = str(chance.choice(documents).name)
        text = bench_names.CLASSES["one typo"](chance, name) or name
        start = time.perf_counter()
        index.search(parse_query(text), Filters(), None, 10)
        times.append((time.perf_counter() - start) * 1000)
        time.sleep(0.01)
    return times


def _write(path: Path) -> float:
    """How many upserts a second, of which so many are due."""
    index, chance = EmbeddedIndex(path), Random(3)
    documents = list(bench_names.documents(5000, 8))
    start, done = time.perf_counter(), 0
    while time.perf_counter() - start < _SECONDS:
        document = chance.choice(documents)
        index.apply([replace(document, entry=1_000_000 + done, first=document.first)], 1)
        done += 1
        time.sleep(max(0.0, start + done / _UPSERTS - time.perf_counter()))
    return done / (time.perf_counter() - start)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as name:
        say_finding(Path(name))
