"""What Maven fetches for the tests is held against lists in the repository before it is compiled with or run."""

import shutil
import sys
from pathlib import Path

import pytest

from tests.builders.command import ROOT, require

sys.path.insert(0, str(ROOT / "tools"))
from install_peers import Peer, checksums, differences

FOLDERS = [ROOT / "tests" / "interop" / "java", ROOT / "tests" / "searchnode"]


def listed(folder: Path) -> str:
    return (folder / "jars.sha256").read_text("utf-8")


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_the_jars_that_tests_run_are_those_that_are_listed(folder: Path) -> None:
    library = folder / "target" / "lib"
    require(library.is_dir(), f"what Maven fetches for {folder.name}")
    assert differences(library, listed(folder)) == []


def test_every_pom_has_its_list() -> None:
    poms = {pom.parent for pom in (ROOT / "tests").glob("**/pom.xml") if "target" not in pom.parts}
    assert poms == set(FOLDERS)
    assert all(len(listed(folder).splitlines()) >= 10 for folder in FOLDERS)


def made(folder: Path) -> tuple[Path, str]:
    library = folder / "lib"
    library.mkdir()
    for name in ("a.jar", "b.jar"):
        (library / name).write_bytes(name.encode() * 100)
    return library, checksums(library)


def test_control_a_flipped_byte_a_jar_too_many_and_one_too_few_are_noticed(tmp_path: Path) -> None:
    library, text = made(tmp_path)
    assert differences(library, text) == []
    data = bytearray((library / "b.jar").read_bytes())
    data[50] ^= 1
    (library / "b.jar").write_bytes(data)
    assert differences(library, text) == ["b.jar is another file"]
    (library / "b.jar").unlink()
    shutil.copy(library / "a.jar", library / "c.jar")
    assert differences(library, text) == ["c.jar is not listed", "b.jar is missing"]


def test_what_is_not_listed_is_neither_compiled_with_nor_left(tmp_path: Path) -> None:
    peer = Peer(
        tmp_path,
        (),
        "target",
        (),
        (("sh", "-c", "mkdir -p target/lib; echo jar > target/lib/a.jar"), ("touch", "ran")),
        "target/lib",
    )
    peer.install(writes_jars=True)
    assert not (tmp_path / "ran").exists()
    peer.install()
    assert (tmp_path / "ran").exists()
    assert (tmp_path / "target" / ".built-from").exists()
    (tmp_path / "ran").unlink()
    (tmp_path / "target" / ".built-from").unlink()
    (tmp_path / "jars.sha256").write_text("0" * 64 + "  a.jar\n", "utf-8")
    with pytest.raises(SystemExit, match=r"a\.jar is another file"):
        peer.install()
    assert not (tmp_path / "ran").exists()
    assert not (tmp_path / "target").exists()
