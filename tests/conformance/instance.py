"""What the W3C test suites talk to: our proofs and our VC API around an issuer that signs any valid credential with test keys.

A composition of its own, no switch of the product: the suites want credentials issued that no register ever said (VCDM 2.0),
proofs accepted whose key is not the issuer's (vc-di-ecdsa: vectors of the specification), and 400 where a verification fails.
The contexts that they use are read from their checkouts. Started by `tools/conformance.py`.
"""

import json
import os
import ssl
import sys
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import uvicorn
from fastapi import FastAPI, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse, Response

from registry.credential import proof, status
from registry.credential.cryptosuites import SUITES
from registry.encoding import strict_json
from registry.errors import Malformed
from registry.foreign import shape
from registry.foreign.challenges import Challenges
from registry.foreign.contexts import Contexts
from registry.foreign.retrieval import NotRetrieved, no_fetch
from registry.foreign.verify import BUNDLED, ForeignVerifier
from registry.installation.initialize import initialize
from registry.installation.settings import from_environ
from registry.keys import ED25519, P256, P384, EcdsaKey, Signer, SigningKey, multikey
from schemas import CREDENTIALS_V2
from search.api.vc import vc_api_router
from search.http import problems
from search.http.limits import Limits
from search.http.posted_json import posted_json
from search.verify.judge import PostedVerifier
from tests.conformance.self_signed import self_signed

DATA_INTEGRITY_V2 = "https://w3id.org/security/data-integrity/v2"
EXAMPLES_V2 = "https://www.w3.org/ns/credentials/examples/v2"
EXAMPLES_FILE = Path(__file__).parent.parent / "interop" / "w3c" / "credentials-examples-v2.jsonld"
LIST_PATH = "/status/1"
KEYS: dict[str, Signer] = {
    ED25519: SigningKey(b"\x07" * 32),
    P256: EcdsaKey(P256, b"\x07" * 32),
    P384: EcdsaKey(P384, b"\x07" * 48),
}
#: the suite's own resource is the v2 context as it was in 2024; its digests stand in the suite's fixture
FIXTURE_DIGESTS = {
    CREDENTIALS_V2: (
        "sha384-NSOcNpmdIVUxIJGvGUoe22FjTWrXiaXlsZ8q6912LdnR3KraQO2n75Ica4wK4Qeg",
        "uJKGMkOmFbVJhEfKTduMC2XCyvRAYLjOVmZWwIH1wQ7k",
    )
}


def did_of(key: Signer) -> str:
    """The did:key under which that key issues."""
    return f"did:key:{multikey(key.public)}"


class Issuer:
    """Signs whatever is a credential. `base_url`: where its status list is served; `contexts`: URL -> document."""

    def __init__(self, base_url: str, contexts: dict[str, dict[str, Any]]) -> None:
        self._contexts = Contexts(contexts)
        self.list_url = base_url + LIST_PATH
        self._next_index = 0

    def issue(self, credential: dict[str, Any], options: dict[str, Any]) -> dict[str, Any]:
        """The credential with one proof more. Malformed, Untrue: it is none, or says what cannot be signed."""
        suite = SUITES.get(str(options.get("cryptosuite")))
        kind = options.get("keyType", ED25519)
        if suite is None or kind not in suite.kinds:
            raise Malformed("option_value", "cryptosuite and keyType do not go together")
        key = KEYS[kind]
        if _issuer_id(credential) != did_of(key):
            raise Malformed("issuer", "the issuer is another")
        made = self._completed(credential, options)
        shape.check_credential(made)
        _check_related(made)
        unsigned = {name: value for name, value in made.items() if name != "proof"}
        reading = self._contexts.reading(unsigned, no_fetch)
        reading.canonicalize(unsigned)
        method = f"{did_of(key)}#{multikey(key.public)}"
        signed = proof.sign(unsigned, key, method, _now(), reading.canonicalize, suites=(suite,))
        before = shape.as_list(made.get("proof"))
        return {**unsigned, "proof": [*before, *signed["proof"]] if before else signed["proof"][0]}

    def status_list(self) -> dict[str, Any]:
        """The one status list, with no bit set."""
        subject = {
            "id": f"{self.list_url}#list",
            "type": "BitstringStatusList",
            "statusPurpose": "revocation",
            "encodedList": status.encode(bytes(status.LENGTH // 8)),
        }
        credential = {
            "@context": [CREDENTIALS_V2],
            "id": self.list_url,
            "type": ["VerifiableCredential", "BitstringStatusListCredential"],
            "issuer": did_of(KEYS[ED25519]),
            "validFrom": "2026-01-01T00:00:00Z",
            "credentialSubject": subject,
        }
        return self.issue(credential, {"cryptosuite": "eddsa-rdfc-2022"})

    def _completed(self, credential: dict[str, Any], options: dict[str, Any]) -> dict[str, Any]:
        """With what an issuer adds: when it is valid from, its place in the status list, the term for proofs in version 1.1."""
        made = dict(credential)
        contexts = shape.as_list(made.get("@context"))
        if contexts[:1] == [shape.CREDENTIALS_V1] and DATA_INTEGRITY_V2 not in contexts:
            made["@context"] = [*contexts, DATA_INTEGRITY_V2]
        if contexts[:1] == [CREDENTIALS_V2]:
            made.setdefault("validFrom", _now())
        if "statusPurpose" in options:
            made["credentialStatus"] = {
                "id": f"{self.list_url}#{self._next_index}",
                "type": "BitstringStatusListEntry",
                "statusPurpose": options["statusPurpose"],
                "statusListIndex": str(self._next_index),
                "statusListCredential": self.list_url,
            }
            self._next_index += 1
        return made


def _issuer_id(credential: dict[str, Any]) -> Any:
    issuer = credential.get("issuer")
    return issuer.get("id") if isinstance(issuer, dict) else issuer


def _check_related(credential: dict[str, Any]) -> None:
    """Malformed `value`: a related resource that is known here has another digest."""
    for named in shape.as_list(credential.get("relatedResource")):
        digests = {named[name] for name in ("digestSRI", "digestMultibase") if name in named}
        if not digests <= set(FIXTURE_DIGESTS.get(named["id"], digests)):
            raise Malformed("value", "a related resource has another digest")


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def create_instance(data: Path, base_url: str, more: dict[str, dict[str, Any]], *, binds_issuer: bool) -> Any:
    """The app. `data`: a scratch directory; `more`: contexts besides the bundled ones."""
    contexts = {**more, EXAMPLES_V2: json.loads(EXAMPLES_FILE.read_bytes()), **BUNDLED}
    issuer = Issuer(base_url, contexts)
    office = initialize(from_environ({"GREFFE_DATA": str(data)}))

    def fetch(url: str) -> bytes:
        if url != issuer.list_url:
            raise NotRetrieved("fetch_off", "only the own status list is fetched")
        return json.dumps(issuer.status_list()).encode()

    verifier = PostedVerifier(office.reader, ForeignVerifier(fetch, contexts, binds_issuer=binds_issuer))
    app = FastAPI(openapi_url=None)
    problems.install(app)
    app.include_router(vc_api_router(verifier, Challenges(os.urandom(32)), failed_status=400))

    @app.post("/credentials/issue")
    async def issue(request: Request) -> Response:
        body = strict_json.parse_object(await posted_json(request))
        credential, options = body.get("credential"), body.get("options", {})
        if not isinstance(credential, dict) or not isinstance(options, dict):
            raise Malformed("member_value", "credential and options are objects")
        return JSONResponse({"verifiableCredential": await run_in_threadpool(issuer.issue, credential, options)}, 201)

    @app.get(LIST_PATH)
    def status_list() -> Response:
        return JSONResponse(issuer.status_list())

    @app.get("/keys")
    def keys() -> Response:
        return JSONResponse({kind: did_of(key) for kind, key in KEYS.items()})

    return Limits(app)


def main() -> None:
    """Serve on https. Arguments: port, the file with the contexts, and `--any-issuer` where the key may be another's."""
    port, contexts, *flags = sys.argv[1:]
    with TemporaryDirectory() as folder:
        certificate = self_signed(Path(folder))
        app = create_instance(
            Path(folder) / "data",
            f"https://localhost:{port}",
            json.loads(Path(contexts).read_bytes()),
            binds_issuer="--any-issuer" not in flags,
        )
        uvicorn.run(
            app,
            port=int(port),
            log_level="warning",
            access_log=False,
            ssl_certfile=certificate,
            ssl_version=ssl.PROTOCOL_TLS_SERVER,
        )


if __name__ == "__main__":
    main()
