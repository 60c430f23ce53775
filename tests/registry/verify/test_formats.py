"""Every text form prints what it parsed and parses what it printed; published vectors; and damaged forms are refused."""

import base64
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry import keys
from registry.credential import identity
from registry.encoding.base58 import base58, unbase58
from registry.errors import Malformed, Untrue
from registry.log import checkpoint, entry, note, proof_text
from registry.log.merkle import leaf_hash, root_of
from tests.mutations.bits import plus_order

# the example of c2sp.org/signed-note, and our own log with seeds 01… (accepted by x/mod, Tessera fsck and two more)
EXAMPLE_VKEY = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
EXAMPLE_SIGNATURE = "Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM="
ORIGIN = "orgbook.example/ledger/v1"
LOG_VKEY = "orgbook.example/ledger/v1+45f83828+AYqI4910CfGV/VLbLTy6XXLKZwm/HZQSG/N0iAG0D29c"
LOG_SIGNATURE = "Rfg4KPnME/6UuDUn4EkclszKpPbGSToBSdHqnZEurOmYNkxNlRJ5L7Dvp+8r/mKrzCht75TvoH8f37Nx9t2qUX/bHws="
SIGNER = keys.SigningKey(bytes([1]) * 32)


def test_the_example_of_the_signed_note_specification() -> None:
    text = f"This is an example message.\n\n— example.com/foo {EXAMPLE_SIGNATURE}\n"
    signed = note.parse(text)
    assert [key.name for key in note.check(signed, [note.parse_vkey(EXAMPLE_VKEY)])] == ["example.com/foo"]
    forged = note.parse(text.replace("message", "massage"))
    with pytest.raises(Untrue):
        note.check(forged, [note.parse_vkey(EXAMPLE_VKEY)])


def test_a_checkpoint_that_other_software_accepted() -> None:
    root = root_of([leaf_hash(letter) for letter in (b"a", b"b", b"c")])
    signed = checkpoint.sign(checkpoint.Checkpoint(ORIGIN, 3, root), SIGNER)
    expected = f"{ORIGIN}\n3\nNmQuc8JUCrEh46a/lUWwokmCzYMOsT080Z3jzmwCHsE=\n\n— {ORIGIN} {LOG_SIGNATURE}\n"
    assert signed == expected
    assert note.VerifierKey(ORIGIN, SIGNER.public.raw).print() == LOG_VKEY
    assert checkpoint.check(signed, [note.parse_vkey(LOG_VKEY)]).size == 3


def test_an_unknown_signature_is_ignored_and_a_wrong_known_one_refuses_the_note() -> None:
    head = checkpoint.Checkpoint(ORIGIN, 3, bytes(32))
    key = note.VerifierKey(ORIGIN, SIGNER.public.raw)
    good = note.parse(checkpoint.sign(head, SIGNER))
    foreign = note.Signature("witness.example", b"\1\2\3\4", bytes(72))
    assert note.check(note.Note(good.text, (foreign, *good.signatures)), [key]) == [key]
    with pytest.raises(Untrue, match="no trusted key"):
        note.check(note.Note(good.text, (foreign,)), [key])
    wrong = note.Signature(ORIGIN, key.key_id, bytes(64))
    with pytest.raises(Untrue, match="wrong"):
        note.check(note.Note(good.text, (*good.signatures, wrong)), [key])


@pytest.mark.parametrize(
    "text",
    [
        "",
        "text\n— a AAAAAAA=\n",
        "text\n\n",
        "text\n\n- a AAAAAAAA\n",
        "text\n\n— a+b AAAAAAAA\n",
        "text\n\n— a AAAA\n",
        "text\n\n— a AAAAAAAA",
        "te\txt\n\n— a AAAAAAAA\n",
        "text\n\n— a AAAAAAB=\n",
        "text\n\n" + "— a AAAAAAAA\n" * 65,
    ],
)
def test_damaged_notes(text: str) -> None:
    with pytest.raises(Malformed):
        note.parse(text)


@pytest.mark.parametrize(
    "text",
    [
        "o\n3\nAAAA\n",
        f"o\n03\n{base64.b64encode(bytes(32)).decode()}\n",
        f"o\n-3\n{base64.b64encode(bytes(32)).decode()}\n",
        f"o\n+3\n{base64.b64encode(bytes(32)).decode()}\n",
        f"o\n3\n{base64.b64encode(bytes(32)).decode()}\nextension\n",
        f"o o\n3\n{base64.b64encode(bytes(32)).decode()}\n",
        f"\n3\n{base64.b64encode(bytes(32)).decode()}\n",
        f"o\n3\n{base64.b64encode(bytes(32)).decode()}",
    ],
)
def test_damaged_checkpoints(text: str) -> None:
    with pytest.raises(Malformed):
        checkpoint.parse(text)


@given(st.integers(0, 2**53), st.lists(st.binary(min_size=32, max_size=32), max_size=63))
def test_tlog_proofs_print_and_parse(index: int, hashes: list[bytes]) -> None:
    head = checkpoint.sign(checkpoint.Checkpoint(ORIGIN, 3, bytes(32)), SIGNER)
    proof = proof_text.TlogProof(index, tuple(hashes), head)
    assert proof_text.parse(proof.print()) == proof


@pytest.mark.parametrize(
    ("part", "replaced"),
    [
        ("@v1", "@v2"),
        ("index 7", "index 07"),
        ("index 7", "index -7"),
        ("index 7", "extra AAAA\nindex 7"),
        ("index 7\n", "index 7\nAAAA\n"),
        ("index 7\n", "index 7\r\n"),
        ("\n\n", "\n"),
    ],
)
def test_damaged_tlog_proofs(part: str, replaced: str) -> None:
    text = proof_text.TlogProof(7, (bytes(32),), "checkpoint\n").print()
    damaged = text.replace(part, replaced, 1)
    assert damaged != text
    with pytest.raises(Malformed):
        proof_text.parse(damaged)


hexes = st.binary(min_size=32, max_size=32).map(bytes.hex)
entries = st.builds(
    entry.Entry,
    index=st.integers(10, 2**40),
    time=st.integers(0, entry.MAX_TIME - 1),
    prev=hexes,
    kind=st.just("supersede"),
    org=st.sampled_from(["bc:BC1234567", "~" + "ab" * 32]),
    commitment=hexes,
    issuer=st.just("did:web:example.org:issuers:bc"),
    key=st.just("did:web:example.org:issuers:bc#credential-1"),
    type=st.just("OrganizationRegistrationCredential"),
    effective=st.sampled_from([None, "2024-03-01", "2024-03-01T10:00:00Z"]),
    refers=st.integers(0, 9).map(lambda index: (index,)),
)


@given(entries)
def test_entries_print_and_parse(made: entry.Entry) -> None:
    assert entry.parse(made.print()) == made


ENTRY = entry.Entry(
    5,
    6,
    "00" * 32,
    "issue",
    "bc:BC1",
    "11" * 32,
    "did:web:a",
    "did:web:a#credential-1",
    "OrganizationRegistrationCredential",
)


@pytest.mark.parametrize(
    ("part", "replaced"),
    [
        ('"v":1', '"v":2'),
        ('"index":5', '"index":-5'),
        ('"index":5', '"index":5.0'),
        ('"index":5', '"index":true'),
        ('"index":5', '"index": 5'),
        ('"kind":"issue"', '"kind":"issued"'),
        ('"kind":"issue"', '"kind":"supersede"'),
        ('"kind":"issue"', '"kind":"issue","reason":"because"'),
        ('"kind":"issue"', '"kind":"issue","note":"x"'),
        ('"org":"bc:BC1",', ""),
        ('"org":"bc:BC1"', '"org":"bc:B C1"'),
        ('"time":6', '"time":253402300800000'),
        ("00" * 32, "0G" * 32),
        ("11" * 32, "11" * 31),
        ('"v":1}', '"v":1,"v":1}'),
        ('"v":1}', '"v":1}\n'),
    ],
)
def test_damaged_entries(part: str, replaced: str) -> None:
    text = ENTRY.print().decode()
    damaged = text.replace(part, replaced, 1)
    assert damaged != text
    with pytest.raises(Malformed):
        entry.parse(damaged.encode())


def test_an_entry_refers_to_earlier_ones_only() -> None:
    later = entry.Entry(5, 6, "00" * 32, "erase", "bc:BC1", reason="court_order", refers=(5,))
    with pytest.raises(Malformed, match="earlier"):
        entry.parse(later.print())


def test_the_first_prev_binds_origin_and_key() -> None:
    expected = sha256(b"\x00greffe-ledger/v1\nexample.org\nvkey\n").hexdigest()
    assert entry.genesis_prev("example.org", "vkey") == expected
    assert entry.genesis_prev("example.org", "other") != expected


def test_the_commitment_leaves_proofs_out() -> None:
    salt, document = bytes(32), {"b": 1, "a": "é"}
    expected = sha256(b"greffe-commitment/v1\n" + salt + '{"a":"é","b":1}'.encode()).hexdigest()
    assert entry.commitment(salt, document) == expected
    assert entry.commitment(salt, {**document, "proof": ["anything"]}) == expected
    assert entry.commitment(salt, {**document, "c": 1}) != expected


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"", ""),
        (b"\0", "1"),
        (b"Hello World!", "2NEpo7TZRRrLZSi2U"),
        (bytes.fromhex("0000287fb4cd"), "11233QC4"),
        (
            b"The quick brown fox jumps over the lazy dog.",
            "USm3fpXnKG5EUBx2ndxBDMPVciP5hGey2Jh4NDv6gmeo1LkMeiKrLJUUBk6Z",
        ),
    ],
)
def test_base58_of_its_specification(data: bytes, text: str) -> None:
    """The last three are the test vectors of draft-msporny-base58-03, section 5."""
    assert base58(data) == text
    assert unbase58(text) == data


@pytest.mark.parametrize("text", ["0", "2NEpo7TZRRrLZSi2I", "2O", "l2", "é", "2 ", "1" * 257])
def test_what_is_not_base58(text: str) -> None:
    with pytest.raises(Malformed):
        unbase58(text)


@given(st.binary(max_size=64))
def test_base58_both_ways(data: bytes) -> None:
    assert unbase58(base58(data)) == data


def test_multikeys() -> None:
    text = keys.multikey(SIGNER.public)
    assert text.startswith("z6Mk")
    assert keys.from_multikey(text) == SIGNER.public
    for damaged in (text[1:], text[:-1], "z" + text, text.replace("z6Mk", "zDna"), "z0OIl"):
        with pytest.raises(Malformed):
            keys.from_multikey(damaged)


def test_a_signature_with_a_large_s_is_refused() -> None:
    signature = SIGNER.sign(b"message")
    forged = plus_order(signature)
    assert keys.is_signed(SIGNER.public.raw, signature, b"message")
    assert not keys.is_signed(SIGNER.public.raw, forged, b"message")
    assert not keys.is_signed(SIGNER.public.raw, signature[:-1], b"message")
    assert not keys.is_signed(bytes(32), signature, b"message")


@pytest.mark.parametrize(
    ("base_url", "did", "origin"),
    [
        ("http://localhost:8000", "did:web:localhost%3A8000:issuers:sample", "localhost:8000"),
        ("https://office.example", "did:web:office.example:issuers:sample", "office.example"),
        ("https://a.example/org/v1", "did:web:a.example:org:v1:issuers:sample", "a.example/org/v1"),
    ],
)
def test_identities(base_url: str, did: str, origin: str) -> None:
    made = identity.make(base_url)
    assert (made.issuer_did("sample"), made.origin) == (did, origin)
    assert identity.parse(made.print()) == made


@pytest.mark.parametrize(
    "base_url",
    [
        "http://office.example",
        "http://127.0.0.1:8000",
        "https://10.0.0.1",
        "https://u@office.example",
        "https://office.example/?a",
        "https://office.example/#a",
        "https://Registry.example",
        "ftp://office.example",
        "office.example",
        "https://",
    ],
)
def test_addresses_that_cannot_be_an_identity(base_url: str) -> None:
    with pytest.raises(Malformed):
        identity.make(base_url)
