"""`make bench`: one JSON object per figure, each with a ratio; asserts nothing."""

import json
import sys
import tempfile
import time
from datetime import UTC, datetime
from itertools import cycle
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from bench_calls import say_calls
from bench_credentials import say_credentials
from bench_finding import say_finding
from bench_ledger import say_ledger
from bench_log_http import say_http
from bench_poison import say_poisoned
from bench_rows import rate, say
from bench_seals import say_seals
from bench_serving import say_serving

from issuer import sources
from issuer.run.issue import issue
from registry import keys
from registry.audit.audit import audit
from registry.encoding.jcs import jcs
from registry.installation.initialize import initialize
from registry.installation.office import Office
from registry.installation.settings import from_environ
from registry.ledger.admission import Head
from registry.ledger.publish import publish
from registry.ledger.surroundings import Surroundings
from registry.verify import steps
from registry.verify.trust import parse
from sample_data import generate
from search.index.embedded import EmbeddedIndex
from search.index.follow import follow
from search.question.query import Filters, parse_query

ORGANIZATIONS = 2000


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
    assert signer.public.is_signed(signature, message)
    say("ed25519 sign", rate(lambda: signer.sign(message)), "1/s", "ed25519 sign")
    say("ed25519 check", rate(lambda: signer.public.is_signed(signature, message)), "1/s", "ed25519 sign")
    with tempfile.TemporaryDirectory() as name:
        scratch = Path(name)
        office, size, seconds = filled(scratch)
        say("issue, one process, durable", size / seconds, "entries/s", "ed25519 check")
        start = time.perf_counter()
        publish(office.store, office.log_keys.signers)
        say("publish, re-read and recomputed", size / (time.perf_counter() - start), "entries/s", "ed25519 check")
        trust = parse(jcs(office.reader.trust()))
        start = time.perf_counter()
        result = audit(office.store, trust, lambda _done, _total: None)
        say("audit", result.entries / (time.perf_counter() - start), "entries/s", "ed25519 check")
        index = EmbeddedIndex(scratch / "index.db")
        start = time.perf_counter()
        follow(office.reader, index)
        say("follow into the index", size / (time.perf_counter() - start), "entries/s", "ed25519 check")
        records = [record for record in office.reader.records(0, 1000) if record.n is not None]
        newest = {record.number: (str(record.register), str(record.number), record.n or 0) for record in records}
        places, at = cycle(newest.values()), datetime.now(UTC)
        say("evidence, with three proofs", rate(lambda: office.reader.evidence(*next(places))), "1/s", "ed25519 check")
        files = [json.dumps(office.reader.evidence(*place)).encode() for place in list(newest.values())[:200]]
        assert {steps.verify(file, trust, at).verdict for file in files} <= {"verified", "superseded"}
        turns = cycle(files)
        say("verify, all steps", rate(lambda: steps.verify(next(turns), trust, at)), "1/s", "ed25519 check")
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
        say_finding(scratch)
        say_ledger(scratch)
        say_seals(scratch)
        say_http(scratch)
        say_calls()
        say_serving(scratch / "data")
        say_credentials(office)
        say_poisoned(office)


if __name__ == "__main__":
    main()
