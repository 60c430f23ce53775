"""Every system call of three appends, seen and spoilt by strace: fsync before each acknowledgement, and no fault that loses one.

The writer is traced from the moment at which it has everything loaded. Where ptrace is forbidden nothing is proven here.
"""

import re
import shutil
import signal
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from random import Random

import pytest

from registry.installation.initialize import initialize
from registry.installation.settings import from_environ
from registry.verify.trust import Trust
from sample_data.make_expected import fixed_bytes as seeded
from tests.builders.command import SOAK, require
from tests.faults.note_writer import Task, Told, Writer, check_all, opened, trust_of

#: three batches, so that the faults meet a first commit, an ordinary one and a tile that grows
SIZES = (3, 40, 5)
SPOILT = ("openat", "write", "pwrite64", "fsync", "fdatasync", "rename", "ftruncate", "unlink", "close")
FAULTS = ("signal=KILL", "error=EIO", "error=ENOSPC")
_CALL = re.compile(r"^(?:\d+ +)?(\w+)\((?:\d+<([^>]*)>|[^,)]*)(.*)")


@dataclass(frozen=True)
class Empty:
    """An empty installation that is copied for each case."""

    data: Path
    trust: Trust

    def copy(self, to: Path) -> dict[str, str]:
        """The environment that leads to a copy."""
        shutil.copytree(self.data, to)
        return {"GREFFE_DATA": str(to)}


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Empty:
    data = tmp_path_factory.mktemp("empty") / "data"
    office = initialize(from_environ({"GREFFE_DATA": str(data)}), seeded("keys"))
    trust = trust_of(office)
    office.store.close()
    office.reader._store.close()
    return Empty(data, trust)


class Strace:
    """strace on a running process; `options`: what to trace and to spoil. Ends with the process."""

    def __init__(self, pid: int, log: Path, *options: str) -> None:
        command = ["strace", "-f", "-y", "-s", "200", "-o", str(log), "-p", str(pid), *options]
        self._process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
        assert self._process.stderr is not None
        said = self._process.stderr.readline()
        if "attached" not in said:
            self._process.wait()
            if "not permitted" in said:  # a right, not a part: nobody can install it
                pytest.skip(f"ptrace is forbidden: not proven here ({said.strip()})")
            pytest.fail(said)

    def wait(self) -> None:
        """Until the traced process has ended, and its log is whole."""
        assert self._process.stderr is not None
        self._process.communicate(timeout=60)


@pytest.fixture(autouse=True)
def _strace() -> None:
    require(shutil.which("strace") is not None, "strace (Debian: strace)")


def calls(log: Path) -> Iterator[tuple[str, str, str]]:
    """(name, path of the descriptor, rest of the line) of every call."""
    for line in log.read_text("utf-8", "replace").splitlines():
        match = _CALL.match(line)
        if match:
            yield match[1], match[2] or "", match[3]


def early_acknowledgements(log: Path) -> tuple[int, int]:
    """(acknowledgements in all, those made while something written to the store was not yet synced)."""
    unsynced: set[str] = set()
    acknowledged = early = 0
    for name, path, rest in calls(log):
        is_store = "/ledger.db" in path and not path.endswith("-shm")
        if name in ("write", "pwrite64") and is_store:
            unsynced.add(path)
        elif name in ("fsync", "fdatasync"):
            unsynced.discard(path)
        elif name == "write" and "committed " in rest:
            acknowledged += 1
            early += bool(unsynced)
    return acknowledged, early


def traced(environ: dict[str, str], log: Path, batches: int, *without: str) -> list[Told]:
    with Writer(Task(environ, batches, SIZES, without=frozenset(without))) as writer:
        strace = Strace(writer.pid, log, "-e", "trace=" + ",".join(SPOILT))
        writer.begin()
        heads = writer.rest()
        writer.exit_code()
        strace.wait()
    return heads


def test_every_acknowledgement_follows_an_fsync(empty: Empty, tmp_path: Path) -> None:
    heads = traced(empty.copy(tmp_path / "data"), tmp_path / "log", 300)
    assert len(heads) == 300
    assert early_acknowledgements(tmp_path / "log") == (300, 0)


def test_control_with_synchronous_normal_most_do_not(empty: Empty, tmp_path: Path) -> None:
    traced(empty.copy(tmp_path / "data"), tmp_path / "log", 300, "fsync")
    acknowledged, early = early_acknowledgements(tmp_path / "log")
    assert acknowledged == 300
    assert early > 150


def spoil(empty: Empty, folder: Path, name: str, fault: str, number: int) -> tuple[str, int]:
    """Spoil the `number`-th call of that name, and check everything; (how the writer ended, batches acknowledged)."""
    environ = empty.copy(folder / "data")
    with Writer(Task(environ, len(SIZES), SIZES)) as writer:
        strace = Strace(writer.pid, folder / "log", "-e", f"trace={name}", "-e", f"inject={name}:{fault}:when={number}")
        writer.begin()
        heads = writer.rest()
        code = writer.exit_code()
        strace.wait()
        ended = writer.stopped or {0: "ended", -signal.SIGKILL: "killed"}.get(code or 0, f"exit {code}")
    with opened(environ) as store:
        size = check_all(store, empty.trust, heads)
    sizes = [0, *(sum(SIZES[:count]) for count in range(1, len(SIZES) + 1))]
    assert size in sizes[len(heads) :], f"{size} entries after {len(heads)} acknowledged batches"
    shutil.rmtree(folder)
    return ended, len(heads)


def test_no_fault_at_any_call_loses_an_acknowledged_batch(empty: Empty, tmp_path: Path) -> None:
    assert len(traced(empty.copy(tmp_path / "data"), tmp_path / "log", len(SIZES))) == len(SIZES)
    paths: dict[str, list[str]] = {name: [] for name in SPOILT}
    for name, path, _ in calls(tmp_path / "log"):
        paths[name].append(path)
    cases = [(name, fault, number) for name in SPOILT for number in range(1, len(paths[name]) + 1) for fault in FAULTS]
    assert len(cases) > 150
    if not SOAK:
        cases = sorted(Random(1).sample(cases, 50))

    def outcome_of(case: tuple[str, str, int]) -> tuple[str, int]:
        folder = tmp_path / "-".join(map(str, case))
        folder.mkdir()
        return spoil(empty, folder, *case)

    with ThreadPoolExecutor(2) as pool:
        outcomes = dict(zip(cases, pool.map(outcome_of, cases), strict=True))
    for (name, fault, number), (ended, acknowledged) in outcomes.items():
        at = f"{name} {number} {fault}: {ended} after {acknowledged}"
        path = paths[name][number - 1]
        if fault == "signal=KILL":
            assert ended == "killed", at
        elif name == "fsync" or (name == "fdatasync" and "/ledger.db" in path):
            assert ended == "storage_failed", at
        elif name == "pwrite64" and path.endswith(("/ledger.db", "/ledger.db-wal")):
            is_full = fault == "error=ENOSPC"
            assert (ended, acknowledged) == ("ended", len(SIZES)) if is_full else ended == "storage_failed", at
        assert acknowledged == len(SIZES) or ended != "ended", at
