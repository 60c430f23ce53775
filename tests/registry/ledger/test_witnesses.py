"""What the policy means for publishing: who is asked, what counts, when a cosignature is renewed, and who knows better."""

from collections.abc import Callable, Sequence

import pytest

from registry.errors import Refused
from registry.keys import SigningKey
from registry.ledger.witnesses import FRESH_SECONDS, PolicyWitnesses
from registry.log import checkpoint, cosignature, note
from registry.log.policy import Witness, parse
from registry.witness.client import AHEAD, COSIGNED, REFUSED, Answer

ORIGIN = "log.example/one"
LOG, INDEX_LOG = SigningKey(b"\x01" * 32), SigningKey(b"\x04" * 32)
KEYS = {"w1": SigningKey(b"\x02" * 32), "w2": SigningKey(b"\x03" * 32)}
NOW = 1_700_000_000


def vkey(name: str) -> str:
    return cosignature.verifier_key(f"{name}.example", KEYS[name].public).print()


def policy(quorum: str, *, with_index: bool = False) -> str:
    index = note.VerifierKey(f"{ORIGIN}/index", INDEX_LOG.public.raw).print()
    witnesses = "".join(f"witness {name} {vkey(name)} https://{name}.example\n" for name in KEYS)
    return f"{f'log {index}' if with_index else ''}\n{witnesses}group both all w1 w2\nquorum {quorum}\n"


class Asked:
    """In the place of the client: what each witness answers, and what was asked."""

    def __init__(self, answers: dict[str, str], shown: str | None = None) -> None:
        self.answers, self.shown = answers, shown
        self.origins: list[tuple[str, int]] = []

    def ask(
        self, witnesses: Sequence[Witness], origin: str, signed: str, size: int, prove: Callable[[int], list[bytes]]
    ) -> list[Answer]:
        self.origins.append((origin, size))
        text = note.parse(signed).text
        return [
            Answer(
                witness.name, COSIGNED, signatures=(cosignature.make(text, witness.key.name, KEYS[witness.name], NOW),)
            )
            if self.answers[witness.name] == COSIGNED
            else Answer(witness.name, self.answers[witness.name], "so it said", size=99)
            for witness in witnesses
        ]

    def monitored(self, asked: Witness, origin: str) -> str | None:
        return self.shown


def signed(size: int = 7, key: SigningKey = LOG, origin: str = ORIGIN) -> str:
    return checkpoint.sign(checkpoint.Checkpoint(origin, size, bytes(32)), key)


def witnesses(asked: Asked, text: str, messages: list[str], now: int = NOW) -> PolicyWitnesses:
    keys = [note.VerifierKey(ORIGIN, LOG.public.raw)]
    return PolicyWitnesses(parse(text), ORIGIN, lambda _origin: keys, asked, lambda: now, messages.append)  # type: ignore[arg-type]


def prove(_old: int) -> list[bytes]:
    raise AssertionError


@pytest.mark.parametrize(("quorum", "met"), [("w1", True), ("w2", False), ("both", False), ("none", True)])
def test_the_quorum_decides(quorum: str, met: bool) -> None:
    messages: list[str] = []
    asked = Asked({"w1": COSIGNED, "w2": REFUSED})
    text, is_met, is_whole = witnesses(asked, policy(quorum), messages).cosigned(signed(), None, prove)
    assert (is_met, is_whole) == (met, quorum == "none")
    if quorum == "none":
        assert (text, asked.origins, messages) == (signed(), [], [])
    else:
        assert [line.name for line in note.parse(text).signatures] == [ORIGIN, "w1.example"]
        assert messages == ["the witness w2 did not cosign log.example/one at 7: so it said"]


def test_the_map_is_cosigned_where_the_policy_names_its_log() -> None:
    index = signed(3, INDEX_LOG, f"{ORIGIN}/index")
    asked = Asked({"w1": COSIGNED, "w2": COSIGNED})
    assert witnesses(asked, policy("both"), []).cosigned(index, None, prove) == (index, True, True)
    assert asked.origins == []
    text, is_met, _ = witnesses(asked, policy("both", with_index=True), []).cosigned(index, None, prove)
    assert (is_met, asked.origins, len(note.parse(text).signatures)) == (True, [(f"{ORIGIN}/index", 3)], 3)


def test_a_fresh_cosignature_stays_and_an_old_one_is_renewed() -> None:
    asked = Asked({"w1": COSIGNED, "w2": COSIGNED})
    shown, *_ = witnesses(asked, policy("both"), []).cosigned(signed(), None, prove)
    late = NOW + FRESH_SECONDS
    assert witnesses(asked, policy("both"), [], late - 1).cosigned(signed(), shown, prove) == (shown, True, True)
    assert len(asked.origins) == 1
    for now, known in ((late, shown), (NOW, signed()), (NOW, None)):
        witnesses(asked, policy("both"), [], now).cosigned(signed(), known, prove)
    witnesses(asked, policy("both"), []).cosigned(signed(8), shown, prove)
    assert [size for _, size in asked.origins] == [7, 7, 7, 7, 8]


def root_at(size: int) -> bytes:
    return bytes(31) + bytes([size])


@pytest.mark.parametrize(
    ("shown", "code"),
    [
        (signed(99), "store_behind"),
        (signed(7), "store_forked"),
        (signed(6), "store_forked"),
        (checkpoint.sign(checkpoint.Checkpoint(ORIGIN, 6, root_at(6)), LOG), None),
        (None, None),
        (signed(99, SigningKey(b"\x09" * 32)), "keys_behind"),
        ("no note", None),
    ],
    ids=["later", "same size, another root", "earlier, another root", "earlier", "nothing", "another key", "no note"],
)
def test_a_witness_must_show_what_it_knows(shown: str | None, code: str | None) -> None:
    asked = Asked({"w1": AHEAD, "w2": COSIGNED}, shown)
    act = witnesses(asked, policy("w2"), [])
    head = checkpoint.Checkpoint(ORIGIN, 7, root_at(7))
    if code is None:
        act.check(head, root_at)
        assert not act.cosigned(signed(), None, prove).is_whole, "so that it is looked at again"
    else:
        with pytest.raises(Refused, match=r"7 entries .* the witness w1") as refused:
            act.check(head, root_at)
        assert refused.value.code == code
    other = checkpoint.Checkpoint("log.example/two", 7, bytes(32))
    act.check(other, root_at)
