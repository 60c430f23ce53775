"""The client that waits for its answers.

What search and match give is the site's word: ids to ask for. What an organization is, is taken from evidence that
`registry/verify/steps` has judged here, against the caller's trust file. `concurrent` has the same for asyncio.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import quote

from client.answers import Candidate, History, Organization, Results, parse_candidates, parse_place, parse_results
from client.connection import PATIENCE, SECONDS, Connection
from client.errors import BadAnswer, Misused, NotVerified, TooOld
from client.following import Growth, follow
from client.trust import Trust
from registry.credential.document import text_at
from registry.encoding.moment import parse_utc
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

    def __init__(
        self,
        base: str,
        trust: Trust,
        *,
        key: str | None = None,
        max_age: timedelta | None = None,
        seconds: float = SECONDS,
        patience: float = PATIENCE,
    ) -> None:
        """`base`: the site's URL; `trust`: the caller's own; `key`: an access key, for a larger quota.

        `max_age`: how long ago the time may be that evidence tells of (`as_of`), else TooOld. None, as it is unless it is said:
        any, and the caller looks at `as_of`. Where no witness is asked that time moves with new entries alone, so that honest
        evidence of a quiet register is old. `seconds`: for each answer; `patience`: how many seconds a call waits in all where
        the site asks to come later (429, 503). Misused: no https URL, or no key.
        """
        if not isinstance(trust, Trust):
            raise Misused("the trust file is given as a Trust: Trust.read(path) or Trust.fetch(base, fingerprint=...)")
        self._trust, self._max_age = trust.parsed, max_age
        self._connection = Connection(base, seconds, key=key, patience=patience)

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
        superseded; TooOld. `verify=False`: what came, whatever it is. Unreachable, BadAnswer, Problem.
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

    def history(self, register: str, number: str) -> History:
        """Every entry of the ledger under a number, or the proof that there is none, verified here.

        `number`: as its register writes it. NotVerified: the file does not hold, or is of another number; TooOld. Unreachable,
        BadAnswer, Problem.
        """
        query = {"register": register, "number": number}
        data = self._connection.get("/api/v1/proof/organization", query, completeness.MAX_BYTES)
        verdict = completeness.verify_completeness(data, self._trust, datetime.now(UTC))
        self._demand_verified(verdict)
        if verdict.file is None or (verdict.file.register, verdict.file.number) != (register, number):
            raise NotVerified(verdict, "the proof is good, and of another number than was asked for")
        return History(register, number, tuple(listed.entry for listed in verdict.file.entries), data, verdict)

    def follow(self, known: str | None = None) -> Growth:
        """What the ledger grew by since a checkpoint that the caller has stored; None: since it began.

        The new checkpoint is signed, witnessed as the trust file asks, and shown to continue the known one; so is each entry
        before it is given. NotProven; Forked: keep both checkpoints; Behind. Misused: `known` is no checkpoint of the ledger.
        """
        return follow(self._connection, self._trust, known, datetime.now(UTC))

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

    def _demand_verified(self, verdict: Verdict | CompletenessVerdict) -> None:
        if verdict.verdict != "verified":
            reasons = [
                f"{step.name}: {step.reason}" for step in verdict.steps if step.result in ("failed", "indeterminate")
            ]
            raise NotVerified(verdict, "; ".join([verdict.verdict, *reasons]))
        if self._max_age is not None and (
            verdict.as_of is None or datetime.now(UTC) - parse_utc(verdict.as_of) > self._max_age
        ):
            raise TooOld(verdict, f"it tells of {verdict.as_of or 'no time'}, which is too long ago")

    def _demand(self, verdict: Verdict, register: str, number: str) -> None:
        self._demand_verified(verdict)
        organization: Mapping[str, Any] = verdict.subject.organization or {}
        if (organization.get("register"), organization.get("number")) != (register, number):
            raise NotVerified(verdict, "the evidence is good, and of another organization than was asked for")
