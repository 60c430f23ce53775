"""Rows about credentials: issuing and verifying, beside other people's libraries.

All on the same ones. Every rate is one per second of CPU time. Called by `bench.py`.
"""

import json
import shutil
import subprocess
from base64 import urlsafe_b64encode
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
from bench_rows import leave_out, rates_over, say
from pyld import jsonld

import schemas
from registry.credential import proof, status
from registry.credential.document import canonicalize_ours, check_schema
from registry.encoding.jcs import jcs
from registry.encoding.remembered import forget
from registry.installation.office import Office
from registry.keys import PublicKey, SigningKey
from registry.ledger import admission, ledger
from registry.reading.record import Record
from registry.verify import steps
from registry.verify.trust import parse

NPM = Path(__file__).parent.parent / "tests" / "interop" / "npm"
SUITES = ("eddsa-jcs-2022", "eddsa-rdfc-2022")
COUNT = 200
CREATED = "2026-01-02T03:04:05Z"
UNIT = "1/s per core"
DRAFTED = "draft to both proofs"
Json = dict[str, Any]


class Credentials:
    """Issued credentials of one office. `documents`: what a verifier needs besides, by URL."""

    def __init__(self, office: Office) -> None:
        issued = [record for record in office.reader.records(0, office.reader.size()) if record.document and record.n]
        records = list(
            {record.number: record for record in issued}.values()
        )  # the newest of each organization: the others are superseded
        self.office, self.records = office, records[:: max(1, len(records) // COUNT)][:COUNT]
        self.documents = [record.document for record in self.records if record.document is not None]
        self.drafts = [{name: document[name] for name in document if name != "proof"} for document in self.documents]
        self.did = self.documents[0]["issuer"]["id"]
        self.context_url = office.identity.context_url
        self.contexts = {
            schemas.CREDENTIALS_V2: schemas.context_document("credentials/v2"),
            self.context_url: schemas.context_document("organization/v1"),
        }
        self.trust = parse(jcs(office.reader.trust()))
        self.method = self.documents[0]["proof"][0]["verificationMethod"]
        self.key: PublicKey = self.trust.issuers[self.did].keys[self.method].public
        register = str(self.records[0].register)
        self.others = {self.did: office.reader.issuer_document(register)}
        for named in status.named_by(self.documents[0]):
            list_id = named["statusListCredential"]
            self.others[list_id] = office.reader.status_list(list_id.split("/status/")[1])

    def with_one_proof(self, suite: str) -> list[Json]:
        """The single-proof form."""
        return [
            {**document, "proof": [p for p in document["proof"] if p["cryptosuite"] == suite]}
            for document in self.documents
        ]


def say_credentials(office: Office) -> None:
    """Every row."""
    credentials = Credentials(office)
    theirs = _digital_bazaar(credentials)
    _say_issuing(credentials, theirs)
    _say_verifying(credentials, theirs)


def _say_issuing(credentials: Credentials, theirs: Json | None) -> None:
    signer, canonicalize = SigningKey(bytes(32)), canonicalize_ours(credentials.context_url)
    keys = {credentials.method: signer.public}
    sign = proof.Stamp(signer, credentials.method, CREATED, canonicalize).sign

    def sign_and_admit(draft: Json) -> None:
        data = orjson.dumps(sign(draft))
        ledger._admitted(admission.Admission(admission.Statement("issue"), data, bytes(32)), keys, canonicalize)

    def with_pyld(document: Json, _digest: str = "") -> bytes:
        options = {"algorithm": "URDNA2015", "format": "application/n-quads", "documentLoader": load}
        return jsonld.normalize(document, options).encode()

    def load(url: str, _options: Json) -> Json:
        return {
            "contextUrl": None,
            "documentUrl": url,
            "document": credentials.contexts[url],
            "contentType": "application/ld+json",
        }

    def sign_with_pyld(draft: Json) -> Json:
        return proof.sign(draft, signer, credentials.method, CREATED, with_pyld)

    assert sign_with_pyld(credentials.drafts[0]) == sign(credentials.drafts[0])
    slow, fast, admitted = rates_over(credentials.drafts, sign_with_pyld, sign, sign_and_admit, seconds=3)
    say(f"{DRAFTED}, canonicalized by PyLD", slow, UNIT, f"{DRAFTED}, canonicalized by PyLD")
    say(DRAFTED, fast, UNIT, f"{DRAFTED}, canonicalized by PyLD")
    say(f"{DRAFTED}, and the check on admission", admitted, UNIT, f"{DRAFTED}, canonicalized by PyLD")
    if theirs is not None:
        npm = f"{DRAFTED}, Digital Bazaar (npm)"
        say(npm, theirs["issue"], UNIT, f"{DRAFTED}, canonicalized by PyLD")
        say(f"{DRAFTED}, beside npm", fast, UNIT, npm)
        say(f"{DRAFTED}, and the check on admission, beside npm", admitted, UNIT, npm)


def _say_verifying(credentials: Credentials, theirs: Json | None) -> None:
    canonicalize = canonicalize_ours(credentials.context_url)

    def check(document: Json) -> None:
        proof.check(document, {credentials.method: credentials.key}.get, canonicalize)

    def check_all(document: Json) -> None:
        check(document)
        check_schema("organization/v1", document)

    evidence = [_evidence(credentials, record) for record in credentials.records]
    at = datetime.now(UTC)
    assert steps.verify(evidence[0], credentials.trust, at).verdict == "verified"
    both = "verify both proofs"
    rates = rates_over(credentials.documents, check, check_all, seconds=1.5)
    say(both, rates[0], UNIT, both)
    say(f"{both}, and the closed schema", rates[1], UNIT, both)

    def verify(document: bytes) -> None:
        steps.verify(document, credentials.trust, at)

    def verify_anew(document: bytes) -> None:
        forget()
        verify(document)

    whole, anew = rates_over(evidence, verify, verify_anew)
    say("verify evidence of one publication, all steps", whole, UNIT, both)
    say("verify evidence with nothing remembered, all steps", anew, UNIT, both)
    peers = _openvc(credentials)
    for suite in SUITES:
        name = f"verify {suite} alone"
        documents = credentials.with_one_proof(suite)
        say(name, rates_over(documents, check)[0], UNIT, both)
        for peer, theirs_too in (("Digital Bazaar (npm)", theirs and theirs["verify"]), ("openvc-core", peers)):
            if theirs_too:
                say(f"{name}, {peer}", theirs_too[suite], UNIT, name)


def _evidence(credentials: Credentials, record: Record) -> bytes:
    evidence = credentials.office.reader.evidence(str(record.register), str(record.number), record.n or 0)
    return json.dumps(evidence, ensure_ascii=False).encode()


def _digital_bazaar(credentials: Credentials) -> Json | None:
    """What `bench.mjs` measured; None without node or its packages."""
    if shutil.which("node") is None or not (NPM / "node_modules").is_dir():
        leave_out("Digital Bazaar (npm)", "node or its packages are missing (make test installs them)")
        return None
    documents = {**credentials.contexts, **credentials.others}
    request = json.dumps({"documents": documents, "credentials": credentials.documents, "rounds": 2})
    done = subprocess.run(["node", "bench.mjs"], cwd=NPM, input=request, capture_output=True, text=True, check=False)
    if done.returncode:
        leave_out("Digital Bazaar (npm)", done.stderr[-500:])
        return None
    answer: Json = json.loads(done.stdout)
    return answer


def _openvc(credentials: Credentials) -> dict[str, float] | None:
    """How fast openvc-core checks one proof; None where it is not installed."""
    try:
        from openvc.proof.data_integrity import DataIntegrityProofSuite
        from openvc.proof.di_jcs import EddsaJcsProofSuite
    except ImportError:
        leave_out("openvc-core", "it is not installed (make test installs it)")
        return None
    x = urlsafe_b64encode(credentials.key.raw).rstrip(b"=").decode()
    jwk = {"kty": "OKP", "crv": "Ed25519", "x": x}
    more = {credentials.context_url: credentials.contexts[credentials.context_url]}
    jcs_suite, rdfc_suite = EddsaJcsProofSuite(), DataIntegrityProofSuite()
    acts = {
        "eddsa-jcs-2022": lambda document: jcs_suite.verify(document, public_key_jwk=jwk),
        "eddsa-rdfc-2022": lambda document: rdfc_suite.verify(document, public_key_jwk=jwk, extra_contexts=more),
    }
    rates = {}
    for suite, act in acts.items():
        alone = [{**document, "proof": document["proof"][0]} for document in credentials.with_one_proof(suite)]
        (rates[suite],) = rates_over(alone, act)
    return rates
