// Witness policies (c2sp.org/tlog-policy): which witnesses there are, and which of them are enough. Twin of
// registry/log/policy.py, refusal by refusal.
//
//     log <vkey> [<url>]
//     witness <name> <vkey> [<url>]
//     group <name> all|any|<k> <name>...
//     quorum <name>|none

import { equal } from "./bytes.js";
import * as cosignature from "./cosignature.js";
import { Malformed, Untrue } from "./failure.js";
import { COSIGNATURE_ED25519, COSIGNATURES, parse as parseNote, parseVkey } from "./note.js";
import { ALLOWED_SKEW_MS } from "./verdict.js";

const NONE = "none";
const MAX_CHARACTERS = 256 * 1024;
const MAX_WITNESSES = 48;
const MAX_GROUPS = 48;

/** line -> what reads it, and how many words stand behind it */
const LINES = new Map([
  ["log", [takeLog, 1, 2]],
  ["witness", [takeWitness, 2, 3]],
  ["group", [takeGroup, 3, Infinity]],
  ["quorum", [takeQuorum, 1, 1]],
]);

/**
 * {logs: [key], witnesses: [{name, key, url}], groups: Map of name to {threshold, members}, quorum: name or null} of the text
 * of a policy file. Malformed `policy`, saying which line.
 */
export async function parse(text) {
  if (text.length > MAX_CHARACTERS || /[\u0000-\u0008\u000b-\u001f\u007f]/.test(text)) {
    fail("the policy is too long, or holds a control character");
  }
  const policy = { logs: [], witnesses: [], groups: new Map(), quorum: undefined, names: new Set(), members: new Set() };
  for (const [n, line] of text.split("\n").entries()) {
    const words = line.split(/[ \t]+/).filter((word) => word !== "");
    if (words.length === 0 || words[0].startsWith("#")) continue;
    try {
      await take(policy, words);
    } catch (error) {
      if (!(error instanceof Malformed)) throw error;
      fail(`line ${n + 1} of the policy: ${error.message}`);
    }
  }
  if (policy.quorum === undefined) fail("the policy has no quorum line");
  return policy;
}

async function take(policy, [what, ...words]) {
  const [taker, least, most] = LINES.get(what) ?? fail("neither log, witness, group nor quorum");
  if (words.length < least || words.length > most) fail(`too few or too many words behind ${what}`);
  await taker(policy, words);
}

async function takeLog(policy, [vkey]) {
  const key = await parseVkey(vkey);
  if (policy.logs.some((other) => equal(other.publicKey, key.publicKey))) fail("a log with the same key stands above");
  policy.logs.push(key);
}

async function takeWitness(policy, [name, vkey, url = null]) {
  const key = await parseVkey(vkey, COSIGNATURES);
  if (policy.witnesses.some((other) => equal(other.key.publicKey, key.publicKey))) {
    fail("a witness with the same key stands above");
  }
  if (policy.witnesses.length === MAX_WITNESSES) fail(`more than ${MAX_WITNESSES} witnesses`);
  define(policy, name);
  policy.witnesses.push({ name, key, url });
}

function takeGroup(policy, [name, wanted, ...members]) {
  for (const member of members) {
    if (!policy.names.has(member)) fail(`${member} is not defined above`);
    if (policy.members.has(member)) fail(`${member} is a member already`);
    policy.members.add(member);
  }
  const count = /^[1-9][0-9]{0,3}$/.test(wanted) ? Number(wanted) : 0;
  const threshold = new Map([["all", members.length], ["any", 1]]).get(wanted) ?? count;
  if (threshold < 1 || threshold > members.length) {
    fail("the threshold is not all, any, or from 1 to the number of members");
  }
  if (policy.groups.size === MAX_GROUPS) fail(`more than ${MAX_GROUPS} groups`);
  define(policy, name);
  policy.groups.set(name, { threshold, members });
}

function takeQuorum(policy, [name]) {
  if (policy.quorum !== undefined) fail("a second quorum line");
  if (name !== NONE && !policy.names.has(name)) fail(`${name} is not defined above`);
  policy.quorum = name === NONE ? null : name;
}

function define(policy, name) {
  if (name === NONE || policy.names.has(name)) fail(`the name ${name} is taken`);
  policy.names.add(name);
}

/** Whether the cosignatures of those witnesses (a Set of their names in the policy) are enough. */
export function isMet({ groups, quorum }, names) {
  const has = (name) => {
    const group = groups.get(name);
    return group === undefined ? names.has(name) : group.members.filter(has).length >= group.threshold;
  };
  return quorum === null || has(quorum);
}

/**
 * {times: Map of name to POSIX seconds, unread: Set of names}: the witnesses that cosigned a checkpoint, and those of which
 * there is a cosignature that a browser cannot check. Untrue `cosignature`: the cosignature of one of them is wrong.
 */
export async function cosigned({ witnesses }, signed) {
  const [times, unread] = [new Map(), new Set()];
  for (const { name, key } of witnesses) {
    if (cosignature.linesOf(signed, key).length === 0) continue;
    if (key.algorithm === COSIGNATURE_ED25519) times.set(name, await cosignature.check(signed, key));
    else unread.add(name);
  }
  return { times, unread };
}

/**
 * {seconds, missing}: when the witnesses of the policy cosigned a checkpoint (text), the newest of them; or the reason why it
 * cannot be said. Malformed, or Untrue: a cosignature is wrong, or the quorum is not met; one of the future does not count (`at`:
 * ms).
 */
export async function checkWitnessed(policy, signed, at) {
  const latest = (at + ALLOWED_SKEW_MS) / 1000;
  const { times, unread } = await cosigned(policy, parseNote(signed));
  if (times.size + unread.size === 0) return { missing: "no witness of the policy has cosigned the checkpoint" };
  const counted = new Map([...times].filter(([, seconds]) => seconds <= latest));
  if (isMet(policy, new Set(counted.keys()))) return { seconds: Math.max(...counted.values()), missing: null };
  if (!isMet(policy, new Set([...counted.keys(), ...unread]))) {
    throw new Untrue("step", "the witnesses that cosigned are fewer than the policy demands");
  }
  return { missing: "the policy needs a cosignature of ML-DSA-44, which this browser cannot check" };
}

function fail(message) {
  throw new Malformed("policy", message);
}
