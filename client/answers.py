"""What the client gives: the site's word, or what evidence states.

Search and match are the site's word; an organization is as its evidence states it.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from client.errors import BadAnswer
from registry.encoding import base64std
from registry.encoding.moment import parse_utc
from registry.errors import Malformed
from registry.log.entry import Entry
from registry.verify.completeness import CompletenessVerdict
from registry.verify.verdict import Verdict


@dataclass(frozen=True, slots=True)
class Hit:
    """An organization that the site names: its word, to be asked for by number. `matched`: the name that matched."""

    register: str
    number: str
    name: str | None
    status: str | None
    matched: str | None
    why: str | None


@dataclass(frozen=True, slots=True)
class Results:
    """A page of hits. `total`: how many there are in all, `exact` or at least; `next`: the cursor of the next page, or None."""

    hits: tuple[Hit, ...]
    total: int
    exact: bool
    next: str | None


@dataclass(frozen=True, slots=True)
class Candidate:
    """Whom a row may mean. `score`: 0 to 1; `match`: whether the site's measured rule says that it is sure."""

    hit: Hit
    score: float
    match: bool


@dataclass(frozen=True, slots=True)
class Organization:
    """An organization by its evidence. `claims`: the credential's subject; `evidence`: the file, to be stored with it.

    `verdict`: None where the caller did without verification.
    """

    register: str
    number: str
    name: str | None
    status: str | None
    claims: Mapping[str, Any]
    evidence: bytes
    verdict: Verdict | None

    @property
    def as_of(self) -> datetime | None:
        """The time that the evidence tells of; None where it tells none, or was not verified."""
        return None if self.verdict is None or self.verdict.as_of is None else parse_utc(self.verdict.as_of)


@dataclass(frozen=True, slots=True)
class History:
    """All entries of the ledger under a number, or none: proven here. `evidence`: the file, to be stored with it.

    What is absent is absent under the plain number: the entries of a natural person stand under a pseudonym.
    """

    register: str
    number: str
    entries: tuple[Entry, ...]
    evidence: bytes
    verdict: CompletenessVerdict

    @property
    def is_absent(self) -> bool:
        """Whether nothing was ever logged under that number."""
        return not self.entries


def parse_results(data: bytes) -> Results:
    """The answer of `/api/v1/organizations`. BadAnswer."""
    answer = parse_answer(data)
    total = _member(answer, "total", dict)
    hits = tuple(_hit(item) for item in _objects(answer, "items"))
    return Results(hits, _member(total, "value", int), _member(total, "exact", bool), _optional(answer, "next"))


def parse_candidates(data: bytes, count: int) -> list[tuple[Candidate, ...]]:
    """The answer of `/api/v1/match` to that many queries, in their order. BadAnswer."""
    results = _objects(parse_answer(data), "results")
    if len(results) != count:
        raise BadAnswer("the site answered another number of rows than were asked")
    return [tuple(_candidate(item) for item in _objects(result, "items")) for result in results]


def parse_answer(data: bytes) -> dict[str, Any]:
    """The JSON object of a body. BadAnswer."""
    try:
        answer = json.loads(data)
    except (ValueError, RecursionError):
        raise BadAnswer("the answer is not JSON") from None
    if not isinstance(answer, dict):
        raise BadAnswer("the answer is not an object")
    return answer


def parse_proof(data: bytes) -> list[bytes]:
    """The hashes of a proof. BadAnswer."""
    texts = _member(parse_answer(data), "hashes", list)
    try:
        return [base64std.decode(text, "a hash") for text in texts]
    except Malformed as error:
        raise BadAnswer(error.message) from None


def parse_place(data: bytes) -> int:
    """Which of its credentials an organization's answer speaks of, from 1. BadAnswer."""
    place: int = _member(parse_answer(data), "n", int)
    if place < 1:
        raise BadAnswer("n of the answer is no number of a credential")
    return place


def _hit(item: dict[str, Any]) -> Hit:
    matched = _member(item, "matched", dict)
    register, number = _member(item, "register", str), _member(item, "number", str)
    named = [_optional(item, "name"), _optional(item, "status"), _optional(matched, "name"), _optional(matched, "why")]
    return Hit(register, number, *named)


def _candidate(item: dict[str, Any]) -> Candidate:
    score = item.get("score")
    if isinstance(score, bool) or not isinstance(score, int | float):
        raise BadAnswer("score of the answer is missing or of another type")
    return Candidate(_hit(item), float(score), _member(item, "match", bool))


def _objects(members: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    values: list[dict[str, Any]] = _member(members, name, list)
    if not all(isinstance(value, dict) for value in values):
        raise BadAnswer(f"{name} of the answer holds something else than objects")
    return values


def _member(members: Mapping[str, Any], name: str, kind: type[Any]) -> Any:
    value = members.get(name)
    if type(value) is not kind:
        raise BadAnswer(f"{name} of the answer is missing or of another type")
    return value


def _optional(members: Mapping[str, Any], name: str) -> str | None:
    value = members.get(name)
    if value is not None and not isinstance(value, str):
        raise BadAnswer(f"{name} of the answer is of another type")
    return value
