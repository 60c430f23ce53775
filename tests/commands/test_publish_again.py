"""`publish --every` outlives a full disk, a stopped database and an unmet quorum; a manual `publish` has its turn beside it."""

import errno
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from registry.commands.daemon import again_and_again, passing
from registry.errors import Conflict, LedgerDamaged, Refused, StorageAway, StorageFailed
from registry.installation.public import Public
from registry.installation.settings import from_environ
from registry.log import cosignature
from tests.builders.command import ROOT, Greffe, greffe_in
from tests.builders.postgresql import Server
from tests.builders.witnesses import KEY, NAME

LINES = (ROOT / "sample_data" / "extract.csv").read_text("utf-8").splitlines()


def rows(folder: Path, end: int) -> Path:
    """An extract with so many lines of the sample; none of them is bad."""
    file = folder / "extract.csv"
    file.write_text("\n".join(LINES[:end]) + "\n", "utf-8")
    return file


@contextmanager
def publishing(greffe: Greffe, every: str = "0.2") -> Iterator[Callable[..., None]]:
    """`publish --every` in a process; gives what waits until it has said something on stderr."""
    file = greffe.data.parent / "said"
    with file.open("w") as stderr:
        process = greffe.start("publish", "--every", every, stderr=stderr.fileno())

    def wait_for(words: str, times: int = 1) -> None:
        until = time.monotonic() + 60
        while file.read_text("utf-8").count(words) < times:
            assert process.poll() is None, f"it ended with {process.returncode}: {file.read_text('utf-8')}"
            assert time.monotonic() < until, f"it never said {words!r}: {file.read_text('utf-8')}"
            time.sleep(0.05)

    try:
        yield wait_for
        assert process.poll() is None, f"it ended with {process.returncode}: {file.read_text('utf-8')}"
    finally:
        process.terminate()
        process.wait(timeout=30)
    assert "Traceback" not in file.read_text("utf-8")


def size_of(greffe: Greffe) -> int:
    """How many entries the published checkpoint covers; 0 before the first."""
    public = Public(from_environ(greffe.environ))
    try:
        return public.reader.progress().published
    finally:
        public.store.close()


def until_published(greffe: Greffe, more_than: int = 0, seconds: float = 60) -> int:
    until = time.monotonic() + seconds
    while (size := size_of(greffe)) <= more_than:
        assert time.monotonic() < until, "it was never published"
        time.sleep(0.1)
    return size


@pytest.fixture
def issued(greffe: Greffe, tmp_path: Path) -> Greffe:
    greffe("init")
    greffe("issue", "--source", "table", rows(tmp_path, 26))
    return greffe


def test_a_manual_publish_has_its_turn_beside_it(issued: Greffe, tmp_path: Path) -> None:
    with publishing(issued, "3600"):
        before = until_published(issued)
        issued("issue", "--source", "table", rows(tmp_path, 40))
        assert "published" in issued("publish").stdout
        assert size_of(issued) > before


def test_it_outlives_an_unmet_quorum_and_reads_its_policy_anew(issued: Greffe) -> None:
    key = cosignature.verifier_key(NAME, KEY.public).print()
    policy = issued.data / "witness-policy"
    policy.write_text(f"witness w1 {key} http://127.0.0.1:9/\nquorum w1\n")
    with publishing(issued) as wait_for:
        wait_for("w1")
        assert size_of(issued) == 0
        policy.write_text("quorum")  # somebody writes it just now
        wait_for("witness_policy: ")
        policy.write_text("quorum none\n")
        wait_for("it works again")
        until_published(issued)


def test_it_outlives_a_database_that_is_stopped_and_one_that_is_not_there_yet(tmp_path: Path) -> None:
    server = Server()
    try:
        own = greffe_in(tmp_path / "data")
        greffe = Greffe({**own.environ, "GREFFE_DATABASE_URL": server.new_database()})
        greffe("init")
        greffe("issue", "--source", "table", rows(tmp_path, 26))
        server.stop()
        with publishing(greffe) as wait_for:
            wait_for("storage_away")
            server.start()
            wait_for("it works again")
            before = until_published(greffe)
            server.stop()
            wait_for("storage_away", 2)
            refused = greffe("publish", expect=75)
            assert "storage_away" in refused.stderr
            assert "Traceback" not in refused.stderr
            server.start()
            greffe("issue", "--source", "table", rows(tmp_path, 40))
            until_published(greffe, more_than=before)
    finally:
        server.remove()


def test_it_outlives_a_full_disk(issued: Greffe, tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    script = (
        'mount -t tmpfs -o size=8m disk "$1" && cp -a "$2" "$1/data" && cd "$1" || exit 99\n'
        'dd if=/dev/zero of="$1/filling" bs=4k 2>/dev/null; '
        'GREFFE_DATA="$1/data" $GREFFE publish --every 0.2 2>"$3" & own=$!\n'
        'waits() { for i in $(seq 300); do grep -q "$1" "$2" && return 0; sleep 0.1; done; return 1; }\n'
        'waits storage_full "$3" || { cat "$3" >&2; exit 1; }\n'
        'rm "$1/filling"\n'
        'waits "it works again" "$3" || { cat "$3" >&2; exit 2; }\n'
        "kill -0 $own || exit 3\nkill $own\nwait $own\n"
        'GREFFE_DATA="$1/data" $GREFFE publish --json\n'
    )
    command = ["unshare", "-rm", "sh", "-c", script, "sh", str(disk), str(issued.data), str(tmp_path / "said")]
    try:
        works = subprocess.run(["unshare", "-rm", "true"], capture_output=True).returncode == 0
    except FileNotFoundError:
        works = False
    if not works:  # a right, not a part: nobody can install it
        pytest.skip("no right to mount in a namespace of one's own: not proven here")
    environ = {**issued.environ, "GREFFE": f"{sys.executable} {ROOT / 'greffe.py'}"}
    done = subprocess.run(command, env=environ, cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert '"published": true' in done.stdout


class _Ended(Exception):
    pass


def test_each_reason_is_told_once_and_its_end_too(tmp_path: Path) -> None:
    outcomes: list[Exception | None] = [
        StorageAway("storage_away", "gone"),
        StorageAway("storage_away", "gone"),
        OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)),
        Conflict("busy", "another process"),
        None,
        None,
        _Ended(),
    ]
    told, slept = list[str](), list[float]()

    def act() -> None:
        outcome = outcomes.pop(0)
        if outcome is not None:
            raise outcome

    with pytest.raises(_Ended):
        again_and_again(act, 60, tmp_path, slept.append, told.append)
    assert [line.split(": ")[1] for line in told] == ["storage_away", "storage_full", "busy", "it works again"]
    assert slept == [5, 5, 5, 5, 60, 60]


@pytest.mark.parametrize(
    "error",
    [
        Refused("store_forked", "another history"),
        Refused("storage_refused", "a wrong password"),
        StorageFailed("storage_failed", "the disk failed"),
        LedgerDamaged("chain_broken", "an entry"),
        OSError(errno.EIO, os.strerror(errno.EIO)),
        KeyError("a fault of ours"),
    ],
)
def test_what_does_not_pass_ends_it(error: Exception, tmp_path: Path) -> None:
    assert passing(error, tmp_path) == ""

    def act() -> None:
        raise error

    with pytest.raises(type(error)):
        again_and_again(act, 60, tmp_path, lambda _: pytest.fail("it goes on"), lambda _: None)
