// One ledger entry: the RFC 8785 JSON object that every auditor parses. Twin of registry/log/entry.py.

import { concat, equal, hex, hmacSha256, sha256, utf8 } from "./bytes.js";
import { jcs } from "./jcs.js";
import { Malformed } from "./failure.js";
import { parseObject } from "./strict_json.js";

/** Kinds that carry one credential each. */
export const CREDENTIAL_KINDS = ["issue", "supersede", "correct"];
const MAX_BYTES = 65_535;
const MAX_TIME = 253_402_300_800_000;
const ALWAYS = ["index", "kind", "prev", "time", "v"];
const ISSUE = ["commitment", "issuer", "key", "org", "type"];

// kind -> [members that it must have, members that it may have]
const MEMBERS = new Map([
  ["issue", [ISSUE, ["effective"]]],
  ["supersede", [[...ISSUE, "refers"], ["effective"]]],
  ["correct", [[...ISSUE, "reason", "refers"], ["effective"]]],
  ["status", [["commitment", "issuer", "key", "reason", "type"], ["refers"]]],
  ["key", [["commitment", "issuer"], []]],
  ["policy", [["commitment"], []]],
  ["erase", [["org", "reason", "refers"], []]],
  ["note", [["reason"], ["commitment"]]],
]);
const PATTERNS = {
  commitment: /^[0-9a-f]{64}$/,
  prev: /^[0-9a-f]{64}$/,
  org: /^(?:[a-z0-9]{1,16}:[A-Za-z0-9.-]{1,32}|~[0-9a-f]{64})$/,
  issuer: /^did:[!-~]{1,300}$/,
  key: /^did:[!-~]{1,300}#[!-~]{1,100}$/,
  type: /^[A-Za-z0-9]{1,64}$/,
  effective: /^[0-9]{4}-[0-9]{2}-[0-9]{2}(?:T[0-9]{2}:[0-9]{2}:[0-9]{2}Z)?$/,
  reason: /^[a-z0-9_]{1,64}$/,
};

/** The entry of those bytes. Malformed `entry`: another form, a member that its kind has not, or lacks. */
export function parse(bytes) {
  if (bytes.length > MAX_BYTES) fail(`larger than ${MAX_BYTES} bytes`);
  const entry = parseObject(bytes);
  if (entry.v !== 1) fail("its version is not 1");
  const [must, may] = MEMBERS.get(entry.kind) ?? fail("no such kind of entry");
  const names = Object.keys(entry);
  if ([...ALWAYS, ...must].some((name) => !names.includes(name))) fail("a member that it must have is absent");
  if (names.some((name) => ![ALWAYS, must, may].some((list) => list.includes(name)))) fail("a member too many");
  for (const [name, pattern] of Object.entries(PATTERNS)) {
    if (name in entry && (typeof entry[name] !== "string" || !pattern.test(entry[name]))) {
      fail(`${name} is not of its form`);
    }
  }
  const refers = entry.refers ?? [];
  if (!Array.isArray(refers) || refers.length > 256 || ("refers" in entry && refers.length === 0)) {
    fail("refers names 1 to 256 entries");
  }
  if ([entry.index, entry.time, ...refers].some((number) => !Number.isSafeInteger(number) || number < 0)) {
    fail("index, time and refers are whole numbers");
  }
  if (entry.time >= MAX_TIME) fail("time lies beyond the year 9999");
  if (refers.some((number) => number >= entry.index)) fail("refers names earlier entries");
  if (!equal(jcs(entry), bytes)) fail("not the form in which an entry is printed");
  return entry;
}

/** SHA-256 of a prefix, the salt (32 bytes) and the JCS of the document without its `proof`; 64 hex digits. */
export async function commitment(salt, document) {
  const statement = Object.assign(Object.create(null), document);
  delete statement.proof;
  return hex(await sha256(concat(utf8("greffe-commitment/v1\n"), salt, jcs(statement))));
}

/** The `org` of a natural person: `~` and HMAC-SHA256(orgSalt, prefix || register:number) in hex. */
export async function pseudonym(orgSalt, register, number) {
  return `~${hex(await hmacSha256(orgSalt, utf8(`greffe-org/v1\n${register}:${number}`)))}`;
}

function fail(message) {
  throw new Malformed("entry", message);
}
