"""Tessera (fsck and client), x/mod (note and tlog), merkle and formats read our log: growth, a fork, and tampering."""

from pathlib import Path

import pytest

from registry.keys import Signer, SigningKey
from registry.log import checkpoint
from sample_data.make_expected import fixed_bytes as seeded
from tests.builders.grown_log import FORK_SIZES, SIZES, GrownLog
from tests.interop.peers import checklog, refusing
from tests.mutations.log_files import TAMPERINGS, Tampering, flip_at, tampered


def written(folder: Path, checkpoints: dict[int, str]) -> list[Path]:
    """The checkpoints as files, in the order of their sizes."""
    paths = [folder / f"checkpoint-{size}" for size in sorted(checkpoints)]
    for path, size in zip(paths, sorted(checkpoints), strict=True):
        path.write_text(checkpoints[size], "utf-8")
    return paths


def test_the_log_is_accepted_over_http_and_grew_from_every_checkpoint(
    log: GrownLog, log_url: str, tmp_path: Path
) -> None:
    assert list(log.checkpoints)[1:] == list(SIZES)
    verdict = checklog(log_url, log.vkey, written(tmp_path, log.checkpoints))
    assert refusing(verdict) == set(), verdict
    assert (verdict["size"], verdict["inclusions"]) == (SIZES[-1], 64)


def test_a_fork_is_refused_by_whoever_remembers_a_checkpoint(
    log: GrownLog, fork: GrownLog, log_files: Path, tmp_path: Path
) -> None:
    sizes = [size for size in fork.checkpoints if size <= FORK_SIZES[0]]
    assert [fork.checkpoints[size] for size in sizes] == [log.checkpoints[size] for size in sizes], "the control"
    for path, size in zip(written(tmp_path, fork.checkpoints), sorted(fork.checkpoints), strict=True):
        assert refusing(checklog(log_files, log.vkey, [path])) == (set() if size in sizes else {"since"}), size
    forked_files = fork.write_out(tmp_path / "fork")
    assert refusing(checklog(forked_files, log.vkey)) == set(), "by itself each of the two is a good log"


@pytest.mark.parametrize("tampering", TAMPERINGS.values(), ids=TAMPERINGS)
def test_tampering_is_refused(log: GrownLog, log_files: Path, tampering: Tampering, tmp_path: Path) -> None:
    since = written(tmp_path, log.checkpoints)
    verdict = checklog(tampered(log_files, tampering, tmp_path / "log"), log.vkey, since)
    assert refusing(verdict) == tampering.refusing, verdict


def test_the_untouched_files_are_accepted(log: GrownLog, log_files: Path, tmp_path: Path) -> None:
    assert refusing(checklog(log_files, log.vkey, written(tmp_path, log.checkpoints))) == set()


def test_many_bad_tiles_are_refused_though_fsck_hangs(log: GrownLog, log_files: Path, tmp_path: Path) -> None:
    """Each of fsck's workers ends at a bad tile; when all have, it waits for ever (its issue 1098)."""
    files = log_files
    for n in range(6):
        bad = Tampering(f"tile/0/00{n}", flip_at(0), frozenset())
        files = tampered(files, bad, tmp_path / f"log{n}")
    verdict = checklog(files, log.vkey)
    assert refusing(verdict) >= {"fsck", "xmod"}
    assert verdict["fsck"].startswith("hung after tile 0 of level 0: "), verdict["fsck"]


def lies(log: GrownLog) -> dict[str, tuple[checkpoint.Checkpoint, Signer, set[str]]]:
    """What a checkpoint could say of the very same files: its text, whose key signed it, which judges must refuse."""
    name, size, root = log.key.name, log.size, log.root(log.size)
    own, stranger = log.office.log_keys.signers.ledger[0], SigningKey(seeded("stranger")(32))
    everybody = {"fsck", "xmod", "client", "since"}
    return {
        "the truth": (checkpoint.Checkpoint(name, size, root), own, set()),
        "another root": (checkpoint.Checkpoint(name, size, bytes(32)), own, everybody),
        "an older root": (checkpoint.Checkpoint(name, size, log.root(size - 1)), own, everybody),
        "more entries than there are": (checkpoint.Checkpoint(name, size + 1, root), own, everybody),
        "fewer entries": (checkpoint.Checkpoint(name, size - 1, root), own, everybody),
        "the truth, by a stranger": (checkpoint.Checkpoint(name, size, root), stranger, {"checkpoint"}),
        "another log": (checkpoint.Checkpoint(f"{name}/index", size, root), own, {"checkpoint"}),
    }


def test_signed_lies_are_refused(log: GrownLog, log_files: Path, tmp_path: Path) -> None:
    since = written(tmp_path, log.checkpoints)
    for name, (head, signer, judges) in lies(log).items():
        signed = checkpoint.sign(head, signer)
        lie = Tampering("checkpoint", lambda path, signed=signed: path.write_text(signed, "utf-8"), frozenset())
        verdict = checklog(tampered(log_files, lie, tmp_path / name), log.vkey, since)
        assert refusing(verdict) == judges, (name, verdict)
