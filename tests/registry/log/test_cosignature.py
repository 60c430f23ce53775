"""Cosignatures and the keys that make them: published bytes, the shared vectors, and what is printed is what is parsed."""

import json
from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from registry import keys
from registry.errors import Malformed, Untrue
from registry.log import checkpoint, cosignature, note
from registry.log.merkle import leaf_hash, root_of
from tests.builders.command import ROOT

CASES = json.loads((ROOT / "schemas/vectors/cosignatures.json").read_text("utf-8"))["cases"]
# a log with seed 01… and a witness with seed 02…, as other software has accepted them
WITNESS_VKEY = "witness.example/w1+df1c0a35+BIE5dw6ofRdfVqNUZsNMfszLjYqRtO43ol32D1uPybOU"
LOG_VKEY = "orgbook.example/ledger/v1+45f83828+AYqI4910CfGV/VLbLTy6XXLKZwm/HZQSG/N0iAG0D29c"
COSIGNATURE = "3xwKNQAAAABlU/EAdf41UPrzXV9qRdAAj+2BDcsd1kl4CO9o3V9wRZiFqnNBpw6cRgxbUWIUDQNefATdpRJMI9K4UGOJL+0eUCUDBg=="
ML_DSA_MESSAGE = "186515163e10476ad87753a9921c66950e2d3eb45e4dd37738e763c8283b7d63"
SECONDS = 1_700_000_000
WITNESS = keys.SigningKey(bytes([2]) * 32)
ML_DSA = keys.MlDsaKey(bytes([2]) * 32)
HEAD = checkpoint.Checkpoint("orgbook.example/ledger/v1", 3, root_of([leaf_hash(leaf) for leaf in (b"a", b"b", b"c")]))


def test_an_ed25519_cosignature_that_other_software_accepted() -> None:
    made = cosignature.make(HEAD.print(), "witness.example/w1", WITNESS, SECONDS)
    assert made.line() == f"— witness.example/w1 {COSIGNATURE}"
    assert cosignature.verifier_key("witness.example/w1", WITNESS.public).print() == WITNESS_VKEY
    assert (
        cosignature.check(note.Note(HEAD.print(), (made,)), note.parse_vkey(WITNESS_VKEY, note.COSIGNATURES)) == SECONDS
    )


def test_the_ml_dsa_message_that_other_software_made() -> None:
    key = cosignature.verifier_key("witness.example/w1", ML_DSA.public)
    signed = cosignature.message(HEAD.print(), key, SECONDS)
    assert len(signed) == 113
    assert sha256(signed).hexdigest() == ML_DSA_MESSAGE


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_the_shared_vectors(case: dict[str, str]) -> None:
    signed, key = note.parse(case["note"]), note.parse_vkey(case["vkey"], note.COSIGNATURES)
    assert signed.print() == case["note"]
    if "seconds" in case:
        assert cosignature.check(signed, key) == case["seconds"]
    else:
        with pytest.raises(Untrue) as refused:
            cosignature.check(signed, key)
        assert refused.value.code == case["code"]


def test_a_log_key_does_not_cosign_and_a_cosigning_key_does_not_sign() -> None:
    made = cosignature.make(HEAD.print(), "witness.example/w1", WITNESS, SECONDS)
    as_log = note.VerifierKey("witness.example/w1", WITNESS.public.raw)
    signed = note.sign(HEAD.print(), "witness.example/w1", WITNESS)
    with pytest.raises(Untrue, match="has not cosigned"):
        cosignature.check(signed, as_log)
    with pytest.raises(Untrue, match="no trusted key"):
        note.check(note.Note(HEAD.print(), (made,)), [cosignature.verifier_key("witness.example/w1", WITNESS.public)])
    assert note.check(signed, [as_log]) == [as_log]


def test_what_ml_dsa_cannot_cover_is_not_cosigned() -> None:
    with pytest.raises(Malformed):
        cosignature.make(HEAD.print() + "extension\n", "witness.example/w1", ML_DSA, SECONDS)
    with pytest.raises(Malformed, match="255"):
        cosignature.make(HEAD.print(), "w" * 256, ML_DSA, SECONDS)


def test_a_vkey_is_read_only_where_its_algorithm_is_wanted() -> None:
    assert note.parse_vkey(LOG_VKEY).algorithm == note.ED25519
    assert note.parse_vkey(WITNESS_VKEY, note.COSIGNATURES).algorithm == note.COSIGNATURE_ED25519
    with pytest.raises(Malformed):
        note.parse_vkey(WITNESS_VKEY)
    with pytest.raises(Malformed):
        note.parse_vkey(LOG_VKEY, note.COSIGNATURES)


names = st.text(st.characters(exclude_categories=("Cs", "Cc", "Z"), exclude_characters="+"), min_size=1, max_size=40)
verifier_keys = st.one_of(
    st.builds(note.VerifierKey, names, st.binary(min_size=32, max_size=32), st.sampled_from([1, 4])),
    st.builds(note.VerifierKey, names, st.binary(min_size=1312, max_size=1312), st.just(6)),
)


@given(verifier_keys)
@settings(max_examples=50)
def test_vkeys_print_and_parse(key: note.VerifierKey) -> None:
    assert note.parse_vkey(key.print(), (1, 4, 6)) == key


@pytest.mark.parametrize(
    "text",
    [
        "",
        "w",
        "w+df1c0a35",
        "w+df1c0a35+",
        WITNESS_VKEY[:-1],
        WITNESS_VKEY.replace("df1c", "df1d"),
        WITNESS_VKEY.replace("w1", "w2"),
        WITNESS_VKEY + "\n",
        "é" + WITNESS_VKEY + "é",
        "\ud800" + WITNESS_VKEY,
        note.VerifierKey("w", bytes(31), 4).print(),
        note.VerifierKey("w", bytes(1311), 6).print(),
        note.VerifierKey("w", bytes(32), 6).print(),
        note.VerifierKey("w", bytes(33), 2).print(),
        note.VerifierKey("w w", bytes(32), 4).print(),
    ],
)
def test_damaged_vkeys(text: str) -> None:
    with pytest.raises(Malformed):
        note.parse_vkey(text, (1, 4, 6))


lines = st.builds(note.Signature, names, st.binary(min_size=4, max_size=4), st.binary(min_size=1, max_size=200))
texts = st.text(st.characters(exclude_categories=("Cs", "Cc"), include_characters="\n"), min_size=1, max_size=200)


@given(texts, st.lists(lines, min_size=1, max_size=5))
@settings(max_examples=100)
def test_notes_print_and_parse(text: str, signatures: list[note.Signature]) -> None:
    printed = note.Note(text.rstrip("\n") + "\n", tuple(signatures))
    assert note.parse(printed.print()) == printed


def test_a_note_has_a_limit() -> None:
    line = note.Signature("w", bytes(4), bytes(2428)).line() + "\n"
    assert len(note.parse("text\n\n" + line * 64).signatures) == 64
    with pytest.raises(Malformed, match="too long"):
        note.parse("text" * 70_000 + "\n\n" + line)


def test_keys_of_each_kind_sign_and_are_refused_elsewhere() -> None:
    for signer in (WITNESS, ML_DSA):
        signature = signer.sign(b"message")
        assert signer.public.is_signed(signature, b"message")
        assert not signer.public.is_signed(signature, b"massage")
        assert not signer.public.is_signed(signature[:-1], b"message")
    assert not keys.PublicKey(keys.ML_DSA_44, bytes(7)).is_signed(ML_DSA.sign(b"message"), b"message")
