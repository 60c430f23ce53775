"""Whether a document calls by their own names what the contexts known beforehand give a name to.

An RDF signature covers what is meant, not how it is called. The full IRI of `validUntil`, or another name that a context which
a stranger brings gives to it, says the same, where no reader looks for it, and the signature still holds. So no key may be the
IRI of something that has a name; and where contexts were brought, every property and type with a known name must stand in the
JSON under that name as often as it stands in what was expanded, and what readers look for may not be given another meaning.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from registry.errors import Untrue

#: IRI -> the names that known contexts give it
Names = Mapping[str, frozenset[str]]
_TYPE = ("type", "@type")
#: what a verifier looks for by its name
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
    ]
)


def names_of(contexts: Mapping[str, dict[str, Any]]) -> Names:
    """Every absolute IRI that the contexts define, in whatever scope, with its names."""
    found: dict[str, set[str]] = {}
    for document in contexts.values():
        for name, iri in _definitions(document.get("@context")):
            if iri and not iri.startswith("@"):
                found.setdefault(iri, set()).add(name)
    return {iri: frozenset(names) for iri, names in found.items()}


def check_brought(context: Any, names: Names) -> None:
    """Untrue `context` where a context that is not known gives a keyword another name, or a name that is read another meaning."""
    for name, iri in _definitions(context):
        if iri.startswith("@") and name not in ("id", "type"):
            raise Untrue("context", f"a context gives {iri} another name")
        if name in _READ and name not in names.get(iri, ()):
            raise Untrue("context", f"a context gives {name!r} another meaning")


def check_keys(document: dict[str, Any], names: Names) -> None:
    """Untrue `context` where a key or a type is the IRI of something that has a name."""
    told = Counter[str]()
    _count_told(document, told)
    for name in told:
        if name in names and name not in names[name]:
            raise Untrue("context", f"{name[:200]!r} is not called by its name")


def check_names(document: dict[str, Any], expanded: list[Any], names: Names) -> None:
    """Untrue `context` where something that has a known name stands in the document under another one."""
    told, meant = Counter[str](), Counter[str]()
    _count_told(document, told)
    for node in expanded:
        _count_meant(node, meant, told)
    for iri, count in meant.items():
        if iri in names and count > sum(told[name] for name in names[iri]):
            raise Untrue("context", f"a context gives {iri[:200]!r} another name than it has")


def _definitions(context: Any) -> Iterator[tuple[str, str]]:
    """(name, IRI or keyword) of every term, those of scoped contexts among them."""
    pending = [context]
    while pending:
        one = pending.pop()
        if isinstance(one, list):
            pending.extend(one)
        if not isinstance(one, dict):
            continue
        for name, definition in one.items():
            if name == "@context":
                pending.append(definition)
            if name.startswith("@"):
                continue
            iri = definition.get("@id", name) if isinstance(definition, dict) else definition
            yield name, iri if isinstance(iri, str) else ""
            if isinstance(definition, dict) and "@context" in definition:
                pending.append(definition["@context"])


def _objects(
    value: Any, *, is_left_out: Callable[[dict[str, Any]], bool] = lambda _one: False
) -> Iterator[dict[str, Any]]:
    """Every object in a JSON value, contexts aside; what stands in one that is left out is left out too."""
    pending = [value]
    while pending:
        one = pending.pop()
        if isinstance(one, list):
            pending.extend(one)
        elif isinstance(one, dict):
            yield one
            if not is_left_out(one):
                pending.extend(member for key, member in one.items() if key != "@context")


def _count_told(value: Any, told: Counter[str], by: int = 1) -> None:
    """How often each key has a value in the JSON, and each text stands under `type`."""
    for one in _objects(value):
        for key, member in one.items():
            items = member if isinstance(member, list) else [member]
            if key != "@context":
                told[key] += by * len(items)
            if key in _TYPE:
                for item in items:
                    if isinstance(item, str):
                        told[item] += by


def _count_meant(value: Any, meant: Counter[str], told: Counter[str]) -> None:
    """How often each property and type is meant; JSON literals say nothing, and their keys are not counted as told."""
    for one in _objects(value, is_left_out=_is_json):
        if _is_json(one):
            _count_told(one.get("@value"), told, by=-1)
            continue
        for name, members in one.items():
            items = members if isinstance(members, list) else [members]
            if name == "@type":
                meant.update(item for item in items if isinstance(item, str))
            elif not name.startswith("@"):
                meant[name] += len(items)


def _is_json(node: dict[str, Any]) -> bool:
    return node.get("@type") == "@json"
