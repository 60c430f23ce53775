"""What the names in a stranger's document mean, by its contexts.

JSON-LD 1.1. The known contexts are bundled and never fetched. Those that a document brings along or names elsewhere may be
whatever their author says today, and an rdfc proof signs meanings, not names: `Reading.is_pinned` tells whether only known
ones were used. Nor does it sign the base direction of a text (JSON-LD 1.1 API section 8.2.2 without `rdfDirection`):
`Reading.is_directed`. Work is limited by `credential/rdf`.
"""

import re
from collections.abc import Callable, Mapping
from hashlib import sha256
from typing import Any

from registry.credential.rdf import SHA256, Canonicalize, canonicalizer, with_brought
from registry.encoding import strict_json
from registry.encoding.jcs import jcs
from registry.errors import Malformed, RegistryError, Untrue
from registry.foreign.retrieval import Fetch, NotRetrieved
from registry.foreign.shape import as_list

_CARRIED = "verifiableCredential"
#: texts with a language and a base direction (VCDM 2.0 section 11.1), and the members whose objects are described by them
_TEXTS, _DESCRIBED = ("name", "description"), ("issuer", "holder", "credentialSubject", _CARRIED)
_VALUE, _DIRECTIONS = {"@value", "@language", "@direction"}, ("ltr", "rtl")
_VERSION = re.compile(rb'("@version"\s*:\s*)1\.1(?=\s*[,}])')
#: where a context that a document brings along is put, so that it has a name too
_BROUGHT = "urn:greffe:context:"


class Reading:
    """How one document is read. `canonicalize`: its canonical form and that of its proofs' options.

    `is_pinned`: every context was known here beforehand, so that its names mean what they always did. `is_directed`: a text in
    it has a base direction, which its canonical form leaves out.
    """

    def __init__(
        self,
        canonicalize: Canonicalize,
        is_pinned: bool,
        is_directed: bool = False,
        check_read: Callable[[dict[str, Any]], None] = lambda _document: None,
    ) -> None:
        self._canonicalize = _undirecting(canonicalize) if is_directed else canonicalize
        self.is_pinned, self.is_directed, self._check_read = is_pinned, is_directed, check_read
        self._done: dict[bytes, bytes | RegistryError] = {}

    def canonicalize(self, document: dict[str, Any], digest: str = SHA256) -> bytes:
        """The canonical N-Quads; each document is worked on once, however many proofs it has. Untrue, as `credential/rdf`."""
        name = digest.encode() + sha256(jcs(document)).digest()
        if name not in self._done:
            try:
                self._done[name] = self._canonicalize(document, digest)
            except RegistryError as error:
                self._done[name] = error
        done = self._done[name]
        if isinstance(done, RegistryError):
            raise type(done)(done.code, done.message)
        return done

    def check_read(self, document: dict[str, Any]) -> None:
        """Untrue `context` where what a verifier looks for stands under a name that a brought context gives it."""
        self._check_read(_undirected({name: value for name, value in document.items() if name != "proof"}))


class Contexts:
    """The contexts that are known here: URL -> document. Safe to use from several threads."""

    def __init__(self, known: Mapping[str, dict[str, Any]]) -> None:
        self._known = dict(known)
        self._canonicalize = canonicalizer(self._known)

    def reading(self, document: dict[str, Any], fetch: Fetch) -> Reading:
        """How to read a document.

        Its `canonicalize` raises where a context was not had, or is none: NotRetrieved, Untrue `context`.
        """
        try:
            more = self._more(document, fetch)
        except RegistryError as error:
            return Reading(_refusing(error), is_pinned=False)
        is_directed = _undirected(document) != document
        if not more:
            return Reading(self._canonicalize, is_pinned=True, is_directed=is_directed)
        canonicalize, check_read = with_brought(self._known, more)
        return Reading(
            lambda value, digest=SHA256: canonicalize(_named(value), digest),
            is_pinned=False,
            is_directed=is_directed,
            check_read=lambda value: check_read(_named(value)),
        )

    def _more(self, document: dict[str, Any], fetch: Fetch) -> dict[str, dict[str, Any]]:
        """The contexts that it names beside the known ones, each under its name."""
        more: dict[str, dict[str, Any]] = {}
        for entry in _entries(document):
            if isinstance(entry, dict):
                more[_brought(entry)] = {"@context": _unwrapped(entry)}
            elif isinstance(entry, str) and entry not in self._known and entry not in more:
                more[entry] = _fetched(entry, fetch)
        return more


def _refusing(error: RegistryError) -> Canonicalize:
    def refuse(document: dict[str, Any], digest: str = SHA256) -> bytes:  # noqa: ARG001
        raise type(error)(error.code, error.message)

    return refuse


def _undirecting(canonicalize: Canonicalize) -> Canonicalize:
    def canonicalize_undirected(document: dict[str, Any], digest: str = SHA256) -> bytes:
        return canonicalize(_undirected(document), digest)

    return canonicalize_undirected


def _undirected(document: Any) -> Any:
    """The same without the base direction of names and descriptions, where the base contexts say that these are texts.

    Elsewhere the very same members may be data (`@json`), which is signed as it stands.
    """
    if not isinstance(document, dict):
        return document
    made = dict(document)
    for name in _TEXTS:
        if name in made:
            made[name] = _each(made[name], _undirected_text)
    for name in _DESCRIBED:
        if name in made:
            made[name] = _each(made[name], _undirected)
    return made


def _each(value: Any, change: Callable[[Any], Any]) -> Any:
    return [change(item) for item in value] if isinstance(value, list) else change(value)


def _undirected_text(value: Any) -> Any:
    if isinstance(value, dict) and value.keys() <= _VALUE and value.get("@direction") in _DIRECTIONS:
        return {name: member for name, member in value.items() if name != "@direction"}
    return value


def _entries(document: dict[str, Any]) -> list[Any]:
    entries = as_list(document.get("@context"))
    for carried in as_list(document.get(_CARRIED)):
        if isinstance(carried, dict):
            entries = entries + as_list(carried.get("@context"))
    return entries


def _fetched(url: str, fetch: Fetch) -> dict[str, Any]:
    try:
        body = fetch(url)
    except NotRetrieved as error:
        raise NotRetrieved(error.code, f"the context {url[:200]!r} is not known here: {error.message}") from None
    try:
        # strict JSON knows no fractions; the one that every context may hold is put aside while it is read
        document: dict[str, Any] = _with_version(strict_json.parse_object(_VERSION.sub(rb'\g<1>"1.1"', body)))
    except Malformed as error:
        raise Untrue("context", f"the context {url[:200]!r} cannot be read: {error.message}") from None
    if not isinstance(document.get("@context"), dict | list):
        raise Untrue("context", f"there is no context at {url[:200]!r}")
    return document


def _with_version(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            name: 1.1 if (name, part) == ("@version", "1.1") else _with_version(part) for name, part in value.items()
        }
    return [_with_version(part) for part in value] if isinstance(value, list) else value


def _brought(entry: dict[str, Any]) -> str:
    return _BROUGHT + sha256(jcs(entry)).hexdigest()


def _unwrapped(entry: dict[str, Any]) -> Any:
    """A context object may stand in a document of its own (JSON-LD 1.1 API section 4.1.2, step on @context in a context)."""
    return entry["@context"] if entry.keys() == {"@context"} else entry


def _named(document: dict[str, Any]) -> dict[str, Any]:
    """The document, its own contexts having taken their names."""
    renamed = dict(document)
    if "@context" in renamed:
        entries = as_list(renamed["@context"])
        renamed["@context"] = [_brought(entry) if isinstance(entry, dict) else entry for entry in entries]
    if _CARRIED in renamed:
        carried = as_list(renamed[_CARRIED])
        renamed[_CARRIED] = [
            _named(credential) if isinstance(credential, dict) else credential for credential in carried
        ]
    return renamed
