"""Rows about the ledger: durable appends beside Tessera's, proofs, audit, map.

Each append has ended when it is durable. An entry has 200 bytes; the two sides take turns, three rounds each, and the median is
told; how many 4 KiB overwrites with fsync the disk does in a second stands beside. Called by `bench.py`.
"""

import gc
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

from bench_rows import leave_out, rate, say

from registry.audit.audit import audit
from registry.encoding.jcs import jcs
from registry.installation.initialize import initialize
from registry.installation.office import Office
from registry.installation.settings import from_environ
from registry.ledger.admission import Admission, Statement
from registry.ledger.ledger import BATCH
from registry.ledger.publish import publish
from registry.log import map_log, map_tree
from registry.reading.public_log import PublicLog
from registry.verify.trust import parse

TESSERA = Path(__file__).parent.parent / "tests" / "interop" / "go" / ".bin" / "posixbench"
ENTRY_BYTES = 200
#: entries a batch -> entries a round, ours and theirs; they need some seconds to reach their speed
SIZES = {1: (500, 300), 32: (9_600, 9_600), 256: (51_200, 51_200), 1024: (61_440, 61_440)}
ROUNDS = 3
SYNCS = 200
LEDGER_ENTRIES = 100_000
ORGANIZATIONS = 1_000_000
UNIT = "entries/s"


def say_ledger(scratch: Path) -> None:
    """Every row. `scratch`: a folder on the disk to be measured."""
    _say_appends(scratch)
    office = _grown(scratch / "grown")
    _say_proofs(office)
    _say_audit(office)
    _say_map()


def syncs_per_second(folder: Path) -> float:
    """How often in a second that disk overwrites 4 KiB and syncs them."""
    path = folder / "sync"
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT)
    try:
        start = time.perf_counter()
        for _ in range(SYNCS):
            os.pwrite(descriptor, bytes(4096), 0)
            os.fsync(descriptor)
        return SYNCS / (time.perf_counter() - start)
    finally:
        os.close(descriptor)
        path.unlink()


def notes(start: int, count: int) -> list[Admission]:
    """Notes that print as entries of 200 bytes, each another one, where they are appended from `start` on."""
    reasons = (f"n{i}_".ljust(64 - len(str(i)), "x") for i in range(start, start + count))
    return [Admission(Statement("note", reason=reason)) for reason in reasons]


def _say_appends(scratch: Path) -> None:
    syncs = []
    for batch, (ours, theirs) in SIZES.items():
        own, tessera = [], []
        for turn in range(ROUNDS):
            _progress(f"appends in batches of {batch}, round {turn + 1} of {ROUNDS}")
            syncs.append(syncs_per_second(scratch))
            own.append(_appended(scratch / f"own-{batch}-{turn}", batch, ours))
            if TESSERA.exists():
                tessera.append(_appended_by_tessera(scratch / f"tessera-{batch}-{turn}", batch, theirs))
        name = f"durable appends, batches of {batch}"
        if tessera:
            say(f"{name}, Tessera's POSIX driver", median(tessera), UNIT, f"{name}, Tessera's POSIX driver")
        else:
            leave_out(f"{name}, Tessera's POSIX driver", "it is not built (make test builds it, with Go)")
        say(name, median(own), UNIT, f"{name}, Tessera's POSIX driver" if tessera else name)
    say("fsync of 4 KiB on this disk", median(syncs), "1/s", "fsync of 4 KiB on this disk")


def _appended(folder: Path, batch: int, count: int) -> float:
    """Entries a second, by the ledger's own call; more than 256 are several transactions."""
    with _office(folder).writing() as ledger:
        prepared = [_cut(notes(start, batch)) for start in range(0, count, batch)]
        at = datetime.now(UTC)
        gc.collect()
        gc.freeze()  # what is prepared is no garbage, and is not to be looked through meanwhile
        start = time.perf_counter()
        for transactions in prepared:
            for transaction in transactions:
                ledger.append(transaction, {}, at)
        result = ledger.head.size / (time.perf_counter() - start)
        gc.unfreeze()
        return result


def _cut(batch: Sequence[Admission]) -> list[Sequence[Admission]]:
    return [batch[start : start + BATCH] for start in range(0, len(batch), BATCH)]


def _appended_by_tessera(folder: Path, batch: int, count: int) -> float:
    command = [
        str(TESSERA),
        "-dir",
        str(folder),
        "-batch",
        str(batch),
        "-entries",
        str(count),
        "-bytes",
        str(ENTRY_BYTES),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=300)
    return float(json.loads(done.stdout)["entries_per_second"])


def _office(folder: Path) -> Office:
    return initialize(from_environ({"GREFFE_DATA": str(folder)}))


def _grown(folder: Path) -> Office:
    """An office with a published ledger of many notes."""
    office = _office(folder)
    with office.writing() as ledger:
        for start in range(0, LEDGER_ENTRIES, BATCH):
            ledger.append(notes(start, min(BATCH, LEDGER_ENTRIES - start)), {}, datetime.now(UTC))
            if start % (BATCH * 100) == 0:
                _progress(f"a ledger of {LEDGER_ENTRIES} entries: {ledger.head.size}")
    publish(office.store, office.log_keys.signers)
    return office


def _say_proofs(office: Office) -> None:
    """Warm: over one open store. Cold: each over a store opened anew; what the kernel holds of the file stays."""
    places = _scattered(LEDGER_ENTRIES)
    log = PublicLog(office.store)
    warm, cold = "inclusion proof, warm", "inclusion proof, the store opened anew"
    say(warm, rate(lambda: log.inclusion(next(places))), "1/s", warm)

    def opened_anew() -> None:
        office.store.close()
        log.inclusion(next(places))

    say(cold, rate(opened_anew), "1/s", warm)


def _scattered(size: int) -> Iterator[int]:
    place = 0
    while True:
        place = (place + 61_803) % size
        yield place


def _say_audit(office: Office) -> None:
    _progress(f"audit of {LEDGER_ENTRIES} entries")
    trust = parse(jcs(office.reader.trust()))
    start = time.perf_counter()
    result = audit(office.store, trust, lambda _done, _total: None)
    name = f"audit of {result.entries} notes"
    say(name, result.entries / (time.perf_counter() - start), UNIT, name)


def _say_map() -> None:
    """The map in memory: a key for each organization, built at once; then the proofs of some of them, and how long they are."""
    _progress(f"map of {ORGANIZATIONS} organizations")
    changes = {map_log.organization_key(f"bench:{n}"): n.to_bytes(32) for n in range(ORGANIZATIONS)}
    built, proven = "map, organizations built", "map, proofs made"
    start = time.perf_counter()
    made = map_tree.update(dict[int, map_tree.Node]().__getitem__, map_tree.NOTHING, changes, 1)
    say(built, ORGANIZATIONS / (time.perf_counter() - start), "1/s", built)
    say(f"{built}, all of {ORGANIZATIONS}", time.perf_counter() - start, "s", f"{built}, all of {ORGANIZATIONS}")
    places = _scattered(ORGANIZATIONS)
    load = made.made.__getitem__
    keys = [map_log.organization_key(f"bench:{next(places)}") for _ in range(10_000)]
    start = time.perf_counter()
    paths = [map_tree.find(load, made.root_id, key).path for key in keys]
    say(proven, len(keys) / (time.perf_counter() - start), "1/s", built)
    map_tree.check_present(made.root, keys[0], changes[keys[0]], paths[0])
    say("map, proof", median(map(len, paths)), "bytes", "map, proof")


def _progress(text: str) -> None:
    sys.stderr.write(f"greffe: bench: {text}\n")
