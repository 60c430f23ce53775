"""Routes of `/api/v1` that find organizations and tell about one.

JSON, read-only, open to any origin. Search and suggestions come from the index, what is said of one organization comes from
the ledger, in one snapshot. Where the store does not answer, what the index found is `unchecked`. Names and shapes are the
contract's; errors are raised as they are and become problems in `search/http/problems.py`. Pages are left to others.
"""

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi import Query as QueryParameter
from starlette.responses import Response

from registry.errors import NotFound
from registry.reading.reader import Reader
from registry.reading.record import Account, Record
from schemas.organization import from_subject
from search.api.described import COUNTED, SEARCHED, gives
from search.api.models.finding import OrganizationList, RelationshipList, SuggestionList
from search.api.models.organizations import CredentialList, Organization, OrganizationHistory
from search.api.parameters import At, Completion, Cursor, Known, Limit, Number, Question, Register, Search
from search.errors import IndexOutdated, SearchAway
from search.http.json_answer import answer
from search.http.parameters import only
from search.question.absence import absences
from search.question.cursor import parse_cursor, print_cursor
from search.question.document import Link
from search.question.index import Index
from search.question.known import check_known
from search.question.match import Hit, Position
from search.question.query import Filters, Query, parse_date, parse_question, parse_time
from search.views import organization_json as shape
from search.views.from_store import registers_or_none
from search.views.held_hits import held_or_found
from search.views.organization import with_states
from search.views.relationships import named_document
from search.views.timeline import holding

#: codes of what is typed; of what the ledger tells of an organization
ASKED = ("bad_parameter", "bad_date", "bad_range", "query_too_long")
ACCOUNT = ("organization_unknown", "body_missing", "not_initialized")


def organizations_router(reader: Reader, index: Index) -> APIRouter:
    """Search, suggestions, and one organization with its history, relationships and credentials."""
    router = APIRouter(prefix="/api/v1", tags=["organizations"])
    _add_search(router, reader, index)
    _add_organization(router, reader)
    _add_relationships(router, reader, index)
    return router


def _add_search(router: APIRouter, reader: Reader, index: Index) -> None:
    def _asked(question: Question) -> tuple[Query, Filters]:
        filters = question.filters()
        check_known(filters, index, lambda: registers_or_none(reader))
        return parse_question(question.q, filters, lambda: registers_or_none(reader))

    @router.get(
        "/organizations",
        operation_id="searchOrganizations",
        responses=gives(OrganizationList, *COUNTED, "bad_cursor", *ASKED, *SEARCHED),
        summary="Find organizations by number or name, with the name that matched and counts by field",
        dependencies=[Depends(only(*Search.names()))],
    )
    def find(request: Request, search: Annotated[Search, QueryParameter()]) -> Response:
        query, filters = _asked(search)
        members = search.chosen()
        question = repr((search.q, search.sort, tuple(search.given().values())))
        after = None if not search.cursor else Position(*parse_cursor(question, search.cursor, 2))
        outcome = index.find(query, filters, after, search.limit, search.sort)
        page, counts, near = outcome.page, outcome.counts, outcome.near
        hits, is_held = held_or_found(reader, page.hits)
        similar, _ = held_or_found(reader, near.similar) if near else ((), is_held)
        head = reader.published_head() if is_held else None
        published = head[0] if head else 0
        is_first = after is None and is_held
        return answer(
            request,
            {
                "total": {"value": counts.total, "exact": counts.exact},
                "items": [_with_members(shape.result(hit, published), members) for hit in hits],
                "similar": [_with_members(shape.result(hit, published), members) for hit in similar],
                "didYouMean": near.did_you_mean if near else None,
                "facets": shape.facets(counts) if search.facets == "1" else {},
                "absence": _absence_path(reader, index, query.raw, filters, page.hits) if is_first else None,
                "next": None if page.next is None else print_cursor(question, page.next.stage, page.next.rank),
                "ledger": shape.ledger(head),
                **_unheld(is_held),
            },
        )

    @router.get(
        "/autocomplete",
        operation_id="suggestOrganizations",
        responses=gives(SuggestionList, *COUNTED, *ASKED, *SEARCHED),
        summary="At most ten suggestions for what is being typed",
        dependencies=[Depends(only(*Completion.names()))],
    )
    def suggest(request: Request, completion: Annotated[Completion, QueryParameter()]) -> Response:
        query, filters = _asked(completion)
        hits, is_held = held_or_found(reader, index.suggest(query, filters, completion.limit))
        return answer(request, {"items": [shape.suggestion(hit) for hit in hits], **_unheld(is_held)})


def _with_members(item: dict[str, Any], members: Sequence[str]) -> dict[str, Any]:
    return {name: item[name] for name in members}


def _unheld(is_held: bool) -> dict[str, bool]:
    """What an answer says beside its items where the ledger could not be asked for them."""
    return {} if is_held else {"unchecked": True}


def _absence_path(reader: Reader, index: Index, typed: str, filters: Filters, hits: Sequence[Hit]) -> str | None:
    """Where it is proven that the number typed is absent; None where not one register alone is meant."""
    if filters != Filters(register=filters.register):
        return None
    absent = absences(reader, index, typed, filters.register, hits)
    return absent[0].path if len(absent) == 1 else None


def _add_organization(router: APIRouter, reader: Reader) -> None:
    @router.get(
        "/organizations/{register}/{number}",
        operation_id="getOrganization",
        responses=gives(Organization, *COUNTED, *ACCOUNT, "no_state", "bad_date", "bad_time"),
        summary="One organization: now, as of a date, or as the registry knew it at a time",
        dependencies=[Depends(only("at", "known"))],
    )
    def organization(
        request: Request,
        register: Register,
        number: Number,
        at: At = None,
        known: Known = None,
    ) -> Response:
        date, known_ms = parse_date(at, "at"), parse_time(known, "known")
        account = _account(reader, register, number)
        record = holding(account.records, date, known_ms)
        if record is None:
            raise NotFound("no_state", "nothing is known of this organization as of then")
        shown = {"at": at or None, "known": known or None, "ledger": shape.ledger(account.head)}
        return answer(request, {**shape.organization(record, _subject(record), account), **shown})

    @router.get(
        "/organizations/{register}/{number}/history",
        operation_id="getHistory",
        responses=gives(OrganizationHistory, *COUNTED, *ACCOUNT),
        summary="Every state of an organization, in the order in which the registry logged them",
        dependencies=[Depends(only())],
    )
    def history(request: Request, register: Register, number: Number) -> Response:
        account = _account(reader, register, number)
        items = [shape.history_item(*row, account) for row in with_states(account.records)]
        return answer(request, _listed(account, register, number, items))

    @router.get(
        "/organizations/{register}/{number}/credentials",
        operation_id="listCredentials",
        responses=gives(CredentialList, *COUNTED, *ACCOUNT),
        summary="Every credential of an organization, and where its evidence is",
        dependencies=[Depends(only())],
    )
    def credentials(request: Request, register: Register, number: Number) -> Response:
        account = _account(reader, register, number)
        items = [shape.credential_item(record, account) for record in account.records]
        return answer(request, _listed(account, register, number, items))


def _listed(account: Account, register: str, number: str, items: list[dict[str, Any]]) -> dict[str, Any]:
    return {"register": register, "number": number, "items": items, "ledger": shape.ledger(account.head)}


def _add_relationships(router: APIRouter, reader: Reader, index: Index) -> None:
    @router.get(
        "/organizations/{register}/{number}/relationships",
        operation_id="listRelationships",
        responses=gives(RelationshipList, *COUNTED, *ACCOUNT, "bad_cursor", "bad_parameter", *SEARCHED),
        summary="Typed links to other organizations: those that it states, then those that others state of it",
        dependencies=[Depends(only("cursor", "limit"))],
    )
    def relationships(
        request: Request, register: Register, number: Number, cursor: Cursor = None, limit: Limit = 20
    ) -> Response:
        account = _account(reader, register, number)
        record = account.records[-1]
        question = f"relationships {register} {number}"
        own, org, place = (0, -1, -1) if not cursor else parse_cursor(question, cursor, 3)
        items: list[dict[str, Any]] = []
        places: list[tuple[int, int, int]] = []
        if own == 0:
            credential = shape.credential_path(register, number, record.n)
            for at, link in list(enumerate(_links(record)))[place + 1 :][: limit + 1]:
                target = named_document(reader, index, link.register, link.number)
                items.append(shape.outgoing_link(link, target, credential))
                places.append((0, -1, at))
            org, place = -1, -1
        missing = {}
        try:
            for incoming in index.incoming(register, number, (org, place), limit + 1 - len(items)):
                items.append(shape.incoming_link(incoming))
                places.append((1, *incoming.place))
        except (IndexOutdated, SearchAway):
            if own:  # a page of nothing else
                raise
            missing = {"complete": False}
        more = print_cursor(question, *places[limit - 1]) if len(items) > limit else None
        omitted = _subject(record).get("relationshipsOmitted", 0)
        about = {"omitted": omitted, "ledger": shape.ledger(account.head), **missing}
        return answer(request, {"items": items[:limit], "next": more, **about})


def _account(reader: Reader, register: str, number: str) -> Account:
    """What the ledger tells of an organization, in one snapshot. NotFound."""
    account = reader.account(register, number)
    if not account.records:
        raise NotFound("organization_unknown", "no such organization is registered here")
    return account


def _subject(record: Record) -> dict[str, Any]:
    if record.document is None:
        raise NotFound("body_missing", "what was registered is no longer in this store; its ledger entry is")
    subject: dict[str, Any] = record.document["credentialSubject"]
    return subject


def _links(record: Record) -> tuple[Link, ...]:
    state = from_subject(_subject(record))
    return tuple(
        Link(link.kind, link.register or state.register, link.number, link.name, link.since, link.until)
        for link in state.relationships
    )
