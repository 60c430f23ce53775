"""Kill -9 in the middle of issuing: what was acknowledged is there, nothing else changes, and no worker is left behind.

Two runs (`make soak`: five) are killed four times each, at the start or after the next acknowledgements, at moments drawn by
lot; each time the ledger is audited at the last acknowledged size and the run taken up again. In the end each must hold the
same entries as a run that nobody disturbed. Two writers with a safety taken out (hasty_writer.py, orphaning_writer.py) must
fail the same checks.
"""

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

import pytest

from registry.audit.audit import audit
from registry.encoding.jcs import jcs
from registry.errors import Usage
from registry.installation.public import Public
from registry.installation.settings import from_environ
from registry.reading.record import Record
from registry.verify.trust import parse
from sample_data import generate
from tests.builders.command import ROOT, SOAK, Greffe, greffe_in

RUNS, KILLS = (5, 4) if SOAK else (1, 2)
#: batches enough that a run has work left after its last kill
ORGANIZATIONS = 1800 if SOAK else 1100


class Killed(NamedTuple):
    """What a killed run had acknowledged, oldest first, and the processes that it had started."""

    acknowledged: list[tuple[int, str]]
    children: dict[int, str]


@pytest.fixture(scope="module")
def extract(tmp_path_factory: pytest.TempPathFactory) -> Path:
    text, _ = generate.extract(ORGANIZATIONS, planted=False)
    file = tmp_path_factory.mktemp("register") / "extract.csv"
    file.write_text(text, "utf-8", newline="")
    return file


def started(command: list[str], greffe: Greffe) -> subprocess.Popen[bytes]:
    """A run with stderr as a pipe, in a process group of its own."""
    return subprocess.Popen(
        command,
        env=greffe.environ,
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )


def acknowledgements(lines: list[bytes]) -> list[tuple[int, str]]:
    words = [line.decode().split() for line in lines if line.startswith(b"committed ") and line.endswith(b"\n")]
    return [(int(size), root) for _, size, root in words]


def killed_after(run: subprocess.Popen[bytes], count: int, delay: float) -> Killed:
    """Kill the run, and only its own process, `delay` seconds after its `count`-th acknowledgement."""
    assert run.stderr is not None
    lines: list[bytes] = []
    while len(acknowledgements(lines)) < count:
        line = run.stderr.readline()
        assert line, b"".join(lines).decode()[-2000:]
        lines.append(line)
    time.sleep(delay)
    children = children_of(run.pid)
    os.kill(run.pid, signal.SIGKILL)
    assert run.wait(timeout=30) == -signal.SIGKILL, "the run had ended before it was killed"
    return Killed(acknowledgements(lines), children)


def read_rest(run: subprocess.Popen[bytes]) -> list[tuple[int, str]]:
    """What the run had still acknowledged; the pipe ends with the last process that holds it."""
    assert run.stderr is not None
    with run.stderr:
        return acknowledgements(run.stderr.readlines())


def processes() -> dict[int, list[str]]:
    """Pid -> the fields of /proc/PID/stat behind the name: state, parent, group, ... start time at 19; no zombies."""
    alive = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                fields = (folder / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            if fields[0] not in "ZX":
                alive[int(folder.name)] = fields
    return alive


def children_of(parent: int) -> dict[int, str]:
    """Pid -> start time, which tells it from a later process of that pid."""
    return {pid: fields[19] for pid, fields in processes().items() if int(fields[1]) == parent}


def survivors(group: int, children: dict[int, str]) -> list[int]:
    """Who of a killed run is still alive: its children, and whoever is in its process group."""
    return [pid for pid, fields in processes().items() if int(fields[2]) == group or children.get(pid) == fields[19]]


def check_nobody_outlives(group: int, children: dict[int, str], seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    while left := survivors(group, children):
        assert time.monotonic() < deadline, f"{left} outlived their parent {group} by {seconds} s"
        time.sleep(0.02)


def check_kept(greffe: Greffe, acknowledged: tuple[int, str]) -> None:
    """The audit, in this process, finds nothing wrong, and at the acknowledged size the acknowledged root."""
    size, root = acknowledged
    public = Public(from_environ(greffe.environ))
    report = audit(public.store, parse(jcs(public.reader.trust())), lambda _done, _total: None, size)
    public.store.close()
    assert (report.first_bad, report.failures, report.root.hex()) == (None, [], root)
    assert report.entries >= size


def check_acknowledged(greffe: Greffe, acknowledged: tuple[int, str]) -> None:
    """The same by the command."""
    size, root = acknowledged
    done = subprocess.run(
        greffe.command("audit", "--size", size, "--json"),
        env=greffe.environ,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    report = json.loads(done.stdout)
    assert (report["ok"], report["first_bad"], report["root"]) == (True, None, root)
    assert report["entries"] >= size


def entries_of(greffe: Greffe) -> Counter[tuple[Any, ...]]:
    """The multiset that no batch, run or kill may change (the contract's "Ledger entry")."""
    reader = Public(from_environ(greffe.environ)).reader
    size, entries = reader.size(), Counter[tuple[Any, ...]]()
    for start in range(0, size, 1000):
        entries.update(told_of(record) for record in reader.records(start, 1000))
    assert entries.total() == size
    return entries


def told_of(record: Record) -> tuple[Any, ...]:
    assert record.document is not None
    if record.kind not in ("issue", "supersede", "correct"):
        issuer = record.document["id"] if record.kind == "key" else record.document["issuer"]["id"]
        return record.kind, issuer, record.reason
    left_out = ("proof", "validFrom", "credentialStatus")
    content = {name: value for name, value in record.document.items() if name not in left_out}
    return record.kind, f"{record.register}:{record.number}", jcs(content)


@pytest.fixture(scope="module")
def undisturbed(extract: Path) -> Counter[tuple[Any, ...]]:
    """What the ledger holds after a run that nobody disturbed, without workers."""
    greffe = greffe_in(extract.parent / "undisturbed")
    greffe("init")
    greffe("issue", "--source", "table", extract)
    return entries_of(greffe)


@pytest.mark.parametrize("number", range(RUNS))
def test_kills_lose_nothing_and_leave_nobody_behind(
    greffe: Greffe, extract: Path, undisturbed: Counter[tuple[Any, ...]], number: int
) -> None:
    """All kills but the first of the first run fall strictly between the first and the last acknowledgement."""
    lot = Random(number)
    command = greffe.command("issue", "--source", "table", extract, "--workers", "2")
    acknowledged: list[tuple[int, str]] = []
    greffe("init")
    for kill in range(KILLS):
        is_early = number == kill == 0
        run = started(command, greffe)
        killed = killed_after(run, 0 if is_early else lot.choice((1, 1, 2)), lot.uniform(0, 1.2 if is_early else 0.12))
        check_nobody_outlives(run.pid, killed.children)
        acknowledged += killed.acknowledged + read_rest(run)
        assert is_early or len(killed.children) >= 2, "the workers were not running yet"
        if acknowledged:
            check_kept(greffe, acknowledged[-1])
    check_acknowledged(greffe, acknowledged[-1])
    assert len(acknowledged) >= KILLS - (number == 0)
    finished = greffe("issue", "--source", "table", extract, "--workers", "2")
    rest = acknowledgements(finished.stderr.encode().splitlines(keepends=True))
    assert rest, "the last kill came after the last batch"
    check_kept(greffe, rest[-1])
    assert entries_of(greffe) == undisturbed


def a_writer(name: str, extract: Path, *options: str) -> list[str]:
    return [sys.executable, "-m", f"tests.faults.{name}", "issue", "--source", "table", str(extract), *options]


def test_control_a_writer_that_acknowledges_before_commit_is_caught(greffe: Greffe, extract: Path) -> None:
    greffe("init")
    run = started(a_writer("hasty_writer", extract), greffe)
    killed = killed_after(run, 2, 0.1)
    assert read_rest(run) == []
    check_kept(greffe, killed.acknowledged[0])
    with pytest.raises(Usage, match="the ledger has"):
        check_kept(greffe, killed.acknowledged[1])
    with pytest.raises(AssertionError, match=f"the ledger has {killed.acknowledged[0][0]} entries"):
        check_acknowledged(greffe, killed.acknowledged[1])


def test_control_workers_that_do_not_watch_their_parent_are_caught(greffe: Greffe, extract: Path) -> None:
    greffe("init")
    run = started(a_writer("orphaning_writer", extract, "--workers", "2"), greffe)
    killed = killed_after(run, 1, 0.1)
    try:
        with pytest.raises(AssertionError, match="outlived their parent"):
            check_nobody_outlives(run.pid, killed.children, seconds=1)
    finally:
        for pid in survivors(run.pid, killed.children):
            os.kill(pid, signal.SIGKILL)
    check_nobody_outlives(run.pid, killed.children)
    read_rest(run)
