"""Write schemas/vectors/decided.json: what the writer of another verifier had to guess, decided by one case each.

    python -m tests.vectors.make_decided

Of the form of verify.json; the ledger is made by hand (`handmade`). Which guess each case decides is told in
tests/interop/go/verify/README.md.
"""

import copy
import gzip
import json
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

from registry.credential import status
from registry.encoding.base64url import base64url, unbase64url
from tests.mutations.bits import flip
from tests.vectors import handmade
from tests.vectors.decided_changes import (
    CREDENTIALS,
    FILES,
    PROOFS,
    Change,
    Json,
    Row,
    bend_value,
    bent,
    changed,
    points,
    resigned,
    without_proof,
)
from tests.vectors.handmade import REVOCATION, SUSPENSION, Ledger, policy, signed, trust, unsigned
from tests.vectors.make_verify import AT, as_text, case

TARGET = Path(__file__).parents[2] / "schemas" / "vectors" / "decided.json"
EMPTY = bytes(status.LENGTH // 8)
PACKED = unbase64url(status.encode(EMPTY)[1:])
#: by what is wrong with it: a list's `encodedList`
LISTS = {
    "no base64url, by its length": "uAAAAA",
    "no base64url, by its last bits": status.encode(status.with_bits(EMPTY, [9], to=True))[:-1] + "B",
    "no gzip": "u" + base64url(bytes(40)),
    "gzip cut off": "u" + base64url(PACKED[:-9]),
    "gzip of another checksum": "u" + base64url(flip(PACKED, -40)),
    "a byte behind the gzip": "u" + base64url(PACKED + b"\0"),
    "a second gzip behind the first": "u" + base64url(PACKED + gzip.compress(b"", mtime=0)),
    "a byte too few": status.encode(EMPTY[:-1]),
    "a mebibyte": status.encode(bytes(1 << 20)),
    "a byte more than a mebibyte": status.encode(bytes((1 << 20) + 1)),
}
GOOD_LISTS = ("a mebibyte",)
#: when each of the witnesses cosigned: AT is 2026-01-02T03:04:05Z
COSIGNED = (
    ("w1", "2025-09-01T00:00:01Z"),
    ("w2", "2025-09-02T00:00:02Z"),
    ("w3", "2025-09-03T00:00:03Z"),
    ("w4", "2025-09-04T00:00:04Z"),
    ("w4", "2026-01-02T03:05:06Z"),
    ("w5", "2026-01-02T03:05:06Z"),
    ("w6", "2026-01-02T03:05:05Z"),
)
MAP_COSIGNED = (("w1", "2025-10-01T00:00:01Z"), ("w3", "2025-10-03T00:00:03Z"))
W1 = policy("w1", "w1")
NONE = policy("none")
NOT_CURRENT = {"require": {"current": False}}


class _Made:
    """The ledger, and where everything stands in it. Every entry has a day of its own."""

    def __init__(self) -> None:
        self.ledger = ledger = Ledger()
        self.keys = ledger.log_keys("2025-01-01T00:00:01Z")
        self.fewer = ledger.log_keys(
            "2025-01-02T00:00:02Z", handmade.did_document(*(name for name in handmade.KEYS if name != "status-1"))
        )
        self.twice = ledger.log_keys("2025-01-03T00:00:03Z", _listed_twice())
        self.odd_lists = {
            name: ledger.log_list("2025-02-01T00:00:04Z", REVOCATION, encoded) for name, encoded in LISTS.items()
        }
        self.point_list = ledger.log_list("2025-02-02T00:00:05Z", REVOCATION, status.encode(EMPTY), "status-2")
        first = self._plain("BC0000001", "2020-01-01", "2025-03-01T00:00:06Z")
        self.states = {
            "plain": first,
            "of 30 February": self._plain("BC0000002", "2021-02-30", "2025-03-02T00:00:07Z"),
            "of the year 0": self._plain("BC0000003", "0000-01-01", "2025-03-03T00:00:08Z"),
            "beyond the list": self._plain("BC0000004", "2020-01-01", "2025-03-04T00:00:09Z", place="131072"),
            "P-256": self._plain("BC0000005", "2020-01-01", "2025-03-05T00:00:10Z", "credential-2"),
            "P-384": self._plain("BC0000006", "2020-01-01", "2025-03-06T00:00:11Z", "credential-3"),
            "erased": self._plain("BC0000007", "2020-01-01", "2025-03-07T00:00:12Z"),
            "replaced, corrected and erased": self._plain("BC0000008", "2020-01-01", "2025-03-08T00:00:13Z"),
            "replaced by a state without a day": self._plain("BC0000009", "2020-01-01", "2025-03-09T00:00:14Z"),
            "replaced at a time": self._plain("BC0000010", "2020-01-01", "2025-03-10T00:00:15Z"),
            **{
                f"a credentialStatus that is {what}": self._plain(
                    f"BC000002{n}", "2020-01-01", f"2025-03-2{n}T00:00:16Z", change=change
                )
                for n, (what, change) in enumerate(STATUSES.items())
            },
        }
        self._later()
        self.lists = (
            ledger.log_list("2025-05-01T00:00:17Z", REVOCATION, status.encode(EMPTY)),
            ledger.log_list("2025-04-30T00:00:18Z", SUSPENSION, status.encode(EMPTY)),
        )

    def _plain(
        self, number: str, effective: str | None, time: str, key: str = "credential-1", *,
        place: str = "7", change: Change = lambda _: None,
    ) -> int:  # fmt: skip
        document = unsigned(number, effective, place=place)
        change(document)
        return self.ledger.log_credential(time, signed(document, key))

    def _later(self) -> None:
        ledger = self.ledger
        erased, thrice, without, at_time = (self.states[name] for name in list(self.states)[6:10])
        ledger.log_erasure("2025-04-01T00:00:01Z", "BC0000007", erased)
        second = signed(unsigned("BC0000008", "2021-02-03", n=2), "credential-1")
        ledger.log_credential("2025-04-02T00:00:02Z", second, kind="supersede", refers=(thrice,))
        third = signed(unsigned("BC0000008", "2020-01-01", n=3), "credential-1")
        ledger.log_credential("2025-04-03T00:00:03Z", third, kind="correct", refers=(thrice,), reason="clerical_error")
        ledger.log_erasure("2025-04-04T00:00:04Z", "BC0000008", thrice)
        second = signed(unsigned("BC0000009", None, n=2), "credential-1")
        ledger.log_credential("2025-04-05T23:59:59Z", second, kind="supersede", refers=(without,))
        second = signed(unsigned("BC0000010", "2021-02-03T23:59:59Z", n=2), "credential-1")
        self.newest = ledger.log_credential("2025-04-06T00:00:06Z", second, kind="supersede", refers=(at_time,))

    def evidence(self, name: str, head: str, **shown: Any) -> Json:
        """The evidence on the state of that name, with the newest lists."""
        made = self.ledger.evidence_of(self.states[name], **{"lists": self.lists, "head": head, **shown})
        return copy.deepcopy(made)


def _listed_twice() -> Json:
    """As JSON readers keep the last of two members of one name, so here."""
    document = handmade.did_document(*handmade.KEYS)
    methods = document["verificationMethod"]
    own = next(method for method in methods if method["id"].endswith("#status-1"))
    methods.append({**own, "publicKeyMultibase": methods[0]["publicKeyMultibase"]})
    return document


STATUSES: dict[str, Change] = {
    "absent": lambda document: document.pop("credentialStatus"),
    "a text": lambda document: document.update(credentialStatus=REVOCATION),
    "of another purpose": lambda document: document["credentialStatus"][0].update(statusPurpose="message"),
    "without a list": lambda document: document["credentialStatus"][0].pop("statusListCredential"),
    "without a place": lambda document: document["credentialStatus"][0].update(statusListIndex="seven"),
}


def make() -> Json:
    """The content of the file."""
    made = _Made()
    head = made.ledger.signed_head(COSIGNED[0])
    every_line = made.ledger.signed_head(*COSIGNED)
    bases = {name: as_text(made.evidence(name, head)) for name in made.states}
    bases["plain"] = as_text(made.evidence("plain", every_line, map_cosigned=MAP_COSIGNED))
    trusted = trust(W1)
    cases = [case(name, name, text, text, trusted) for name, text in bases.items()]
    plain = json.loads(bases["plain"])
    for name, base, file, change in (
        *_times(),
        *_days(),
        *_lists(made, every_line),
        *((name, "plain", resigned(plain, act, *keys), {}) for name, act, *keys in CREDENTIALS),
        *((name, "plain", bent(plain, act), {}) for name, act in PROOFS.items()),
        *((name, "plain", changed(plain, act), {}) for name, act in FILES.items()),
        *points(bases),
        ("a newer state, and no later entries", "replaced at a time", _without_later(made, head), {}),
    ):
        on = change.pop("on", None)
        text = bases[base] if file is None else as_text(file)
        day = None if on is None else date.fromisoformat(on)
        judged = case(name, base, bases[base], text, trusted | change, day)
        cases.append({**judged, **({"trust": change} if change else {}), **({"on": on} if on else {})})
    return {"at": AT, "trust": trusted, "bases": bases, "cases": cases}


def _without_later(made: _Made, head: str) -> Json:
    """As it was made before there was `later`: the map tells of the newest entry."""
    older = made.evidence("replaced at a time", head)
    newest = made.ledger.evidence_of(made.newest, lists=made.lists, head=head)
    return {**{name: value for name, value in older.items() if name != "later"}, "latest": newest["latest"]}


def _times() -> Iterator[Row]:
    """Which time stands behind asOf, and which cosignatures count."""
    index_vkey = trust(NONE)["indexKeys"][0]
    other_vkey = index_vkey.split("+")[0] + "+" + OTHER_INDEX_KEY
    for name, text in (
        ("no witness is asked", NONE),
        ("of two witnesses the newer, though one is enough", policy("w2", "w1", "w2", "w3")),
        ("no cosignature of the witness that is asked", policy("w7", "w7")),
        ("a cosignature too few", policy("both", "w1", "w7", groups="group both all w1 w7\n")),
        ("a cosignature of the future alone", policy("w5", "w5")),
        ("a cosignature sixty seconds ahead", policy("w6", "w6")),
        ("a witness's newest cosignature is of the future", policy("w4", "w4")),
        ("one of the future beside one that is enough", policy("any", "w1", "w5", groups="group any any w1 w5\n")),
        ("the map's log is to be cosigned, and is", policy("w1", "w1", logs=[index_vkey])),
        ("the map's log is to be cosigned, and is not", policy("w2", "w2", logs=[index_vkey])),
        ("the map's log is named with another key, and is not cosigned", policy("w2", "w2", logs=[other_vkey])),
    ):
        yield name, "plain", None, {"witnessPolicy": text}
    yield "the latest is not asked", "plain", None, dict(NOT_CURRENT)
    yield "neither the latest nor a witness is asked", "plain", None, {"witnessPolicy": NONE, **NOT_CURRENT}
    for day in ("2025-09-01", "2025-09-02"):
        yield f"asked on {day}", "plain", None, {"on": day}
    for day in ("2025-05-01", "2025-05-02"):
        yield f"no witness is asked, asked on {day}", "plain", None, {"witnessPolicy": NONE, "on": day}
    for day in ("2025-04-30", "2025-05-01"):
        yield (
            f"no witness has cosigned, asked on {day}",
            "plain",
            None,
            {"witnessPolicy": policy("w7", "w7"), "on": day},
        )


#: of a log of that name and no key of the trust file: made with x/mod's form of a verifier key
OTHER_INDEX_KEY = handmade.other_index_key()


def _days() -> Iterator[Row]:
    """Erased and replaced states, asked about days."""
    for name, days in {
        "erased": ("2020-01-01", "2019-12-31"),
        "replaced, corrected and erased": ("2020-01-01",),
        "replaced by a state without a day": ("2025-04-04", "2025-04-05"),
        "replaced at a time": ("2021-02-02", "2021-02-03"),
        "of 30 February": ("2021-02-28", "2021-03-01"),
    }.items():
        for day in days:
            yield f"{name}, asked on {day}", name, None, {"on": day}


def _lists(made: _Made, head: str) -> Iterator[Row]:
    """Forms of lists, their keys, and the keys' place in issuerKeys."""
    for name, index in made.odd_lists.items():
        shown = made.evidence("plain", head, lists=(index, made.lists[1]), map_cosigned=MAP_COSIGNED)
        yield f"a list of {name}", "plain", shown, dict(NOT_CURRENT)
    for name, act in (
        ("a list that a P-256 key signed", {"lists": (made.point_list, made.lists[1])}),
        ("the key of the lists is not in issuerKeys", {"keys": made.fewer}),
        ("the key of the lists stands twice in issuerKeys", {"keys": made.twice}),
    ):
        shown = made.evidence("plain", head, **{"map_cosigned": MAP_COSIGNED, **act})
        yield name, "plain", shown, dict(NOT_CURRENT)
    shown = made.evidence("plain", head, keys=made.fewer, map_cosigned=MAP_COSIGNED)
    bend_value(shown["suspensionList"]["credential"]["proof"][0])
    yield "the key of the lists is not in issuerKeys, and their proof is wrong", "plain", shown, dict(NOT_CURRENT)
    shown = made.evidence("plain", head, map_cosigned=MAP_COSIGNED)
    document = shown["suspensionList"]["credential"]
    shown["suspensionList"]["credential"] = signed(without_proof(document), "credential-1")
    yield "a list that a key of credentials signed", "plain", shown, dict(NOT_CURRENT)


def text() -> str:
    """The file as it must be."""
    return json.dumps(make(), ensure_ascii=False, indent=1) + "\n"


if __name__ == "__main__":
    TARGET.write_text(text(), "utf-8")
    sys.stdout.write(f"{TARGET.name}: {len(make()['cases'])} cases\n")
