// Data Integrity proofs: each proof of a set, by the cryptosuites known here. Twin of registry/credential/proof.py and cryptosuites.py.
//
// Signed bytes = hash(canonical proof options) || hash(canonical document without proof); the options are the proof without
// proofValue. JCS suites repeat the @context in the proof; RDFC suites add it only for canonicalizing. Which keys are
// trusted, and for what, is left to steps.js.

import { unbase58 } from "./base58.js";
import { concat, utf8 } from "./bytes.js";
import { jcs, print } from "./jcs.js";
import { Malformed, Untrue } from "./failure.js";
import { fromMultikey, hashOf, isSigned } from "./keys.js";
import { nquads } from "./nquads.js";
import { isObject } from "./strict_json.js";

/** name -> the kinds of keys that may sign with it, and whether the proof repeats the @context. */
const SUITES = {
  "eddsa-jcs-2022": { kinds: ["Ed25519"], repeatsContext: true },
  "eddsa-rdfc-2022": { kinds: ["Ed25519"], repeatsContext: false },
  "ecdsa-jcs-2019": { kinds: ["P-256", "P-384"], repeatsContext: true },
  "ecdsa-rdfc-2019": { kinds: ["P-256", "P-384"], repeatsContext: false },
};

/** The proofs of a document. Malformed `proof`: none, or not an array of 1 to 8 objects. */
export function proofsOf(document) {
  const proofs = document.proof;
  if (!Array.isArray(proofs) || proofs.length < 1 || proofs.length > 8 || !proofs.every(isObject)) {
    throw new Malformed("proof", "proof is not an array of 1 to 8 objects");
  }
  return proofs;
}

/** Untrue unless `proof` is a proof of `document` by the Multikey `publicKeyMultibase`; `tables`: see nquads.js. */
export async function checkProof(document, proof, publicKeyMultibase, tables) {
  const isKnown = typeof proof.cryptosuite === "string" && Object.hasOwn(SUITES, proof.cryptosuite);
  const suite = isKnown ? SUITES[proof.cryptosuite] : undefined;
  if (proof.type !== "DataIntegrityProof" || suite === undefined) {
    throw new Untrue("proof", "the cryptosuite is not known here");
  }
  if ("previousProof" in proof) throw new Untrue("proof", "a proof of a chain is not one of ours");
  if (proof.proofPurpose !== "assertionMethod") throw new Untrue("proof", "the proof was not made for assertionMethod");
  const key = fromMultikey(publicKeyMultibase);
  if (!suite.kinds.includes(key.kind)) throw new Untrue("proof", "the key is not of a kind that the cryptosuite takes");
  const context = document["@context"] ?? null;
  if ((suite.repeatsContext || "@context" in proof) && print(proof["@context"] ?? null) !== print(context)) {
    throw new Untrue("proof", "the proof speaks of another @context");
  }
  if (typeof proof.proofValue !== "string" || !proof.proofValue.startsWith("z")) {
    throw new Untrue("proof", "proofValue is not base58-btc multibase");
  }
  const signature = signatureIn(proof.proofValue.slice(1));
  const canonical = suite.repeatsContext ? jcs : (value) => utf8(nquads(tables, value));
  const options = without(proof, "proofValue");
  if (!suite.repeatsContext) options["@context"] = context;
  const hash = async (value) => new Uint8Array(await crypto.subtle.digest(hashOf(key.kind), canonical(value)));
  if (!(await isSigned(key, signature, concat(await hash(options), await hash(without(document, "proof")))))) {
    throw new Untrue("proof", "the signature does not fit the document");
  }
}

function signatureIn(text) {
  try {
    return unbase58(text);
  } catch (error) {
    throw new Untrue("proof", error.message);
  }
}

function without(object, name) {
  const rest = Object.assign(Object.create(null), object);
  delete rest[name];
  return rest;
}
