"""Whether the members that a verifier reads stand under their own names.

An RDF signature covers what is meant, not how it is called or where it stands. The full IRI of `validUntil`, another name
that a context which a stranger brings gives to it, or a second object with the credential's own id says the same, where no
reader looks for it, and the signature still holds. A JCS proof signs names and places as well, so that none of this matters
under it.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from registry.errors import Untrue

#: IRI -> the names that known contexts give it
Names = Mapping[str, frozenset[str]]
_TYPE = ("type", "@type")
#: what a verifier looks for by its name, and the types that say what an object is
_READ = frozenset(
    [
        "issuer",
        "validFrom",
        "validUntil",
        "issuanceDate",
        "expirationDate",
        "credentialStatus",
        "credentialSchema",
        "credentialSubject",
        "relatedResource",
        "holder",
        "verifiableCredential",
        "proof",
        "statusPurpose",
        "statusListIndex",
        "statusListCredential",
        "encodedList",
        "BitstringStatusListEntry",
        "BitstringStatusListCredential",
        "BitstringStatusList",
    ]
)


def names_of(contexts: Mapping[str, dict[str, Any]]) -> Names:
    """Every absolute IRI that the contexts define, in whatever scope, with its names."""
    names_by_iri: dict[str, set[str]] = {}
    for document in contexts.values():
        for name, iri in _definitions(document.get("@context")):
            if not iri.startswith("@"):
                names_by_iri.setdefault(iri, set()).add(name)
    return {iri: frozenset(names) for iri, names in names_by_iri.items()}


def check_keys(document: dict[str, Any], names: Names) -> None:
    """Untrue `context` where a key or a type is the IRI of something that has a name."""
    written = Counter[str]()
    _count_written(document, written)
    for name in written:
        if name in names and name not in names[name]:
            raise Untrue("context", f"{name[:200]!r} is not called by its name")


def check_read(document: dict[str, Any], expanded: list[Any], names: Names) -> None:
    """Untrue `context` where something that a verifier looks for stands under another name.

    At the top, where no name of a known context can be given another meaning, and as often as it stands anywhere.
    """
    read = {iri: known for iri, known in names.items() if known & _READ}
    written, meant = Counter[str](), Counter[str]()
    _count_written(document, written)
    for node in expanded:
        _count_meant(node, meant, written)
        for iri, values in node.items() if isinstance(node, dict) else ():
            at_top = [document[name] for name in read.get(iri, ()) if name in document]
            if iri in read and len(values) > sum(len(value) if isinstance(value, list) else 1 for value in at_top):
                raise Untrue("context", f"a context gives {iri[:200]!r} another name than it has")
    for iri, count in meant.items():
        if iri in read and count > sum(written[name] for name in names[iri]):
            raise Untrue("context", f"a context gives {iri[:200]!r} another name than it has")


def shared_ids(document: dict[str, Any]) -> frozenset[str]:
    """The ids that two objects of the document have, so that what is said of one may be moved to the other."""
    ids = Counter(
        str(node[name]) for node in _objects(document) for name in ("id", "@id") if len(node) > 1 and name in node
    )
    return frozenset(name for name, count in ids.items() if count > 1)


def _definitions(context: Any) -> Iterator[tuple[str, str]]:
    """(name, IRI or keyword) of every term, those of scoped contexts among them."""
    pending = [context]
    while pending:
        item = pending.pop()
        if isinstance(item, list):
            pending.extend(item)
        if not isinstance(item, dict):
            continue
        for name, definition in item.items():
            if name == "@context":
                pending.append(definition)
            if name.startswith("@"):
                continue
            iri = definition.get("@id", name) if isinstance(definition, dict) else definition
            if isinstance(iri, str):
                prefix, _, rest = iri.partition(":")
                whole = item.get(prefix)
                yield name, whole + rest if isinstance(whole, str) else iri
            if isinstance(definition, dict) and "@context" in definition:
                pending.append(definition["@context"])


def _objects(
    value: Any, *, is_left_out: Callable[[dict[str, Any]], bool] = lambda _node: False
) -> Iterator[dict[str, Any]]:
    """Every object in a JSON value, contexts aside; what stands in one that is left out is left out too."""
    pending = [value]
    while pending:
        item = pending.pop()
        if isinstance(item, list):
            pending.extend(item)
        elif isinstance(item, dict):
            yield item
            if not is_left_out(item):
                pending.extend(member for key, member in item.items() if key != "@context")


def _count_written(value: Any, written: Counter[str], by: int = 1) -> None:
    """How often each key has a value in the JSON, and each text stands under `type`."""
    for node in _objects(value):
        for key, member in node.items():
            items = member if isinstance(member, list) else [member]
            if key != "@context":
                written[key] += by * len(items)
            if key in _TYPE:
                for item in items:
                    if isinstance(item, str):
                        written[item] += by


def _count_meant(value: Any, meant: Counter[str], written: Counter[str]) -> None:
    """How often each property and type is meant; JSON literals say nothing, and their keys are not counted as written."""
    for node in _objects(value, is_left_out=_is_json):
        if _is_json(node):
            _count_written(node.get("@value"), written, by=-1)
            continue
        for name, members in node.items():
            items = members if isinstance(members, list) else [members]
            if name == "@type":
                meant.update(item for item in items if isinstance(item, str))
            elif not name.startswith("@"):
                meant[name] += len(items)


def _is_json(node: dict[str, Any]) -> bool:
    return node.get("@type") == "@json"
