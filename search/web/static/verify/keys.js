// Keys and how they are written: Ed25519, P-256, P-384; Multikey (Controlled Identifiers 1.0 section 2.2.2).
//
// Twin of registry/keys.py. The signature checks are the browser's own (WebCrypto); it reads no compressed points, so these
// are unfolded by points.js, which is loaded where there is one.

import { base58, unbase58 } from "./base58.js";
import { concat, equal } from "./bytes.js";
import { Malformed } from "./failure.js";

/** kind -> multicodec prefix, bytes of the raw key, bytes of a signature, and the hash that goes with it. */
const FORMS = {
  Ed25519: { prefix: Uint8Array.of(0xed, 0x01), length: 32, signature: 64, hash: "SHA-256" },
  "P-256": { prefix: Uint8Array.of(0x80, 0x24), length: 33, signature: 64, hash: "SHA-256" },
  "P-384": { prefix: Uint8Array.of(0x81, 0x24), length: 49, signature: 96, hash: "SHA-384" },
};
/** `publicKeyMultibase` of a key {kind, raw}: z + base58btc(multicodec prefix || raw). */
export function multikey({ kind, raw }) {
  return `z${base58(concat(FORMS[kind].prefix, raw))}`;
}

/** The key {kind, raw} of a Multikey; points stay compressed. Malformed `multikey`: of another kind, or not its one form. */
export function fromMultikey(text) {
  const bytes = text.startsWith("z") ? unbase58(text.slice(1)) : new Uint8Array();
  for (const [kind, { prefix, length }] of Object.entries(FORMS)) {
    if (bytes.length !== 2 + length || !equal(bytes.subarray(0, 2), prefix)) continue;
    const key = { kind, raw: bytes.subarray(2) };
    if (multikey(key) === text) return key;
  }
  throw new Malformed("multikey", "not a Multikey of an Ed25519, P-256 or P-384 key");
}

/** The hash (SubtleCrypto's name) that goes with keys of that kind. */
export function hashOf(kind) {
  return FORMS[kind].hash;
}

/** Whether a key of a curve is a point of it; of Ed25519 nothing is asked. */
export async function isPoint({ kind, raw }) {
  return kind === "Ed25519" || (await import("./points.js")).unfolded(kind, raw) !== null;
}

/** Whether `signature` is one of `message` by the key {kind, raw}; wrong lengths are just false. */
export async function isSigned({ kind, raw }, signature, message) {
  const form = FORMS[kind];
  if (raw.length !== form.length || signature.length !== form.signature) return false;
  const onCurve = kind === "Ed25519" ? raw : (await import("./points.js")).unfolded(kind, raw);
  if (onCurve === null) return false;
  const [algorithm, how] =
    kind === "Ed25519" ? [kind, kind] : [{ name: "ECDSA", namedCurve: kind }, { name: "ECDSA", hash: form.hash }];
  try {
    const key = await crypto.subtle.importKey("raw", onCurve, algorithm, false, ["verify"]);
    return await crypto.subtle.verify(how, key, signature, message);
  } catch (error) {
    // a key that is no point of the curve is refused on import
    if (error.name === "DataError") return false;
    throw error;
  }
}
