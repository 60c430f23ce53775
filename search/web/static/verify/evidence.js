// The parsed evidence file. Twin of registry/verify/evidence.py: whether any of it is true is left to steps.js.

import { unbase64, utf8 } from "./bytes.js";
import * as entry from "./entry.js";
import { Untrue } from "./failure.js";
import * as later from "./later.js";
import * as latest from "./latest.js";
import * as tlogProof from "./proof_text.js";
import { isObject, parseObject } from "./strict_json.js";

const MAX_BYTES = 256 * 1024;

/** Puts what the evidence holds into `facts`: text, or its bytes. Malformed or Untrue, saying what is not of its form. */
export function readEvidence(input, facts) {
  const size = typeof input === "string" ? utf8(input).length : input.length;
  demand(size <= MAX_BYTES, `evidence is at most ${MAX_BYTES} bytes`);
  const evidence = parseObject(input);
  demand(evidence.v === 1, "the evidence's version is not 1");
  demand(typeof evidence.origin === "string", "origin is absent or not of its type");
  facts.latest = null;
  if ((evidence.latest ?? null) !== null) facts.latest = latest.parse(objectIn("latest", evidence));
  facts.evidence = evidence;
  facts.orgSalt = "orgSalt" in evidence ? readSalt("orgSalt", evidence) : null;
  facts.registration = readLogged(evidence, "credential");
  facts.lists = Object.create(null);
  for (const [purpose, member] of [["revocation", "statusList"], ["suspension", "suspensionList"]]) {
    if (member in evidence) facts.lists[purpose] = readLogged(objectIn(member, evidence), "credential");
  }
  facts.issuerKeys = readLogged(objectIn("issuerKeys", evidence), "document");
  facts.followers = later.parse(evidence.later);
  facts.isCut = evidence.later === null;
}

/** A logged document with its entry, salt and tlog-proof; `name` is the member that holds the document. */
function readLogged(carrier, name) {
  const bytes = bytesIn("entry", carrier);
  const salt = readSalt("salt", carrier);
  const document = objectIn(name, carrier);
  demand(typeof carrier.proof === "string", "proof is absent or not of its type");
  return { document, bytes, entry: entry.parse(bytes), salt, proof: tlogProof.parse(carrier.proof) };
}

function objectIn(name, carrier) {
  demand(isObject(carrier[name]), `${name} is absent or not of its type`);
  return carrier[name];
}

function bytesIn(name, carrier) {
  demand(typeof carrier[name] === "string", `${name} is absent or not of its type`);
  return unbase64(carrier[name]);
}

function readSalt(name, carrier) {
  const salt = bytesIn(name, carrier);
  demand(salt.length === 32, `${name} is not 32 bytes`);
  return salt;
}

function demand(condition, message) {
  if (!condition) throw new Untrue("untrue", message);
}
