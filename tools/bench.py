"""`make bench`: one JSON object per benchmark on stdout, each with its ratio to another of the same run. Asserts nothing."""

import json
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from issuer import sources
from issuer.issue import Surroundings, issue
from registry import keys, verify
from registry.audit import audit
from registry.canonical import jcs
from registry.installation import Office, initialize
from registry.ledger import Head
from registry.publish import publish
from registry.settings import from_environ
from registry.trust import parse
from sample_data import generate
from search.follow import follow
from search.index.embedded import EmbeddedIndex
from search.query import Filters, parse_query

ORGANIZATIONS = 2000
_done: dict[str, float] = {}


def say(bench: str, value: float, unit: str, ratio_to: str) -> None:
    """Print one row; `ratio_to` names an earlier one."""
    _done[bench] = value
    ratio = round(value / _done[ratio_to], 3)
    row = {"bench": bench, "value": round(value, 1), "unit": unit, "ratio_to": ratio_to, "ratio": ratio}
    sys.stdout.write(json.dumps(row) + "\n")
    sys.stdout.flush()


def rate(act: Callable[[], object], seconds: float = 1.0) -> float:
    """How often a second; the best of three rounds."""
    best = 0.0
    for _ in range(3):
        count, start = 0, time.perf_counter()
        while time.perf_counter() - start < seconds / 3:
            act()
            count += 1
        best = max(best, count / (time.perf_counter() - start))
    return best


def filled(scratch: Path) -> tuple[Office, int, float]:
    """An office that has issued a generated register, how many entries that is, and the seconds it took."""
    text, _ = generate.extract(ORGANIZATIONS, generate.SEED, planted=False)
    (scratch / "extract").mkdir()
    (scratch / "extract" / "extract.csv").write_text(text, "utf-8", newline="")
    office = initialize(from_environ({"GREFFE_DATA": str(scratch / "data")}))
    start = time.perf_counter()
    around = Surroundings(lambda: datetime.now(UTC), bytes, _quiet, lambda _done, _total: None)
    issue(office, "table", sources.read("table", scratch / "extract"), around)
    return office, office.reader.size(), time.perf_counter() - start


def _quiet(_head: Head) -> None:
    pass


def main() -> None:
    """Everything in one run, so that the ratios mean something on a noisy machine."""
    signer = keys.SigningKey(bytes(32))
    message = bytes(64)
    signature = signer.sign(message)
    say("ed25519 sign", rate(lambda: signer.sign(message)), "1/s", "ed25519 sign")
    say("ed25519 check", rate(lambda: keys.is_signed(signer.public, signature, message)), "1/s", "ed25519 sign")
    with tempfile.TemporaryDirectory() as name:
        scratch = Path(name)
        office, size, seconds = filled(scratch)
        say("issue, one process, durable", size / seconds, "entries/s", "ed25519 check")
        start = time.perf_counter()
        publish(office.store, office.ledger_signer)
        say("publish, re-read and recomputed", size / (time.perf_counter() - start), "entries/s", "ed25519 check")
        trust = parse(jcs(office.reader.trust()))
        start = time.perf_counter()
        found = audit(office.store, trust, lambda _done, _total: None)
        say("audit", found.entries / (time.perf_counter() - start), "entries/s", "ed25519 check")
        index = EmbeddedIndex(scratch / "index.db")
        start = time.perf_counter()
        follow(office.reader, index)
        say("follow into the index", size / (time.perf_counter() - start), "entries/s", "ed25519 check")
        record = next(one for one in office.reader.records(0, 10) if one.n is not None)
        assert record.register is not None
        assert record.number is not None
        place = (record.register, record.number, 1)
        evidence = json.dumps(office.reader.evidence(*place)).encode()
        say("evidence, with three proofs", rate(lambda: office.reader.evidence(*place)), "1/s", "ed25519 check")
        at = datetime.now(UTC)
        say("verify, all steps", rate(lambda: verify.verify(evidence, trust, at)), "1/s", "ed25519 check")
        say(
            "search, two words",
            rate(lambda: index.search(parse_query("harbour works"), Filters(), None, 20)),
            "1/s",
            "ed25519 check",
        )
        say(
            "suggest, three letters",
            rate(lambda: index.suggest(parse_query("har"), Filters(), 10)),
            "1/s",
            "ed25519 check",
        )


if __name__ == "__main__":
    main()
