// Reads a trust file that somebody chose: every member of its type, and every key of its form. Twin of `parse` in
// registry/verify/trust.py.

import { hex, sha256, utf8 } from "./bytes.js";
import { Malformed } from "./failure.js";
import { print } from "./jcs.js";
import { fromMultikey } from "./keys.js";
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
  if (!isObject(contexts) || !Object.values(contexts).every(isText)) fail("contexts is not a map of URL to SHA-256");
  if (!isObject(require) || typeof require.current !== "boolean") fail("require is absent or not of its type");
  await tlogPolicy.parse(witnessPolicy);
  for (const issuer of listOf(trust.issuers, isObject)) checkIssuer(issuer);
  return trust;
}

/** What tells one trust file from another: SHA-256 of its JCS form, in hex. */
export async function fingerprint(trust) {
  return hex(await sha256(utf8(print(trust))));
}

async function vkeysOf(list) {
  return Promise.all(listOf(list, isText).map((text) => parseVkey(text)));
}

function checkIssuer(issuer) {
  if (!isText(issuer.did)) fail("an issuer has no did");
  listOf(issuer.registers, isText);
  if ("types" in issuer) listOf(issuer.types, isText);
  for (const { id, publicKeyMultibase, use } of listOf(issuer.keys, isObject)) {
    if (!isText(id) || !isText(publicKeyMultibase)) fail("a key is not of its form");
    if (!["credential", "status"].includes(use)) fail("a key's use is credential or status");
    fromMultikey(publicKeyMultibase);
  }
}

function listOf(list, isOne) {
  if (!Array.isArray(list) || !list.every(isOne)) fail("a list is absent or not of its type");
  return list;
}

function fail(message) {
  throw new Malformed("trust", message);
}
