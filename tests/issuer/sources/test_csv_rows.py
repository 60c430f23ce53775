"""Strict CSV reading: what is written comes back, nothing is folded, and nothing is read beyond the limits."""

import csv
import gzip
import io
import zlib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from issuer.sources import csv_rows
from issuer.sources.csv_rows import header_of, load, parse
from registry.errors import Malformed

CELL = st.text(st.characters(exclude_characters="\0\r\n", exclude_categories=["Cs"]), max_size=8)


@given(st.lists(st.lists(CELL, min_size=3, max_size=3), max_size=6))
def test_what_a_plain_writer_writes_is_read_back(rows: list[list[str]]) -> None:
    text = io.StringIO(newline="")
    csv.writer(text).writerows([["a", "b", "c"], *rows])
    header, good, bad = parse(text.getvalue().encode(), "x.csv")
    assert header == ("a", "b", "c")
    assert [row.fields for row in good] == rows
    assert bad == []


@given(st.lists(st.text(st.sampled_from('ab",'), max_size=8), max_size=8))
def test_every_line_is_one_row_good_or_bad(lines: list[str]) -> None:
    _, good, bad = parse("\n".join(["a,b", *lines]).encode(), "x.csv")
    assert sorted([row.line for row in (*good, *bad)]) == [at for at, line in enumerate(lines, start=2) if line]
    assert sorted([row.number for row in (*good, *bad)]) == list(range(len(good) + len(bad)))


def test_stray_quotes_fold_no_rows_together_as_the_csv_module_does() -> None:
    text = 'name,n\nThe "Old Mill,1\n"Half,2\nOpen" Mill,3\nlast,4\n'
    lax = list(csv.reader(io.StringIO(text)))
    assert len(lax) < 5, "the negative control: Python's reader has lost rows here"
    _, good, bad = parse(text.encode(), "x.csv")
    assert [row.fields for row in good] == [["last", "4"]]
    assert [(row.line, row.code) for row in bad] == [(2, "quote"), (3, "quote"), (4, "quote")]


def test_line_numbers_are_those_of_the_file() -> None:
    _, good, bad = parse(b"a,b\r\n1,2\n\n\r3,4\n5\n6,7\n", "x.csv")
    assert [(row.number, row.line, row.fields) for row in good] == [
        (0, 2, ["1", "2"]),
        (1, 5, ["3", "4"]),
        (3, 7, ["6", "7"]),
    ]
    assert [(row.number, row.line, row.texts, row.code) for row in bad] == [(2, 6, ("5",), "row_length")]


def test_gzip_of_many_members_is_read_in_linear_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What follows a member is copied for each of them: counted, it is a window and never all of the rest."""
    members, handed = 20_000, [0]
    inflater = zlib.decompressobj

    class Counting:
        def __init__(self, wbits: int) -> None:
            self._engine = inflater(wbits=wbits)

        def decompress(self, data: bytes, most: int) -> bytes:
            handed[0] += len(data)
            return self._engine.decompress(data, most)

        def __getattr__(self, name: str) -> Any:
            return getattr(self._engine, name)

    monkeypatch.setattr(csv_rows.zlib, "decompressobj", Counting)
    file = tmp_path / "rows.csv"
    stored = gzip.compress(b"a,b\n1,2\n") + gzip.compress(b"") * members
    file.write_bytes(stored)
    assert load(file)
    assert handed[0] <= (members + 1) * csv_rows._WINDOW < members * len(stored) // 20


def test_gzip_is_told_by_its_bytes_not_its_name(tmp_path: Path) -> None:
    file = tmp_path / "plain.csv"
    file.write_bytes(gzip.compress(b"a,b\n1,2\n") + gzip.compress(b"3,4\n"))
    table = load(file)
    assert [row.fields for row in table.rows] == [["1", "2"], ["3", "4"]]
    assert header_of(file) == ("a", "b")


def test_inflation_stops_at_the_limit(tmp_path: Path) -> None:
    file = tmp_path / "bomb.csv.gz"
    file.write_bytes(gzip.compress(b"a\n" + b"0" * 5_000_000))
    assert file.stat().st_size < 10_000
    with pytest.raises(Malformed) as refusal:
        load(file, limit=100_000)
    assert refusal.value.code == "too_large"
    assert load(file).count == 1


def test_a_large_plain_file_is_not_even_read(tmp_path: Path) -> None:
    file = tmp_path / "large.csv"
    file.write_bytes(b"a\n" + b"0\n" * 1000)
    with pytest.raises(Malformed) as refusal:
        load(file, limit=1000)
    assert refusal.value.code == "too_large"


def test_a_folder_where_a_file_should_be(tmp_path: Path) -> None:
    with pytest.raises(Malformed) as refusal:
        load(tmp_path)
    assert refusal.value.code == "unreadable"
