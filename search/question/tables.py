"""A spreadsheet as CSV: read, and written again with what was matched. Pure.

RFC 4180, with what spreadsheets write besides: a byte order mark, semicolons or tabs between cells, Windows-1252. Looking rows up
is left to `search/question/matching.py`.
"""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from search.errors import BadParameter

#: columns that are added
ADDED = ("register", "number", "name", "status", "score", "match", "why", "evidence")
_LIKELY = (
    "name", "legal_name", "legal name", "organization", "organisation", "company", "company_name", "company name",
    "business_name", "business name", "nom", "raison sociale", "entreprise", "organisme", "vendor", "supplier",
    "fournisseur", "number", "numéro",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Table:
    """A list as it was read. `column`: the place of what is looked up; `delimiter`: between its cells."""

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    column: int
    delimiter: str

    @property
    def texts(self) -> list[str]:
        """What is looked up, row by row."""
        return [row[self.column].strip() if self.column < len(row) else "" for row in self.rows]


def parse_table(content: bytes, column: str | None) -> Table:
    """The table in the bytes of a file; `column`: its header, None: the likeliest. BadParameter: `table`, `column`."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1252", "replace")
    first = text.partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    try:
        rows = [tuple(row) for row in csv.reader(_lines(text), delimiter=delimiter) if row]
    except csv.Error as error:
        raise BadParameter("table", f"the file is no CSV table: {error}", "file") from None
    if not rows:
        raise BadParameter("table", "the file has no header", "file")
    header, *body = rows
    return Table(header, tuple(body), _column(header, column), delimiter)


def print_table(table: Table, added: Sequence[Sequence[str]]) -> str:
    """The table with the columns `ADDED` behind its own; one whose header is taken is called `greffe_...`."""
    lines = _Lines()
    writer = csv.writer(lines, delimiter=table.delimiter, lineterminator="\r\n")
    taken = {name.strip().lower() for name in table.header}
    writer.writerow([*table.header, *(f"greffe_{name}" if name in taken else name for name in ADDED)])
    for row, more in zip(table.rows, added, strict=True):
        padding = ("",) * (len(table.header) - len(row))
        writer.writerow([*row, *padding, *more])
    return "".join(lines.parts)


class _Lines:
    """What `csv` writes to."""

    def __init__(self) -> None:
        self.parts: list[str] = []

    def write(self, part: str) -> None:
        self.parts.append(part)


def _lines(text: str) -> Iterator[str]:
    return (line + "\n" for line in text.removesuffix("\n").split("\n"))


def _column(header: Sequence[str], wanted: str | None) -> int:
    names = [name.strip().lower() for name in header]
    if wanted is None:
        return next((names.index(name) for name in _LIKELY if name in names), 0)
    if wanted.strip().lower() not in names:
        raise BadParameter("column", f"the table has no column {wanted}: it has {', '.join(header)}", "column")
    return names.index(wanted.strip().lower())
