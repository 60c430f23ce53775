"""did:webvh: what makes a log, what it resolves to at which version, and that no forgery of one resolves."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from registry.credential import webvh
from registry.credential.proof import check_each
from registry.errors import Malformed, NotFound, RegistryError, Untrue
from registry.keys import P256, HeldKey, multikey, secret_of
from tests.builders.webvh import (
    DID_WEB,
    FORGERIES,
    NOW,
    Entry,
    begun,
    did_of,
    document,
    forged,
    key,
    make_log,
    multihash,
    signed,
    time,
)
from tests.mutations.bits import flip


def moment(n: int) -> datetime:
    return datetime(2026, 1, n, 3, 4, 5, tzinfo=UTC)


def test_a_log_resolves_to_its_newest_document() -> None:
    log = make_log()
    resolved = webvh.resolve(log, did_of(log), NOW)
    assert (resolved.number, resolved.time, resolved.document) == (4, moment(4), document(did_of(log), 4))
    assert resolved.update_keys == (multikey(key(4).public),)
    assert resolved.next_key_hashes == (webvh.key_hash(key(5).public),)
    assert not resolved.is_portable
    assert not resolved.is_deactivated
    assert webvh.resolve([line.encode() for line in log], did_of(log), NOW) == resolved


def test_each_version_is_found_by_id_and_by_time() -> None:
    log, did = make_log(), did_of(make_log())
    for n in (1, 2, 3, 4):
        version_id = json.loads(log[n - 1])["versionId"]
        for resolved in (
            webvh.resolve(log, did, NOW, version_id=version_id),
            webvh.resolve(log, did, NOW, at=moment(n)),
            webvh.resolve(log, did, NOW, at=moment(n) + timedelta(hours=23)),
            webvh.resolve(log[:n], did, NOW),
        ):
            assert (resolved.id, resolved.document) == (version_id, document(did, n))
    for asked in ({"version_id": f"5-{multihash(b'')}"}, {"at": moment(1) - timedelta(seconds=1)}):
        with pytest.raises(NotFound) as missing:
            webvh.resolve(log, did, NOW, **asked)  # type: ignore[arg-type]
        assert missing.value.code == "webvh_version"


def test_the_entry_hash_is_that_of_the_specification() -> None:
    """The example of section "Generate Entry Hash"."""
    witnesses = [
        "z6Mkkc51mg2vpQzKWAbWQZupeGYhowaBjYkmvcKMTqteqHB4",
        "z6MkuDdJdKLCgwZuQuEi9xG6LVgJJ9Tebr74CXPYPSumqgJs",
        "z6MkoSWmQyp4fTk4ZQy4KUsss9dFX51XfEUzKKKj1J1JUsrF",
    ]
    scid = "QmdmPkUdYzbr9txmx8gM2rsHPgr5L6m3gHjJGAf4vUFoGE"
    entry = {
        "versionId": scid,
        "versionTime": "2025-04-01T17:39:50Z",
        "parameters": {
            "witness": {
                "threshold": 2,
                "witnesses": [{"id": f"did:key:{witness}", "weight": 1} for witness in witnesses],
            },
            "updateKeys": ["z6MkgzBDcBFV3sk4ypPE5YXMZHmS213A3HpYY2LmcVKV15jr"],
            "nextKeyHashes": ["QmZreDcjvWEpyRFznQeExWNCsvMLk5i59AcRJJuQC8UodJ"],
            "method": "did:webvh:0.5",
            "scid": scid,
        },
        "state": {"@context": ["https://www.w3.org/ns/did/v1"], "id": f"did:webvh:{scid}:domain.example"},
    }
    assert webvh.entry_hash(entry) == "QmQ6FJ4fk2xheSSQoEjVpTgx9AQPKhJgtR9hn1nr4EeCrZ"


@pytest.mark.parametrize("name", FORGERIES)
def test_no_forgery_resolves(name: str) -> None:
    forge, code = FORGERIES[name]
    log = make_log()
    entries = forge([json.loads(line) for line in log])
    for asked in ({}, {"at": moment(1)}):
        with pytest.raises(RegistryError) as refused:
            webvh.resolve([json.dumps(entry) for entry in entries], did_of(log), NOW, **asked)  # type: ignore[arg-type]
        assert refused.value.code == code


def test_a_forger_with_the_right_key_would_succeed() -> None:
    """The control of the forgeries: the same machine, with the committed key and nothing forged, makes an entry that holds."""
    log = make_log()
    entries = [json.loads(line) for line in log]
    assert json.dumps(forged(entries, key(5)), separators=(",", ":")) == webvh.append(
        log, document(did_of(log), 5), key(5), [key(6).public], time(5)
    )


def test_a_log_that_was_cut_off_is_an_older_truth() -> None:
    """No log can tell this of itself; whoever keeps the newest versionId elsewhere can."""
    log = make_log()
    assert webvh.resolve(log[:2], did_of(log), NOW).number == 2


def test_every_flipped_byte_is_noticed() -> None:
    log = make_log()
    did, last = did_of(log), log[3].encode()
    webvh.resolve(log, did, NOW)
    for position in range(0, len(last), 7):
        with pytest.raises(RegistryError):
            webvh.resolve([*log[:3], flip(last, 8 * position)], did, NOW)


@pytest.mark.parametrize(
    ("signer", "did", "at", "code"),
    [
        (key(4), None, 5, "webvh_keys"),
        (key(101), None, 5, "webvh_keys"),
        (key(5), None, 4, "webvh_time"),
        (key(5), "did:webvh:" + multihash(b"") + ":office.example", 5, "webvh_scid"),
        (HeldKey(P256, secret_of(P256, bytes(32))).signer(), None, 5, "webvh_proof"),
    ],
)
def test_nothing_is_appended_that_would_not_resolve(signer: object, did: str | None, at: int, code: str) -> None:
    log = make_log()
    with pytest.raises(Untrue) as refused:
        webvh.append(log, document(did or did_of(log), 5), signer, [key(6).public], time(at))  # type: ignore[arg-type]
    assert refused.value.code == code


def test_a_deactivated_did_has_old_versions_only() -> None:
    log = make_log()
    entries = [json.loads(line) for line in log]
    last = forged(entries, key(5), parameters={"deactivated": True})
    closed = [*log, json.dumps(last)]
    with pytest.raises(Untrue) as refused:
        webvh.resolve(closed, did_of(log), NOW)
    assert refused.value.code == "webvh_deactivated"
    assert webvh.resolve(closed, did_of(log), NOW, at=moment(4)).number == 4
    assert webvh.resolve(closed, did_of(log), NOW, version_id=last["versionId"]).is_deactivated


def test_what_is_no_log_at_all() -> None:
    log = make_log()
    did = did_of(log)
    entry = json.loads(log[0])
    without_state = json.dumps({name: value for name, value in entry.items() if name != "state"})
    for lines, code in (
        ([], "webvh_log"),
        (["[]"], "json"),
        (["{}"], "webvh_log"),
        ([without_state], "webvh_log"),
        ([json.dumps({**entry, "state": "x"})], "webvh_log"),
        ([json.dumps({**entry, "more": 1})], "webvh_log"),
        ([log[0].replace('"state":', '"state":{},"state":')], "json_strict"),
        (["{}"] * (webvh.MAX_VERSIONS + 1), "webvh_log"),
    ):
        with pytest.raises(Malformed) as refused:
            webvh.resolve(lines, did, NOW)
        assert refused.value.code == code


def test_parameters_have_their_kind() -> None:
    entries = [json.loads(line) for line in make_log()]
    for parameters in (
        {"updateKeys": "z6Mk"},
        {"updateKeys": [1]},
        {"nextKeyHashes": ["a", "a"]},
        {"ttl": -1},
        {"ttl": True},
        {"watchers": {}},
        {"deactivated": "true"},
        {"witness": []},
    ):
        log = [json.dumps(entry) for entry in [*entries, forged(entries, key(5), parameters=parameters)]]
        with pytest.raises(Untrue) as refused:
            webvh.resolve(log, did_of(log), NOW)
        assert refused.value.code == "webvh_parameters"


def test_the_first_entry_names_method_scid_and_keys() -> None:
    entry = json.loads(make_log()[0])
    for name in ("method", "scid", "updateKeys"):
        parameters = {key: value for key, value in entry["parameters"].items() if key != name}
        with pytest.raises(Untrue) as refused:
            webvh.resolve([json.dumps(signed({**entry, "parameters": parameters}, key(1)))], did_of(make_log()), NOW)
        assert refused.value.code == "webvh_parameters"


def refusal(entries: list[Entry], did: str, at: datetime | None = None) -> str | None:
    """The code with which the log is refused, None where it resolves."""
    try:
        webvh.resolve([json.dumps(entry) for entry in entries], did, NOW, at=at)
    except RegistryError as error:
        return error.code
    return None


def test_a_portable_did_moves_and_says_where_it_was() -> None:
    first = begun(portable=True)
    before = first["state"]["id"]
    after = before.replace("office.example", "elsewhere.example")
    moved = {**document(after, 5), "alsoKnownAs": [before]}
    other = before.replace(first["parameters"]["scid"], multihash(b""))

    def code_of(first: Entry, state: dict[str, Any], did: str = before, **parameters: Any) -> str | None:
        return refusal([first, forged([first], key(5), number=2, state=state, parameters=parameters)], did)

    assert code_of(first, moved) is None
    assert code_of(first, moved, after) is None
    assert code_of(first, moved, before.replace("office.example", "third.example")) == "webvh_did"
    assert code_of(first, document(after, 5)) == "webvh_did"
    assert code_of(first, {**moved, "alsoKnownAs": before}) == "webvh_did"
    assert code_of(first, {**document(other, 5), "alsoKnownAs": [before]}) == "webvh_did"
    assert code_of(first, moved, portable=False) == "webvh_did"
    fixed = begun(portable=False)
    scids = [entry["parameters"]["scid"] for entry in (first, fixed)]
    state = json.loads(json.dumps(moved).replace(*scids))
    assert code_of(fixed, state, fixed["state"]["id"]) == "webvh_did"


def test_the_scid_is_said_and_meant() -> None:
    assert refusal([begun()], begun()["state"]["id"]) is None
    entry = begun(scid=multihash(b""))
    assert refusal([entry], entry["state"]["id"]) == "webvh_scid"


def test_nothing_comes_after_the_end() -> None:
    first = begun()
    last = forged([first], key(5), number=2, parameters={"deactivated": True})
    parameters = {"updateKeys": [multikey(key(6).public)]}
    later = forged([first, last], key(6), number=3, versionTime=time(6), parameters=parameters)
    did = first["state"]["id"]
    assert refusal([first, last], did, moment(5)) is None
    assert refusal([first, last, later], did, moment(5)) == "webvh_deactivated"


def test_only_the_one_cryptosuite_signs() -> None:
    """Not even a key that was committed to may sign with another, though both are well known here."""
    signer = HeldKey(P256, secret_of(P256, bytes(32))).signer()
    first = begun(nextKeyHashes=[webvh.key_hash(signer.public)])
    second = forged([first], key(5), number=2, parameters={"updateKeys": [multikey(signer.public)]})
    log = [first, signed(second, signer, cryptosuite="ecdsa-jcs-2019")]
    assert [check_each(log[1], lambda _: signer.public, lambda *_: b"")] == [[None]], "the signature itself holds"
    assert refusal(log, first["state"]["id"]) == "webvh_proof"


def test_without_pre_rotation_the_keys_before_sign() -> None:
    first = begun(nextKeyHashes=[])
    named = {"updateKeys": [multikey(key(2).public)], "nextKeyHashes": None}
    second = [first, forged([first], key(1), number=2, parameters=named)]
    third = forged(
        second, key(2), number=3, versionTime=time(6), parameters={"updateKeys": None, "nextKeyHashes": None}
    )
    did = first["state"]["id"]
    assert refusal([*second, third], did) is None
    assert refusal([first, forged([first], key(2), number=2, parameters=named)], did) == "webvh_proof"
    assert refusal([*second, signed(third, key(1))], did) == "webvh_proof"


@pytest.mark.parametrize(
    "did_web",
    [
        "did:web:office.example",
        "did:web:office.example%3A8443:a:b",
        "did:web:localhost%3A8000:issuers:im",
        "did:web:xn--rgistre-9xa.example:a%20b",
    ],
)
def test_the_did_web_beside(did_web: str) -> None:
    log = make_log(did_web)
    did = did_of(log)
    assert did == webvh.did_of(did_web, webvh.scid_of(did))


@pytest.mark.parametrize(
    "rest",
    [
        "",
        "host",
        "192.0.2.1",
        "registry.0x7f",
        "registry..example",
        "office.example%3A0",
        "office.example%3A65536",
        "office.example%3A1%3A2",
        "office.example:",
        "office.example:a::b",
        "office.example:%2e%2e",
        "office.example:a%2Fb",
        "office.example:a%00",
        "office.example:%20a",
        "office.example:%ff",
        "office.example:%zz",
        "office.example/a",
        "office.example#key",
        "office.example\n",
        "é.example",
        "a" * 64 + ".example",
    ],
)
def test_where_no_log_can_be(rest: str) -> None:
    for act in (lambda: webvh.did_of(f"did:web:{rest}"), lambda: webvh.scid_of(f"did:webvh:{multihash(b'')}:{rest}")):
        with pytest.raises(Malformed) as refused:
            act()
        assert refused.value.code == "did_webvh"


def test_a_new_log_has_the_placeholder_and_an_ed25519_key() -> None:
    with pytest.raises(Malformed) as malformed:
        webvh.create(document(did_of(make_log()), 1), key(1), [key(2).public], time(1))
    assert malformed.value.code == "did_webvh"
    signer = HeldKey(P256, secret_of(P256, bytes(32))).signer()
    with pytest.raises(Untrue) as untrue:
        webvh.create(document(webvh.did_of(DID_WEB), 1), signer, [key(2).public], time(1))
    assert untrue.value.code == "webvh_proof"
