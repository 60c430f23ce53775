"""The verifier: evidence and trust in, a verdict with every named step out.

Pure; the same steps run in the browser (`search/web/static/verify/steps.js`).

    well_formed        strict JSON, members of their types, entry and tlog-proof re-print to the same bytes
    issuer_trusted     the issuer is trusted for that register, and for every type of the credential
    proof_valid        every proof holds by a key of the issuer, the @context is the pinned one, the closed schema fits
    in_validity        neither validFrom nor a proof lies in the future
    checkpoint_signed  one checkpoint, of the trusted origin, signed by a ledger key
    witnessed          the witness policy is met
    entry_matches      the entry commits to this credential and tells the same of it; so does the entry of the issuer's keys
    included           both entries are in the tree under that checkpoint
    not_revoked        every status list named is the issuer's, logged, included, and its bit is clear
    current            nothing newer supersedes it

A step that waits for one that did not pass is `not_reached`. A proof that the trust file requires and the evidence lacks is
`indeterminate`; what it does not require is `not_asked`, never a tick. Not checked is not valid.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, datetime
from functools import cached_property
from typing import Any

import schemas
from registry.credential import proof, status
from registry.credential.document import (
    canonicalize_ours,
    check_schema,
    credential_schema,
    issuer_of,
    listed_proofs,
    text_at,
)
from registry.credential.identity import Identity
from registry.encoding.moment import parse_utc
from registry.errors import Malformed, Untrue
from registry.keys import PublicKey
from registry.log import checkpoint, entry, map_log, map_tree
from registry.log.merkle import leaf_hash
from registry.verify import evidence, latest
from registry.verify.heads import check_map, check_witnessed
from registry.verify.later import Later, check_current, check_later, day_of, told_of
from registry.verify.proven_once import Signer, bits_of, check_commitment, check_included, check_newest, proven_list
from registry.verify.trust import Trust, context_digest
from registry.verify.verdict import (
    SKEW,
    Indeterminate,
    NotAsked,
    Step,
    Subject,
    Verdict,
    conclude,
    demand,
    is_reached,
    run_step,
    step_of,
    utc,
)

#: step -> the steps that it waits for, in the order of the verdict
WAITS = {
    "well_formed": (),
    "issuer_trusted": ("well_formed",),
    "proof_valid": ("well_formed", "issuer_trusted"),
    "in_validity": ("well_formed", "issuer_trusted"),
    "checkpoint_signed": ("well_formed",),
    "witnessed": ("well_formed", "checkpoint_signed"),
    "entry_matches": ("well_formed",),
    "included": ("well_formed", "entry_matches", "checkpoint_signed"),
    "not_revoked": ("well_formed", "proof_valid", "included"),
    "current": ("well_formed", "included"),
}
STEPS = tuple(WAITS)


def verify(data: bytes, trust: Trust, at: datetime, on: date | None = None) -> Verdict:
    """The verdict on an evidence file at the moment `at` (aware). Never raises for what the bytes hold.

    `on`: whether the state was in force on that day, instead of whether it is the newest.
    """
    try:
        return verify_parsed(evidence.parse(data), trust, at, on)
    except Malformed as error:
        return malformed(error.message, error.code, on)


def verify_parsed(file: evidence.Evidence, trust: Trust, at: datetime, on: date | None = None) -> Verdict:
    """The verdict on evidence that `evidence.parse` read."""
    check = _Check(file, file.credential.document, trust, at, on)
    done: dict[str, Step] = {}
    for name in STEPS:
        if is_reached(WAITS[name], done):
            done[name] = run_step(name, getattr(check, name))
    return conclude(done, check.as_of(), STEPS, check.subject(done))


def verify_unlogged(document: dict[str, Any], trust: Trust, at: datetime, entry_step: Step) -> Verdict:
    """The verdict on a credential for which there is no evidence; `entry_step` says what is known of its entry."""
    check = _Check(None, document, trust, at)
    done = {"well_formed": Step("well_formed", "passed")}
    for name in ("issuer_trusted", "proof_valid", "in_validity"):
        if is_reached(WAITS[name], done):
            done[name] = run_step(name, getattr(check, name))
    return conclude({**done, "entry_matches": entry_step}, None, STEPS)


def malformed(reason: str, code: str, on: date | None = None) -> Verdict:
    """The verdict on what could not be read; `code`: of the error that says why."""
    done = {"well_formed": step_of("well_formed", "failed", reason, code)}
    return conclude(done, None, STEPS, Subject(on=_day(on)))


class _Check:
    """The steps over one credential and its evidence, each a method of its name."""

    def __init__(
        self,
        file: evidence.Evidence | None,
        document: dict[str, Any],
        trust: Trust,
        at: datetime,
        on: date | None = None,
    ) -> None:
        self._file, self.document, self.trust, self.at, self.on = file, document, trust, at, on
        #: whether the map's proof held, so that the evidence tells what was newest under its checkpoint
        self.is_map_held = False
        self.issuer = issuer_of(document)
        self.register = text_at(self.document, "credentialSubject", "register") or ""
        self.number = text_at(self.document, "credentialSubject", "registrationNumber") or ""
        self.root = b""
        self.size = 0
        self.list_time: str | None = None
        self._cosigned_at = 0
        #: the JCS of the document without its proof, once its proofs held
        self._statement: bytes | None = None

    @property
    def file(self) -> evidence.Evidence:
        """The evidence; steps of the ledger run only where there is some."""
        assert self._file is not None
        return self._file

    def well_formed(self) -> None:
        """Parsing has shown it."""

    def issuer_trusted(self) -> None:
        issuer = self.trust.issuers.get(self.issuer or "")
        demand(issuer is not None, "the issuer is not in the trust file")
        assert issuer is not None
        demand(self.register in issuer.registers, "the issuer is not trusted for that register")
        named = self.document.get("type")
        types = [name for name in named if name != "VerifiableCredential"] if isinstance(named, list) else []
        is_trusted = bool(types) and all(isinstance(name, str) and name in issuer.types for name in types)
        demand(is_trusted, "the issuer is not trusted for that type")

    def proof_valid(self) -> None:
        url = self.trust.organization_context
        pinned = self.trust.contexts.get(schemas.CREDENTIALS_V2) == context_digest("credentials/v2")
        demand(url is not None and pinned, "the trust file does not pin the contexts known here")
        assert url is not None
        demand(self.trust.pins(self.document.get("@context")), "the @context is not the pinned one")
        self._statement = proof.check(self.document, self._key("credential"), canonicalize_ours(url)).jcs
        schema = credential_schema(self.document)
        check_schema(schema, self.document)
        identity = Identity(url.removesuffix("/contexts/organization/v1"), self.trust.origin)
        demand(
            self.document["credentialSchema"]["id"] == identity.schema_url(schema),
            "credentialSchema is not this installation's",
        )
        subject = identity.organization_id(self.register, self.number)
        demand(self.document["credentialSubject"]["id"] == subject, "the subject's id is not of that number")
        named = identity.parse_credential_id(str(self.document["id"]))
        demand(
            named is not None and (named.register, named.number) == (self.register, self.number),
            "the credential's id is not of that number",
        )

    def in_validity(self) -> None:
        times = [text_at(self.document, "validFrom")]
        times += [text_at(candidate, "created") for candidate in listed_proofs(self.document)]
        for text in times:
            try:
                moment = parse_utc(text or "")
            except Malformed:
                raise Untrue("step", "validFrom or created is not a UTC time") from None
            demand(moment - self.at <= SKEW, "validFrom or created lies in the future")

    def checkpoint_signed(self) -> None:
        texts = {logged.proof.checkpoint for logged in self.file.logged}
        demand(len(texts) == 1, "the evidence carries different checkpoints")
        demand(self.file.origin == self.trust.origin, "the origin is not the trusted one")
        head = checkpoint.check(texts.pop(), self.trust.ledger_keys)
        demand(head.origin == self.trust.origin, "the checkpoint is of another origin")
        self.root, self.size = head.root, head.size

    def witnessed(self) -> None:
        if self.trust.policy.is_none:
            raise NotAsked("the trust file asks no witness")
        self._cosigned_at = check_witnessed(self.file.credential.proof.checkpoint, self.trust.policy, self.at)

    def entry_matches(self) -> None:
        logged, own_entry = self.file.credential, self.file.credential.entry
        check_commitment(logged, self._statement)
        demand(own_entry.kind in entry.CREDENTIAL_KINDS, "the entry is not of a credential")
        org = f"{self.register}:{self.number}"
        if self.file.org_salt is not None:
            org = entry.pseudonym(self.file.org_salt, self.register, self.number)
        demand(own_entry.org == org, "the entry speaks of another organization")
        demand(own_entry.issuer == self.issuer, "the entry names another issuer")
        demand(own_entry.type == text_at(self.document, "type", 1), "the entry names another type")
        effective = text_at(self.document, "credentialSubject", "registrationEvent", "eventDate")
        demand(own_entry.effective == effective, "the entry names another effective date")
        self._issuer_keys_match()

    def _issuer_keys_match(self) -> None:
        keys = self.file.issuer_keys
        check_commitment(keys)
        demand(keys.entry.kind == "key", "issuerKeys is not under a key entry")
        demand(keys.entry.issuer == self.issuer, "issuerKeys are of another issuer")
        self._check_listed(self.document)

    def _check_listed(self, document: dict[str, Any]) -> None:
        """Each verification method of the document's proofs stands in issuerKeys with the key that the trust file gives."""
        self._signer.check_listed(document)

    @cached_property
    def _signer(self) -> Signer:
        issuer = self.trust.issuers.get(self.issuer or "")
        methods = self.file.issuer_keys.document.get("verificationMethod")
        listed = methods if isinstance(methods, list) else []
        return Signer(
            did=self.issuer,
            keys=tuple(issuer.keys.values()) if issuer else (),
            listed=tuple((text_at(method, "id"), text_at(method, "publicKeyMultibase")) for method in listed),
            context=self.trust.organization_context or "",
        )

    def included(self) -> None:
        for logged in (self.file.credential, self.file.issuer_keys):
            check_included(logged, self.size, self.root)

    def not_revoked(self) -> None:
        for named in status.named_by(self.document):
            purpose = named["statusPurpose"]
            bits = self._list_bits(self._list_for(purpose), named["statusListCredential"], purpose)
            index = int(named["statusListIndex"])
            demand(index < len(bits) * 8, "statusListIndex is beyond the list")
            demand(not status.is_set(bits, index), status.SET[purpose])

    def _list_bits(self, logged: evidence.Logged, url: str, purpose: str) -> bytes:
        encoded = proven_list(logged, url, purpose, self._signer, self.size, self.root)
        if self.list_time is None:
            self.list_time = utc(logged.entry.time // 1000)
        return bits_of(encoded)

    def current(self) -> None:
        file, shown = self.file, self.file.latest
        if not self.trust.require_current and file.later is None and not file.is_cut:
            if self.on is not None:
                raise Indeterminate("nothing in the evidence tells what came later")
            raise NotAsked("the trust file does not ask for it")
        if shown is None:
            raise Indeterminate("the evidence carries no proof that it is the latest")
        head = checkpoint.Checkpoint(self.trust.origin, self.size, self.root)
        check_map(shown.map_root, shown.proof, head, self.trust, self.at)
        root = shown.map_root.root
        for named in status.named_by(self.document):
            purpose, list_id = text_at(named, "statusPurpose"), text_at(named, "statusListCredential")
            demand(purpose in latest.LISTS and list_id is not None, "credentialStatus is not of its form")
            assert purpose is not None
            newest, key = shown.newest.get(latest.LISTS[purpose]), map_log.list_key(list_id or "")
            _check_newest(f"the {purpose} list", newest, root, key, self._list_for(purpose))
        later = self._later(shown.newest.get(latest.ORGANIZATION), root)
        self.is_map_held = True
        check_current(file.credential.entry, later, self.on, self.as_of() or "")

    def _later(self, newest: latest.Newest | None, root: bytes) -> list[entry.Entry]:
        """The later entries of the organization, all of them, as the map of that root proves."""
        file = self.file
        logged, key = file.credential, map_log.organization_key(file.credential.entry.org or "")
        if file.later is None:
            if file.is_cut and newest is not None:
                newest.check(root, key)
                raise Indeterminate("more entries came later than the evidence carries")
            _check_newest("the credential", newest, root, key, logged)
            return []
        if newest is None:
            raise Indeterminate("the evidence carries no proof that the credential is the latest")
        is_own = (newest.index, newest.leaf) == (logged.entry.index, leaf_hash(logged.entry_bytes))
        demand(is_own and newest.n is not None, "latest is not of this entry")
        own = Later(logged.entry, logged.entry_bytes)
        value = check_later(own, file.later, newest.n or 0, newest.before, self.size)
        map_tree.check_present(root, key, value, newest.path)
        return [each.entry for each in file.later]

    def subject(self, done: Mapping[str, Step]) -> Subject:
        """Of whom the verdict speaks, as far as that was shown."""
        subject = Subject(on=_day(self.on))
        shown = [name in done and done[name].result == "passed" for name in ("proof_valid", "entry_matches")]
        if self._file is None or not all(shown):
            return subject
        claims = self.document["credentialSubject"]
        own, later = self.file.credential.entry, [each.entry for each in self.file.later or ()]
        organization = {
            "register": self.register,
            "number": self.number,
            "name": text_at(claims, "legalName"),
            "status": text_at(claims, "registrationStatus"),
            "since": text_at(claims, "statusFrom") or day_of(own),
            **_permit_of(claims),
        }
        subject = replace(subject, organization=organization)
        return replace(subject, **told_of(own, later if self.is_map_held else (), subject))

    def _list_for(self, purpose: str) -> evidence.Logged:
        logged = self.file.status_list if purpose == status.REVOCATION else self.file.suspension_list
        demand(logged is not None, f"the {purpose} list is missing")
        assert logged is not None
        return logged

    def as_of(self) -> str | None:
        """When all of it was so: the newest cosignature, or where no witness is asked the newest entry that is proven.

        Without the map, or where a witness is asked and none counted: when the first list that was proven was so.
        """
        if self.is_map_held and self._cosigned_at:
            return utc(self._cosigned_at)
        if self.is_map_held and self.trust.policy.is_none:
            entries = [*(logged.entry for logged in self.file.logged), *(each.entry for each in self.file.later or ())]
            return utc(max(entry.time for entry in entries) // 1000)
        return self.list_time

    def _key(self, use: str) -> Callable[[str], PublicKey | None]:
        issuer = self.trust.issuers[self.issuer or ""]

        def public(method: str) -> PublicKey | None:
            key = issuer.keys.get(method)
            return key.public if key is not None and key.use == use else None

        return public


def _permit_of(claims: dict[str, Any]) -> dict[str, Any]:
    """What is said besides where it is a permit: of what kind, in what state, from when until when, and who holds it."""
    if claims["type"] != "Permit":
        return {}
    (link,) = claims["relationships"]
    register = link["relatedOrganization"].split("/")[-2]
    holder = {"register": register, "number": link["relatedNumber"], "name": link["relatedName"]}
    days = {"from": claims["permitFrom"], "until": text_at(claims, "permitUntil")}
    return {"permit": {"kind": claims["entityType"], "status": claims["registerStatus"], **days, "holder": holder}}


def _day(on: date | None) -> str | None:
    return None if on is None else on.isoformat()


def _check_newest(what: str, newest: latest.Newest | None, root: bytes, key: bytes, logged: evidence.Logged) -> None:
    """The map of that root tells this very entry as the newest under the key."""
    if newest is None:
        raise Indeterminate(f"the evidence carries no proof that {what} is the latest")
    check_newest(newest, root, key)
    demand(newest.index <= logged.entry.index, f"{what} is not the latest: entry {newest.index} stands after it")
    is_same = (newest.index, newest.leaf) == (logged.entry.index, leaf_hash(logged.entry_bytes))
    demand(is_same, f"{what} is not what the map tells as the newest")
