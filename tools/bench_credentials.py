"""Rows about credentials, all on the same ones: issuing and verifying per core, beside PyLD, Digital Bazaar's npm libraries and
openvc-core. Every rate is one per second of CPU time. Called by `bench.py`.
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
        found = [one for one in office.reader.records(0, office.reader.size()) if one.document and one.n]
        records = list(
            {one.number: one for one in found}.values()
        )  # the newest of each organization: the others are superseded
        self.office, self.records = office, records[:: max(1, len(records) // COUNT)][:COUNT]
        self.documents = [one.document for one in self.records if one.document is not None]
        self.drafts = [{name: one[name] for name in one if name != "proof"} for one in self.documents]
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
        return [{**one, "proof": [p for p in one["proof"] if p["cryptosuite"] == suite]} for one in self.documents]


def say_credentials(office: Office) -> None:
    """Every row."""
    found = Credentials(office)
    theirs = _digital_bazaar(found)
    _say_issuing(found, theirs)
    _say_verifying(found, theirs)


def _say_issuing(found: Credentials, theirs: Json | None) -> None:
    signer, canonicalize = SigningKey(bytes(32)), canonicalize_ours(found.context_url)
    keys = {found.method: signer.public}
    sign = proof.Stamp(signer, found.method, CREATED, canonicalize).sign

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
            "document": found.contexts[url],
            "contentType": "application/ld+json",
        }

    def sign_with_pyld(draft: Json) -> Json:
        return proof.sign(draft, signer, found.method, CREATED, with_pyld)

    assert sign_with_pyld(found.drafts[0]) == sign(found.drafts[0])
    slow, fast, admitted = rates_over(found.drafts, sign_with_pyld, sign, sign_and_admit, seconds=3)
    say(f"{DRAFTED}, canonicalized by PyLD", slow, UNIT, f"{DRAFTED}, canonicalized by PyLD")
    say(DRAFTED, fast, UNIT, f"{DRAFTED}, canonicalized by PyLD")
    say(f"{DRAFTED}, and the check on admission", admitted, UNIT, f"{DRAFTED}, canonicalized by PyLD")
    if theirs is not None:
        npm = f"{DRAFTED}, Digital Bazaar (npm)"
        say(npm, theirs["issue"], UNIT, f"{DRAFTED}, canonicalized by PyLD")
        say(f"{DRAFTED}, beside npm", fast, UNIT, npm)
        say(f"{DRAFTED}, and the check on admission, beside npm", admitted, UNIT, npm)


def _say_verifying(found: Credentials, theirs: Json | None) -> None:
    canonicalize = canonicalize_ours(found.context_url)

    def check(document: Json) -> None:
        proof.check(document, {found.method: found.key}.get, canonicalize)

    def check_all(document: Json) -> None:
        check(document)
        check_schema("organization/v1", document)

    evidence = [_evidence(found, record) for record in found.records[:50]]
    at = datetime.now(UTC)
    assert steps.verify(evidence[0], found.trust, at).verdict == "verified"
    both = "verify both proofs"
    rates = rates_over(found.documents, check, check_all, seconds=1.5)
    say(both, rates[0], UNIT, both)
    say(f"{both}, and the closed schema", rates[1], UNIT, both)
    (whole,) = rates_over(evidence, lambda one: steps.verify(one, found.trust, at))
    say("verify evidence, all steps", whole, UNIT, both)
    peers = _openvc(found)
    for suite in SUITES:
        name = f"verify {suite} alone"
        documents = found.with_one_proof(suite)
        say(name, rates_over(documents, check)[0], UNIT, both)
        for peer, theirs_too in (("Digital Bazaar (npm)", theirs and theirs["verify"]), ("openvc-core", peers)):
            if theirs_too:
                say(f"{name}, {peer}", theirs_too[suite], UNIT, name)


def _evidence(found: Credentials, record: Record) -> bytes:
    evidence = found.office.reader.evidence(str(record.register), str(record.number), record.n or 0)
    return json.dumps(evidence, ensure_ascii=False).encode()


def _digital_bazaar(found: Credentials) -> Json | None:
    """What `bench.mjs` measured; None without node or its packages."""
    if shutil.which("node") is None or not (NPM / "node_modules").is_dir():
        leave_out("Digital Bazaar (npm)", "node or its packages are missing (make test installs them)")
        return None
    documents = {**found.contexts, **found.others}
    request = json.dumps({"documents": documents, "credentials": found.documents, "rounds": 2})
    done = subprocess.run(["node", "bench.mjs"], cwd=NPM, input=request, capture_output=True, text=True, check=False)
    if done.returncode:
        leave_out("Digital Bazaar (npm)", done.stderr[-500:])
        return None
    answer: Json = json.loads(done.stdout)
    return answer


def _openvc(found: Credentials) -> dict[str, float] | None:
    """How fast openvc-core checks one proof; None where it is not installed."""
    try:
        from openvc.proof.data_integrity import DataIntegrityProofSuite
        from openvc.proof.di_jcs import EddsaJcsProofSuite
    except ImportError:
        leave_out("openvc-core", "it is not installed (make test installs it)")
        return None
    x = urlsafe_b64encode(found.key.raw).rstrip(b"=").decode()
    jwk = {"kty": "OKP", "crv": "Ed25519", "x": x}
    more = {found.context_url: found.contexts[found.context_url]}
    jcs_suite, rdfc_suite = EddsaJcsProofSuite(), DataIntegrityProofSuite()
    acts = {
        "eddsa-jcs-2022": lambda one: jcs_suite.verify(one, public_key_jwk=jwk),
        "eddsa-rdfc-2022": lambda one: rdfc_suite.verify(one, public_key_jwk=jwk, extra_contexts=more),
    }
    rates = {}
    for suite, act in acts.items():
        alone = [{**one, "proof": one["proof"][0]} for one in found.with_one_proof(suite)]
        (rates[suite],) = rates_over(alone, act)
    return rates
