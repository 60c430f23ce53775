// A completeness file: all entries of one organization, or that there are none. Twin of registry/verify/completeness.py.

import { unbase64, utf8 } from "./verify/bytes.js";
import * as checkpoint from "./verify/checkpoint.js";
import * as entry from "./verify/entry.js";
import { Malformed } from "./verify/failure.js";
import * as later from "./verify/later.js";
import { checkMap } from "./verify/latest.js";
import * as mapLog from "./verify/map_log.js";
import { checkAbsent, checkPresent, STEP } from "./verify/map_tree.js";
import { checkInclusion, leafHash } from "./verify/merkle.js";
import * as note from "./verify/note.js";
import * as tlogPolicy from "./verify/policy.js";
import * as tlogProof from "./verify/proof_text.js";
import { isObject, parseObject } from "./verify/strict_json.js";
import { attempt, demand, lacksCryptography, stepOf, unproven, utc, verdictOf } from "./verify/verdict.js";

const TYPE = "Completeness";
const MAX_BYTES = 4 * 1024 * 1024;
const MAX_HASHES = 63;

/** [step, what it waits for besides well_formed], in order. */
const STEPS = [
  ["well_formed", []],
  ["checkpoint_signed", []],
  ["witnessed", ["checkpoint_signed"]],
  ["included", ["checkpoint_signed"]],
  ["complete", ["checkpoint_signed", "included"]],
];
const CHECKS = { checkpoint_signed: checkpointSigned, witnessed, included, complete };

/** Whether text or bytes claim to be a completeness file. */
export function isCompleteness(input) {
  try {
    const members = parseObject(input);
    return members.type === TYPE || "entries" in members;
  } catch {
    return false;
  }
}

/**
 * {verdict, asOf, steps, type, proven} of a completeness file (text, or its UTF-8 bytes); never throws. `trust`, `at`: as for
 * steps.js. `proven`: {register, number, entries}, the count of them; null unless it is verified.
 */
export async function verifyCompleteness(input, trust, at) {
  const facts = { trust, at: at.getTime(), file: null, head: null, cosignedAt: null, isUnwitnessed: false };
  const missing = await lacksCryptography();
  const [steps, results] = [[], new Map()];
  const record = async (step, outcome) => {
    results.set(step, outcome.result);
    steps.push(await stepOf(step, outcome));
  };
  await record("well_formed", await attempt(() => void (facts.file = parse(input))));
  for (const [step, waits] of STEPS.slice(1)) {
    if (["well_formed", ...waits].some((name) => results.get(name) !== "passed")) {
      await record(step, { result: "not_reached", reason: null });
    } else if (missing) {
      await record(step, unproven("this browser offers no cryptography here"));
    } else {
      await record(step, await attempt(() => CHECKS[step](facts)));
    }
  }
  const verdict = verdictOf(steps);
  return { verdict, asOf: asOf(facts), type: TYPE, proven: verdict === "verified" ? provenBy(facts.file) : null, steps };
}

function provenBy({ register, number, entries }) {
  return { register, number, entries: entries.length };
}

/** The newest cosignature, or where no witness is asked, of a checkpoint that is signed, the newest entry listed; else null. */
function asOf({ file, cosignedAt, isUnwitnessed }) {
  if (cosignedAt !== null || !isUnwitnessed || file.entries.length === 0) return cosignedAt;
  return utc(Math.max(...file.entries.map(({ entry: { time } }) => time)));
}

function parse(input) {
  const size = typeof input === "string" ? utf8(input).length : input.length;
  if (size > MAX_BYTES) throw new Malformed("too_large", `a completeness file is at most ${MAX_BYTES} bytes`);
  const members = parseObject(input);
  if (members.v !== 1) fail("the file's version is not 1");
  if ("credential" in members) fail("a file holds a credential or the entries of an organization, never both");
  if (members.type !== TYPE) fail(`the file's type is not ${TYPE}`);
  const { origin, register, number, checkpoint: signed, proof, entries } = members;
  const areTexts = [origin, register, number, signed, proof].every((text) => typeof text === "string");
  if (!areTexts || !Array.isArray(entries)) fail("a member is absent or not of its type");
  if (!/^[a-z0-9]{1,16}$/.test(register) || !/^[A-Za-z0-9.-]{1,32}$/.test(number)) {
    throw new Malformed("organization", "not the code of a register and a number in it");
  }
  const path = bytesOf(members.path, "path");
  if (path.length % STEP !== 0) fail("a step of the path is not whole");
  const other = members.other ?? null;
  return {
    origin,
    register,
    number,
    signed,
    map: mapLog.parse(bytesOf(members.map, "map")),
    proof: tlogProof.parse(proof),
    path,
    other: other === null ? null : otherOf(other),
    entries: entries.map(includedOf),
  };
}

function otherOf(member) {
  if (!isObject(member)) fail("other is not of its type");
  return { key: hashOf(member.key), value: hashOf(member.value) };
}

function includedOf(member) {
  const hashes = isObject(member) ? member.hashes : null;
  if (!Array.isArray(hashes) || hashes.length > MAX_HASHES) fail("a listed entry is not of its form");
  const bytes = bytesOf(member.entry, "entry");
  return { bytes, entry: entry.parse(bytes), hashes: hashes.map(hashOf) };
}

function hashOf(text) {
  const bytes = bytesOf(text, "a hash");
  if (bytes.length !== 32) fail("a hash is not 32 bytes");
  return bytes;
}

function bytesOf(text, name) {
  if (typeof text !== "string") fail(`${name} is not the one standard base64 form of its bytes`);
  return unbase64(text);
}

async function checkpointSigned(facts) {
  const { trust, file } = facts;
  demand(file.origin === trust.origin, "the origin is not the trusted one");
  const keys = await Promise.all(trust.ledgerKeys.map((text) => note.parseVkey(text)));
  const head = await checkpoint.check(file.signed, keys);
  demand(head.origin === trust.origin, "the checkpoint is of another origin");
  facts.head = head;
}

async function witnessed(facts) {
  const policy = await tlogPolicy.parse(facts.trust.witnessPolicy);
  if (policy.quorum === null) {
    facts.isUnwitnessed = true; // the checkpoint is signed, or this step was not reached
    return { result: "not_asked", reason: "the trust file asks no witness" };
  }
  const { seconds, missing } = await tlogPolicy.checkWitnessed(policy, facts.file.signed, facts.at);
  if (missing !== null) return unproven(missing);
  facts.cosignedAt = utc(seconds * 1000);
  return undefined;
}

async function included({ file, head }) {
  for (const { entry: listed, bytes, hashes } of file.entries) {
    demand(listed.org === `${file.register}:${file.number}`, "an entry speaks of another organization");
    await checkInclusion(listed.index, head.size, await leafHash(bytes), hashes, head.root);
  }
}

async function complete({ trust, at, file, head }) {
  const missing = await checkMap(file, trust, head, at);
  if (missing !== null) return unproven(missing);
  const key = await mapLog.organizationKey(`${file.register}:${file.number}`);
  if (file.entries.length > 0) {
    demand(file.other === null, "another leaf is shown beside the organization's own");
    const [first, ...rest] = file.entries;
    await checkPresent(file.map.root, key, await later.valueOf(first, rest), file.path);
  } else {
    await checkAbsent(file.map.root, key, file.other, file.path);
  }
  return undefined;
}

function fail(message) {
  throw new Malformed("completeness", message);
}
