// Cosignatures of checkpoints (c2sp.org/tlog-cosignature v1.1.0): a witness saw this head, and none larger, at that time.
//
//     signature = 8 bytes of POSIX seconds (big endian) || Ed25519 signature of `cosignature/v1\ntime <seconds>\n<text>`
//
// Twin of registry/log/cosignature.py. Those of algorithm 0x06 (ML-DSA-44) are beyond a browser: they are found and not checked.

import { concat, equal, utf8 } from "./bytes.js";
import { Untrue } from "./failure.js";
import { isSigned } from "./keys.js";
import { COSIGNATURE_ED25519 } from "./note.js";

const MAX_SECONDS = 2n ** 63n - 1n;

/** The cosignatures of a note under that key's name and id. */
export function linesOf(signed, { name, keyId }) {
  return signed.signatures.filter((line) => line.name === name && equal(line.keyId, keyId));
}

/**
 * When `key` (Ed25519) cosigned the note: POSIX seconds, the newest where it did so repeatedly.
 *
 * Untrue `not_cosigned`: it did not. Untrue `cosignature`: a cosignature under its name and id is wrong.
 */
export async function check(signed, key) {
  const own = key.algorithm === COSIGNATURE_ED25519 ? linesOf(signed, key) : [];
  if (own.length === 0) throw new Untrue("not_cosigned", `${key.name} has not cosigned it`);
  const times = await Promise.all(own.map((line) => checked(signed.text, key, line.signature)));
  return Number(times.reduce((newest, time) => (time > newest ? time : newest)));
}

async function checked(text, key, signature) {
  const seconds = signature.subarray(0, 8).reduce((number, byte) => number * 256n + BigInt(byte), 0n);
  const message = concat(utf8(`cosignature/v1\ntime ${seconds}\n`), utf8(text));
  const inRange = 0n < seconds && seconds <= MAX_SECONDS;
  if (!inRange || !(await isSigned({ kind: "Ed25519", raw: key.publicKey }, signature.subarray(8), message))) {
    throw new Untrue("cosignature", `the cosignature of ${key.name} is wrong`);
  }
  return seconds;
}
