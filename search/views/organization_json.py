"""The JSON of organizations, their histories, links and search results.

Pure; names and shapes are the contract's. Paths are absolute, without the base URL. Codes are the register's own; `labels` says
in English and French what they mean, and `act` what happened, in plain words. `evidence` is null until a published checkpoint
covers the entry. Members without a value are null, never absent.
"""

import base64
from typing import Any

from registry.reading.record import Account, Record
from schemas import PERMIT, REGISTRATION, codes
from schemas.codes import Act
from schemas.organization import Event, State, from_subject
from search.question.document import INVERSE, Document, Link
from search.question.index import Counts, Incoming
from search.question.match import Hit, is_in_force
from search.question.matching import Candidate
from search.question.query import UNKNOWN
from search.views.organization import act_in, with_states
from search.views.timeline import recorded


def organization_path(register: str, number: str) -> str:
    """Where an organization's page is."""
    return f"/organizations/{register}/{number}"


def credential_path(register: str | None, number: str | None, n: int | None) -> str:
    """Where a credential is."""
    return f"/credentials/{register}/{number}/{n}"


def evidence_path(register: str | None, number: str | None, n: int | None, entry: int, published: int) -> str | None:
    """Where the evidence of a credential is; None: the published checkpoint does not cover its entry yet."""
    return f"{credential_path(register, number, n)}/evidence" if entry < published else None


def labels(table: str, register: str, code: str | None) -> dict[str, str] | None:
    """What a code means, by language."""
    return (
        None
        if code is None
        else {language: codes.label(table, register, code, language) for language in codes.LANGUAGES}
    )


def organization(record: Record, subject: dict[str, Any], account: Account) -> dict[str, Any]:
    """One organization as `record`, one of its account, with that `credentialSubject`, tells it."""
    state = from_subject(subject)
    register = state.register
    sub = codes.sub_status(register, state.register_status)
    return {
        "register": register,
        "number": state.number,
        "name": state.legal_name,
        "status": state.status,
        "register_status": state.register_status,
        "sub_status": sub,
        "status_since": state.status_since,
        "type": state.entity_type,
        "registered_on": state.registered_on,
        "jurisdiction": state.jurisdiction,
        "home_jurisdiction": state.home_jurisdiction,
        "business_number": state.business_number,
        "credential_type": PERMIT if state.is_permit else REGISTRATION,
        "valid_from": state.valid_from,
        "valid_until": state.valid_until,
        "relationships_omitted": state.relationships_omitted or 0,
        "labels": {
            "register": labels("register", register, register),
            "status": labels("registration_status", register, state.status),
            "register_status": labels("register_status", register, state.register_status),
            "sub_status": labels("sub_status", register, sub),
            "type": labels("entity_type", register, state.entity_type),
        },
        "names": [
            {
                "name": name.text,
                "kind": name.kind,
                "language": name.language,
                "since": name.since,
                "until": name.until,
                "in_force": is_in_force(name.kind, name.until),
                "labels": {"kind": labels("name_kind", register, name.kind)},
            }
            for name in state.names
        ],
        "addresses": [
            {
                "role": address.role,
                "street": address.street,
                "locality": address.locality,
                "region": address.region,
                "postal_code": address.postal_code,
                "country": address.country,
                "labels": {"role": labels("address_role", register, address.role)},
            }
            for address in state.addresses
        ],
        "event": _event(register, state.event),
        "act": _act(_act_of(record, account)),
        "n": record.n,
        "kind": record.kind,
        "effective": record.effective,
        "recorded": recorded(record),
        "url": organization_path(register, state.number),
        **_credential(record, account),
    }


def history_item(record: Record, before: State | None, state: State | None, account: Account) -> dict[str, Any]:
    """One state of a timeline, and the one `before` it; `state` is None where its body is missing."""
    register = record.register or ""
    sub = None if state is None else codes.sub_status(register, state.register_status)
    return {
        "n": record.n,
        "kind": record.kind,
        "effective": record.effective,
        "recorded": recorded(record),
        "reason": record.reason,
        "event": None if state is None else _event(register, state.event),
        "act": None if state is None else _act(act_in(record, before, state)),
        "name": None if state is None else state.legal_name,
        "status": None if state is None else state.status,
        "register_status": None if state is None else state.register_status,
        "sub_status": sub,
        "labels": {
            "status": None if state is None else labels("registration_status", register, state.status),
            "register_status": None if state is None else labels("register_status", register, state.register_status),
            "sub_status": labels("sub_status", register, sub),
        },
        **_credential(record, account),
    }


def credential_item(record: Record, account: Account) -> dict[str, Any]:
    """One credential of an organization, and by which later one it was superseded or corrected."""
    later = {
        kind: next((other.n for other in account.records if other.kind == kind and record.index in other.refers), None)
        for kind in ("supersede", "correct")
    }
    return {
        "n": record.n,
        "id": None if record.document is None else record.document.get("id"),
        "kind": record.kind,
        "effective": record.effective,
        "recorded": recorded(record),
        "superseded_by": later["supersede"],
        "corrected_by": later["correct"],
        **_credential(record, account),
    }


#: the members of a search result
ITEM_MEMBERS = (
    *(
        "register",
        "number",
        "name",
        "jurisdiction",
        "locality",
        "registered_on",
        "status",
        "matched",
        "how",
        "sub_status",
    ),
    *("labels", "type", "url", "evidence"),
)


def ledger(head: tuple[int, bytes] | None) -> dict[str, Any] | None:
    """The published checkpoint that an answer stands on: its size, and its root in base64; None before the first."""
    return None if head is None else {"size": head[0], "root": base64.b64encode(head[1]).decode()}


def result(hit: Hit, published: int) -> dict[str, Any]:
    """One search result."""
    document = hit.document
    return {
        **suggestion(hit),
        "type": document.type,
        "url": organization_path(document.register, document.number),
        "evidence": evidence_path(document.register, document.number, document.n, document.entry, published),
    }


def suggestion(hit: Hit) -> dict[str, Any]:
    """One suggestion while typing."""
    document = hit.document
    sub = codes.sub_status(document.register, document.register_status)
    return {
        "register": document.register,
        "number": document.number,
        "name": document.name,
        "jurisdiction": document.jurisdiction,
        "locality": document.locality,
        "registered_on": document.registered_on,
        "status": None if document.status == UNKNOWN else document.status,
        "matched": {"name": hit.matched_name, "kind": hit.matched_kind, "why": hit.why},
        "how": how(hit),
        "sub_status": sub,
        "labels": {
            "sub_status": labels("sub_status", document.register, sub),
            "matched": None
            if hit.matched_kind == "number"
            else labels("name_kind", document.register, hit.matched_kind),
        },
    }


def candidate(candidate: Candidate, published: int) -> dict[str, Any]:
    """One organization that a row of a list may mean."""
    hit = candidate.hit
    return {**result(hit, published), "score": hit.score, "match": candidate.is_match}


def how(hit: Hit) -> dict[str, Any]:
    """How a hit answers, beyond its code: letters that differ, words left out, until when the name that matched was in force."""
    return {
        "score": hit.score,
        "edits": hit.edits,
        "dropped": list(hit.dropped),
        "missing": hit.missing,
        "formAgrees": hit.form_agrees,
        "since": hit.matched_since,
        "until": hit.matched_until,
        "inForce": hit.is_in_force,
    }


def facets(counts: Counts) -> dict[str, Any]:
    """Counts by value, each value with its label."""
    registers = [register for register, _ in counts.facets["register"].values]
    return {
        field: {
            "exact": facet.exact,
            "values": [
                {"value": value, "count": count, "labels": _facet_labels(field, value, registers)}
                for value, count in facet.values
            ],
        }
        for field, facet in counts.facets.items()
    }


def outgoing_link(link: Link, target: Document | None, credential: str) -> dict[str, Any]:
    """A link that the organization's own credential states."""
    name = link.name or (target.name if target is not None else None)
    return _link(link, link.kind, "to", (link.register, link.number), name, target, credential)


def incoming_link(incoming: Incoming) -> dict[str, Any]:
    """A link that another organization's credential states, told from this side."""
    source = incoming.source
    credential = credential_path(source.register, source.number, source.n)
    kind = INVERSE.get(incoming.link.kind, incoming.link.kind)
    return _link(incoming.link, kind, "from", (source.register, source.number), source.name, source, credential)


def _link(
    link: Link,
    kind: str,
    direction: str,
    other: tuple[str, str | None],
    name: str | None,
    document: Document | None,
    credential: str,
) -> dict[str, Any]:
    """`other`: register and number of the other side; `document`: what the index knows of it, None where it knows nothing."""
    register, number = other
    status = None if document is None or document.status == UNKNOWN else document.status
    kind_of = None if document is None else document.type
    return {
        "kind": kind,
        "stated": direction,
        "register": register,
        "number": number,
        "name": name,
        "since": link.since,
        "until": link.until,
        "url": organization_path(register, number) if document is not None and number is not None else None,
        "status": status,
        "register_status": None if document is None else document.register_status,
        "type": kind_of,
        "stated_in": credential,
        "labels": {
            "kind": labels("relationship", register, kind),
            "register": labels("register", register, register),
            "status": labels("registration_status", register, status),
            "type": labels("entity_type", register, kind_of),
        },
    }


def _credential(record: Record, account: Account) -> dict[str, Any]:
    standing = account.standings.get(record.index)
    return {
        "entry": record.index,
        "credential": credential_path(record.register, record.number, record.n),
        "evidence": None
        if record.document is None
        else evidence_path(record.register, record.number, record.n, record.index, account.published_size),
        "revoked": standing == "revoked",
        "suspended": standing == "suspended",
    }


def _act_of(record: Record, account: Account) -> Act | None:
    """What happened in one record of the account."""
    earlier = [other for other in account.records if other.index <= record.index]
    _, before, state = with_states(earlier)[-1]
    return None if state is None else act_in(record, before, state)


def _act(act: Act | None) -> dict[str, Any] | None:
    if act is None:
        return None
    words = {language: codes.act_label(act, language) for language in codes.LANGUAGES}
    return {"code": act.code, "manner": act.manner or None, "labels": words}


def _event(register: str, event: Event | None) -> dict[str, Any] | None:
    if event is None:
        return None
    return {
        "id": event.id,
        "kind": event.kind,
        "filing": event.filing,
        "effective": event.effective,
        "labels": {"kind": labels("event", register, event.kind), "filing": labels("filing", register, event.filing)},
    }


def _facet_labels(field: str, value: str, registers: list[str]) -> dict[str, str] | None:
    table = {"register": "register", "status": "registration_status", "type": "entity_type"}.get(field)
    if table is None or value == UNKNOWN:
        return None
    if field != "type":
        return labels(table, value if field == "register" else "", value)
    translations = [labels(table, register, value) or {} for register in registers]
    meanings = {
        language: dict.fromkeys(label[language] for label in translations if label[language] != value)
        for language in codes.LANGUAGES
    }
    return {language: " / ".join(meanings[language]) or value for language in codes.LANGUAGES}
