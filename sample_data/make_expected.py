"""Write what the journey of a few organizations must become.

    python -m sample_data.make_expected [--out DIR]

From `extract.csv` and `permits/` through the real issuer, ledger and reader, with fixed keys, clock and salts as arguments; what
each file is stands in `expected/README.md`. `tests/journeys/test_sample.py` compares byte for byte.
"""

import argparse
import csv
import json
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from issuer import sources
from issuer.run.issue import issue
from registry.installation.initialize import initialize
from registry.installation.office import Office
from registry.installation.settings import from_environ
from registry.ledger.publish import publish
from registry.ledger.surroundings import Surroundings
from registry.store import document_rows, rows

FOLDER = Path(__file__).parent
REGISTER = "sample"
#: whose journey it is; README.md in `expected/` says why each
NUMBERS = ("BC9000001", "BC9000004", "BC9000005", "BC9000006", "BC9000008", "BC9000065", "FM9000002")
#: the register of permits, which is issued whole, and the permits whose evidence stands there
PERMITS, PERMIT_NUMBERS = "permits", ("P-1001", "P-1002", "P-1003")
AT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Journey:
    """The installation that was filled, and the bytes of each file by name."""

    office: Office
    files: dict[str, bytes]


def fixed_bytes(seed: str) -> Callable[[int], bytes]:
    """A stream in the place of randomness: SHA-256 of the seed and a counter, at most 32 bytes a call."""
    count = 0

    def random(length: int) -> bytes:
        nonlocal count
        count += 1
        return sha256(f"greffe-expected/v1\n{seed}\n{count}\n".encode()).digest()[:length]

    return random


def journey(scratch: Path) -> Journey:
    """Issue and publish the chosen organizations into an installation below `scratch`, and read everything back."""
    extract = _chosen(scratch)
    office = initialize(from_environ({"GREFFE_DATA": str(scratch / "data")}), fixed_bytes("keys"))
    around = Surroundings(lambda: AT, fixed_bytes("salts"), lambda _head: None, lambda _done, _total: None)
    report = issue(office, "table", sources.read("table", extract), around)
    permit_report = issue(office, "table", sources.read("table", FOLDER / PERMITS), around)
    published = publish(office.store, office.log_keys.signers)
    reader = office.reader
    bodies, credentials = [], []
    with office.store.read() as connection:
        for index, body in enumerate(rows.read_entries(connection, 0, reader.size())):
            bodies.append(body)
            committed = document_rows.read_document(connection, index)
            if committed is not None and json.loads(body)["kind"] in ("issue", "supersede", "correct"):
                credentials.append(committed[0])
    files = {
        "entries.jsonl": _lines(bodies),
        "credentials.jsonl": _lines(credentials),
        "status-list.json": _printed(reader.status_list(f"revocation/{REGISTER}-1")),
        "did.json": _printed(reader.issuer_document(REGISTER)),
        "trust.json": office.settings.trust_file.read_bytes(),
        "checkpoint": published.note.encode(),
        "root": published.checkpoint.root.hex().encode() + b"\n",
        "report.json": _printed(report.to_json()),
        "permits.did.json": _printed(reader.issuer_document(PERMITS)),
        "permits.report.json": _printed(permit_report.to_json()),
    }
    for register, numbers in ((REGISTER, NUMBERS), (PERMITS, PERMIT_NUMBERS)):
        for number in numbers:
            newest = reader.organization(register, number)[-1]
            files[f"{number}.evidence.json"] = _printed(reader.evidence(register, number, newest.n or 0))
    return Journey(office, files)


def _chosen(scratch: Path) -> Path:
    """An extract with the rows of the chosen organizations alone."""
    with (FOLDER / "extract.csv").open(encoding="utf-8", newline="") as text:
        header, *lines = list(csv.reader(text))
    file = scratch / "extract.csv"
    with file.open("w", encoding="utf-8", newline="") as text:
        csv.writer(text, lineterminator="\n").writerows([header, *(line for line in lines if line[0] in NUMBERS)])
    return file


def _lines(bodies: list[bytes]) -> bytes:
    return b"".join(body + b"\n" for body in bodies)


def _printed(value: dict[str, Any]) -> bytes:
    """As `greffe evidence -o` writes a file."""
    return json.dumps(value, ensure_ascii=False, indent=1).encode() + b"\n"


def main() -> None:
    """Write the files into a folder (default: `expected/` here)."""
    parser = argparse.ArgumentParser(prog="python -m sample_data.make_expected", description=__doc__)
    parser.add_argument("--out", type=Path, default=FOLDER / "expected")
    out: Path = parser.parse_args().out
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        files = journey(Path(scratch)).files
    for name, data in files.items():
        (out / name).write_bytes(data)
    sys.stdout.write(f"{out}: {len(files)} files, root {files['root'].decode()}")


if __name__ == "__main__":
    main()
