"""The slow path, and the oracle of the fast one: PyLD behind limits.

Takes any JSON-LD of known contexts. Follows JSON-LD 1.1 API and RDFC-1.0 (PyLD calls it URDNA2015), and closes what they
leave open in a signed document (VC Data Integrity 1.0, section 5, security considerations): contexts are frozen, nothing is
dropped in silence, each IRI, datatype and language tag is judged before it is written, and work is limited before and while
it is done. Documents are values that `strict_json` gives; whether its `@context` is the right one for its type is left to
the verifier.
"""

import copy
import hashlib
import re
from collections import Counter
from collections.abc import Mapping
from typing import Any

from pyld import jsonld  # type: ignore[import-untyped]
from pyld.canon import URDNA2015  # type: ignore[import-untyped]

from registry.credential.rdf.compiled import DEPTH, FORBIDDEN, MAX_INTEGER, XSD
from registry.credential.rdf.names import Names, check_keys, check_read
from registry.errors import Untrue

SHA256 = "sha256"
NODES = 5_000
MAX_CHARACTERS = 256 * 1024
#: honest documents of the W3C test suite need at most 18 calls, the poisoned ones at least 468
MAX_N_DEGREE_CALLS = 64
#: term definitions read in one document; PyLD reads a type's context anew for each node: 330 for one of our credentials
MAX_DEFINITIONS = 10_000
#: comparisons of the values of one property with one another: one array of 440, or many short ones
MAX_COMPARISONS = 100_000
MAX_CONTEXTS = 16
#: what a relative reference resolves to, whatever its form, has this scheme; no IRI of a document may have it
_RELATIVE = "relative-reference:"
_BASE = f"{_RELATIVE}//document/"
#: RFC 3987 without private use and whatever some reader takes for a space
_IRI = re.compile(
    '[A-Za-z][A-Za-z0-9+.-]*:[^\\s\x00-\x20\x7f-\xa0<>"{}|\\\\^`\u2000-\u200f\u2028-\u202f\u2060-\u206f\ufeff'
    "\ud800-\uf8ff\ufff0-\uffff\U000e0000-\U0010ffff]+\\Z"
)
_LANGUAGE = re.compile(r"[a-z]{1,8}(-[a-z0-9]{1,8})*\Z")
_KEYWORDS = {"@context", "@id", "@type", "@value", "@language", "@list", "@set", "@graph"}
#: what looks like a keyword and is none: PyLD passes over it with a warning
_RESERVED = re.compile(r"@[A-Za-z]+\Z")
#: a presentation carries credentials, each with the @context of its own
_CARRIES_CONTEXTS = "verifiableCredential"


class Budget:
    """What one document may still cost. Untrue `work_limit` when it is spent."""

    def __init__(self) -> None:
        self.n_degree_calls = 0
        self.definitions = 0

    def count_n_degree_call(self) -> None:
        if self.n_degree_calls == MAX_N_DEGREE_CALLS:
            raise Untrue("work_limit", f"its blank nodes cannot be told apart in {MAX_N_DEGREE_CALLS} calls")
        self.n_degree_calls += 1

    def count_definition(self) -> None:
        if self.definitions == MAX_DEFINITIONS:
            raise Untrue("work_limit", f"its types need more than {MAX_DEFINITIONS} definitions of terms")
        self.definitions += 1


class Bounded:
    """Canonicalizes documents of the contexts given (URL -> context document), and of no other.

    `names`: what must be called by its own name (`names.names_of`).
    """

    def __init__(self, contexts: Mapping[str, dict[str, Any]], names: Names | None = None) -> None:
        self._contexts, self._names = dict(contexts), names or {}

    def nquads(self, document: dict[str, Any], budget: Budget | None = None, digest: str = SHA256) -> bytes:
        """The canonical N-Quads, UTF-8. `budget`: to read afterwards what it cost; `digest`: what labels blank nodes.

        Untrue: `context`, `data_loss`, `iri`, `language_tag`, `value`, `work_limit`.
        """
        budget = budget or Budget()
        dataset, _ = self._read(document, budget)
        if not any(dataset.values()):
            raise Untrue("value", "the document says nothing")
        text = _Labelling(budget, digest).main(_as_set(dataset), {"format": "application/n-quads"})
        assert isinstance(text, str)
        return text.encode()

    def check_read(self, document: dict[str, Any]) -> None:
        """Untrue, as `nquads`, or `context` where what a verifier looks for stands under another name than its own."""
        _, expanded = self._read(document, Budget())
        check_read(document, expanded, self._names)

    def _read(self, document: dict[str, Any], budget: Budget) -> tuple[Any, list[Any]]:
        """The dataset, and the expanded form that it was made of."""
        self._check_context(document.get("@context"))
        self._check_values(document)
        processor = _Processor(budget)
        options = {
            "base": _BASE,
            "processingMode": "json-ld-1.1",
            "documentLoader": self._load,
            # caches of its own: no document is served, or slowed, by what another one left there
            "contextResolver": jsonld.ContextResolver({}, self._load),
        }
        try:
            dataset = processor.to_rdf(document, options)
        except (jsonld.JsonLdError, TypeError, AttributeError, ValueError, LookupError, RecursionError) as error:
            raise _refusal(error) from None
        check_keys(document, self._names)
        return dataset, processor.expanded

    def _load(self, url: str, _options: dict[str, Any]) -> dict[str, Any]:
        if url not in self._contexts:
            raise Untrue("context", f"the context {url[:200]!r} is not known here")
        document = copy.deepcopy(self._contexts[url])
        return {"contextUrl": None, "documentUrl": url, "document": document, "tag": "static"}

    def _check_context(self, context: Any) -> None:
        urls = context if isinstance(context, list) else [context]
        if not 1 <= len(urls) <= MAX_CONTEXTS:
            raise Untrue("context", f"@context does not name 1 to {MAX_CONTEXTS} contexts")
        for url in urls:
            if not isinstance(url, str):
                raise Untrue("context", "@context is not a list of URLs")
            if url not in self._contexts:
                raise Untrue("context", f"the context {url[:200]!r} is not known here")

    def _check_values(self, document: dict[str, Any]) -> None:
        nodes = characters = 0
        pending: list[tuple[Any, int, bool]] = [(document, 0, False)]
        while pending:
            value, depth, carried = pending.pop()
            nodes += 1
            if nodes > NODES or depth > DEPTH or characters > MAX_CHARACTERS:
                raise Untrue("work_limit", f"more than {NODES} values, {DEPTH} levels or {MAX_CHARACTERS} characters")
            if isinstance(value, str):
                characters += len(value)
                _check_text(value)
            elif isinstance(value, dict):
                for key, member in value.items():
                    characters += len(key)
                    _check_text(key)
                    if key.startswith("@") and key not in _KEYWORDS:
                        raise Untrue("value", f"the keyword {key[:80]!r} is not read here")
                    if key == "@context" and value is not document:
                        if not carried:
                            raise Untrue("context", "an @context stands inside the document")
                        self._check_context(member)
                    pending.append((member, depth + 1, carried or (value is document and key == _CARRIES_CONTEXTS)))
            elif isinstance(value, list):
                if not value:
                    raise Untrue("value", "an empty array says nothing that is signed")
                pending.extend((item, depth + (type(item) is list), carried) for item in value)
            elif not isinstance(value, int) or abs(value) > MAX_INTEGER:
                raise Untrue("value", "a value is null, or a number that is not an integer within 2^53")


class _Processor(jsonld.JsonLdProcessor):  # type: ignore[misc]
    """PyLD's processor, which judges what it expanded before anything is made of it."""

    def __init__(self, budget: Budget) -> None:
        super().__init__(on_property_dropped=_refuse_loss)
        self._budget = budget
        self.expanded: list[Any] = []

    def expand(self, input_: Any, options: Any) -> Any:
        expanded = self.expanded = super().expand(input_, options)
        comparisons: Counter[tuple[str, str]] = Counter()
        for node in expanded:
            _check_node(node, comparisons)
        if sum(n * (n - 1) // 2 for n in comparisons.values()) > MAX_COMPARISONS:
            raise Untrue("work_limit", "a property has too many values")
        return expanded

    def _expand(self, active_ctx: Any, active_property: Any, element: Any, *arguments: Any, **named: Any) -> Any:
        expanded = super()._expand(active_ctx, active_property, element, *arguments, **named)
        if expanded is None:
            raise Untrue("data_loss", f"a value of {str(active_property)[:80]!r} would not be signed")
        return expanded

    def _process_context(self, *arguments: Any, **named: Any) -> Any:
        self._budget.count_definition()
        context = super()._process_context(*arguments, **named)
        if context.get("@base") is not None:
            raise Untrue("context", "a context sets @base")
        return context

    def _create_term_definition(
        self, active_ctx: Any, local_ctx: Any, term: str, *arguments: Any, **named: Any
    ) -> None:
        self._budget.count_definition()
        definition = local_ctx.get(term)
        is_object = isinstance(definition, dict)
        iris = (definition.get("@id"), definition.get("@reverse")) if is_object else (definition,)
        for name in (term, *iris):
            if isinstance(name, str) and _RESERVED.match(name) and name not in jsonld.KEYWORDS:
                raise Untrue("context", f"a context uses {name[:80]!r}, which is reserved")
        super()._create_term_definition(active_ctx, local_ctx, term, *arguments, **named)


class _Labelling(URDNA2015):  # type: ignore[misc]
    """RDFC-1.0 that gives up in time."""

    def __init__(self, budget: Budget, digest: str) -> None:
        super().__init__()
        self._budget, self._digest = budget, digest

    def create_hash(self) -> Any:
        return hashlib.new(self._digest)

    def hash_n_degree_quads(self, id_: str, issuer: Any) -> Any:
        self._budget.count_n_degree_call()
        return super().hash_n_degree_quads(id_, issuer)


def _refuse_loss(name: str | None) -> None:
    raise Untrue("data_loss", f"the term {str(name)[:80]!r} is not defined, so that it would not be signed")


def _check_node(node: Any, comparisons: Counter[tuple[str, str]]) -> None:
    """Every name in an expanded node, or value, or list, before it is written into N-Quads."""
    if not isinstance(node, dict):
        raise Untrue("value", "an expanded value is not an object")
    if "@index" in node or "@direction" in node or "@reverse" in node or "@included" in node:
        raise Untrue("value", "@index, @direction, @reverse and @included are not read here")
    if "@value" in node:
        _check_literal(node)
        return
    subject = str(node.get("@id", id(node)))
    for name, values in node.items():
        if name == "@id":
            _check_iri(values)
            continue
        if not name.startswith("@"):
            _check_iri(name)
        if name not in ("@list", "@graph"):
            comparisons[(subject, name)] += len(values)
        for value in values:
            if name == "@type":
                _check_iri(value)
            else:
                _check_node(value, comparisons)


def _check_literal(node: dict[str, Any]) -> None:
    datatype, language = node.get("@type"), node.get("@language")
    if datatype == XSD + "double":
        raise Untrue("value", "a number that is not an integer has no one form")
    if datatype is not None and datatype != "@json":
        _check_iri(datatype)
    if language is not None and not (isinstance(language, str) and _LANGUAGE.match(language)):
        raise Untrue("language_tag", f"{str(language)[:80]!r} is not a language tag")


def _check_iri(value: Any) -> None:
    if not isinstance(value, str) or not _IRI.match(value) or value.startswith(_RELATIVE):
        raise Untrue("iri", f"{str(value)[:200]!r} is not an absolute IRI")


def _check_text(text: str) -> None:
    if FORBIDDEN.search(text):
        raise Untrue("value", "a text holds a control character, a noncharacter or half a surrogate pair")


def _as_set(dataset: dict[str, list[dict[str, Any]]]) -> dict[str, list[dict[str, Any]]]:
    """The dataset without the statements that it makes twice."""
    return {
        graph: list(
            {tuple(tuple(sorted(part.items())) for part in triple.values()): triple for triple in triples}.values()
        )
        for graph, triples in dataset.items()
    }


def _refusal(error: BaseException) -> Untrue:
    """What PyLD wrapped: our own refusal (of a context), or its reason why this is no JSON-LD."""
    while error.__cause__ is not None and not isinstance(error, Untrue):
        error = error.__cause__
    if isinstance(error, Untrue):
        return error
    return Untrue("value", f"it is not JSON-LD: {str(error)[:200]}")
