// Keys and how they are written: Ed25519, P-256, P-384; Multikey (Controlled Identifiers 1.0 section 2.2.2).
//
// Twin of registry/keys.py. The signature checks are the browser's own (WebCrypto); it reads no compressed points, so these
// are unfolded here.

import { base58, unbase58 } from "./base58.js";
import { concat, equal } from "./bytes.js";
import { Malformed } from "./failure.js";

/** kind -> multicodec prefix, bytes of the raw key, bytes of a signature, and the hash that goes with it. */
const FORMS = {
  Ed25519: { prefix: Uint8Array.of(0xed, 0x01), length: 32, signature: 64, hash: "SHA-256" },
  "P-256": { prefix: Uint8Array.of(0x80, 0x24), length: 33, signature: 64, hash: "SHA-256" },
  "P-384": { prefix: Uint8Array.of(0x81, 0x24), length: 49, signature: 96, hash: "SHA-384" },
};
/** FIPS 186-4 section D.1.2: the field's prime and the coefficient b (a is -3). */
const CURVES = {
  "P-256": {
    p: 2n ** 256n - 2n ** 224n + 2n ** 192n + 2n ** 96n - 1n,
    b: 0x5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604bn,
  },
  "P-384": {
    p: 2n ** 384n - 2n ** 128n - 2n ** 96n + 2n ** 32n - 1n,
    b: 0xb3312fa7e23ee7e4988e056be3f82d19181d9c6efe8141120314088f5013875ac656398d8a2ed19d2a85c8edd3ec2aefn,
  },
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

/** Whether `signature` is one of `message` by the key {kind, raw}; wrong lengths are just false. */
export async function isSigned({ kind, raw }, signature, message) {
  const form = FORMS[kind];
  if (raw.length !== form.length || signature.length !== form.signature) return false;
  const onCurve = kind === "Ed25519" ? raw : unfolded(kind, raw);
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

/** The uncompressed point (SEC 1 section 2.3.4), or null where the x is of no point. */
function unfolded(kind, raw) {
  const { p, b } = CURVES[kind];
  const x = toNumber(raw.subarray(1));
  if ((raw[0] !== 2 && raw[0] !== 3) || x >= p) return null;
  const square = (((x * x * x - 3n * x + b) % p) + p) % p;
  const root = power(square, (p + 1n) / 4n, p); // both primes are 3 modulo 4
  if ((root * root) % p !== square) return null;
  const y = Number(root & 1n) === (raw[0] & 1) ? root : p - root;
  return concat(Uint8Array.of(4), raw.subarray(1), toBytes(y, raw.length - 1));
}

function power(number, exponent, modulus) {
  let result = 1n;
  for (let base = number, rest = exponent; rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = (result * base) % modulus;
    base = (base * base) % modulus;
  }
  return result;
}

function toNumber(bytes) {
  let number = 0n;
  for (const byte of bytes) number = number * 256n + BigInt(byte);
  return number;
}

function toBytes(number, length) {
  const bytes = new Uint8Array(length);
  let rest = number;
  for (let place = length - 1; place >= 0; place -= 1, rest >>= 8n) bytes[place] = Number(rest & 255n);
  return bytes;
}
