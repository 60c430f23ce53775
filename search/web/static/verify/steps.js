// The verifier: an evidence file, a trust file and a time in, a verdict with every named step out. Pure, offline.
//
// Twin of registry/verify/steps.py: the same steps, waits, results and reasons (docs/architecture.md, "Verification"). Keys, contexts
// and schemas come from `trust`, never from the evidence. A step that waits for one that did not pass is not reached; what
// the trust file does not ask for is not asked, and is never a pass.

import { print } from "./jcs.js";
import * as checkpoint from "./checkpoint.js";
import * as entry from "./entry.js";
import { readEvidence } from "./evidence.js";
import * as later from "./later.js";
import * as latest from "./latest.js";
import { checkInclusion, leafHash } from "./merkle.js";
import * as note from "./note.js";
import { checkProof, proofsOf } from "./proof.js";
import { checkSchema } from "./schema.js";
import { inflate, isSet } from "./status.js";
import * as tlogPolicy from "./policy.js";
import { ALLOWED_SKEW_MS, attempt, demand, lacksCryptography, stepOf, unproven, utc, verdictOf } from "./verdict.js";

const CREDENTIALS_V2 = "https://www.w3.org/ns/credentials/v2";
const CONTEXT_PATH = "/contexts/organization/v1";
/** Our contexts and the closed schemas of our credentials, by name; the first is what is meant where none is named. */
const CONTEXTS = ["organization/v1", "organization/v2"];
const SCHEMAS = ["organization/v1", "organization/v2", "permit/v1"];

/** [step, what it waits for besides well_formed], in order. */
export const STEPS = [
  ["well_formed", []],
  ["issuer_trusted", []],
  ["proof_valid", ["issuer_trusted"]],
  ["in_validity", ["issuer_trusted"]],
  ["checkpoint_signed", []],
  ["witnessed", ["checkpoint_signed"]],
  ["entry_matches", []],
  ["included", ["entry_matches", "checkpoint_signed"]],
  ["not_revoked", ["proof_valid", "included"]],
  ["current", ["included"]],
];

const CHECKS = {
  issuer_trusted: issuerTrusted,
  proof_valid: proofValid,
  in_validity: inValidity,
  checkpoint_signed: checkpointSigned,
  witnessed,
  entry_matches: entryMatches,
  included,
  not_revoked: notRevoked,
  current,
};

/**
 * {verdict, asOf, on, organization, inForce, replacedBy, steps: [{step, result, code, reason}]} of an evidence file (text, or its
 * UTF-8 bytes); never throws.
 *
 * `trust`: the trust file with `pinned: {contexts, schemas, tables}` (see trust.js); `at`: a Date; `on`: an ISO date, whether the
 * state was in force then.
 */
export async function verify(evidence, trust, at, on = null) {
  const steps = [];
  const results = new Map();
  const record = async (step, outcome) => {
    results.set(step, outcome.result);
    steps.push(await stepOf(step, outcome));
  };
  const facts = { trust, at: at.getTime(), on, listTime: null, cosignedAt: null, isUnwitnessed: false, isMapHeld: false };
  const missing = await lacksCryptography();
  await record("well_formed", await attempt(() => readEvidence(evidence, facts)));
  for (const [step, waits] of STEPS.slice(1)) {
    if (["well_formed", ...waits].some((name) => ["failed", "not_reached"].includes(results.get(name)))) {
      await record(step, { result: "not_reached", reason: null });
    } else if (missing) {
      await record(step, { result: "indeterminate", reason: "this browser offers no cryptography here" });
    } else {
      await record(step, await attempt(() => CHECKS[step](facts)));
    }
  }
  return { verdict: verdictOf(steps), asOf: asOf(facts), ...subjectOf(facts, results), steps };
}

/** Of whom and of which day the verdict speaks, as far as that was shown. */
function subjectOf({ evidence, registration, followers, isMapHeld, on }, results) {
  const nobody = { on, organization: null, inForce: null, replacedBy: null };
  if (results.get("proof_valid") !== "passed" || results.get("entry_matches") !== "passed") return nobody;
  const subject = evidence.credential.credentialSubject;
  const own = registration.entry;
  const organization = {
    register: textAt(subject, "register") ?? "",
    number: textAt(subject, "registrationNumber") ?? "",
    name: textAt(subject, "legalName") ?? null,
    status: textAt(subject, "registrationStatus") ?? null,
    since: textAt(subject, "statusFrom") ?? later.dayOf(own),
    ...permitOf(subject),
  };
  const known = isMapHeld ? (followers ?? []).map(({ entry: each }) => each) : [];
  return { on, organization, ...later.told(own, known) };
}

/** What is said besides where it is a permit: of what kind, in what state, from when until when, and who holds it. */
function permitOf(subject) {
  if (subject.type !== "Permit") return {};
  const [{ relatedOrganization, relatedNumber, relatedName }] = subject.relationships;
  const register = relatedOrganization.split("/").at(-2);
  return {
    permit: {
      kind: subject.entityType,
      status: subject.registerStatus,
      from: subject.permitFrom,
      until: textAt(subject, "permitUntil") ?? null,
      holder: { register, number: relatedNumber, name: relatedName },
    },
  };
}

/**
 * When all of it was so: the newest cosignature, or where no witness is asked the newest entry that is proven.
 *
 * Without the map, or where a witness is asked and none counted: when the first list that was proven was so.
 */
function asOf(facts) {
  if (facts.isMapHeld && facts.cosignedAt !== null) return facts.cosignedAt;
  if (!facts.isMapHeld || !facts.isUnwitnessed) return facts.listTime;
  const entries = [...logged(facts), ...(facts.followers ?? [])];
  return utc(Math.max(...entries.map(({ entry: { time } }) => time)));
}

// --- who signed, and what -----------------------------------------------------------------------------------------------

/** The types of the credentials of an issuer whose types the trust file does not name. */
const REGISTRATION = ["OrganizationRegistrationCredential"];

function issuerTrusted({ trust, evidence: { credential } }) {
  const issuer = trust.issuers.find(({ did }) => did === issuerOf(credential));
  demand(issuer !== undefined, "the issuer is not in the trust file");
  const register = credential.credentialSubject?.register;
  demand(issuer.registers.includes(register), "the issuer is not trusted for that register");
  const types = Array.isArray(credential.type) ? credential.type.filter((name) => name !== "VerifiableCredential") : [];
  const trusted = issuer.types ?? REGISTRATION;
  demand(types.length > 0 && types.every((name) => trusted.includes(name)), "the issuer is not trusted for that type");
}

/** The publicKeyMultibase that the trust file gives for a proof's verification method, or null. */
function keyOf(trust, did, proof, use) {
  const issuer = trust.issuers.find((known) => known.did === did);
  const key = issuer?.keys.find(({ id }) => id === proof.verificationMethod);
  return key !== undefined && key.use === use ? key.publicKeyMultibase : null;
}

async function proofValid({ trust, evidence: { credential } }) {
  const url = Object.keys(trust.contexts).find((known) => isPinned(trust, known, "organization/v1"));
  demand(
    url !== undefined && isPinned(trust, CREDENTIALS_V2, "credentials/v2"),
    "the trust file does not pin the contexts known here",
  );
  const context = contextOf(trust, credential, url);
  demand(context !== undefined, "the @context is not the pinned one");
  await checkProofs(trust, credential, issuerOf(credential), "credential", context);
  const schema = schemaOf(credential);
  checkSchema(credential, trust.pinned.schemas[schema]);
  const base = url.slice(0, -CONTEXT_PATH.length);
  demand(
    url.endsWith(CONTEXT_PATH) && credential.credentialSchema.id === `${base}/schemas/${schema}.json`,
    "credentialSchema is not this installation's",
  );
  const { id, register, registrationNumber } = credential.credentialSubject;
  const place = `${register}/${registrationNumber}`;
  demand(id === `${base}/organizations/${place}`, "the subject's id is not of that number");
  const stem = `${base}/credentials/${place}/`;
  const n = credential.id.startsWith(stem) ? credential.id.slice(stem.length) : "";
  demand(/^[1-9][0-9]{0,8}$/.test(n), "the credential's id is not of that number");
}

/** The name of the closed schema that a credential names. */
function schemaOf(credential) {
  const named = textAt(credential.credentialSchema, "id") ?? "";
  return SCHEMAS.find((name) => named.endsWith(`/schemas/${name}.json`)) ?? SCHEMAS[0];
}

/** The name of the one of our contexts that a credential names, beside W3C's, as the trust file pins it; `first`: where v1 stands. */
function contextOf(trust, credential, first) {
  const end = `/${CONTEXTS[0]}`;
  const folder = first.endsWith(end) ? first.slice(0, -end.length) : first;
  return CONTEXTS.find((name) => {
    const url = name === CONTEXTS[0] ? first : `${folder}/${name}`;
    return isPinned(trust, url, name) && sameJson(credential["@context"], [CREDENTIALS_V2, url]);
  });
}

/** Whether the trust file gives, for that URL, the hash of the context that stands under `name` in our bundle. */
function isPinned(trust, url, name) {
  return Object.hasOwn(trust.contexts, url) && trust.contexts[url] === trust.pinned.contexts[name];
}

function sameJson(left, right) {
  return print(left ?? null) === print(right);
}

/** `context`: the name of the pinned context whose tables read the document. */
async function checkProofs(trust, document, did, use, context) {
  for (const proof of proofsOf(document)) {
    const key = keyOf(trust, did, proof, use);
    demand(key !== null, "the proof's key is not known");
    await checkProof(document, proof, key, trust.pinned.tables[context]);
  }
}

function inValidity({ at, evidence: { credential } }) {
  for (const text of [credential.validFrom, ...proofsOrNone(credential).map((proof) => textAt(proof, "created"))]) {
    const ms = typeof text === "string" ? Date.parse(text) : Number.NaN;
    const isTime = !Number.isNaN(ms) && utc(ms) === text && text >= "0001"; // no calendar of Python's has a year 0
    demand(isTime, "validFrom or created is not a UTC time");
    demand(ms <= at + ALLOWED_SKEW_MS, "validFrom or created lies in the future");
  }
}

// --- the ledger ---------------------------------------------------------------------------------------------------------

function logged({ registration, issuerKeys, lists }) {
  return [registration, issuerKeys, ...Object.values(lists)];
}

async function checkpointSigned(facts) {
  const { trust, evidence } = facts;
  const text = facts.registration.proof.checkpoint;
  const same = logged(facts).every(({ proof }) => proof.checkpoint === text);
  demand(same, "the evidence carries different checkpoints");
  demand(evidence.origin === trust.origin, "the origin is not the trusted one");
  const keys = await Promise.all(trust.ledgerKeys.map((text) => note.parseVkey(text)));
  const names = [await note.parseVkey(trust.genesisKey), ...keys].map(({ name }) => name);
  demand(names.every((name) => name === trust.origin), "a ledger key has another name than the origin");
  const found = await checkpoint.check(text, keys);
  demand(found.origin === trust.origin, "the checkpoint is of another origin");
  facts.checkpoint = found;
}

async function witnessed(facts) {
  const policy = await tlogPolicy.parse(facts.trust.witnessPolicy);
  if (policy.quorum === null) {
    facts.isUnwitnessed = true;
    return { result: "not_asked", reason: "the trust file asks no witness" };
  }
  const { seconds, missing } = await tlogPolicy.checkWitnessed(policy, facts.registration.proof.checkpoint, facts.at);
  if (missing !== null) return unproven(missing);
  facts.cosignedAt = utc(seconds * 1000);
  return undefined;
}

async function entryMatches(facts) {
  const { registration, orgSalt } = facts;
  const credential = registration.document;
  await checkCommitment(registration, registration.document);
  const found = registration.entry;
  demand(entry.CREDENTIAL_KINDS.includes(found.kind), "the entry is not of a credential");
  const subject = credential.credentialSubject;
  const [register, number] = [textAt(subject, "register") ?? "", textAt(subject, "registrationNumber") ?? ""];
  const org = orgSalt === null ? `${register}:${number}` : await entry.pseudonym(orgSalt, register, number);
  demand(found.org === org, "the entry speaks of another organization");
  demand(found.issuer === issuerOf(credential), "the entry names another issuer");
  demand(found.type === textAt(credential.type, 1), "the entry names another type");
  demand(found.effective === textAt(subject?.registrationEvent, "eventDate"), "the entry names another effective date");
  await checkIssuerKeys(facts, found.issuer);
}

/** The proofs for a step that leaves it to proof_valid to demand that there are some. */
function proofsOrNone(document) {
  return Array.isArray(document.proof) ? document.proof : [];
}

function textAt(value, name) {
  return typeof value?.[name] === "string" ? value[name] : undefined;
}

async function checkCommitment(carrier, document) {
  demand(carrier.entry.index === carrier.proof.index, "the proof is of another index");
  const expected = await entry.commitment(carrier.salt, document);
  demand(carrier.entry.commitment === expected, "the entry commits to something else");
}

/** The issuer's DID, which VCDM 2.0 allows as a string or as an object with an `id`. */
function issuerOf(credential) {
  return textAt(credential, "issuer") ?? textAt(credential.issuer, "id");
}

async function checkIssuerKeys({ trust, registration, issuerKeys }, did) {
  await checkCommitment(issuerKeys, issuerKeys.document);
  demand(issuerKeys.entry.kind === "key", "issuerKeys is not under a key entry");
  demand(issuerKeys.entry.issuer === did, "issuerKeys are of another issuer");
  checkListed(trust, did, issuerKeys, registration.document);
}

/** Each verification method of the document's proofs stands in issuerKeys with the key that the trust file gives. */
function checkListed(trust, did, issuerKeys, document) {
  const methods = issuerKeys.document.verificationMethod;
  const listed = Array.isArray(methods) ? methods : [];
  const trusted = trust.issuers.find((issuer) => issuer.did === did)?.keys ?? [];
  for (const proof of proofsOrNone(document)) {
    const method = textAt(proof, "verificationMethod");
    const key = trusted.find(({ id }) => id === method)?.publicKeyMultibase;
    const found = listed.findLast((known) => textAt(known, "id") === method);
    demand(
      key !== undefined && textAt(found, "publicKeyMultibase") === key,
      "a proof's key does not stand in issuerKeys as the trust file gives it",
    );
  }
}

async function included({ checkpoint: found, registration, issuerKeys }) {
  for (const carrier of [registration, issuerKeys]) await checkIncluded(carrier, found);
}

async function checkIncluded({ bytes, proof }, { size, root }) {
  await checkInclusion(proof.index, size, await leafHash(bytes), proof.hashes, root);
}

// --- revocation ---------------------------------------------------------------------------------------------------------

async function notRevoked(facts) {
  const { credential } = facts.evidence;
  for (const { statusPurpose, statusListIndex, statusListCredential } of [credential.credentialStatus].flat()) {
    const list = facts.lists[statusPurpose];
    demand(list !== undefined, `the ${statusPurpose} list is missing`);
    await checkList(facts, list, issuerOf(credential), statusPurpose, statusListCredential);
    facts.listTime ??= utc(list.entry.time);
    const bits = await inflate(list.document.credentialSubject.encodedList);
    demand(!isSet(bits, Number(statusListIndex)), statusPurpose === "revocation" ? "revoked" : "suspended");
  }
}

async function checkList({ trust, issuerKeys, checkpoint: head }, list, did, purpose, id) {
  const { document, entry: found } = list;
  checkSchema(document, trust.pinned.schemas["status-list/v1"]);
  demand(document.id === id, "the status list is another one");
  demand(document.credentialSubject.statusPurpose === purpose, "the status list has another purpose");
  demand(issuerOf(document) === did, "the status list is another issuer's");
  demand(sameJson(document["@context"], [CREDENTIALS_V2]), "the status list's @context is not the pinned one");
  await checkProofs(trust, document, did, "status", "credentials/v2");
  checkListed(trust, did, issuerKeys, document);
  await checkCommitment(list, document);
  const fits = found.kind === "status" && found.issuer === did && found.type === "BitstringStatusListCredential";
  demand(fits, "the status list's entry does not fit it");
  await checkIncluded(list, head);
}

// --- the latest ---------------------------------------------------------------------------------------------------------

async function current(facts) {
  const { trust, registration, lists, checkpoint: head, evidence: { credential } } = facts;
  if (trust.require.current !== true && facts.followers === null && !facts.isCut) {
    if (facts.on !== null) return unproven("nothing in the evidence tells what came later");
    return { result: "not_asked", reason: "the trust file does not ask for it" };
  }
  if (facts.latest === null) return unproven("the evidence carries no proof that it is the latest");
  let missing = await latest.checkMap(facts.latest, trust, head, facts.at);
  for (const named of [credential.credentialStatus === undefined ? [] : credential.credentialStatus].flat()) {
    if (missing !== null) break;
    const [statusPurpose, statusListCredential] = ["statusPurpose", "statusListCredential"].map((name) => textAt(named, name));
    demand(
      ["revocation", "suspension"].includes(statusPurpose) && statusListCredential !== undefined,
      "credentialStatus is not of its form",
    );
    const list = lists[statusPurpose];
    demand(list !== undefined, `the ${statusPurpose} list is missing`);
    missing = await latest.checkList(facts.latest, statusPurpose, statusListCredential, list);
  }
  missing ??= await checkFollowers(facts, registration, head.size);
  if (missing !== null) return unproven(missing);
  facts.isMapHeld = true;
  const known = (facts.followers ?? []).map(({ entry: each }) => each);
  const undecided = later.checkCurrent(registration.entry, known, facts.on, asOf(facts) ?? "");
  return undecided === null ? undefined : unproven(undecided);
}

function checkFollowers(facts, registration, size) {
  if (facts.followers !== null) return latest.checkLater(facts.latest, registration, facts.followers, size);
  return facts.isCut ? latest.checkCut(facts.latest, registration) : latest.checkOrganization(facts.latest, registration);
}
