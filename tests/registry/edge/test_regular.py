"""Files that somebody else laid out: a pipe does not hang, a device does not fill memory, a link leads nowhere."""

import os
from pathlib import Path

import pytest

from registry.edge.regular import open_below, paths_below, printable, read_below
from registry.errors import Malformed


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "secret").write_bytes(b"of ours")
    folder = tmp_path / "mirror"
    (folder / "tile").mkdir(parents=True)
    (folder / "checkpoint").write_bytes(b"head")
    (folder / "tile" / "0").write_bytes(b"hashes")
    os.mkfifo(folder / "pipe")
    (folder / "device").symlink_to("/dev/zero")
    (folder / "link").symlink_to(tmp_path / "secret")
    (folder / "out").symlink_to(tmp_path, target_is_directory=True)
    (folder / "round").symlink_to(folder / "round")
    return folder


@pytest.mark.parametrize(
    ("path", "data"),
    [("checkpoint", b"head"), ("tile/0", b"hashes"), ("tile", None), ("none", None), ("checkpoint/x", None)],
)
def test_what_is_there_is_read(folder: Path, path: str, data: bytes | None) -> None:
    assert read_below(folder, path, 100) == data


@pytest.mark.parametrize(
    "path", ["pipe", "device", "link", "out/secret", "round", "../secret", "tile/../../secret", "/etc/passwd", ""]
)
def test_what_is_no_file_below_the_folder_is_refused(folder: Path, path: str) -> None:
    with pytest.raises(Malformed) as refusal:
        read_below(folder, path, 100)
    assert refusal.value.code == "not_a_file"


def test_no_more_than_the_limit_is_read(folder: Path) -> None:
    assert read_below(folder, "checkpoint", 4) == b"head"
    with pytest.raises(Malformed) as refusal:
        read_below(folder, "checkpoint", 3)
    assert refusal.value.code == "too_large"


def test_a_large_file_is_opened(folder: Path) -> None:
    file = open_below(folder, "checkpoint")
    assert file is not None
    with file:
        assert file.read() == b"head"
    assert open_below(folder, "none") is None
    with pytest.raises(Malformed):
        open_below(folder, "pipe")


def test_links_are_listed_and_not_followed(folder: Path) -> None:
    assert paths_below(folder) == {"checkpoint", "tile/0", "pipe", "device", "link", "out", "round"}


def test_a_name_that_would_change_its_line_is_escaped(folder: Path) -> None:
    assert printable("tile/0") == "tile/0"
    assert printable("a\nb") == "'a\\nb'"
    (folder / os.fsdecode(b"\xff.txt")).write_bytes(b"")
    [odd] = [path for path in paths_below(folder) if path.endswith(".txt")]
    assert printable(odd).isascii()
