// Signed notes (c2sp.org/signed-note v1.0.0): a text, a blank line, and signature lines. Twin of registry/log/note.py.
//
//     — <name> <base64(4-byte key id || signature)>
//
// Key id = SHA-256(name || 0x0A || algorithm || public key)[:4]; a verifier key is `name+hex(key id)+base64(alg || key)`.
// Unknown (name, id) pairs are ignored, a known key whose signature is wrong refuses the whole note, and a note that no
// known key signed is refused. Only algorithm 0x01 (Ed25519) is checked; the keys of cosigners are read here too, what they
// sign is told in cosignature.js.

import { base64, concat, equal, hex, sha256, unbase64, utf8 } from "./bytes.js";
import { Malformed, Untrue } from "./failure.js";
import { isSigned } from "./keys.js";

export const ED25519 = 0x01;
export const COSIGNATURE_ED25519 = 0x04;
export const COSIGNATURE_ML_DSA_44 = 0x06;
/** Those that cosign, for parseVkey. */
export const COSIGNATURES = [COSIGNATURE_ED25519, COSIGNATURE_ML_DSA_44];
const KEY_BYTES = { [ED25519]: 32, [COSIGNATURE_ED25519]: 32, [COSIGNATURE_ML_DSA_44]: 1312 };
const MAX_SIGNATURES = 64;
/** A text and that many cosignatures of the largest kind have room. */
const MAX_CHARACTERS = 256 * 1024;

/** A plus sign, and what Python's str.isspace knows: `\s` has U+FEFF besides, and lacks U+001C to U+001F and U+0085. */
const NOT_IN_A_NAME = /[+\u0009-\u000d\u001c-\u0020\u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]/;

/** Whether `name` can name a key: not empty, no space, no plus sign. */
export function isName(name) {
  return name !== "" && !NOT_IN_A_NAME.test(name);
}

/** {name, algorithm, publicKey, keyId} of a vkey text, of a log unless told otherwise. Malformed `vkey`. */
export async function parseVkey(text, algorithms = [ED25519]) {
  const [, name, id, data] = /^([^+]*)\+([^+]*)\+(.*)$/s.exec(text) ?? fail("vkey", "not a verifier key");
  let bytes;
  try {
    bytes = unbase64(data);
  } catch {
    fail("vkey", "not a verifier key");
  }
  const algorithm = bytes[0];
  if (!algorithms.includes(algorithm)) fail("vkey", "a verifier key of another algorithm than is wanted here");
  const keyId = (await sha256(concat(utf8(`${name}\n`), bytes))).subarray(0, 4);
  if (!isName(name) || bytes.length !== 1 + KEY_BYTES[algorithm] || hex(keyId) !== id) {
    fail("vkey", "not the form in which a verifier key is printed");
  }
  return { name, algorithm, publicKey: bytes.subarray(1), keyId };
}

/** {text, signatures: [{name, keyId, signature}]} of a note; `print` of it gives the same text. Malformed `note`. */
export function parse(text) {
  if (text.length > MAX_CHARACTERS) fail("note", "the note is too long");
  const split = text.lastIndexOf("\n\n");
  const lines = text.slice(split + 2);
  if (split < 0 || !lines.endsWith("\n")) fail("note", "no blank line before the signatures");
  if (/[\u0000-\u0009\u000b-\u001f]/.test(text)) fail("note", "a control character");
  const signatures = lines.slice(0, -1).split("\n").map(parseLine);
  if (signatures.length > MAX_SIGNATURES) fail("note", `more than ${MAX_SIGNATURES} signatures`);
  const note = { text: text.slice(0, split + 1), signatures };
  if (print(note) !== text) fail("note", "not the form in which a note is printed");
  return note;
}

export function print(note) {
  const lines = note.signatures.map(
    ({ name, keyId, signature }) => `— ${name} ${base64(concat(keyId, signature))}\n`,
  );
  return `${note.text}\n${lines.join("")}`;
}

function parseLine(line) {
  const [, name, data] = /^— ([^ ]+) ([A-Za-z0-9+/]+={0,2})$/.exec(line) ?? fail("note", "not a signature line");
  if (!isName(name)) fail("note", "not a signature line");
  let bytes;
  try {
    bytes = unbase64(data);
  } catch {
    fail("note", "a signature is not base64");
  }
  if (bytes.length < 5) fail("note", "a signature is too short");
  return { name, keyId: bytes.subarray(0, 4), signature: bytes.subarray(4) };
}

/** The known keys that signed the note. Untrue `signature`: a known key's signature is wrong, or there is none. */
export async function check(note, keys) {
  const signed = [];
  for (const { name, keyId, signature } of note.signatures) {
    const key = keys.find((known) => known.algorithm === ED25519 && known.name === name && equal(known.keyId, keyId));
    if (key === undefined) continue;
    if (!(await isSigned({ kind: "Ed25519", raw: key.publicKey }, signature, utf8(note.text)))) {
      throw new Untrue("signature", `the signature of ${name} is wrong`);
    }
    signed.push(key);
  }
  if (signed.length === 0) throw new Untrue("signature", "no trusted key signed it");
  return signed;
}

function fail(code, message) {
  throw new Malformed(code, message);
}
