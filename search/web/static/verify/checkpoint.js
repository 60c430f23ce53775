// Checkpoints (c2sp.org/tlog-checkpoint v1.0.0): origin, size and root of the ledger. Twin of registry/log/checkpoint.py.
//
//     <origin>\n<size in decimal>\n<base64 of the root>\n
//
// No extension line is accepted of our own ledger.

import { base64, unbase64 } from "./bytes.js";
import { Malformed } from "./failure.js";
import * as note from "./note.js";

/** {origin, size, root} of a note's text. Malformed `checkpoint`. */
export function parse(text) {
  const lines = text.split("\n");
  if (lines.length !== 4 || lines[3] !== "") throw new Malformed("checkpoint", "not three lines");
  if (!/^(0|[1-9][0-9]{0,4299})$/.test(lines[1])) throw new Malformed("checkpoint", "not a size and a root");
  // a size beyond 2^53 is read, and nothing is in a tree of it (merkle.js)
  const found = { origin: lines[0], size: Number(lines[1]), root: rootIn(lines[2]) };
  if (found.root.length !== 32 || !note.isName(found.origin)) {
    throw new Malformed("checkpoint", "not the form in which a checkpoint is printed");
  }
  return found;
}

function rootIn(text) {
  try {
    return unbase64(text);
  } catch {
    throw new Malformed("checkpoint", "not a size and a root");
  }
}

export function print({ origin, size, root }) {
  return `${origin}\n${size}\n${base64(root)}\n`;
}

/** The checkpoint of a signed note. Malformed, or Untrue `signature` when none of `keys` signed it. */
export async function check(text, keys) {
  const signed = note.parse(text);
  const found = parse(signed.text);
  await note.check(signed, keys);
  return found;
}
