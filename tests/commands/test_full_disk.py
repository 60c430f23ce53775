"""A disk without a single free byte: every command says so and can be run again; none ends with a traceback.

The disk is a small tmpfs in a namespace of its own, so that no right of an administrator is needed.
"""

import errno
import shutil
import sqlite3
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from registry.edge import disk as full_disk
from registry.edge.disk import is_full
from tests.builders.command import ROOT, SOAK, Greffe, greffe_in

COMMANDS = (
    *("publish", "export ../mirror", "backup ../backup", "follow", "issue --source table ../extract.csv"),
    *("audit", "evidence sample BC9000008", "erase sample BC9000008 --reason privacy_request --yes"),
    *("log rotate ledger", "keys rotate sample credential", "init", "trust"),
)[: None if SOAK else 5]
#: what is done with room on it: the control
ROOMY = ("publish", "trust", "export ../mirror", "backup ../backup", "follow")[: None if SOAK else 3]
UNSHARE = ("unshare", "-rm", "sh", "-c")
#: $1: where the disk is to be; $2: what is copied onto it; $3: `fill` or `leave`; $4: where each command's stderr goes
SCRIPT = """
mount -t tmpfs -o size=8m disk "$1" && cp -a "$2"/* "$1" && cd "$1/data" || exit 99
[ "$3" = leave ] || dd if=/dev/zero of=../filling bs=4k 2>/dev/null
said="$4" count=0
shift 4
for command in "$@"; do
    GREFFE_DATA="$PWD" $GREFFE $command >/dev/null 2>"$said/$count"
    echo $?
    count=$((count + 1))
done
"""


@dataclass(frozen=True)
class Small:
    """What is copied onto the small disk: `data`, an installation, and `extract.csv`."""

    folder: Path

    def run(self, scratch: Path, *commands: str, how: str) -> list[tuple[int, str]]:
        """Exit code and stderr of each command on such a disk."""
        disk, said = scratch / "disk", scratch / "said"
        disk.mkdir()
        said.mkdir()
        done = subprocess.run(
            [*UNSHARE, SCRIPT, "sh", str(disk), str(self.folder), how, str(said), *commands],
            env={**greffe_in(disk).environ, "GREFFE": f"{sys.executable} {ROOT / 'greffe.py'}"},
            capture_output=True,
            text=True,
            timeout=600,
        )
        assert done.returncode == 0, done.stderr[-2000:]
        codes = [int(line) for line in done.stdout.split()]
        return [(code, (said / str(n)).read_text("utf-8")) for n, code in enumerate(codes)]


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Small:
    asked = [*UNSHARE, "mount -t tmpfs -o size=1m disk /mnt"]
    works = shutil.which("unshare") and subprocess.run(asked, capture_output=True).returncode == 0
    if not works:  # a right, not a part: nobody can install it
        pytest.skip("no right to mount in a namespace of one's own: not proven here")
    folder = tmp_path_factory.mktemp("small")
    lines = (ROOT / "sample_data" / "extract.csv").read_text("utf-8").splitlines()
    (folder / "extract.csv").write_text("\n".join(lines[:26]) + "\n", "utf-8")
    greffe: Greffe = greffe_in(folder / "data")
    greffe("init")
    greffe("issue", "--source", "table", folder / "extract.csv")
    greffe("publish")
    (folder / "extract.csv").write_text("\n".join(lines[:40]) + "\n", "utf-8")
    return Small(folder)


def test_every_command_says_that_the_disk_is_full(small: Small, tmp_path: Path) -> None:
    outcomes = small.run(tmp_path, *COMMANDS, how="fill")
    assert len(outcomes) == len(COMMANDS)
    for command, (code, said) in zip(COMMANDS, outcomes, strict=True):
        assert (code, "Traceback" in said) == (75, False), (command, said)
        assert "greffe: storage_full: " in said or "greffe: storage_low: " in said, (command, said)


def test_on_the_same_disk_with_room_they_run(small: Small, tmp_path: Path) -> None:
    """The control: it is the filling that they tell of."""
    outcomes = small.run(tmp_path, *ROOMY, how="leave")
    assert [code for code, _ in outcomes] == [0] * len(ROOMY), outcomes


def test_what_says_that_a_disk_is_full(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def failed(name: str) -> sqlite3.Error:
        error = sqlite3.OperationalError("disk I/O error")
        error.sqlite_errorname = name
        return error

    yet_to_be_made = tmp_path / "not" / "there"
    assert is_full(OSError(errno.ENOSPC, "full"), yet_to_be_made)
    assert is_full(OSError(errno.EDQUOT, "quota"), yet_to_be_made)
    assert not is_full(OSError(errno.EIO, "broken"), yet_to_be_made)
    assert is_full(failed("SQLITE_FULL"), yet_to_be_made)
    assert not is_full(failed("SQLITE_IOERR_SHMSIZE"), yet_to_be_made)
    monkeypatch.setattr(full_disk, "_NEXT_TO_NOTHING", 1 << 62)
    assert is_full(failed("SQLITE_IOERR_SHMSIZE"), yet_to_be_made)
    assert not is_full(failed("SQLITE_BUSY"), yet_to_be_made)
    assert not is_full(ValueError(), yet_to_be_made)
