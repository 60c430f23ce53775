"""What an index is told of an entry is what was logged, or nothing."""

import json

import pytest
import sqlalchemy as sa

from registry.errors import LedgerDamaged, Malformed
from registry.installation.public import Public
from registry.installation.settings import from_environ
from registry.log import entry
from registry.reading import subjects
from registry.reading.reader import Reader
from registry.reading.subjects import subject_of
from registry.store import document_rows
from registry.store.document_rows import RecordRow


@pytest.fixture(scope="module")
def reader(live_installation) -> Reader:
    return Public(from_environ(live_installation.environ)).reader


@pytest.fixture(scope="module")
def row(reader: Reader) -> RecordRow:
    with reader._store.read() as connection:
        rows = document_rows.read_records(connection, 0, 50)
    return next(row for row in rows if row.n is not None)


def changed(row: RecordRow, name: str) -> RecordRow:
    assert row.document is not None
    document = json.loads(row.document)
    document["credentialSubject"]["legalName"] = name
    return row._replace(document=json.dumps(document).encode())


def test_it_is_what_the_record_says(reader: Reader) -> None:
    records, every = reader.records(0, 400), reader.subjects(0, 400)
    assert len(every) == 400
    for record, subject in zip(records, every, strict=True):
        said = record.document["credentialSubject"] if record.document and record.n else None
        assert (record.index, record.kind, record.n, said) == (
            subject.index,
            subject.kind,
            subject.n,
            subject.subject,
        )


def test_the_order_of_members_and_spaces_say_nothing(row: RecordRow) -> None:
    assert row.document is not None
    document = dict(reversed(json.loads(row.document).items()))
    assert subject_of(row._replace(document=json.dumps(document, indent=1).encode())) == subject_of(row)


def test_proofs_are_not_looked_at(row: RecordRow) -> None:
    assert row.document is not None
    document = json.loads(row.document)
    document["proof"] = "none"
    assert subject_of(row._replace(document=json.dumps(document).encode())) == subject_of(row)


@pytest.mark.parametrize(
    "damage",
    [
        lambda row: changed(row, "Another Name Ltd."),
        lambda row: row._replace(salt=bytes(32)),
        lambda row: row._replace(document=b"[]"),
        lambda row: row._replace(document=b"{"),
        lambda row: row._replace(document=b"{}"),
        lambda row: row._replace(document=(row.document or b"")[:-1] + b',"credentialSubject":{}}'),
    ],
    ids=["another name", "another salt", "a list", "half", "empty", "a second subject"],
)
def test_what_was_not_logged_is_refused(row: RecordRow, damage) -> None:
    with pytest.raises(LedgerDamaged, match="entry"):
        subject_of(damage(row))


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"{}", b'{"index":1,"kind":"issue"}', b'{"index":1.0}'], ids=lambda body: body.decode()
)
def test_an_entry_that_is_none_is_refused(row: RecordRow, body: bytes) -> None:
    with pytest.raises((Malformed, LedgerDamaged)):
        subject_of(row._replace(body=body))


def test_an_entry_in_another_form_is_refused(row: RecordRow) -> None:
    with pytest.raises(Malformed):
        subject_of(row._replace(body=row.body.replace(b":", b": ", 1)))


def test_without_the_hash_another_name_would_be_handed_out(row: RecordRow, monkeypatch: pytest.MonkeyPatch) -> None:
    logged = entry.parse(row.body).commitment
    monkeypatch.setattr(subjects.entry, "commitment_to", lambda _salt, _statement: logged)
    told = subject_of(changed(row, "Another Name Ltd."))
    assert told.subject is not None
    assert told.subject["legalName"] == "Another Name Ltd."


def test_a_body_that_is_gone_is_no_subject(row: RecordRow) -> None:
    assert subject_of(row._replace(document=None, salt=None)).subject is None


def test_a_text_where_the_store_keeps_bytes_is_refused(reader: Reader) -> None:
    with reader._store.read() as connection, pytest.raises(LedgerDamaged, match="bytes"):
        document_rows._read(connection, sa.text("SELECT 'a', NULL, NULL, NULL, NULL, NULL"), {})  # type: ignore[arg-type]
