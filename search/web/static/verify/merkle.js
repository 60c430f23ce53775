// The Merkle tree of RFC 6962, as far as a verifier needs it. Twin of registry/log/merkle.py.
//
// Leaf hash = SHA-256(0x00 || entry), node hash = SHA-256(0x01 || left || right). Inclusion is checked as RFC 9162
// section 2.1.3.2 tells, with the strict refusals that it leaves open. Sizes go beyond 32 bits, so halving is division.

import { concat, equal, sha256 } from "./bytes.js";
import { Untrue } from "./failure.js";

const LEAF = Uint8Array.of(0);
const NODE = Uint8Array.of(1);

/** Hash of one entry. */
export function leafHash(entry) {
  return sha256(concat(LEAF, entry));
}

/** Hash of two subtrees, each 32 bytes. */
export function nodeHash(left, right) {
  return sha256(concat(NODE, left, right));
}

/** The root of a whole list of leaf hashes, by the recursion of RFC 6962 section 2.1. */
export async function rootOf(leaves) {
  if (leaves.length === 0) return sha256(new Uint8Array());
  if (leaves.length === 1) return leaves[0];
  let half = 1;
  while (half * 2 < leaves.length) half *= 2;
  return nodeHash(await rootOf(leaves.slice(0, half)), await rootOf(leaves.slice(half)));
}

/** Untrue `inclusion` unless `proof` shows that `leaf` is leaf `index` of the tree with that size and root. */
export async function checkInclusion(index, size, leaf, proof, root) {
  if ([leaf, root, ...proof].some((hash) => hash.length !== 32)) throw new Untrue("inclusion", "a hash is not 32 bytes");
  if (!Number.isSafeInteger(index) || !Number.isSafeInteger(size) || index < 0 || index >= size) {
    throw new Untrue("inclusion", `index ${index} is not in a tree of ${size}`);
  }
  const half = (number) => Math.floor(number / 2);
  let [fn, sn, running] = [index, size - 1, leaf];
  for (const sibling of proof) {
    if (sn === 0) throw new Untrue("inclusion", "the proof is too long");
    if (fn % 2 === 1 || fn === sn) {
      running = await nodeHash(sibling, running);
      while (fn % 2 === 0 && fn !== 0) [fn, sn] = [half(fn), half(sn)];
    } else {
      running = await nodeHash(running, sibling);
    }
    [fn, sn] = [half(fn), half(sn)];
  }
  if (sn !== 0) throw new Untrue("inclusion", "the proof is too short");
  if (!equal(running, root)) throw new Untrue("inclusion", "the proof leads to another root");
}
