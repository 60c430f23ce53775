"""A mirror is audited from its files and a trust file alone: a changed bit in any of them, a file too many or too few is found.

The ledger is witnessed, has status lists that changed, a natural person, rotated and retired keys of its logs, and an erasure.
"""

import json
import shutil
from pathlib import Path
from random import Random

import pytest

from registry.audit.result import Audit
from registry.errors import Conflict, Malformed, Usage
from registry.keys import SigningKey
from registry.log import checkpoint, cosignature, entry, note, tiles
from registry.mirror.audit import audit_mirror
from registry.mirror.source import Mirror
from registry.store.rows import read_entries
from registry.verify.trust import Trust, parse
from tests.builders.mirror import Lived, audited, lived, quiet
from tests.builders.witnesses import KEY, NAME
from tests.mutations.bits import flip

FLIPS_A_FILE = 1


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Lived:
    return lived(tmp_path_factory.mktemp("lived"), retires=True)


@pytest.fixture
def mirror(whole: Lived, tmp_path: Path) -> Path:
    shutil.copytree(whole.mirror, tmp_path / "mirror")
    return tmp_path / "mirror"


def audit_of(folder: Path, trust: Trust) -> Audit:
    return audit_mirror(Mirror(str(folder)), trust, quiet)


def newest_bundle(mirror: Path) -> Path:
    return max((mirror / "tile/entries/000.p").iterdir(), key=lambda path: int(path.name))


def test_an_untouched_mirror_says_what_the_store_says(whole: Lived, mirror: Path) -> None:
    report, own = audit_of(mirror, whole.trust), audited(whole.office)
    assert (report.failures, report.first_bad) == ([], None)
    assert (report.entries, report.root, report.checkpoints, report.erased) == (
        own.entries,
        own.root,
        own.checkpoints,
        1,
    )
    assert (report.body_missing, own.body_missing) == (4, 0)
    assert report.checkpoints == 3


def test_no_body_and_no_salt_of_a_credential_is_in_a_mirror(whole: Lived, mirror: Path) -> None:
    everything = b"".join(path.read_bytes() for path in mirror.rglob("*") if path.is_file())
    assert b"JEAN" not in everything
    assert b"SCARLET MOOSE" not in everything
    assert b"MOOSE" in whole.folder.joinpath("data", "ledger.db").read_bytes()
    objects = {int(path.stem) for path in (mirror / "objects").iterdir()}
    bodies = tiles.unpack_bundle(newest_bundle(mirror).read_bytes())
    assert objects <= {
        index for index, body in enumerate(bodies) if json.loads(body)["kind"] in ("key", "status", "policy")
    }


def test_one_flipped_bit_in_any_file_is_found(whole: Lived, mirror: Path) -> None:
    lot = Random(5)
    files = sorted(path for path in mirror.rglob("*") if path.is_file())
    assert len(files) > 20
    missed = []
    for file in files:
        data = file.read_bytes()
        for _ in range(FLIPS_A_FILE):
            bit = lot.randrange(8 * len(data))
            file.write_bytes(flip(data, bit))
            if audit_of(mirror, whole.trust).ok:
                missed.append((file.relative_to(mirror), bit))
        file.write_bytes(data)
    assert missed == []
    assert audit_of(mirror, whole.trust).ok


def test_every_missing_file_and_every_file_too_many_is_told_of(whole: Lived, mirror: Path) -> None:
    files = sorted(path for path in mirror.rglob("*") if path.is_file())
    for file in files[::3]:
        data = file.read_bytes()
        file.unlink()
        report = audit_of(mirror, whole.trust)
        is_earlier = f"{file.parent.name}/{file.name}".startswith("000.p/") and report.ok
        assert not report.ok or is_earlier, file
        file.write_bytes(data)
    for name in ("odd", "tile/0/000.p/99", "tile/0/001", "objects/4.json", "index/trust.json"):
        (mirror / name).write_bytes(b"x")
        assert any(name in failure for failure in audit_of(mirror, whole.trust).failures), name
        (mirror / name).unlink()
    assert audit_of(mirror, whole.trust).ok


def test_earlier_partial_tiles_stay_and_are_looked_at(whole: Lived, mirror: Path) -> None:
    widths = sorted(int(path.name) for path in (mirror / "tile/0/000.p").iterdir())
    assert len(widths) == 3
    tile = (mirror / f"tile/0/000.p/{widths[-1]}").read_bytes()
    (mirror / "tile/0/000.p/2").write_bytes(tile[:64])
    assert audit_of(mirror, whole.trust).ok
    (mirror / "tile/0/000.p/2").write_bytes(tile[32:96])
    assert audit_of(mirror, whole.trust).failures == ["tile/0/000.p/2 is no file of a mirror of this ledger"]


@pytest.mark.parametrize("index", [0, 3, 9])
def test_the_first_bad_entry_is_named(whole: Lived, mirror: Path, index: int) -> None:
    file = newest_bundle(mirror)
    bodies = tiles.unpack_bundle(file.read_bytes())
    bodies[index] = bodies[index].replace(b'"time":', b'"time":1')
    file.write_bytes(b"".join(len(body).to_bytes(2, "big") + body for body in bodies))
    report = audit_of(mirror, whole.trust)
    assert report.first_bad is not None
    assert (report.ok, report.first_bad[0]) == (False, index)


def test_a_document_that_is_not_committed_to_is_named(whole: Lived, mirror: Path) -> None:
    file = mirror / "objects" / "1.json"
    file.write_bytes((mirror / "objects" / "2.json").read_bytes())
    report = audit_of(mirror, whole.trust)
    assert report.first_bad == (1, "its body or salt is not what it commits to")


def test_another_ledger_under_the_same_name_is_not_believed(whole: Lived, tmp_path: Path) -> None:
    """A mirror that is whole in itself, but which another key signed."""
    other = lived(tmp_path / "other")
    assert audit_of(other.mirror, other.trust).ok
    signed = note.parse((other.mirror / "checkpoint").read_text("utf-8"))
    forged = checkpoint.sign(checkpoint.parse(signed.text), SigningKey(b"\x07" * 32))
    (other.mirror / "checkpoint").write_text(forged, "utf-8")
    report = audit_of(other.mirror, whole.trust)
    assert (report.ok, report.entries) == (False, 0)


def test_without_the_witness_a_mirror_fails_though_all_else_holds(whole: Lived, mirror: Path) -> None:
    for path in ("checkpoint", "index/checkpoint"):
        signed = note.parse((mirror / path).read_text("utf-8"))
        own = tuple(line for line in signed.signatures if not line.name.startswith("witness.example"))
        assert len(own) < len(signed.signatures)
        (mirror / path).write_text(note.Note(signed.text, own).print(), "utf-8")
    report = audit_of(mirror, whole.trust)
    assert len(report.failures) == 2
    assert all("is not witnessed" in failure for failure in report.failures)


def cosigned_again(signed: note.Note, seconds: int) -> tuple[note.Signature, ...]:
    """The lines of a note, its witness's of that time."""
    lines = [line for line in signed.signatures if not line.name.startswith("witness.example")]
    return (*lines, cosignature.make(signed.text, NAME, KEY, seconds))


@pytest.mark.parametrize(
    ("late", "failures"), [(0, []), (-60, []), (-61, ["an old cosignature"]), (10**8, [])], ids=str
)
def test_nobody_cosigned_what_was_not_there_yet(whole: Lived, mirror: Path, late: int, failures: list[str]) -> None:
    signed = note.parse((mirror / "checkpoint").read_text("utf-8"))
    size = checkpoint.parse(signed.text).size
    with whole.office.store.read() as connection:
        last = entry.parse(read_entries(connection, size - 1, size)[0])
    lines = cosigned_again(signed, last.time // 1000 + late)
    (mirror / "checkpoint").write_text(note.Note(signed.text, lines).print(), "utf-8")
    report = audit_of(mirror, whole.trust)
    assert len(report.failures) == len(failures)
    assert all(expected in failure for expected, failure in zip(failures, report.failures, strict=True))


def test_a_cosignature_that_stands_there_twice_is_noticed(whole: Lived, mirror: Path) -> None:
    signed = note.parse((mirror / "checkpoint").read_text("utf-8"))
    (mirror / "checkpoint").write_text(
        note.Note(signed.text, (*signed.signatures, signed.signatures[-1])).print(), "utf-8"
    )
    report = audit_of(mirror, whole.trust)
    assert [failure for failure in report.failures if "or one twice" in failure]


def test_what_is_no_mirror(whole: Lived, tmp_path: Path) -> None:
    with pytest.raises(Usage, match="no folder"):
        audit_of(tmp_path / "nowhere", whole.trust)
    (tmp_path / "empty").mkdir()
    assert audit_of(tmp_path / "empty", whole.trust).failures
    for odd in ("ftp://mirror.example/", "htps://mirror.example/"):
        with pytest.raises(Usage, match="https URL"):
            Mirror(odd)
    with pytest.raises(Usage, match="https"):
        Mirror("http://mirror.example/")
    with pytest.raises(Conflict):
        audit_mirror(Mirror("http://localhost:1/", seconds=1), whole.trust, quiet)
    bare = parse(json.dumps({**whole.trust.document, "indexKeys": []}).encode())
    with pytest.raises(Malformed):
        audit_of(whole.mirror, bare)
