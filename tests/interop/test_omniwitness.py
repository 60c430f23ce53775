"""transparency-dev's omniwitness, a witness server of other people, cosigns our growing log and refuses what is forged.

Built with a stand-in for one function of merkle that it does not reach here (`witness_go/`). c2sp.org/tlog-witness names the
answers; where omniwitness gives another, the test says so.
"""

import base64
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from registry.errors import Untrue
from registry.keys import SigningKey
from registry.log import checkpoint, cosignature, note
from registry.log.merkle import consistency_proof
from registry.log.policy import Witness
from registry.witness import client as witness_client
from registry.witness.client import WitnessClient
from sample_data.make_expected import fixed_bytes as seeded
from tests.builders.grown_log import FORK_SIZES, SIZES, GrownLog
from tests.interop.peers import Omniwitness, omniwitness
from tests.mutations.bits import flip

FIRST, SECOND, LAST = SIZES
#: a watchdog, not a figure
SECONDS = 20.0
STRANGER = SigningKey(seeded("stranger")(32))


@dataclass(frozen=True)
class Answer:
    status: int
    body: str
    kind: str


def ask(witness: Omniwitness, old: int, hashes: list[bytes], signed: str) -> Answer:
    """One `add-checkpoint` request."""
    lines = [f"old {old}", *(base64.b64encode(value).decode() for value in hashes), "", signed]
    request = urllib.request.Request(f"{witness.url}/add-checkpoint", "\n".join(lines).encode(), method="POST")
    try:
        with urllib.request.urlopen(request, timeout=SECONDS) as answer:
            return Answer(answer.status, answer.read().decode(), answer.headers["Content-Type"])
    except urllib.error.HTTPError as error:
        with error:
            return Answer(error.code, error.read().decode(), error.headers["Content-Type"] or "")


def grow(witness: Omniwitness, log: GrownLog, old: int, size: int) -> Answer:
    """Ask honestly for a cosignature of one of the log's own heads."""
    return ask(witness, old, consistency_proof(old, size, log.subtree()), log.checkpoints[size])


@pytest.fixture
def witness(log: GrownLog, tmp_path: Path) -> Iterator[Omniwitness]:
    with omniwitness(tmp_path, log.vkey) as running:
        yield running


def ask_by_client(client: WitnessClient, witness: Omniwitness, of: GrownLog, size: int) -> witness_client.Answer:
    """Have our own client ask for a cosignature of one of that log's heads."""
    whom = Witness("omniwitness", note.parse_vkey(witness.vkey, note.COSIGNATURES), witness.url)
    subtree = of.subtree()
    (answer,) = client.ask(
        [whom], of.key.name, of.checkpoints[size], size, lambda old: consistency_proof(old, size, subtree), SECONDS
    )
    return answer


def test_a_growing_log_is_cosigned(log: GrownLog, witness: Omniwitness) -> None:
    key = note.parse_vkey(witness.vkey, note.COSIGNATURES)
    remembering, seen = WitnessClient(), 0
    for size in sorted(log.checkpoints):
        text = note.parse(log.checkpoints[size]).text
        for client in (remembering, WitnessClient()):  # who remembers nothing is told the size, and asks again
            answer = ask_by_client(client, witness, log, size)
            assert answer.result == witness_client.COSIGNED, answer
            now = cosignature.check(note.Note(text, answer.signatures), key)
            assert now >= seen
            seen = now
            with pytest.raises(Untrue):
                cosignature.check(note.Note(note.parse(log.current).text + "x\n", answer.signatures), key)


def test_our_client_says_that_a_witness_refused(log: GrownLog, fork: GrownLog, witness: Omniwitness) -> None:
    client = WitnessClient()
    assert ask_by_client(client, witness, log, SECOND).result == witness_client.COSIGNED
    for size in FORK_SIZES[-2:]:
        refused = ask_by_client(client, witness, fork, size)
        assert (refused.result, refused.signatures) == (witness_client.REFUSED, ()), refused
    behind = ask_by_client(client, witness, log, FIRST)
    assert (behind.result, behind.size) == (witness_client.AHEAD, SECOND)
    assert ask_by_client(client, witness, log, LAST).result == witness_client.COSIGNED, "the control"


def forged_heads(log: GrownLog, fork: GrownLog) -> dict[str, tuple[int, int, list[bytes], str]]:
    """What is forged -> the answer, then the request, to a witness that last saw the log at SECOND."""
    proof, grown = consistency_proof(SECOND, LAST, log.subtree()), log.checkpoints[LAST]
    head = checkpoint.parse(note.parse(grown).text)
    by_stranger = checkpoint.sign(head, STRANGER)
    unknown = checkpoint.sign(checkpoint.Checkpoint("log.example/unknown", head.size, head.root), STRANGER)
    same, larger = FORK_SIZES[-2:]
    own_proof = consistency_proof(same, larger, fork.subtree())
    return {
        "a fork of the same size": (422, SECOND, [], fork.checkpoints[same]),
        "a larger fork, with its own proof": (422, SECOND, own_proof, fork.checkpoints[larger]),
        "a larger fork, with our proof": (422, SECOND, proof, fork.checkpoints[larger]),
        "a proof with a flipped bit": (422, SECOND, [flip(proof[0], 0), *proof[1:]], grown),
        "no proof": (422, SECOND, [], grown),
        "an older head as the old one": (409, FIRST, consistency_proof(FIRST, LAST, log.subtree()), grown),
        "no head as the old one": (409, 0, [], grown),
        "an old size above the head": (400, LAST, proof, log.checkpoints[SECOND]),
        "a stranger's key under our name": (500, SECOND, proof, by_stranger),  # the specification has 403
        "an origin nobody knows": (500, 0, [], unknown),  # the specification has 404
        "no note": (500, SECOND, proof, "nonsense"),  # the specification has 400
    }


def test_forged_heads_are_refused(log: GrownLog, fork: GrownLog, witness: Omniwitness) -> None:
    assert FORK_SIZES[-2] == SECOND
    assert grow(witness, log, 0, SECOND).status == 200
    for name, (status, old, hashes, signed) in forged_heads(log, fork).items():
        answer = ask(witness, old, hashes, signed)
        assert answer.status == status, (name, answer)
        assert "—" not in answer.body, f"{name}: a cosignature all the same"
        if status == 409:
            assert (answer.body, answer.kind) == (f"{SECOND}\n", "text/x.tlog.size")
    assert grow(witness, log, SECOND, LAST).status == 200, "the control: the honest log goes on"


def test_whoever_met_the_fork_first_refuses_us(log: GrownLog, fork: GrownLog, witness: Omniwitness) -> None:
    assert ask(witness, 0, [], fork.checkpoints[FORK_SIZES[-1]]).status == 200
    assert grow(witness, log, FORK_SIZES[-1], LAST).status == 422
