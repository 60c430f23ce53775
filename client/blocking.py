"""The client that waits for its answers.

What search and match give is the site's word: ids to ask for. What an organization is, is taken from evidence that
`registry/verify/steps` has judged here, against the caller's trust file. `concurrent` has the same for asyncio.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import quote

from client.answers import Candidate, Organization, Results, parse_candidates, parse_place, parse_results
from client.connection import SECONDS, Connection
from client.errors import BadAnswer, Misused, NotVerified
from client.trust import Trust
from registry.credential.document import text_at
from registry.errors import Malformed
from registry.verify import completeness, evidence, steps
from registry.verify.completeness import CompletenessVerdict
from registry.verify.evidence import MAX_BYTES
from registry.verify.verdict import Verdict

#: an answer to so many rows is far below what may come at once
_ROWS = 200
_SUBJECT = "credentialSubject"


class Client:
    """A registry's site and whom to believe. Holds no connection open; safe to use from several threads."""

    def __init__(self, base: str, trust: Trust, *, seconds: float = SECONDS) -> None:
        """`base`: the site's URL; `trust`: the caller's own; `seconds`: for each answer. Misused: no https URL."""
        if not isinstance(trust, Trust):
            raise Misused("the trust file is given as a Trust: Trust.read(path) or Trust.fetch(base, fingerprint=...)")
        self._trust, self._connection = trust.parsed, Connection(base, seconds)

    def search(self, q: str, *, limit: int = 20, cursor: str | None = None, **filters: str) -> Results:
        """Organizations by number or name: the site's word. `filters`: as in the API, `register="bc"`, `status="Active"`.

        Unreachable, BadAnswer, Problem.
        """
        query = {"q": q, "limit": str(limit), "facets": "0", **filters}
        return parse_results(
            self._connection.get("/api/v1/organizations", query | ({"cursor": cursor} if cursor else {}))
        )

    def match(self, rows: Iterable[str | Mapping[str, str]]) -> list[tuple[Candidate, ...]]:
        """Whose names or numbers these are, at most five candidates each, in order: the site's word.

        A row is a text, or an object with `name`, `number`, `register`, `at`. As `search`.
        """
        queries = [{"name": row} if isinstance(row, str) else dict(row) for row in rows]
        candidates: list[tuple[Candidate, ...]] = []
        for start in range(0, len(queries), _ROWS):
            portion = queries[start : start + _ROWS]
            candidates += parse_candidates(self._connection.post("/api/v1/match", {"queries": portion}), len(portion))
        return candidates

    def organization(self, register: str, number: str, at: date | None = None, *, verify: bool = True) -> Organization:
        """An organization now, or as it was in force on a day, by evidence that was verified here.

        NotVerified, with the verdict, where the evidence does not hold, is of somebody else, or of a state that was
        superseded. `verify=False`: what came, whatever it is. Unreachable, BadAnswer, Problem.
        """
        data = self._fetched(register, number, at)
        verdict = None
        if verify:
            verdict = self._judged(data, at)
            self._demand(verdict, register, number)
        try:
            document = evidence.parse(data).credential.document
        except Malformed as error:
            raise BadAnswer(f"no evidence came: {error.message}") from None
        claims = document.get(_SUBJECT)
        return Organization(
            text_at(document, _SUBJECT, "register") or register,
            text_at(document, _SUBJECT, "registrationNumber") or number,
            text_at(document, _SUBJECT, "legalName"),
            text_at(document, _SUBJECT, "registrationStatus"),
            claims if isinstance(claims, dict) else {},
            data,
            verdict,
        )

    def evidence(self, register: str, number: str, at: date | None = None, *, verify: bool = True) -> bytes:
        """The evidence file of an organization, verified here, for whoever shall verify it again. As `organization`."""
        data = self._fetched(register, number, at)
        if verify:
            self._demand(self._judged(data, at), register, number)
        return data

    def verify(self, data: bytes, on: date | None = None) -> Verdict | CompletenessVerdict:
        """The verdict on an evidence file or a completeness file, without any network.

        `on`: whether the state was in force on that day. Misused: neither of them, so that there is nothing to judge.
        """
        try:
            evidence.check_is_evidence(data)
        except Malformed as error:
            raise Misused(error.message) from None
        if completeness.is_one(data):
            return completeness.verify_completeness(data, self._trust, datetime.now(UTC))
        return self._judged(data, on)

    def _judged(self, data: bytes, on: date | None) -> Verdict:
        return steps.verify(data, self._trust, datetime.now(UTC), on)

    def _fetched(self, register: str, number: str, at: date | None) -> bytes:
        """The evidence of the state that the site says is meant."""
        place = f"{quote(register, safe='')}/{quote(number, safe='')}"
        query = {} if at is None else {"at": at.isoformat()}
        n = parse_place(self._connection.get(f"/api/v1/organizations/{place}", query))
        return self._connection.get(f"/credentials/{place}/{n}/evidence", most=MAX_BYTES)

    @staticmethod
    def _demand(verdict: Verdict, register: str, number: str) -> None:
        if verdict.verdict != "verified":
            reasons = [
                f"{step.name}: {step.reason}" for step in verdict.steps if step.result in ("failed", "indeterminate")
            ]
            raise NotVerified(verdict, "; ".join([verdict.verdict, *reasons]))
        organization: Mapping[str, Any] = verdict.subject.organization or {}
        if (organization.get("register"), organization.get("number")) != (register, number):
            raise NotVerified(verdict, "the evidence is good, and of another organization than was asked for")
