"""What a page shows of an organization's relationships: its own claims, then others'.

A link of its own keeps its place in the credential, so that the page can be checked word for word. Names that the index
knows stand beside it unsigned. What others state is found by the index and shown as their entries in the ledger have it; permits
that it holds stand by themselves. Where no index answers, the names come from the ledger, and what others state is left out.
Layout is left to templates.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from registry.reading.record import Account
from schemas import PERMIT, credential_type
from schemas.organization import State
from search.errors import BadCursor, IndexOutdated, SearchAway
from search.question.cursor import parse_cursor, print_cursor
from search.question.document import INVERSE, Document, Link
from search.question.index import Incoming, Index
from search.views.from_store import OrganizationReader, document_of
from search.views.held_hits import SubjectReader, held_documents
from search.views.standing import SUCCESSORS

PAGE_SIZE = 20


class LinkReader(OrganizationReader, SubjectReader, Protocol):
    """What `registry.reading.reader.Reader` tells of an organization and of those that name it."""


class AccountReader(Protocol):
    """What it tells of one organization, and of the standing of its credentials."""

    def account(self, register: str, number: str) -> Account: ...


@dataclass(frozen=True, slots=True)
class Related:
    """One link, told from this organization's side. `register`: of the other side.

    `claim`: its place among the signed relationships, None where another organization's credential states it. `signed_name`
    stands in the credential, `name` is what the index calls that organization now. `known`: it has a page here.
    `status`: the register's own status of a permit, None of anything else; `is_stated_too`: by the other side as well.
    """

    claim: int | None
    kind: str
    register: str
    number: str | None
    signed_name: str | None
    name: str | None
    known: bool
    since: str | None
    until: str | None
    status: str | None = None
    is_stated_too: bool = False


@dataclass(frozen=True, slots=True)
class RelationshipsView:
    """At most `PAGE_SIZE` links; `next`: cursor of the page after, or empty; `complete`: false where no index answered.

    `permits`: what others state that it holds; `omitted`: how many of its links its own credential leaves to the others.
    """

    own: tuple[Related, ...]
    others: tuple[Related, ...]
    next: str
    complete: bool
    permits: tuple[Related, ...] = ()
    omitted: int = 0


def relationships_view(state: State, reader: LinkReader, index: Index, cursor: str = "") -> RelationshipsView:
    """The page at `cursor` (empty: the first). BadCursor."""
    question = f"relationships of {state.register} {state.number} on pages"
    place, org, link = parse_cursor(question, cursor, 3) if cursor else (0, -1, -1)
    if not 0 <= place <= len(state.relationships):
        raise BadCursor
    own, omitted = _own(state, reader, index, place), state.relationships_omitted or 0
    room = PAGE_SIZE - len(own)
    try:
        incoming = index.incoming(state.register, state.number, (org, link), room + 1)
    except (IndexOutdated, SearchAway):
        done = place + len(own)
        more = "" if done == len(state.relationships) else print_cursor(question, done, org, link)
        return RelationshipsView(own, (), more, complete=False, omitted=omitted)
    stated = _stated_by_others(incoming[:room], reader)
    here = {(link.kind, link.register, link.number) for link in own}
    both = {key for link in stated if (key := (link.kind, link.register, link.number)) in here}
    own = tuple(replace(link, is_stated_too=(link.kind, link.register, link.number) in both) for link in own)
    others = tuple(
        link for link in stated if link.status is None and (link.kind, link.register, link.number) not in both
    )
    permits = tuple(link for link in stated if link.status is not None)
    done = place + len(own)
    if done == len(state.relationships) and len(incoming) <= room:
        return RelationshipsView(own, others, "", complete=True, permits=permits, omitted=omitted)
    last = incoming[room - 1].place if room else (org, link)
    return RelationshipsView(own, others, print_cursor(question, done, *last), True, permits, omitted)


def successor(state: State, view: RelationshipsView, reader: AccountReader) -> Related | None:
    """Who states in a credential of its own, of the same register and in good standing, that it came out of this organization.

    The first on the page; None where there is none, or where this organization has not ended.
    """
    if state.status != "Historical":
        return None
    claims = (link for link in view.others if link.kind in SUCCESSORS and link.name and link.register == state.register)
    return next((link for link in claims if _is_in_good_standing(link, reader)), None)


def _is_in_good_standing(link: Related, reader: AccountReader) -> bool:
    account = reader.account(link.register, link.number or "")
    return bool(account.records) and account.records[-1].index not in account.standings


def _own(state: State, reader: OrganizationReader, index: Index, start: int) -> tuple[Related, ...]:
    made = []
    for at, link in enumerate(state.relationships[start : start + PAGE_SIZE], start):
        register = link.register or state.register
        target = named_document(reader, index, register, link.number)
        name = target.name if target is not None else None
        about = (link.kind, register, link.number, link.name, name)
        made.append(Related(at, *about, target is not None, link.since, link.until))
    return tuple(made)


def named_document(reader: OrganizationReader, index: Index, register: str, number: str | None) -> Document | None:
    """The organization that a link names, as the index has it; where none answers, as the ledger does."""
    if number is None:
        return None
    try:
        return index.get(register, number)
    except (IndexOutdated, SearchAway):
        return document_of(reader, register, number)


def _stated_by_others(incoming: Sequence[Incoming], reader: SubjectReader) -> list[Related]:
    """What their entries in the ledger state of them; what these do not state is left out."""
    sources = held_documents(reader, [stated.source for stated in incoming])
    return [
        _stated(stated.link, source)
        for stated, source in zip(incoming, sources, strict=True)
        if source is not None and stated.link in source.links
    ]


def _stated(link: Link, source: Document) -> Related:
    kind = INVERSE.get(link.kind, link.kind)
    is_permit = credential_type(source.register) == PERMIT
    about = (kind, source.register, source.number, None, source.name)
    return Related(None, *about, True, link.since, link.until, source.register_status or "" if is_permit else None)
