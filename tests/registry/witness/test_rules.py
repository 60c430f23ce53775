"""A witness answers as the specification says, never cosigns two histories, and keeps what shows that a log forked."""

import base64
import json
import pickle
import threading
from pathlib import Path

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from registry import keys
from registry.errors import Malformed, Untrue
from registry.log import checkpoint, cosignature, note
from registry.log.merkle import EMPTY_ROOT
from registry.witness import rules
from registry.witness.server import BODY_BYTES, Witness, WitnessStore, create_witness_app
from tests.builders.http_client import Client
from tests.builders.logs import LOG_KEY, ORIGIN, SECONDS, WITNESS_KEY, WITNESS_NAME, GrowingLog, witness_in

LOG = GrowingLog()
FORK = GrowingLog(forked=200)
LATER_FORK = GrowingLog(forked=260)
STRANGER = GrowingLog("log.example/stranger")
IMPOSTOR = GrowingLog(signer=keys.SigningKey(bytes([9]) * 32))
KEY = cosignature.verifier_key(WITNESS_NAME, WITNESS_KEY.public)
MONITORED = f"/{rules.origin_hash(ORIGIN)}/checkpoint"
FORGED = [bytes(32), *LOG.consistency(250, 300)[1:]]


def client_of(served: Witness, at_once: int = 64) -> Client:
    return Client(create_witness_app(served, at_once))


def post(client: Client, body: bytes) -> httpx.Response:
    return client.request("POST", "/add-checkpoint", content=body)


@pytest.fixture
def asked(tmp_path: Path) -> Client:
    """An app whose witness has cosigned 250 entries."""
    client = client_of(witness_in(tmp_path))
    assert post(client, LOG.request(0, 250)).status_code == 200
    return client


def cosigned_at(size: int, lines: str, key: note.VerifierKey = KEY) -> int:
    """When the answered lines cosign the log's checkpoint of that size. Untrue."""
    return cosignature.check(note.parse(LOG.checkpoint(size) + lines), key)


@pytest.mark.parametrize(
    ("status", "body"),
    [
        pytest.param(200, LOG.request(250, 251), id="growth"),
        pytest.param(200, LOG.request(250, 250), id="the same head again"),
        pytest.param(409, LOG.request(100, 300), id="a stale old size"),
        pytest.param(409, LOG.request(0, 300), id="old 0 for a known log"),
        pytest.param(409, LOG.request(260, 300), id="an old size that was never seen"),
        pytest.param(409, LOG.request(100, 100), id="a smaller head, cosigned before"),
        pytest.param(422, LOG.request(250, 300, FORGED), id="a forged proof"),
        pytest.param(422, LOG.request(250, 300, []), id="no proof"),
        pytest.param(
            422, LOG.request(250, 300, [*LOG.consistency(250, 300), bytes(32)]), id="a proof that is too long"
        ),
        pytest.param(422, LOG.request(250, 250, [bytes(32)]), id="a proof where none is wanted"),
        pytest.param(422, FORK.request(250, 250), id="a fork of the same size"),
        pytest.param(422, FORK.request(250, 300), id="a larger fork with its own proof"),
        pytest.param(403, IMPOSTOR.request(250, 300), id="another key under the log's name"),
        pytest.param(404, STRANGER.request(0, 300), id="an unknown log"),
        pytest.param(400, LOG.request(250, 200, []), id="an old size above the head"),
        pytest.param(400, b"nonsense", id="no request at all"),
        pytest.param(400, b"", id="nothing"),
        pytest.param(400, LOG.request(250, 300).replace(b"old 250", b"old 0250"), id="a leading nought"),
        pytest.param(400, LOG.request(250, 300).replace(b"old 250", b"old +250"), id="a plus sign"),
        pytest.param(400, LOG.request(250, 300).replace(b"old 250", b"old 9" + b"0" * 18), id="an enormous old size"),
        pytest.param(400, LOG.request(250, 300).replace(b"old 250", b"old 1" + b"0" * 19), id="a size above 63 bits"),
        pytest.param(400, LOG.request(250, 300).replace(b"\n", b"\r\n"), id="carriage returns"),
        pytest.param(400, LOG.request(250, 300, [bytes(31)]), id="a short hash"),
        pytest.param(400, LOG.request(250, 300, [bytes(32)] * 64), id="64 hashes"),
        pytest.param(400, LOG.request(250, 300)[:-1], id="cut off"),
        pytest.param(400, LOG.request(250, 300) + b"\n", id="one newline more"),
        pytest.param(400, LOG.request(250, 300) + b"\xff", id="not UTF-8"),
        pytest.param(413, LOG.request(250, 300) + b"x" * BODY_BYTES, id="too long"),
    ],
)
def test_each_request_is_answered_as_the_specification_says(asked: Client, status: int, body: bytes) -> None:
    answer = post(asked, body)
    assert answer.status_code == status
    if status == 200:
        assert cosigned_at(rules.parse(body).head.size, answer.text) == SECONDS
    elif status == 409:
        assert (answer.text, answer.headers["content-type"]) == ("250\n", "text/x.tlog.size")
    else:
        assert "—" not in answer.text
        assert answer.json()["status"] == status
    # nothing that was refused has moved it
    signed = note.parse(asked.get(MONITORED).text)
    assert checkpoint.parse(signed.text).size == (rules.parse(body).head.size if status == 200 else 250)
    grown = post(asked, LOG.request(checkpoint.parse(signed.text).size, 1000))
    assert cosigned_at(1000, grown.text) == SECONDS


def test_a_flipped_signature_of_a_known_key_refuses_the_note(asked: Client) -> None:
    good = note.parse(LOG.checkpoint(300))
    wrong = note.Signature(ORIGIN, good.signatures[0].key_id, bytes(64))
    signed = note.Note(good.text, (*good.signatures, wrong))
    body = rules.Request(250, tuple(LOG.consistency(250, 300)), signed).print()
    assert post(asked, body.encode()).status_code == 403


def test_a_tree_of_no_entries_has_one_root(tmp_path: Path) -> None:
    def empty(root: bytes) -> bytes:
        signed = checkpoint.sign(checkpoint.Checkpoint(ORIGIN, 0, root), LOG_KEY)
        return rules.Request(0, (), note.parse(signed)).print().encode()

    client = client_of(witness_in(tmp_path))
    assert client.get(MONITORED).status_code == 404
    assert post(client, empty(bytes(32))).status_code == 422
    assert client.get(MONITORED).status_code == 404
    assert post(client, empty(EMPTY_ROOT)).status_code == 200
    assert post(client, LOG.request(0, 5, [bytes(32)])).status_code == 422
    assert post(client, LOG.request(0, 5)).status_code == 200


def test_what_monitors_read(asked: Client) -> None:
    stray = note.Signature("stray.example", bytes(4), bytes(64))
    good = note.parse(LOG.checkpoint(300))
    body = rules.Request(250, tuple(LOG.consistency(250, 300)), note.Note(good.text, (stray, *good.signatures))).print()
    lines = post(asked, body.encode()).text
    answer = asked.get(MONITORED)
    assert answer.text == LOG.checkpoint(300) + lines
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    for path in (f"/{rules.origin_hash(STRANGER.origin)}/checkpoint", "/x/checkpoint", MONITORED.upper()):
        assert asked.get(path).status_code == 404


def test_two_kinds_of_keys_and_two_logs(tmp_path: Path) -> None:
    both = [WITNESS_KEY, keys.MlDsaKey(bytes([2]) * 32)]
    client = client_of(witness_in(tmp_path, [LOG, STRANGER], both))
    lines = post(client, LOG.request(0, 100)).text
    for signer in both:
        assert cosigned_at(100, lines, cosignature.verifier_key(WITNESS_NAME, signer.public)) == SECONDS
    assert post(client, STRANGER.request(0, 30)).status_code == 200
    assert post(client, LOG.request(100, 200)).status_code == 200
    assert checkpoint.parse(note.parse(client.get(MONITORED).text).text).size == 200


def test_two_witnesses_cosign_one_head(tmp_path: Path) -> None:
    first, second = witness_in(tmp_path / "a"), witness_in(tmp_path / "b", signers=[keys.SigningKey(bytes([3]) * 32)])
    signed = note.parse(
        LOG.checkpoint(40) + first.add_checkpoint(LOG.request(0, 40)) + second.add_checkpoint(LOG.request(0, 40))
    )
    names = {line.key_id for line in signed.signatures}
    assert len(names) == 3
    assert note.check(signed, [LOG.key]) == [LOG.key]
    assert cosignature.check(signed, KEY) == SECONDS


def test_it_goes_on_where_it_was_after_a_restart(tmp_path: Path) -> None:
    witness_in(tmp_path).add_checkpoint(LOG.request(0, 250))
    again = witness_in(tmp_path)
    with pytest.raises(rules.Stale) as stale:
        again.add_checkpoint(LOG.request(0, 300))
    assert stale.value.size == 250
    with pytest.raises(Untrue):
        again.add_checkpoint(FORK.request(250, 250))


def test_the_store_waits_for_the_disk(tmp_path: Path) -> None:
    store = WitnessStore(tmp_path / "witness.db")
    with store._engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"


def test_the_store_swaps_what_was_compared_alone(tmp_path: Path) -> None:
    store = WitnessStore(tmp_path / "witness.db")
    first, second = rules.Head(5, bytes(32), "first"), rules.Head(9, bytes(32), "second")
    assert store.swap(ORIGIN, rules.Head(), first)
    for not_there in (
        rules.Head(),
        rules.Head(5, bytes([1]) * 32, "first"),
        rules.Head(6, bytes(32), "first"),
        second,
    ):
        assert not store.swap(ORIGIN, not_there, second)
        assert store.head(ORIGIN) == first
    assert not store.swap("log.example/other", first, second)
    assert store.swap(ORIGIN, first, second)
    assert store.head(ORIGIN) == second


class Blind(WitnessStore):
    """The negative control: it stores without comparing with what was checked."""

    lock = threading.Lock()

    def swap(self, origin: str, old: rules.Head, new: rules.Head) -> bool:
        with self.lock:
            return super().swap(origin, self.head(origin), new)


class Waiting:
    """A key that signs once all who race are at the same point: checked, but not stored."""

    def __init__(self, racers: int) -> None:
        self.public, self._barrier = WITNESS_KEY.public, threading.Barrier(racers)

    def sign(self, message: bytes) -> bytes:
        self._barrier.wait(timeout=30)
        return WITNESS_KEY.sign(message)


def race(folder: Path, store: type[WitnessStore], bodies: list[bytes]) -> list[str]:
    """What each of several requests at once is answered: cosigned, or the code of the refusal."""
    raced = witness_in(folder, signers=[Waiting(len(bodies))], store=store)
    answers = [""] * len(bodies)

    def ask(number: int) -> None:
        try:
            raced.add_checkpoint(bodies[number])
            answers[number] = "cosigned"
        except (rules.Stale, Untrue) as refused:
            answers[number] = refused.code

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(len(bodies))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return sorted(answers)


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(LATER_FORK.request(250, 300), id="two roots of one size"),
        pytest.param(LOG.request(250, 320), id="two sizes"),
    ],
)
def test_of_two_at_once_one_is_cosigned(tmp_path: Path, other: bytes) -> None:
    for kind, second in ((WitnessStore, "stale_old"), (Blind, "cosigned")):
        folder = tmp_path / kind.__name__
        witness_in(folder).add_checkpoint(LOG.request(0, 250))
        assert race(folder, kind, [LOG.request(250, 300), other]) == ["cosigned", second]


def test_a_size_never_goes_down(tmp_path: Path) -> None:
    """The race that the specification tells of: checked at 250, overtaken by 320, then stored."""

    class Overtaken:
        public = WITNESS_KEY.public
        overtake = True

        def sign(self, message: bytes) -> bytes:
            if self.overtake:
                self.overtake = False
                raced.add_checkpoint(LOG.request(250, 320))
            return WITNESS_KEY.sign(message)

    for kind, size in ((WitnessStore, 320), (Blind, 300)):
        folder = tmp_path / kind.__name__
        witness_in(folder).add_checkpoint(LOG.request(0, 250))
        raced = witness_in(folder, signers=[Overtaken()], store=kind)
        if kind is Blind:
            assert raced.add_checkpoint(LOG.request(250, 300))
        else:
            with pytest.raises(rules.Stale):
                raced.add_checkpoint(LOG.request(250, 300))
        newest = raced.newest(rules.origin_hash(ORIGIN))
        assert checkpoint.parse(note.parse(newest).text).size == size


def test_a_fork_is_kept_and_shown(asked: Client) -> None:
    monitored = asked.get(MONITORED).text
    for body in (FORK.request(250, 250), FORK.request(100, 250), FORK.request(250, 300), LOG.request(100, 300)):
        assert post(asked, body).status_code in (409, 422)
    post(asked, FORK.request(250, 250))
    forks = asked.get("/forks").json()["forks"]
    assert [(fork["kind"], fork["origin"], fork["time"]) for fork in forks] == [
        ("no_consistency", ORIGIN, SECONDS),
        ("two_roots", ORIGIN, SECONDS),
    ]
    assert {fork["held"] for fork in forks} == {monitored}
    proven = rules.parse(forks[1]["shown"].encode())
    heads = [checkpoint.check(text, [LOG.key]) for text in (forks[1]["held"], proven.signed.print())]
    assert heads[0].size == heads[1].size
    assert heads[0].root != heads[1].root


def test_the_race_for_one_size_leaves_evidence(tmp_path: Path) -> None:
    witness_in(tmp_path).add_checkpoint(LOG.request(0, 250))
    race(tmp_path, WitnessStore, [LOG.request(250, 300), LATER_FORK.request(250, 300)])
    assert [fork["kind"] for fork in witness_in(tmp_path).forks()] == ["two_roots"]


def test_nobody_but_the_log_can_make_evidence(asked: Client) -> None:
    for body in (IMPOSTOR.request(250, 250), STRANGER.request(0, 250), LOG.request(250, 200, []), LOG.request(0, 250)):
        assert post(asked, body).status_code != 200
    assert asked.get("/forks").json() == {"forks": []}


def test_the_evidence_has_a_limit_for_each_kind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("registry.witness.server.MAX_FORKS", 3)
    served = witness_in(tmp_path)
    served.add_checkpoint(LOG.request(0, 250))
    for number in range(5):
        for body in (GrowingLog(forked=240 + number).request(250, 250), LOG.request(250, 300 + number, FORGED)):
            with pytest.raises(Untrue):
                served.add_checkpoint(body)
    kinds = [fork["kind"] for fork in served.forks()]
    assert sorted(kinds) == ["no_consistency"] * 3 + ["two_roots"] * 3
    newest = [
        rules.parse(fork["shown"].encode()).head.size for fork in served.forks() if fork["kind"] == "no_consistency"
    ]
    assert newest == [304, 303, 300], "the first evidence of all is never lost"


def test_too_many_at_once_are_told_to_come_again(tmp_path: Path) -> None:
    client = client_of(witness_in(tmp_path), at_once=0)
    answer = post(client, LOG.request(0, 250))
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
    client = client_of(witness_in(tmp_path), at_once=1)
    for _ in range(3):  # what is done is free again
        assert post(client, b"").status_code == 400
    assert post(client, LOG.request(0, 250)).status_code == 200


def test_a_database_out_of_order_gives_no_cosignature(tmp_path: Path) -> None:
    served = witness_in(tmp_path)
    served.add_checkpoint(LOG.request(0, 250))
    blocker = WitnessStore(tmp_path / "witness.db")
    client = client_of(served)
    with blocker._engine.connect() as connection:
        connection.exec_driver_sql("DROP TABLE head")
        connection.commit()
    answer = post(client, LOG.request(250, 300))
    assert answer.status_code == 503
    assert "—" not in answer.text


hashes = st.lists(st.binary(min_size=32, max_size=32), max_size=63)


@given(st.integers(0, rules.MAX_SIZE), hashes, st.integers(0, rules.MAX_SIZE), st.binary(min_size=32, max_size=32))
@settings(max_examples=100)
def test_requests_print_and_parse(old: int, proof: list[bytes], size: int, root: bytes) -> None:
    signed = note.parse(checkpoint.sign(checkpoint.Checkpoint(ORIGIN, size, root), LOG_KEY))
    request = rules.Request(old, tuple(proof), signed)
    assert rules.parse(request.print().encode()) == request


@given(st.binary(max_size=60), st.integers(0, 400))
@settings(max_examples=200)
def test_a_damaged_request_is_refused_or_printed_as_it_came(noise: bytes, at: int) -> None:
    good = LOG.request(250, 300)
    damaged = good[:at] + noise + good[at + len(noise) :]
    try:
        assert rules.parse(damaged).print().encode() == damaged
    except Malformed:
        assert damaged != good


def test_hashes_have_one_form() -> None:
    good = LOG.request(250, 300)
    first = good.split(b"\n")[1]
    loose = base64.b64encode(base64.b64decode(first)).replace(b"=", b"")
    for other in (loose, first + b" ", b" " + first):
        with pytest.raises(Malformed):
            rules.parse(good.replace(first, other))


def test_a_stale_refusal_survives_pickling() -> None:
    assert pickle.loads(pickle.dumps(rules.Stale(7))).size == 7


def test_no_log_is_watched_that_was_not_named(tmp_path: Path) -> None:
    witness_in(tmp_path).add_checkpoint(LOG.request(0, 250))
    other = Witness(WITNESS_NAME, [WITNESS_KEY], [STRANGER.key], WitnessStore(tmp_path / "witness.db"), lambda: SECONDS)
    client = client_of(other)
    assert post(client, LOG.request(250, 300)).status_code == 404
    assert client.get(MONITORED).status_code == 404
    assert json.loads(client.get("/forks").text) == {"forks": []}
