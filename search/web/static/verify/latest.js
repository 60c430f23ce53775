// The member `latest` of an evidence file: that nothing newer stands in the ledger under a checkpoint. Twin of
// registry/verify/latest.py, and of `check_map` in registry/verify/heads.py.

import { equal, unbase64 } from "./bytes.js";
import * as checkpoint from "./checkpoint.js";
import { Malformed, Untrue } from "./failure.js";
import * as later from "./later.js";
import * as mapLog from "./map_log.js";
import { checkInclusion, leafHash } from "./merkle.js";
import { checkPresent, STEP } from "./map_tree.js";
import * as note from "./note.js";
import * as tlogPolicy from "./policy.js";
import { isObject } from "./strict_json.js";
import * as tlogProof from "./proof_text.js";

/** purpose of a status list -> the member that speaks of it */
const LISTS = { revocation: "statusList", suspension: "suspensionList" };

/** {map, proof, newest: {member: {index, leaf, before, path}}} of the member. Malformed; unknown members are ignored. */
export function parse(members) {
  if (typeof members.proof !== "string") fail("latest has no proof");
  const map = mapLog.parse(bytesIn("map", members));
  const proof = tlogProof.parse(members.proof);
  const newest = Object.create(null);
  for (const name of ["organization", ...Object.values(LISTS)]) {
    if (name in members) newest[name] = parseNewest(members[name]);
  }
  return { map, proof, newest };
}

function parseNewest(member) {
  if (!isObject(member) || !Number.isSafeInteger(member.index) || member.index < 0) {
    fail("a member of latest is not of its form");
  }
  const [leaf, before, path] = ["leaf", "before", "path"].map((name) => bytesIn(name, member));
  if (leaf.length !== 32 || before.length % 32 !== 0 || path.length % STEP !== 0) {
    fail("a hash or a step of latest is not whole");
  }
  const n = member.n ?? null;
  if (n !== null && (!Number.isSafeInteger(n) || n < 0)) fail("a member of latest is not of its form");
  return { index: member.index, leaf, before, path, n };
}

function bytesIn(name, carrier) {
  try {
    if (typeof carrier[name] === "string") return unbase64(carrier[name]);
  } catch {
    // said below
  }
  return fail(`${name} is not the one standard base64 form of its bytes`, "base64");
}

/**
 * Untrue or Malformed unless `shown` ({map, proof}) is the map of the checkpoint `head`, and stands in the map's log.
 *
 * The reason why it cannot be said, or null.
 */
export async function checkMap(shown, trust, head, at) {
  const keys = await Promise.all((trust.indexKeys ?? []).map((text) => note.parseVkey(text)));
  if (keys.length === 0) return "the trust file names no key of the map's log";
  const index = await checkHead(shown, trust.origin, keys, head);
  const policy = await tlogPolicy.parse(trust.witnessPolicy);
  if (policy.quorum !== null && policy.logs.some(({ name }) => name === index.origin)) {
    const { missing } = await tlogPolicy.checkWitnessed(policy, shown.proof.checkpoint, at);
    if (missing !== null) return missing;
  }
  await checkLogged(shown, index);
  return null;
}

/** The checkpoint of the map's log, signed by one of `keys`, where the map is that of the ledger's `head`. Malformed or Untrue. */
async function checkHead({ map, proof }, origin, keys, head) {
  const indexOrigin = mapLog.indexOrigin(origin);
  demand(keys.every(({ name }) => name === indexOrigin), "the name of a key of the map's log is not that log's origin");
  const same = map.head.origin === origin && map.head.size === head.size && equal(map.head.root, head.root);
  demand(same, "the map belongs to another checkpoint");
  const index = await checkpoint.check(proof.checkpoint, keys);
  demand(index.origin === indexOrigin, "the map's checkpoint is of another origin");
  return index;
}

/** Untrue `inclusion` unless the root of the map stands in its log under that checkpoint. */
async function checkLogged({ map, proof }, { size, root }) {
  await checkInclusion(proof.index, size, await leafHash(map.bytes), proof.hashes, root);
}

/**
 * Untrue unless the map holds, under the organization of the carrier's entry, what that entry and the later ones give.
 *
 * The reason why it cannot be said, or null.
 */
export async function checkLater({ map, newest: { organization } }, carrier, followers, size) {
  if (organization === undefined) return "the evidence carries no proof that the credential is the latest";
  const { index, leaf, before, path, n } = organization;
  const isOwn = index === carrier.entry.index && equal(leaf, await leafHash(carrier.bytes));
  demand(isOwn && n !== null, "latest is not of this entry");
  const value = await later.valueAfter(carrier, followers, n, before, size);
  await checkPresent(map.root, await mapLog.organizationKey(carrier.entry.org), value, path);
  return null;
}

/** Untrue unless the map holds what `latest` shows under the organization; the reason why more cannot be said. */
export async function checkCut({ map, newest: { organization } }, carrier) {
  if (organization === undefined) return "the evidence carries no proof that the credential is the latest";
  const { index, leaf, before, path } = organization;
  const key = await mapLog.organizationKey(carrier.entry.org);
  await checkPresent(map.root, key, await mapLog.valueAfter(before, index, leaf), path);
  return "more entries came later than the evidence carries";
}

/** The reason why it cannot be said that the carrier's entry is the newest of its organization, or null. Untrue: it is not. */
export function checkOrganization({ map, newest }, carrier) {
  return checkNewest("the credential", newest.organization, map.root, mapLog.organizationKey(carrier.entry.org), carrier);
}

/** The same of the list of a purpose, by its id. */
export function checkList({ map, newest }, purpose, id, carrier) {
  return checkNewest(`the ${purpose} list`, newest[LISTS[purpose]], map.root, mapLog.listKey(id), carrier);
}

async function checkNewest(what, newest, root, key, { bytes, entry }) {
  if (newest === undefined) return `the evidence carries no proof that ${what} is the latest`;
  const { index, leaf, before, path } = newest;
  await checkPresent(root, await key, await mapLog.valueAfter(before, index, leaf), path);
  demand(index <= entry.index, `${what} is not the latest: entry ${index} stands after it`);
  const isSame = index === entry.index && equal(leaf, await leafHash(bytes));
  demand(isSame, `${what} is not what the map tells as the newest`);
  return null;
}

function demand(condition, message) {
  if (!condition) throw new Untrue("step", message);
}

function fail(message, code = "latest") {
  throw new Malformed(code, message);
}
