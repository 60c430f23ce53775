"""Names of files that are no UTF-8, or hold a line end, are told in one line, and stop nothing."""

import json
import os
from pathlib import Path

import pytest

from tests.builders.command import ROOT, Greffe

ODD = [os.fsdecode(b"a\xff.csv"), "a\nissued 9.csv", "a\x1b[31m.csv"]


@pytest.mark.parametrize("name", ODD, ids=["bytes", "line end", "escape"])
def test_an_oddly_named_delivery_is_told_in_one_line(greffe: Greffe, tmp_path: Path, name: str) -> None:
    greffe("init")
    rows = (ROOT / "sample_data" / "extract.csv").read_bytes().splitlines(keepends=True)
    file = tmp_path / name
    file.write_bytes(b"".join(rows[:5]) + b"not,a row\n")
    report = json.loads(greffe("issue", "--source", "table", file, "--json", expect=3).stdout)
    assert report["files"][0]["file"] == name
    lines = greffe("issue", "--source", "table", file, expect=3).stdout.splitlines()
    assert [line for line in lines if line.startswith("issued")] == lines[:1], "no name makes a line of its own"
    told_of = [line for line in lines if "row_length" in line]
    assert len(told_of) == 1
    assert all(character.isprintable() for character in told_of[0])
    assert "unreadable" in greffe("verify", tmp_path / os.fsdecode(b"\xff"), expect=2).stderr
