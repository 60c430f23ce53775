// What the map says of the ledger, and the leaves of the log in which its roots stand. Twin of registry/log/map_log.py.
//
//     key = SHA-256("greffe-map/v1\n" || "organization" or "status-list" || "\n" || org or id of the list)
//     value = the RFC 6962 root over the key's entries, with the leaves `u64 big endian index || leaf hash of the entry`
//     leaf of the log <origin>/index = hex(map root) || "\n" || the ledger's checkpoint, as the ledger signed it

import { concat, fromUtf8, hex, sha256, utf8 } from "./bytes.js";
import * as checkpoint from "./checkpoint.js";
import { Malformed, Untrue } from "./failure.js";
import { leafHash, nodeHash } from "./merkle.js";
import * as note from "./note.js";

/** The origin of the map's log. */
export function indexOrigin(origin) {
  return `${origin}/index`;
}

/** The key of an organization, by the `org` of its entries. */
export function organizationKey(org) {
  return keyOf("organization", org);
}

/** The key of a status list, by its id. */
export function listKey(id) {
  return keyOf("status-list", id);
}

function keyOf(kind, name) {
  return sha256(utf8(`greffe-map/v1\n${kind}\n${name}`));
}

/** The value of a key whose newest entry is that one; `before`: the hashes of its mini-log without it, in a row. */
export async function valueAfter(before, index, leaf) {
  if (before.length % 32 !== 0) throw new Untrue("hash_length", "a hash is not 32 bytes");
  const number = new Uint8Array(8);
  new DataView(number.buffer).setBigUint64(0, BigInt(index));
  let top = await leafHash(concat(number, leaf));
  for (let end = before.length; end > 0; end -= 32) top = await nodeHash(before.subarray(end - 32, end), top);
  return top;
}

/** {root, head, bytes} of a leaf of the map's log; `head`: the checkpoint that the root belongs to. Malformed `map_root`. */
export function parse(bytes) {
  let text = "";
  try {
    text = fromUtf8(bytes);
  } catch {
    fail("not a root and a checkpoint");
  }
  const [, digits, signed] = /^((?:[0-9A-Fa-f]{2})*)(?:\n(.*))?$/s.exec(text) ?? fail("not a root and a checkpoint");
  const root = Uint8Array.from(digits.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
  if (signed === undefined || root.length !== 32 || hex(root) !== digits) {
    fail("not the form in which a root of the map is printed");
  }
  return { root, head: checkpoint.parse(note.parse(signed).text), bytes };
}

function fail(message) {
  throw new Malformed("map_root", message);
}
