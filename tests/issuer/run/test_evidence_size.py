"""The largest claims that are issued still fit an evidence file of 64 kB, whatever the size of the ledger."""

import base64
import json
import random

from issuer.run.issue import issue
from issuer.timeline.draft import MAX_CLAIMS_BYTES, judge
from registry.credential import status
from registry.encoding.jcs import jcs
from registry.installation.office import Office
from registry.ledger.publish import publish
from registry.verify.steps import verify
from registry.verify.trust import parse
from schemas.organization import Name, State
from tests.builders.command import NOW, surroundings
from tests.builders.ledger import extract, state

#: hashes of the path in a ledger of 2^40 entries
DEEPEST = 40
#: as many Ed25519 cosignatures under every checkpoint
WITNESSES = 3
COSIGNATURE = base64.b64encode(bytes(76)).decode()


def largest() -> State:
    """A state whose claims are as large as they may be."""
    names = [Name("A" * 400 + str(n), "former") for n in range(100)]
    for count in range(len(names), 0, -1):
        widest = state("BC0000001", "SCARLET MOOSE LTD.", "1", "2020-01-01")
        widest = State(**{name: getattr(widest, name) for name in widest.__slots__} | {"names": tuple(names[:count])})
        if judge(widest).refusal is None:
            return widest
    raise AssertionError


def test_an_evidence_file_stays_below_64_kb(office: Office) -> None:
    issue(office, "table", extract([largest()]), surroundings())
    publish(office.store, office.log_keys.signers)
    evidence = office.reader.evidence("sample", "BC0000001", 1)
    assert len(jcs(evidence["credential"]["credentialSubject"])) > 0.95 * MAX_CLAIMS_BYTES
    lot = random.Random(1)
    trusted = parse(office.settings.trust_file.read_bytes())
    assert verify(jcs(evidence), trusted, NOW).verdict == "verified"
    for name in ("statusList", "suspensionList"):
        set_bits = lot.sample(range(status.LENGTH), status.LENGTH // 20)
        bits = status.with_bits(bytes(status.LENGTH // 8), set_bits, to=True)
        evidence[name]["credential"]["credentialSubject"]["encodedList"] = status.encode(bits)
    hashes = "".join(base64.b64encode(bytes(32)).decode() + "\n" for _ in range(DEEPEST))
    cosignatures = "".join(f"— witness{n}.province.example/greffe {COSIGNATURE}\n" for n in range(WITNESSES))
    latest = evidence["latest"]
    for carrier in (evidence, *(evidence[name] for name in ("statusList", "suspensionList", "issuerKeys")), latest):
        carrier["proof"] = carrier["proof"].replace("\n\n", f"\n{hashes}\n", 1) + cosignatures
    # an organization with 4,096 entries, lists with a million versions each
    for name, depth in (("organization", 12), ("statusList", 20), ("suspensionList", 20)):
        newest = latest[name]
        newest["before"] = base64.b64encode(bytes(32 * depth)).decode()
        newest["path"] = base64.b64encode(bytes(33 * DEEPEST)).decode()
    assert len(json.dumps(evidence, ensure_ascii=False).encode()) < 64_000
