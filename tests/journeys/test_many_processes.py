"""Two sites and two followers on one PostgreSQL and one Elasticsearch, under readers, while a register is issued.

One of each is killed meanwhile.
"""

import json
import random
import threading
import time
import urllib.error
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from urllib.request import urlopen

import pytest

from registry.errors import RegistryError
from registry.installation.public import Public
from registry.installation.settings import from_environ
from registry.log import checkpoint, note
from registry.log.merkle import Frontier, leaf_hash
from registry.reading.reader import Reader
from registry.verify import trust
from registry.verify.steps import verify
from sample_data import generate
from tests.builders.command import SOAK, Greffe, wait_for
from tests.builders.machines import Machine, machines, office_on
from tests.builders.postgresql import Server

READERS, ORGANIZATIONS = (50, 4000) if SOAK else (3, 250)


@dataclass
class Seen:
    """What readers were answered, to be held against the ledger at the end."""

    checkpoints: set[str] = field(default_factory=set)
    #: (number, entry, name)
    states: set[tuple[str, int, str | None]] = field(default_factory=set)
    #: (number, name) of results
    results: set[tuple[str, str | None]] = field(default_factory=set)
    evidence: list[bytes] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)


class Readers:
    """Threads that ask whatever machine is up. A connection that a killed process drops is asked again of another."""

    def __init__(self, sites: list[Machine], numbers: list[str]) -> None:
        self.seen, self._sites, self._numbers = Seen(), sites, numbers
        self._done = threading.Event()
        self._threads = [threading.Thread(target=self._run, args=(n,)) for n in range(READERS)]
        for thread in self._threads:
            thread.start()

    def close(self) -> Seen:
        """What they have seen."""
        self._done.set()
        for thread in self._threads:
            thread.join(120)
        return self.seen

    def _run(self, seed: int) -> None:
        chance = random.Random(seed)
        acts: list[Callable[[random.Random], None]] = [
            self._checkpoint,
            self._organization,
            self._search,
            self._evidence,
        ]
        while not self._done.is_set():
            try:
                chance.choice(acts)(chance)
            except Exception as error:
                self.seen.wrong.append(f"{type(error).__name__}: {error}")

    def _ask(self, chance: random.Random, path: str) -> bytes | None:
        """The answer of one of the sites; None where there is no such thing yet."""
        for site in chance.sample(self._sites, len(self._sites)):
            try:
                with urlopen(site.base + path, timeout=60) as answer:
                    self.seen.counts["answers"] += 1
                    return bytes(answer.read())
            except urllib.error.HTTPError as error:
                if error.code in (404, 409):
                    self.seen.counts["not yet"] += 1
                    return None
                raise
            except OSError:
                self.seen.counts["asked again"] += 1
        raise AssertionError(f"no site answers {path}")

    def _checkpoint(self, chance: random.Random) -> None:
        text = self._ask(chance, "/checkpoint")
        if text is not None:
            self.seen.checkpoints.add(text.decode())

    def _organization(self, chance: random.Random) -> None:
        text = self._ask(chance, f"/api/v1/organizations/sample/{chance.choice(self._numbers)}")
        if text is not None:
            members = json.loads(text)
            self.seen.states.add((members["number"], members["entry"], members["name"]))

    def _search(self, chance: random.Random) -> None:
        text = self._ask(chance, f"/api/v1/organizations?q={chance.choice(self._numbers)}")
        if text is not None:
            answer = json.loads(text)
            assert "unchecked" not in answer
            self.seen.results.update((item["number"], item["name"]) for item in answer["items"])

    def _evidence(self, chance: random.Random) -> None:
        text = self._ask(chance, f"/credentials/sample/{chance.choice(self._numbers)}/1/evidence")
        if text is not None and len(self.seen.evidence) < 400:
            self.seen.evidence.append(text)


@pytest.fixture
def office(postgresql: Server, search_node: str, tmp_path: Path) -> Greffe:
    return office_on(tmp_path, postgresql.new_database(), search_node)


@pytest.fixture
def ledger(office: Greffe) -> Iterator[Reader]:
    public = Public(from_environ(office.environ))
    yield public.reader
    public.store.close()


def check(seen: Seen, ledger: Reader) -> None:
    """Everything that was answered is what the ledger says, of now or of then."""
    assert not seen.wrong, seen.wrong[:3]
    trusted = trust.parse(json.dumps(ledger.trust()).encode())
    roots, frontier = {}, Frontier()
    records = ledger.records(0, ledger.size())
    for index in range(0, len(records), 256):
        width = min(256, len(records) - index)
        tile = ledger.log.tile(f"entries/{index // 256:03d}" + ("" if width == 256 else f".p/{width}"))
        at = 0
        while at < len(tile):
            size = int.from_bytes(tile[at : at + 2], "big")
            frontier.append(leaf_hash(tile[at + 2 : at + 2 + size]))
            roots[frontier.size] = frontier.root()
            at += 2 + size
    for text in seen.checkpoints:
        head = checkpoint.check(text, [trusted.genesis_key])
        assert roots[head.size] == head.root, "a fork"
    names = {
        (record.number or "", record.index): record.document["credentialSubject"].get("legalName")
        for record in records
        if record.document is not None and record.n is not None
    }
    for number, entry, name in seen.states:
        assert names[number, entry] == name
    known = {(number, name) for (number, _), name in names.items()}
    assert seen.results <= known
    now = datetime.now(UTC)
    for text in seen.evidence:
        assert verify(text, trusted, now).verdict in ("verified", "superseded")


def is_soon_found(machine: Machine, number: str) -> bool:
    """Whether a search finds the organization, once whoever follows has come to it."""
    until = time.monotonic() + 60
    while True:
        with urlopen(f"{machine.base}/api/v1/organizations?q={number}", timeout=60) as answer:
            if number in [item["number"] for item in json.loads(answer.read())["items"]]:
                return True
        if time.monotonic() > until:
            return False
        time.sleep(0.1)


def test_no_answer_is_wrong_and_none_is_lost_when_one_of_each_is_killed(
    office: Greffe, ledger: Reader, tmp_path: Path
) -> None:
    text, _ = generate.extract(organizations=ORGANIZATIONS, planted=False)
    lines = text.splitlines()
    numbers = sorted({line.split(",")[0] for line in lines[1:]})
    (tmp_path / "first.csv").write_text("\n".join(lines[: len(lines) // 4]) + "\n", "utf-8")
    (tmp_path / "all.csv").write_text(text, "utf-8")
    office("issue", "--source", "table", tmp_path / "first.csv")
    office("publish")
    with machines(office, tmp_path, 2) as (one, other):
        publisher = office.start("publish", "--every", "0.3")
        readers = Readers([one, other], numbers)
        try:
            run = office.start("issue", "--source", "table", tmp_path / "all.csv")
            time.sleep(1.0)
            other.kill("serve")
            one.kill("follow")
            time.sleep(0.5)
            other.start("serve")
            one.start("follow")
            assert run.wait(timeout=600) in (0, 3)
            for machine in (one, other):
                wait_for(machine.base)
        finally:
            seen = readers.close()
            publisher.terminate()
            publisher.wait(timeout=30)
        office("publish")
        for machine in (one, other):
            for number in random.Random(1).sample(numbers, 20):
                assert is_soon_found(machine, number), number
    check(seen, ledger)
    assert seen.counts["answers"] > 10 * READERS
    assert min(map(len, (seen.checkpoints, seen.states, seen.results, seen.evidence))) > 0
    assert seen.counts["asked again"], "no reader was in the way of the kill"


def test_a_wrong_or_torn_answer_would_be_noticed(office: Greffe, ledger: Reader, tmp_path: Path) -> None:
    """The control of what holds the answers against the ledger."""
    text, _ = generate.extract(organizations=20, planted=False)
    (tmp_path / "all.csv").write_text(text, "utf-8")
    office("issue", "--source", "table", tmp_path / "all.csv")
    office("publish")
    record = next(record for record in ledger.records(0, 40) if record.number is not None)
    assert record.number is not None
    assert record.document is not None
    name = record.document["credentialSubject"]["legalName"]
    check(Seen(checkpoints={ledger.checkpoint()}, states={(record.number, record.index, name)}), ledger)
    size = note.parse(ledger.checkpoint()).text.splitlines()[1]
    for seen in (
        Seen(states={(record.number, record.index, "ANOTHER LTD.")}),
        Seen(states={(record.number, record.index + 1000, name)}),
        Seen(results={(record.number, "ANOTHER LTD.")}),
        Seen(checkpoints={ledger.checkpoint().replace(f"\n{size}\n", f"\n{int(size) - 1}\n")}),
        Seen(wrong=["HTTPError: 500"]),
        Seen(evidence=[json.dumps({**ledger.evidence("sample", record.number, 1), "salt": "AA=="}).encode()]),
    ):
        with pytest.raises((AssertionError, KeyError, RegistryError)):
            check(seen, ledger)
