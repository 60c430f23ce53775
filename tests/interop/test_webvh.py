"""did:webvh: DIF's didwebvh-ts resolves the logs that we make, we resolve those that it makes, and both refuse forgeries."""

import json
from typing import Any

import pytest

from registry.credential import webvh
from registry.errors import RegistryError
from tests.builders.webvh import FORGERIES, NOW, did_of, document, make_log
from tests.interop.peers import node

#: forgeries that didwebvh-ts 2.8.0 resolves although the specification has them refused: it loops over no proofs, and takes
#: parameters that it does not know for harmless and those that are left out for unchanged
LET_THROUGH = {"no_proof", "unknown_parameter", "next_hashes_inherited"}


def resolved(logs: list[tuple[str, list[dict[str, Any]]]]) -> list[dict[str, Any]]:
    return list(node("webvh-resolve.mjs", [{"did": did, "log": log} for did, log in logs]))


def entries_of(log: list[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in log]


def test_our_logs_are_resolved() -> None:
    logs = [make_log(), make_log("did:web:office.example"), make_log("did:web:office.example:issuers:im")]
    asked = [(did_of(log), entries_of(log[:n])) for log in logs for n in (1, 2, 3, 4)]
    for (did, entries), answer in zip(asked, resolved(asked), strict=True):
        assert answer["reason"] is None
        assert answer["versionId"] == entries[-1]["versionId"]
        assert [item["id"].removeprefix(did) for item in answer["document"].pop("service")] == ["#files", "#whois"]
        assert answer["document"] == document(did, len(entries))


def test_their_logs_are_resolved() -> None:
    made = list(node("webvh-make.mjs", {}))
    assert [len(case["log"]) for case in made] == [4, 3, 3]
    for case in made:
        resolution = webvh.resolve([json.dumps(entry) for entry in case["log"]], case["did"], NOW)
        assert resolution.id == case["log"][-1]["versionId"]
        assert resolution.document == case["document"]
        for n, entry in enumerate(case["log"]):
            entry["state"]["assertionMethod"] = []
            with pytest.raises(RegistryError) as refused:
                webvh.resolve([json.dumps(entry) for entry in case["log"]], case["did"], NOW)
            assert refused.value.code == ("webvh_hash" if n else "webvh_scid")
            entry["state"]["assertionMethod"] = [method["id"] for method in entry["state"]["verificationMethod"]]


def test_forgeries_are_refused_by_both() -> None:
    log = make_log()
    logs = [forge(entries_of(log)) for forge, _ in FORGERIES.values()]
    answers = resolved([(did_of(log), entries) for entries in [entries_of(log), *logs]])
    assert answers[0]["reason"] is None, "the control"
    let_through = {name for name, answer in zip(FORGERIES, answers[1:], strict=True) if answer["reason"] is None}
    assert let_through == LET_THROUGH
