"""The did:webvh log beside an issuer's did:web: it resolves, says the same, and the ledger commits to its newest version."""

import json
from datetime import timedelta

import pytest
import sqlalchemy as sa

from issuer.actions import keys
from registry.audit.audit import audit
from registry.credential import did, webvh
from registry.errors import LedgerDamaged, NotFound, Untrue
from registry.installation.office import Office
from registry.store import tables
from registry.verify import trust
from tests.builders.command import NOW, surroundings

LATER = NOW + timedelta(hours=1)


def log_of(office: Office) -> tuple[list[str], str]:
    lines = office.reader.did_log("sample").splitlines()
    return lines, json.loads(lines[0])["state"]["id"]


def test_the_log_says_what_the_did_web_says(filled: Office) -> None:
    lines, name = log_of(filled)
    resolved = webvh.resolve(lines, name, LATER)
    document = filled.reader.issuer_document("sample")
    assert document["alsoKnownAs"] == [name, f"{name}?versionId={resolved.id}"]
    assert resolved.document["alsoKnownAs"] == [document["id"]]
    assert did.keys_of(resolved.document) == did.keys_of(document)
    assert resolved.document["assertionMethod"] == [
        method.replace(document["id"], name) for method in document["assertionMethod"]
    ]


def test_each_change_of_keys_is_a_version_signed_by_a_key_that_was_announced(filled: Office) -> None:
    keys.rotate(filled, "sample", "credential", surroundings("rotate"))
    around = surroundings("found out", LATER)
    keys.compromise(filled, "sample", "credential-1", NOW, around, reissue=False, dry_run=False)
    lines, name = log_of(filled)
    assert len(lines) == 3
    resolved = webvh.resolve(lines, name, LATER)
    document = filled.reader.issuer_document("sample")
    assert f"{name}?versionId={resolved.id}" in document["alsoKnownAs"]
    assert f"{name}#credential-1" not in resolved.document["assertionMethod"]
    assert len({json.loads(line)["parameters"]["updateKeys"][0] for line in lines}) == 3, "each update key signs once"
    with pytest.raises(Untrue):
        webvh.resolve([lines[0], lines[2]], name, LATER)


def test_a_log_that_was_cut_short_is_found_by_the_audit(filled: Office) -> None:
    keys.rotate(filled, "sample", "credential", surroundings("rotate"))
    trusted = trust.parse(json.dumps(filled.reader.trust()).encode())
    assert audit(filled.store, trusted, lambda _done, _all: None).ok
    with filled.store.write() as connection:
        connection.execute(sa.delete(tables.did_logs).where(tables.did_logs.c.n == 2))
    lines, name = log_of(filled)
    assert webvh.resolve(lines, name, LATER).number == 1, "by itself it still resolves, to an older truth"
    failures = audit(filled.store, trusted, lambda _done, _all: None).failures
    assert any("did:webvh log of sample" in failure for failure in failures)


def test_a_log_that_is_gone_is_found_and_not_begun_anew(filled: Office) -> None:
    trusted = trust.parse(json.dumps(filled.reader.trust()).encode())
    with filled.store.write() as connection:
        connection.execute(sa.delete(tables.did_logs))
    failures = audit(filled.store, trusted, lambda _done, _all: None).failures
    assert any("did:webvh log of sample" in failure for failure in failures)


def test_a_log_that_was_cut_short_is_not_carried_on(filled: Office) -> None:
    keys.rotate(filled, "sample", "credential", surroundings("rotate"))
    with filled.store.write() as connection:
        connection.execute(sa.delete(tables.did_logs).where(tables.did_logs.c.n == 2))
    size = filled.reader.size()
    with pytest.raises(LedgerDamaged):
        keys.rotate(filled, "sample", "credential", surroundings("again"))
    assert filled.reader.size() == size


def test_there_is_no_log_where_there_is_no_issuer(filled: Office) -> None:
    with pytest.raises(NotFound):
        filled.reader.did_log("im")
