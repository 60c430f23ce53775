"""Strict reading of register files: no row is folded into another, none is lost.

Follows RFC 4180, sections 2 and 3, more strictly than Python's `csv` (which accepts NUL, and even with `strict=True` folds rows
between two stray quotes into one). UTF-8 only, with or without a byte order mark; lines end in LF, CRLF or CR, mixed if they
like; a line is a row, so each line of a quoted line end is a bad one. A last line without a line end may have been cut, unless
a manifest says that the file is whole. A file that is not text of this kind is refused whole (`Malformed`); a line that is not
a row becomes a `BadRow`. Empty lines are not rows. What the columns mean is left to the sources.
"""

import gzip
import hashlib
import re
import zlib
from dataclasses import dataclass
from pathlib import Path

from issuer.timeline.text import SPACES
from registry.edge.regular import open_below, read_below
from registry.errors import Malformed

#: most bytes of a file, inflated, that are read
MAX_BYTES = 1 << 29
#: most characters of one field
MAX_FIELD = 128 * 1024
#: most lines of one quoted field that are looked through for its end
MAX_LINES = 30
#: of a compressed file, inflated at a time
_WINDOW = 16 * 1024
#: characters of what may be a key, and what is no part of it at its edges
_KEY, _EDGES = 64, SPACES + '"'
_LINE_END = re.compile(r"\r\n|\n|\r")
_FIELD = re.compile(r'"((?:[^"]|"")*)"|([^",]*)')


@dataclass(frozen=True, slots=True)
class DataRow:
    """A row with as many fields as the header. `number` counts data rows from 0, `line` counts lines from 1."""

    number: int
    line: int
    fields: list[str]


@dataclass(frozen=True, slots=True)
class BadRow:
    """A line that is not a row. `texts`: it, or each line of the quoted field of which it is one."""

    number: int
    line: int
    texts: tuple[str, ...]
    code: str
    reason: str

    def values(self, header: tuple[str, ...], column: str) -> set[str]:
        """What it perhaps says in that column, counted from either end: of whom it speaks. Empty where it has no such column."""
        if column not in header:
            return set()
        at = header.index(column)
        pieces = [[piece.strip(_EDGES)[:_KEY] for piece in text.split(",")] for text in self.texts]
        starts = {own[at] for own in pieces if at < len(own)}
        return (starts | {own[at - len(header)] for own in pieces if len(header) - at <= len(own)}) - {""}


@dataclass(frozen=True, slots=True)
class Table:
    """A parsed file. `count` = data rows, good and bad; `sha256` is of the bytes on disk."""

    header: tuple[str, ...]
    rows: list[DataRow]
    bad: list[BadRow]
    sha256: str

    @property
    def count(self) -> int:
        return len(self.rows) + len(self.bad)


def load(path: Path, limit: int = MAX_BYTES, *, is_whole: bool = False) -> Table:
    """The table in that file, gzip or plain (told by its first bytes), and no link. `is_whole`: a manifest says where it ends.

    Malformed: see `parse`, and `truncated`, `compression`, `too_large`, `unreadable`.
    """
    try:
        stored = read_below(path.parent, path.name, limit)
    except OSError as error:
        raise Malformed("unreadable", f"{path.name} cannot be read: {error.strerror}") from error
    except Malformed as error:
        if error.code == "too_large":
            raise
        raise Malformed("unreadable", error.message) from error
    if stored is None:
        raise Malformed("unreadable", f"{path.name} is not a file")
    header, rows, bad = parse(_inflated(stored, path.name, limit), path.name, is_whole=is_whole)
    return Table(header, rows, bad, hashlib.sha256(stored).hexdigest())


def header_of(path: Path) -> tuple[str, ...]:
    """The columns named in the first line, read without the rest of the file; () when it is no such file."""
    try:
        stored = open_below(path.parent, path.name)
        if stored is None:
            return ()
        with stored:
            is_packed = stored.read(2) == b"\x1f\x8b"
            stored.seek(0)
            line = (gzip.GzipFile(fileobj=stored) if is_packed else stored).readline(MAX_FIELD)
        return tuple(_fields(_LINE_END.split(line.decode("utf-8-sig"))[0]) or ())
    except (OSError, EOFError, zlib.error, UnicodeDecodeError, Malformed):
        return ()


def parse(data: bytes, name: str, *, is_whole: bool = False) -> tuple[tuple[str, ...], list[DataRow], list[BadRow]]:
    """Header, rows and bad rows of a file's bytes. `is_whole`: its last line needs no line end.

    Malformed with code `encoding` (not UTF-8), `nul`, `header` (empty, or a column twice). A BadRow has code `quote`,
    `line_end` (one of the lines of a quoted line end), `row_length`, `field_size` or `truncated` (the last line, cut short).
    """
    text = _text(data, name)
    lines = _LINE_END.split(text)
    header = _fields(lines[0])
    if not header or header == [""] or len(set(header)) != len(header):
        raise Malformed("header", f"{name}: the first line does not name each column once")
    width = len(header)
    rows: list[DataRow] = []
    bad: list[BadRow] = []
    number = 0
    quoted: tuple[int, tuple[str, ...]] = 0, ()
    for at, line in enumerate(lines[1:], start=2):
        if not line:
            continue
        is_cut = at == len(lines) and not is_whole
        fields = line.split(",") if '"' not in line else _fields(line)
        if fields is None and at > quoted[0]:
            end = _end_of_quote(lines, at, width)
            quoted = end, tuple(lines[at - 1 : end])
        if at <= quoted[0]:
            reason = "a quoted field holds a line end: a row is one line"
            bad.append(BadRow(number, at, quoted[1], "line_end", reason))
        elif not is_cut and fields is not None and len(fields) == width and (len(line) <= MAX_FIELD or _fits(fields)):
            rows.append(DataRow(number, at, fields))
        else:
            code, reason = _fault(fields, width, cut=at == len(lines), whole=is_whole)
            bad.append(BadRow(number, at, (line[:MAX_FIELD],), code, reason))
        number += 1
    return tuple(header), rows, bad


def _end_of_quote(lines: list[str], start: int, width: int) -> int:
    """The line (from 1) on which the quoted field that line `start` leaves open ends; 0 where it is a stray quote.

    A line in between that is a row by itself shows that the quote is a stray one: nobody's row is swallowed.
    """
    text = lines[start - 1]
    if _fields(text + '"') is None:
        return 0  # what is wrong is not that a quote stays open
    for at in range(start, min(len(lines), start + MAX_LINES)):
        line = lines[at]
        alone = _fields(line)
        if alone is not None and len(alone) == width and width > 1:
            return 0
        text += "\n" + line
        if line.count('"') % 2:
            return at + 1 if len(_fields(text) or ()) == width else 0
        if len(text) > MAX_FIELD:
            return 0
    return 0


def _fits(fields: list[str]) -> bool:
    return all(len(field) <= MAX_FIELD for field in fields)


def _fault(fields: list[str] | None, width: int, cut: bool, whole: bool) -> tuple[str, str]:
    if cut and (not whole or fields is None or len(fields) < width):
        return "truncated", "the file ends here without a line end, and no manifest says that it is whole"
    if fields is None:
        return "quote", "a quote is opened, closed or doubled where it may not be"
    if len(fields) != width:
        return "row_length", f"the row has {len(fields)} fields, the header {width}"
    return "field_size", f"a field is longer than {MAX_FIELD} characters"


def _fields(line: str) -> list[str] | None:
    """The fields of one line, or None where its quotes do not match up."""
    fields: list[str] = []
    at = 0
    while True:
        match = _FIELD.match(line, at)
        if match is None:
            return None
        quoted, plain = match.groups()
        fields.append(plain if quoted is None else quoted.replace('""', '"'))
        at = match.end()
        if at == len(line):
            return fields
        if line[at] != ",":
            return None
        at += 1


def _text(data: bytes, name: str) -> str:
    try:
        text = data.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        raise Malformed("encoding", f"{name} is not UTF-8 at byte {error.start}") from error
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise Malformed("nul", f"{name} holds a NUL character in line {line}")
    return text


def _inflated(stored: bytes, name: str, limit: int) -> bytes:
    if not stored.startswith(b"\x1f\x8b"):
        return stored
    pieces: list[bytes] = []
    size = at = 0
    while at < len(stored):
        engine = zlib.decompressobj(wbits=31)
        while not engine.eof:
            window = stored[at : at + _WINDOW]  # what is left over after a member is copied: never all of the rest
            if not window:
                raise Malformed("truncated", f"{name} ends in the middle of its gzip stream")
            try:
                piece = engine.decompress(window, limit - size + 1)
            except zlib.error as error:
                raise Malformed("compression", f"{name} is not whole gzip: {error}") from error
            at += len(window) - len(engine.unused_data)
            size += len(piece)
            pieces.append(piece)
            if size > limit:
                raise Malformed("too_large", f"{name} inflates to more than {limit} bytes")
    return b"".join(pieces)
