// A verifiable map: 32-byte keys to 32-byte values under one root (the Merkle Patricia tree of rsc.io/tmp/mpt). Twin of
// registry/log/map_tree.py, as far as a verifier needs it: that a key is present, or absent.
//
//     leaf = SHA-256(key || value)   inner = SHA-256(left || right || u8 bit)
//
// A proof is the way from a leaf up: `u8 bit || 32-byte sibling` for each inner node, bits strictly decreasing.

import { concat, equal, sha256 } from "./bytes.js";
import { Malformed, Untrue } from "./failure.js";

const BITS = 256;
export const STEP = 33;

/** Untrue `map` unless the map of that root holds `value` under `key`. */
export async function checkPresent(root, key, value, path) {
  if (!equal(await fold(key, value, path), root)) throw new Untrue("map", "the map does not hold that under the key");
}

/** Untrue `map` unless the map of that root holds nothing under `key`; `other`: {key, value} of the leaf it leads to, or null. */
export async function checkAbsent(root, key, other, path) {
  if (other === null) {
    if (path.length > 0 || !equal(root, await sha256(new Uint8Array()))) throw new Untrue("map", "the map is not empty");
    return;
  }
  if (equal(other.key, key)) throw new Untrue("map", "the leaf shown is that of the key itself");
  for (let start = 0; start < path.length; start += STEP) {
    if (isSet(key, path[start]) !== isSet(other.key, path[start])) {
      throw new Untrue("map", "the key does not lead to the leaf that is shown");
    }
  }
  if (!equal(await fold(other.key, other.value, path), root)) throw new Untrue("map", "the leaf shown is not in the map");
}

function isSet(key, bit) {
  return ((key[bit >> 3] >> (7 - (bit & 7))) & 1) === 1;
}

async function fold(key, value, path) {
  if (key.length !== 32 || value.length !== 32) throw new Untrue("map", "keys and values have 32 bytes");
  if (path.length % STEP !== 0) throw new Malformed("map", "a proof is made of steps of 33 bytes");
  let top = await sha256(concat(key, value));
  let last = BITS;
  for (let start = 0; start < path.length; start += STEP) {
    const bit = path[start];
    if (bit >= last) throw new Untrue("map", "the bits of a proof decrease");
    last = bit;
    const sibling = path.subarray(start + 1, start + STEP);
    top = await sha256(concat(...(isSet(key, bit) ? [sibling, top] : [top, sibling]), Uint8Array.of(bit)));
  }
  return top;
}
