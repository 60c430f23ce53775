"""What is derived of a mirror's objects: whatever its documents are, the bad entry is named; a mistake of ours is not one."""

from typing import Any

import pytest

from registry.credential import did, log_keys, webvh
from registry.encoding.jcs import jcs
from registry.errors import RegistryError
from registry.installation.office import Office
from registry.keys import ED25519, PublicKey, SigningKey, multikey
from registry.log import entry
from registry.log.entry import Entry
from registry.mirror.derive import MirrorDeriver
from registry.mirror.files import object_path, print_object
from registry.mirror.log import BadEntry

KEY = PublicKey(ED25519, SigningKey(bytes(32)).public.raw)
SALT = bytes(32)
GONE: Any = object()


class OneObject:
    """A mirror that has the object of entry 0, and a did:webvh log."""

    def __init__(self, document: dict[str, Any], log: bytes) -> None:
        self._files = {object_path(0): print_object(jcs(document), SALT), "issuers/sample/did.jsonl": log}

    def read(self, path: str) -> bytes | None:
        return self._files.get(path)


def derive(office: Office, issuer: str, document: dict[str, Any], log: bytes = b"") -> None:
    logged = Entry(0, 0, "0" * 64, "key", issuer=issuer, commitment=entry.commitment(SALT, document))
    mirror: Any = OneObject(document, log)
    deriver = MirrorDeriver(office.identity, mirror, None, lambda _index: None, {})
    with office.store.read() as connection:
        deriver.begin(connection)
        deriver.derive(connection, [logged])


def changed(document: dict[str, Any], member: str, value: Any) -> dict[str, Any]:
    rest = {name: part for name, part in document.items() if name != member}
    return rest if value is GONE else {**rest, member: value}


METHODS_OF_NO_KEY: list[Any] = [[{}], [{"id": 5}]]
METHODS: list[Any] = [
    *METHODS_OF_NO_KEY,
    GONE,
    None,
    "x",
    5,
    {},
    [5],
    [None],
    [{"id": "a#ledger-1", "publicKeyMultibase": 5}],
]


@pytest.mark.parametrize(
    ("member", "value"),
    [*(("verificationMethod", value) for value in METHODS), *(("assertionMethod", odd) for odd in (GONE, 5, [5], {}))],
)
def test_a_document_of_the_office_of_another_form_is_named(office: Office, member: str, value: Any) -> None:
    name = office.identity.office_did
    document = changed(log_keys.document(name, {"ledger-1": (KEY, log_keys.SIGNS)}), member, value)
    with pytest.raises(BadEntry, match="entry 0") as refused:
        derive(office, name, document)
    assert refused.value.code == "object"


@pytest.mark.parametrize("fragment", ["witness-1", "ledger", "ledger-0", ""])
def test_a_key_of_no_log_is_named(office: Office, fragment: str) -> None:
    name, known = office.identity.office_did, office.reader.office_document()
    method = {"id": f"{name}#{fragment}", "publicKeyMultibase": multikey(KEY)}
    document = {**known, "verificationMethod": [*known["verificationMethod"], method]}
    with pytest.raises(BadEntry) as refused:
        derive(office, name, document)
    assert refused.value.code == "object"


@pytest.mark.parametrize(
    ("member", "value", "code"),
    [
        *(("verificationMethod", value, "object") for value in METHODS if value not in METHODS_OF_NO_KEY),
        *(("alsoKnownAs", value, "object") for value in (5, "did:webvh:x", {"a": 1}, [5], [None, "x"])),
        ("alsoKnownAs", ["did:webvh:x"], "did_webvh"),
        ("id", GONE, "issuer"),
        ("id", 5, "issuer"),
    ],
)
def test_a_document_of_an_issuer_of_another_form_is_named(office: Office, member: str, value: Any, code: str) -> None:
    name = office.identity.issuer_did("sample")
    document = changed(did.document(name, {"credential-1": KEY}), member, value)
    with pytest.raises(BadEntry) as refused:
        derive(office, name, document, b"{}\n")
    assert refused.value.code == code


def test_a_did_log_that_is_no_text_is_named(office: Office) -> None:
    name = office.identity.issuer_did("sample")
    document = did.document(name, {"credential-1": KEY}, also_known_as=["did:webvh:x"])
    with pytest.raises(BadEntry) as refused:
        derive(office, name, document, b"\xff\n")
    assert refused.value.code == "object"


@pytest.mark.parametrize("mistake", [AttributeError, TypeError, KeyError, ValueError])
def test_a_mistake_of_ours_is_no_bad_entry(
    office: Office, monkeypatch: pytest.MonkeyPatch, mistake: type[Exception]
) -> None:
    def broken(*_: object) -> None:
        raise mistake("a mistake of ours")

    name = office.identity.issuer_did("sample")
    document = did.document(name, {"credential-1": KEY}, also_known_as=["did:webvh:x"])
    with pytest.raises(RegistryError):
        derive(office, name, document, b"{}\n")
    monkeypatch.setattr(webvh, "resolve", broken)
    with pytest.raises(mistake, match="of ours"):
        derive(office, name, document, b"{}\n")
