// Data Integrity proofs with the suite eddsa-jcs-2022 (W3C vc-di-eddsa section 3.3). Twin of registry/proof.py.
//
// Signed bytes = SHA-256(JCS(proof without proofValue)) || SHA-256(JCS(document without proof)). Which keys are trusted,
// and for what, is left to verify.js.

import { concat, sha256 } from "./bytes.js";
import { jcs, print } from "./canonical.js";
import { Malformed, Untrue } from "./failure.js";
import { fromMultikey, isSigned, unbase58 } from "./keys.js";
import { isObject } from "./strict_json.js";

export const SUITE = "eddsa-jcs-2022";

/** The proofs of a document. Malformed `proof`: none, or not an array of 1 to 8 objects. */
export function proofsOf(document) {
  const proofs = document.proof;
  if (!Array.isArray(proofs) || proofs.length < 1 || proofs.length > 8 || !proofs.every(isObject)) {
    throw new Malformed("proof", "proof is not an array of 1 to 8 objects");
  }
  return proofs;
}

/** Untrue unless `proof` is a proof of `document` by the Ed25519 Multikey `publicKeyMultibase`. */
export async function checkProof(document, proof, publicKeyMultibase) {
  if (proof.type !== "DataIntegrityProof" || proof.cryptosuite !== SUITE) {
    throw new Untrue("proof", "the cryptosuite is not known here");
  }
  if (proof.proofPurpose !== "assertionMethod") throw new Untrue("proof", "the proof was not made to assert");
  if (print(proof["@context"] ?? null) !== print(document["@context"] ?? null)) {
    throw new Untrue("proof", "the proof speaks of another @context");
  }
  if (typeof proof.proofValue !== "string" || !proof.proofValue.startsWith("z")) {
    throw new Untrue("proof", "proofValue is not base58-btc multibase");
  }
  const signature = unbase58(proof.proofValue.slice(1));
  const message = concat(await hashWithout(proof, "proofValue"), await hashWithout(document, "proof"));
  if (!(await isSigned(fromMultikey(publicKeyMultibase), signature, message))) {
    throw new Untrue("proof", "the signature does not fit the document");
  }
}

async function hashWithout(object, name) {
  const rest = Object.assign(Object.create(null), object);
  delete rest[name];
  return sha256(jcs(rest));
}
