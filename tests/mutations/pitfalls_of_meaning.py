"""Requests that fall into the pitfalls of RDF: what a signature over meanings does not cover, or costs.

VC Data Integrity 1.0, section 5. Each function gives the requests of one pitfall, and says where a naive verifier accepts them
(`asked`).
"""

import schemas
from registry.credential.cryptosuites import EDDSA_JCS_2022
from tests.builders.stranger import altered, draft, entry, signed, signed_with
from tests.mutations.asked import Asked, Change, Ground, Json, by_rdfc, naively_signed, subject, unproven
from tests.mutations.rdf_poison import brothers, crossed, trees, twins


def poisoned(claims: Json) -> Json:
    """A credential with the subjects of a poisoned document."""
    return draft(credentialSubject=claims["credentialSubject"])


def poison(_: Ground) -> list[Asked]:
    """Blank nodes that only a search tells apart."""
    signable = [Asked(f"twins {k}", naively_signed(poisoned(twins(k))), naive=True) for k in (4, 5)]
    dear = [Asked(f"twins {k}", unproven(poisoned(twins(k)))) for k in (6, 7, 8, 9)]
    others = {"brothers": brothers(8, 3), "trees": trees(3, 3), "crossed": crossed(3)}
    return [*signable, *dear, *(Asked(name, unproven(poisoned(graph))) for name, graph in others.items())]


def undefined(ground: Ground) -> list[Asked]:
    """Terms without a meaning, added after signing."""
    own, foreign = ground.own_by("eddsa-rdfc-2022"), by_rdfc()
    return [
        Asked("subject", altered(foreign, subject(bankAccount="EVIL")), naive=True),
        Asked("top", altered(foreign, lambda copy: copy.update(surprise={"id": "urn:x:y"})), naive=True),
        Asked("proof", altered(foreign, lambda copy: copy["proof"][0].update(surprise="EVIL")), naive=True),
        Asked("own subject", altered(own, subject(bankAccount="EVIL")), naive=True),
        Asked("own top", altered(own, lambda copy: copy.update(surprise="EVIL")), naive=True),
        Asked("own proof", altered(own, lambda copy: copy["proof"][0].update(surprise="EVIL")), naive=True),
    ]


def invalid_iri(ground: Ground) -> list[Asked]:
    """Names that are no IRIs, so that what they name is dropped."""
    node = {"id": "urn:x y", "type": "OrganizationName", "nameText": "EVIL LTD.", "nameType": "legal"}
    own, foreign = ground.own_by("eddsa-rdfc-2022"), by_rdfc(credentialSubject=[{"id": "urn:x:a", "name": "A"}])
    return [
        Asked(
            "node",
            altered(foreign, lambda copy: copy["credentialSubject"].append({"id": "urn:x y", "name": "B"})),
            naive=True,
        ),
        Asked("type", altered(foreign, lambda copy: copy["type"].append("urn:e v")), naive=True),
        Asked(
            "term", altered(foreign, lambda copy: copy["credentialSubject"][0].update({"urn:x:a b": "x"})), naive=True
        ),
        Asked("own node", altered(own, lambda copy: copy["credentialSubject"]["names"].append(node)), naive=True),
        Asked("own type", altered(own, lambda copy: copy["type"].append("urn:e v")), naive=True),
    ]


def injection(_: Ground) -> list[Asked]:
    """A statement inside a language tag."""
    honest = {"id": "urn:x:s", "urn:x:p": {"@value": "Acme", "@language": "en"}, "urn:x:q": "dissolved"}
    smuggled = {"@value": "Acme", "@language": 'en .\n<urn:x:s> <urn:x:q> "dissolved"'}
    evil = {**by_rdfc(credentialSubject=honest), "credentialSubject": {"id": "urn:x:s", "urn:x:p": smuggled}}
    named = draft(credentialSubject={"id": "urn:x:s", "name": {**smuggled, "@direction": "ltr"}})
    return [Asked("language tag", evil, naive=True), Asked("with a direction", unproven(named))]


def relative(ground: Ground) -> list[Asked]:
    """Names that mean what the reader pleases."""
    reference = {"id": "urn:x:s", "urn:x:p": {"id": "../relative"}}
    return [
        Asked("type", naively_signed(draft(credentialSubject={"id": "urn:x:s", "type": "Relative"})), naive=True),
        Asked("id", naively_signed(draft(credentialSubject={"id": "relative", "name": "x"})), naive=True),
        Asked("reference", naively_signed(draft(credentialSubject=reference)), naive=True),
        Asked("document", naively_signed(draft(id="/credentials/1")), naive=True),
        Asked("own", altered(ground.own_by("eddsa-rdfc-2022"), lambda copy: copy.update(id="1"))),
    ]


def json_details(ground: Ground) -> list[Asked]:
    """What is in the JSON and not in the statements."""
    own, foreign = ground.own_by("eddsa-rdfc-2022"), by_rdfc()
    extra = {"director": "https://stranger.example/vocabulary#director"}
    integer = "http://www.w3.org/2001/XMLSchema#integer"
    typed = by_rdfc(credentialSubject={"id": "urn:x:s", "urn:x:n": {"@value": "16", "@type": integer}})
    changes: dict[str, Change] = {
        "null": subject(description=None),
        "null at the top": lambda copy: copy.update(description=None),
        "empty array": subject(description=[]),
        "context twice": lambda copy: copy["@context"].append(schemas.CREDENTIALS_V2),
        "value object": lambda copy: copy.update(issuer={**copy["issuer"], "name": {"@value": copy["issuer"]["name"]}}),
    }
    own_changes: dict[str, Change] = {
        **changes,
        "@index": lambda copy: copy["credentialSubject"]["names"][0].update({"@index": "EVIL"}),
        "array order": lambda copy: copy["credentialStatus"].reverse(),
        "array for one": lambda copy: copy.update(credentialSubject=[copy["credentialSubject"]]),
        "extra inline context": lambda copy: copy["@context"].append(extra),
    }
    foreign_changes: dict[str, Change] = {
        name: change for name, change in changes.items() if name not in ("context twice", "value object")
    }
    requests = [Asked(name, altered(foreign, change), naive=True) for name, change in foreign_changes.items()]
    requests += [Asked(f"own {name}", altered(own, change), naive=True) for name, change in own_changes.items()]
    return [
        *requests,
        Asked(
            "extra inline context",
            altered(foreign, lambda copy: copy["@context"].append(extra)),
            naive=True,
            verified=True,
        ),
        Asked("@index", altered(foreign, subject(**{"@index": "EVIL"})), naive=True),
        Asked("16 for another text", altered(typed, subject(**{"urn:x:n": {"@value": "16 ", "@type": integer}}))),
    ]


def substituted(ground: Ground) -> list[Asked]:
    """Other contexts than those that were signed under."""
    url = "https://stranger.example/v2"
    director, owner = ({name: "https://stranger.example/vocabulary#director"} for name in ("director", "owner"))
    original = naively_signed(
        {**draft(credentialSubject={"director": "A"}), "@context": [schemas.CREDENTIALS_V2, director]}
    )
    own = ground.own_by("eddsa-rdfc-2022")
    renamed = altered(own, lambda copy: copy["@context"].append({"owner": "https://schema.org/legalName"}))
    jcs = signed(draft(), suites=(EDDSA_JCS_2022,))
    return [
        Asked("own, another context", altered(own, lambda copy: copy["@context"].pop())),
        Asked("own, one more", renamed, naive=True),
        Asked("own, nested", altered(own, subject(**{"@context": own["@context"]}))),
        Asked(
            "another name for it",
            {**original, "credentialSubject": {"owner": "A"}, "@context": [schemas.CREDENTIALS_V2, owner]},
            naive=True,
            verified=True,
        ),
        Asked("nested", altered(by_rdfc(), subject(**{"@context": [schemas.CREDENTIALS_V2]})), naive=True),
        Asked("appended to jcs", altered(jcs, lambda copy: copy["@context"].append({"x": "urn:x:x"})), naive=False),
        Asked("first replaced", altered(by_rdfc(), lambda copy: copy.update({"@context": [url]})), naive=True),
    ]


def hidden(_: Ground) -> list[Asked]:
    """Members under their full names: they mean the same to a signature, and nothing to whoever looks for them."""
    terms, moment = "https://www.w3.org/2018/credentials#", "http://www.w3.org/2001/XMLSchema#dateTime"
    past, future = "2001-01-01T00:00:00Z", "2999-01-01T00:00:00Z"

    def moved(document: Json, name: str, kind: str | None = None) -> Json:
        value = document[name] if kind is None else {"@value": document[name], "@type": kind}
        return {**{key: member for key, member in document.items() if key != name}, terms + name: value}

    two = by_rdfc(credentialStatus=[entry(5), entry(6)])
    second = {terms + "credentialStatus": two["credentialStatus"][1]}
    expired = signed_with(draft(), {"expires": past})
    expiry = {"https://w3id.org/security#expiration": {"@value": past, "@type": moment}}
    bare = {name: value for name, value in expired["proof"].items() if name != "expires"}
    return [
        Asked("status", moved(by_rdfc(credentialStatus=entry(5)), "credentialStatus"), naive=True),
        Asked("one status of two", {**two, "credentialStatus": two["credentialStatus"][0], **second}, naive=True),
        Asked("validUntil", moved(by_rdfc(validUntil=past, validFrom=None), "validUntil", moment), naive=True),
        Asked("validFrom", moved(by_rdfc(validFrom=future), "validFrom", moment), naive=True),
        Asked("end of the proof", {**expired, "proof": {**bare, **expiry}}, naive=True),
    ]
