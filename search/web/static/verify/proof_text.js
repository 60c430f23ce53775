// Offline inclusion proofs (c2sp.org/tlog-proof, version 1): index, audit path, checkpoint. Twin of registry/log/proof_text.py.
//
//     c2sp.org/tlog-proof@v1\nindex <n>\n<base64 hash>\n...\n\n<checkpoint with its signatures>
//
// An `extra` line is refused: nothing signs it, and ours never carry one. The checkpoint stays text here.

import { base64, unbase64 } from "./bytes.js";
import { Malformed } from "./failure.js";

const HEADER = "c2sp.org/tlog-proof@v1";

/** {index, hashes, checkpoint} of the text; `print` of it gives the same text. Malformed `tlog_proof`. */
export function parse(text) {
  const split = text.indexOf("\n\n");
  const lines = text.slice(0, Math.max(split, 0)).split("\n");
  const index = /^index (0|[1-9][0-9]{0,15})$/.exec(lines[1] ?? "");
  const isProof = split >= 0 && lines[0] === HEADER && Number.isSafeInteger(Number(index?.[1] ?? Number.NaN));
  if (!isProof) throw new Malformed("tlog_proof", "not a tlog-proof");
  const proof = { index: Number(index[1]), hashes: lines.slice(2).map(unbase64), checkpoint: text.slice(split + 2) };
  if (proof.hashes.length > 63 || proof.hashes.some((hash) => hash.length !== 32) || print(proof) !== text) {
    throw new Malformed("tlog_proof", "not the form in which a tlog-proof is printed");
  }
  return proof;
}

export function print({ index, hashes, checkpoint }) {
  return `${[HEADER, `index ${index}`, ...hashes.map(base64)].join("\n")}\n\n${checkpoint}`;
}
