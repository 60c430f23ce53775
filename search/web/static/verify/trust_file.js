// Reads a trust file that somebody chose: every member of its type, and every key of its form. Twin of `parse` in
// registry/verify/trust.py.

import { hex, sha256, utf8 } from "./bytes.js";
import { Malformed } from "./failure.js";
import { print } from "./jcs.js";
import { fromMultikey, isPoint } from "./keys.js";
import { indexOrigin } from "./map_log.js";
import { parseVkey } from "./note.js";
import * as tlogPolicy from "./policy.js";
import { isObject, parseObject } from "./strict_json.js";

const isText = (value) => typeof value === "string";

/** The members of a trust file, a text or its UTF-8 bytes. Malformed. */
export async function parse(input) {
  const trust = parseObject(input);
  if (trust.v !== 1) fail("the trust file's version is not 1");
  const { origin, genesisKey, witnessPolicy, contexts, require } = trust;
  if (![origin, genesisKey, witnessPolicy].every(isText)) fail("a member is absent or not of its type");
  const genesis = await parseVkey(genesisKey);
  const ledgerKeys = await vkeysOf(trust.ledgerKeys);
  const indexKeys = await vkeysOf("indexKeys" in trust ? trust.indexKeys : []);
  if (ledgerKeys.length === 0) fail("ledgerKeys is empty");
  if (![genesis, ...ledgerKeys].every(({ name }) => name === origin)) fail("a ledger key's name is not the origin");
  if (!indexKeys.every(({ name }) => name === indexOrigin(origin))) {
    fail("the name of a key of the map's log is not that log's origin");
  }
  const isDigest = (value) => isText(value) && /^[0-9a-f]{64}$/.test(value);
  if (!isObject(contexts) || !Object.values(contexts).every(isDigest)) fail("contexts is not a map of URL to SHA-256");
  if (!isObject(require) || typeof require.current !== "boolean") fail("require is absent or not of its type");
  await tlogPolicy.parse(witnessPolicy);
  const issuers = listOf(trust.issuers, isObject);
  for (const issuer of issuers) await checkIssuer(issuer);
  if (isTwice(issuers.map(({ did }) => did))) fail("an issuer stands twice");
  return trust;
}

/** What tells one trust file from another: SHA-256 of its JCS form, in hex. */
export async function fingerprint(trust) {
  return hex(await sha256(utf8(print(trust))));
}

async function vkeysOf(list) {
  return Promise.all(listOf(list, isText).map((text) => parseVkey(text)));
}

function isTwice(names) {
  return new Set(names).size < names.length;
}

async function checkIssuer(issuer) {
  if (!isText(issuer.did) || !issuer.did.startsWith("did:")) fail("an issuer is no DID");
  listOf(issuer.registers, isText);
  if ("types" in issuer) listOf(issuer.types, isText);
  const keys = listOf(issuer.keys, isObject);
  if (isTwice(keys.map(({ id }) => id))) fail("a key's id stands twice");
  for (const { id, publicKeyMultibase, use } of keys) {
    if (!isText(id) || !isText(publicKeyMultibase)) fail("a key is not of its form");
    if (!["credential", "status"].includes(use)) fail("a key's use is credential or status");
    if (!(await isPoint(fromMultikey(publicKeyMultibase)))) fail("a key is no point of its curve");
  }
}

function listOf(list, isOne) {
  if (!Array.isArray(list) || !list.every(isOne)) fail("a list is absent or not of its type");
  return list;
}

function fail(message) {
  throw new Malformed("trust", message);
}
