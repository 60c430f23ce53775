"""Verification out of processes of its own: the same answers, and nothing that is posted slows, stops or outlives anything."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent import futures
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from registry.errors import Conflict
from registry.foreign.retrieval import MOST_FETCHES, Fetch, no_fetch
from registry.foreign.verify import ForeignResult, ForeignVerifier, contexts_known_at
from registry.installation.office import Office
from search.verify import worker
from search.verify.judge import PostedVerifier
from search.verify.pool import SMALL_BYTES, VerifierPool
from search.verify.vc_answer import credential_answer
from tests.builders.command import NOW, ROOT
from tests.builders.site import small_registry
from tests.builders.stranger import AT, KEY, WEB, did_document, did_key, draft, method, serving, signed
from tests.mutations.rdf_poison import POISON
from tests.search.verify.odd_verifiers import open_nothing, open_odd

Document = dict[str, Any]
OpenPool = Callable[..., VerifierPool]


@pytest.fixture
def pool_of() -> Iterator[OpenPool]:
    """Makes pools, and sees that each leaves no process behind."""
    made: list[VerifierPool] = []

    def make(open_verifier: worker.Open, reader: Any = None, fetch: Fetch = no_fetch) -> VerifierPool:
        made.append(VerifierPool(reader or small_registry(), open_verifier, fetch))
        return made[-1]

    yield make
    pids = [pid for pool in made for pid in pool.pids()]
    for pool in made:
        pool.close()
    assert not [pid for pid in pids if is_there(pid)]


@pytest.fixture
def odd(pool_of: OpenPool) -> VerifierPool:
    return pool_of(open_odd)


def is_there(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text("utf-8")


def do(what: str, value: Any = None) -> Document:
    """A document for `Odd`, of a stranger."""
    return {"credentialSubject": {}, "issuer": "did:x:y", "do": [what, value]}


def do_own(what: str, value: Any = None) -> Document:
    """One that looks like evidence."""
    return {"do": [what, value]}


def reason(answer: Document) -> str:
    assert answer["verdict"] == "indeterminate"
    assert {step["result"] for step in answer["steps"][1:]} == {"not_reached"}
    reason_text: str = answer["steps"][0]["reason"]
    return reason_text


def poisoned(document: Document) -> Document:
    """The poison inside a credential that reaches canonicalization: with an issuer, a claim, and a proof by its key."""
    proof = {
        "type": "DataIntegrityProof",
        "cryptosuite": "eddsa-rdfc-2022",
        "created": "2026-01-01T00:00:00Z",
        "verificationMethod": method(KEY),
        "proofPurpose": "assertionMethod",
        "proofValue": "z" + "2" * 87,
    }
    subject = {"id": "did:example:subject", "name": "x", "urn:x:holds": document.get("credentialSubject", "x")}
    return {"proof": proof, **document, "issuer": did_key(KEY), "credentialSubject": subject}


def test_the_answers_are_those_of_one_process(filled: Office, pool_of: OpenPool) -> None:
    fetch, _ = serving(did=did_document())
    here = PostedVerifier(filled.reader, ForeignVerifier(fetch, contexts_known_at(filled.identity.context_url)))
    pool = pool_of(partial(worker.open_posted, filled.settings), filled.reader, fetch)
    evidence = filled.reader.evidence("sample", "BC0000001", 2)
    web = signed(draft(issuer=WEB), by=f"{WEB}#key-1")
    credentials = [evidence["credential"], signed(draft()), web, draft(), {**evidence["credential"], "validFrom": ""}]
    credentials.append({**evidence["credential"], "issuer": filled.identity.issuer_did("unknown")})
    complete = filled.reader.completeness("sample", "BC0000001").to_json()
    posted = [evidence, {}, *credentials, {"v": 1}, complete]
    assert pool.judge(posted, NOW) == here.judge(posted, NOW)
    assert pool.credentials(credentials, NOW) == here.credentials(credentials, NOW)
    assert [answer["verdict"] for answer in pool.judge(posted, NOW)[:4]] == [
        "verified",
        None,
        "verified",
        "indeterminate",
    ]
    presentation = {"@context": draft()["@context"], "type": ["VerifiablePresentation"], "holder": did_key(KEY)}
    presented = signed({**presentation, "verifiableCredential": [signed(draft())]}, purpose="authentication")
    for asked in ((None, None), ("a challenge", "a domain")):
        result = pool.presentation(presented, AT, *asked)
        assert result == here.foreign.presentation(presented, AT, *asked)
        assert result.is_verified == (asked == (None, None))
    assert (pool.replaced, len(pool.pids())) == (0, 2)


def test_poison_costs_its_budget_at_most_and_a_good_document_is_verified_afterwards(
    filled: Office, pool_of: OpenPool
) -> None:
    pool = pool_of(partial(worker.open_posted, filled.settings), filled.reader)
    good = signed(draft())
    large = signed(draft(description="x" * SMALL_BYTES))
    assert [judged.foreign and judged.foreign.is_verified for judged in pool.credentials([good, large], AT)] == [
        True,
        True,
    ]
    used = {pid: peak(pid) for pid in pool.pids()}
    assert len(used) == 2
    judged = [pool.credentials([poisoned(document)], AT)[0].foreign for document in POISON.values()]
    about = {name: results_about(result, "context", "proof") for name, result in zip(POISON, judged, strict=True)}
    assert all("failed" in results for results in about.values()), about
    assert sum(results[0] == "failed" for results in about.values()) >= 30, (
        "most are stopped while they are canonicalized"
    )
    assert [judged.foreign and judged.foreign.is_verified for judged in pool.credentials([good, large], AT)] == [
        True,
        True,
    ]
    assert pool.judge([filled.reader.evidence("sample", "BC0000001", 2)], NOW)[0]["verdict"] == "verified"
    assert pool.replaced == 0
    assert used.keys() < set(pool.pids())
    assert all(peak(pid) - before <= worker.MEMORY_BYTES for pid, before in used.items())


def results_about(result: ForeignResult | None, *names: str) -> list[str]:
    assert result is not None
    return [finding.result for finding in result.about(*names)]


def peak(pid: int) -> int:
    """The most memory that a process ever had, in bytes."""
    lines = Path(f"/proc/{pid}/status").read_text("utf-8").splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM"))


@pytest.mark.parametrize(
    ("act", "cause"),
    [
        (("spin", None), "too costly"),
        (("allocate", 200), "too costly"),
        (("die", None), "its check was cut short"),
    ],
)
def test_a_worker_that_spends_its_budget_or_dies_is_replaced(odd: VerifierPool, act: Any, cause: str) -> None:
    """The negative control of the limits inside: without them, the budget around them ends it."""
    first, ended, after = odd.judge([do("nothing"), do(*act), do("nothing")], NOW)
    assert cause in reason(ended)
    assert first["did"] == after["did"] == "nothing"
    assert first["pid"] != after["pid"]
    assert not is_there(first["pid"])
    assert odd.replaced == 1


def test_memory_within_the_budget_is_given_and_a_worker_that_keeps_it_is_replaced(odd: VerifierPool) -> None:
    answers = odd.judge([do("allocate", 10), do("allocate", 30), do("nothing")], NOW)
    assert [answer["did"] for answer in answers] == ["allocate", "allocate", "nothing"]
    assert answers[0]["pid"] == answers[1]["pid"] != answers[2]["pid"]
    assert odd.replaced == 1


def wait_until_begun(folder: Path) -> None:
    """Until a worker does what `wait` says."""
    deadline = time.monotonic() + 60
    while not (folder / "begun").exists():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_a_worker_killed_while_it_works_is_replaced_and_the_request_is_answered(
    odd: VerifierPool, tmp_path: Path
) -> None:
    pid = odd.judge([do("nothing")], NOW)[0]["pid"]
    with ThreadPoolExecutor(1) as threads:
        asked = threads.submit(odd.judge, [do("wait", str(tmp_path)), do("nothing")], NOW)
        wait_until_begun(tmp_path)
        os.kill(pid, signal.SIGKILL)
        lost, after = asked.result(30)
    assert reason(lost) == "its check was cut short"
    assert after["pid"] != pid
    assert odd.replaced == 1


def test_what_takes_too_long_without_working_is_given_up(odd: VerifierPool, monkeypatch: pytest.MonkeyPatch) -> None:
    odd.judge([do("nothing")], NOW)
    monkeypatch.setattr("search.verify.pool.REQUEST_SECONDS", 3.0)
    answers = odd.judge([do("nothing"), do("sleep", 60), do("sleep", 60)], NOW)
    assert answers[0]["did"] == "nothing"
    assert [reason(answer) for answer in answers[1:]] == ["it was not checked in time"] * 2
    assert odd.judge([do("nothing")], NOW)[0]["did"] == "nothing"


def test_what_is_not_checked_is_neither_verified_nor_trusted(odd: VerifierPool) -> None:
    (judged,) = odd.credentials([do("die")], NOW)
    assert judged.foreign is not None
    assert reason(judged.verdict.to_json()) == judged.foreign.findings[0].reason == "its check was cut short"
    assert (judged.foreign.is_verified, judged.foreign.is_usable, judged.to_json()["trusted"]) == (False, False, False)
    answer = credential_answer(judged, do("die"))
    assert (answer["verified"], answer["usable"], answer["trusted"]) == (False, False, False)
    assert [problem["title"] for problem in answer["problemDetails"]] == ["PROOF_VERIFICATION_ERROR"]


def test_strangers_never_keep_our_own_documents_waiting(odd: VerifierPool, tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as threads:
        odd.judge([do("nothing"), do_own("nothing")], NOW)
        poison = [threads.submit(odd.judge, [do("wait", str(tmp_path))] * 2, NOW) for _ in range(3)]
        wait_until_begun(tmp_path)
        assert odd.judge([do_own("nothing")] * 20, NOW)[-1]["did"] == "nothing"
        assert not any(future.done() for future in poison)
        (tmp_path / "released").touch()


def test_a_large_request_takes_turns_with_a_small_one(odd: VerifierPool, tmp_path: Path) -> None:
    (tmp_path / "now").mkdir()
    with ThreadPoolExecutor(4) as threads:
        odd.judge([do_own("nothing")], NOW)
        large = threads.submit(
            odd.judge, [do_own("wait", str(tmp_path / "now")), *[do_own("pause", str(tmp_path))] * 149], NOW
        )
        wait_until_begun(tmp_path / "now")
        (tmp_path / "now" / "released").touch()
        assert odd.judge([do_own("nothing")] * 3, NOW)[-1]["did"] == "nothing"
        assert not large.done()
        (tmp_path / "released").touch()
        assert len(large.result()) == 150


def test_beyond_what_may_wait_a_request_is_refused(
    odd: VerifierPool, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("search.verify.lane.ADMITTED", 2)
    odd.judge([do("nothing")], NOW)
    with ThreadPoolExecutor(3) as threads:
        asked = [threads.submit(odd.judge, [do("wait", str(tmp_path))], NOW) for _ in range(3)]
        refused, taken = futures.wait(asked, 60, futures.FIRST_COMPLETED)
        with pytest.raises(Conflict, match="too many"):
            refused.pop().result()
        assert odd.judge([do_own("nothing")], NOW)[0]["did"] == "nothing", "the other lane takes it"
        (tmp_path / "released").touch()
        assert [request.result()[0]["did"] for request in taken] == ["wait", "wait"]
    assert odd.judge([do("nothing")], NOW)[0]["did"] == "nothing"


def test_fetching_is_done_here_and_limited_for_the_whole_request(pool_of: OpenPool) -> None:
    asked: list[str] = []

    def fetch(url: str) -> bytes:
        asked.append(url)
        return url.upper().encode()

    pool = pool_of(open_odd, fetch=fetch)
    answers = pool.judge([do("fetch", f"place {n % 40}") for n in range(60)], NOW)
    assert [answer["did"] for answer in answers[:2]] == ["PLACE 0", "PLACE 1"]
    assert len(asked) == MOST_FETCHES == 32
    assert [answer["did"] for answer in answers[31:41]] == ["PLACE 31", *["fetch_limit"] * 8, "PLACE 0"]
    assert pool_of(open_odd).judge([do("fetch", "x")], NOW)[0]["did"] == "fetch_off"


def test_no_worker_waits_for_what_lies_elsewhere(pool_of: OpenPool) -> None:
    """A document that names a slow place keeps nobody waiting but whoever posted it."""
    released = threading.Event()

    def fetch(url: str) -> bytes:
        assert released.wait(30)
        return url.encode()

    pool = pool_of(open_odd, fetch=fetch)
    with ThreadPoolExecutor(3) as threads:
        slow = [threads.submit(pool.judge, [do("fetch", f"slow {n}")], NOW) for n in range(3)]
        assert pool.judge([do("nothing")], NOW)[0]["did"] == "nothing"
        assert not any(future.done() for future in slow)
        released.set()
        answers = [future.result()[0] for future in slow]
    assert [answer["did"] for answer in answers] == ["slow 0", "slow 1", "slow 2"]
    assert pool.replaced == 0


def test_what_should_not_happen_is_an_error_here(odd: VerifierPool) -> None:
    with pytest.raises(RuntimeError, match="AssertionError: told"):
        odd.judge([do("fail", "told")], NOW)
    assert odd.judge([do("nothing")], NOW)[0]["did"] == "nothing"
    assert odd.replaced == 0


def test_a_worker_that_cannot_start_is_told(pool_of: OpenPool) -> None:
    for _ in range(2):
        with pytest.raises(Conflict, match="did not start"):
            pool_of(open_nothing).judge([do("nothing")], NOW)


def test_closing_ends_what_works_and_what_waits(odd: VerifierPool) -> None:
    odd.judge([do("nothing")], NOW)
    with ThreadPoolExecutor(4) as threads:
        asked = [threads.submit(odd.judge, [do("sleep", 60)], NOW) for _ in range(4)]
        time.sleep(0.3)
        pids = odd.pids()
        odd.close()
        outcomes = [str(request.exception(30) or reason(request.result()[0])) for request in asked]
    assert set(outcomes) <= {"its check was cut short", "the server is being closed", "what verifies did not start"}
    assert not [pid for pid in pids if is_there(pid)]
    assert odd.pids() == []
    with pytest.raises(Conflict, match="closed"):
        odd.judge([do("nothing")], NOW)


def test_a_worker_ends_when_its_parent_is_killed() -> None:
    program = (
        "import os, signal\n"
        "from datetime import datetime\n"
        "from search.verify.pool import VerifierPool\n"
        "from tests.search.verify.odd_verifiers import open_odd\n"
        "from tests.builders.site import small_registry\n"
        "if __name__ == '__main__':\n"
        "    pool = VerifierPool(small_registry(), open_odd)\n"
        "    pool.judge([{}], datetime.now())\n"
        "    print(*pool.pids(), flush=True)\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, timeout=60)
    pids = [int(pid) for pid in done.stdout.split()]
    assert pids, done.stderr
    deadline = time.monotonic() + 10
    while any(map(is_there, pids)) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not any(map(is_there, pids))
