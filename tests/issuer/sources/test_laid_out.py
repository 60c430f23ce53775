"""A delivery as an attacker lays it out: nothing is waited for, nothing endless read, no link followed out of its folder."""

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from issuer import sources
from issuer.sources.csv_rows import MAX_BYTES, header_of, load
from registry.errors import Malformed
from tests.builders.command import ROOT


def _pipe(place: Path) -> None:
    place.unlink()
    os.mkfifo(place)


def _link_out(place: Path) -> None:
    outside = place.parent.parent / "outside"
    shutil.move(place, outside)
    place.symlink_to(outside)


def _device(place: Path) -> None:
    place.unlink()
    place.symlink_to("/dev/zero")


def _endless(place: Path) -> None:
    with place.open("r+b") as file:
        file.truncate(MAX_BYTES + 1)


WAYS: list[Callable[[Path], None]] = [_pipe, _link_out, _device, _endless]


@pytest.fixture
def delivery(tmp_path: Path) -> Path:
    folder = tmp_path / "delivery"
    folder.mkdir()
    lines = (ROOT / "sample_data" / "extract.csv").read_bytes().splitlines(keepends=True)
    (folder / "extract.csv").write_bytes(b"".join(lines[:20]))
    about = {"rows": load(folder / "extract.csv").count, "sha256": load(folder / "extract.csv").sha256}
    (folder / "manifest.json").write_text(json.dumps({"files": {"extract.csv": about}}))
    return folder


@pytest.mark.parametrize("spoil", WAYS)
def test_a_table_that_is_no_plain_file_is_refused_whole(delivery: Path, spoil: Callable[[Path], None]) -> None:
    assert sources.read("table", delivery).files, "the control: as it lies there it is read"
    spoil(delivery / "extract.csv")
    with pytest.raises(Malformed) as refused:
        sources.read("table", delivery)
    assert refused.value.code in ("unreadable", "too_large")


@pytest.mark.parametrize("spoil", WAYS)
def test_a_manifest_that_is_no_plain_file_is_refused(delivery: Path, spoil: Callable[[Path], None]) -> None:
    spoil(delivery / "manifest.json")
    with pytest.raises(Malformed) as refused:
        sources.read("table", delivery)
    assert refused.value.code == "manifest"


@pytest.mark.parametrize("spoil", WAYS[:3])
def test_the_first_line_of_no_plain_file_is_asked_for(delivery: Path, spoil: Callable[[Path], None]) -> None:
    file = delivery / "extract.csv"
    assert header_of(file)
    spoil(file)
    assert header_of(file) == ()


def test_a_folder_of_tables_behind_a_link_is_no_part_of_a_delivery(tmp_path: Path) -> None:
    inner, outside = tmp_path / "delivery" / "a", tmp_path / "outside"
    for folder in (inner, outside):
        folder.mkdir(parents=True)
        for name in ("corporation", "event", "filing", "corp_name", "corp_state"):
            (folder / f"{name}.csv").touch()
    (tmp_path / "delivery" / "b").symlink_to(outside)
    with pytest.raises(Malformed) as refused:
        sources.read("bc-colin", tmp_path / "delivery")
    assert "a/" in refused.value.message or refused.value.code == "header"
    shutil.rmtree(inner)
    with pytest.raises(Malformed) as refused:
        sources.read("bc-colin", tmp_path / "delivery")
    assert refused.value.code == "not_recognized"


def test_what_an_operator_names_may_be_a_link(delivery: Path, tmp_path: Path) -> None:
    (tmp_path / "today").symlink_to(delivery)
    (tmp_path / "today.csv").symlink_to(delivery / "extract.csv")
    rows = sources.read("table", delivery).files[0].rows
    assert sources.read("table", tmp_path / "today").files[0].rows == rows
    assert sources.read("table", tmp_path / "today.csv").files[0].rows == rows
