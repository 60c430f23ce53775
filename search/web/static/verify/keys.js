// Ed25519 keys and how they are written: Multikey (Controlled Identifiers 1.0 section 2.2.2), base58-btc.
//
// Twin of registry/keys.py. The signature check is the browser's own (WebCrypto, RFC 8032).

import { concat, equal } from "./bytes.js";
import { Malformed } from "./failure.js";

const ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
const ED25519 = Uint8Array.of(0xed, 0x01);

/** base58-btc, leading zero bytes as `1`. */
export function base58(bytes) {
  let number = 0n;
  for (const byte of bytes) number = number * 256n + BigInt(byte);
  let text = "";
  for (; number > 0n; number /= 58n) text = ALPHABET[Number(number % 58n)] + text;
  return "1".repeat(leading(bytes, 0)) + text;
}

/** The bytes of a base58-btc text. Malformed `base58`: a foreign character, or over 256 characters. */
export function unbase58(text) {
  if (text.length > 256) throw new Malformed("base58", "not base58-btc");
  let number = 0n;
  for (const character of text) {
    const digit = ALPHABET.indexOf(character);
    if (digit < 0) throw new Malformed("base58", "not base58-btc");
    number = number * 58n + BigInt(digit);
  }
  const bytes = [];
  for (; number > 0n; number /= 256n) bytes.unshift(Number(number % 256n));
  return concat(new Uint8Array(leading(text, "1")), Uint8Array.from(bytes));
}

function leading(sequence, item) {
  let count = 0;
  while (count < sequence.length && sequence[count] === item) count += 1;
  return count;
}

/** `publicKeyMultibase` of an Ed25519 key (32 bytes): z + base58btc(0xed01 || key). */
export function multikey(publicKey) {
  return `z${base58(concat(ED25519, publicKey))}`;
}

/** The 32 bytes of an Ed25519 Multikey. Malformed `multikey` when it is anything else. */
export function fromMultikey(text) {
  const bytes = text.startsWith("z") ? unbase58(text.slice(1)) : new Uint8Array();
  if (bytes.length !== 34 || !equal(bytes.subarray(0, 2), ED25519) || multikey(bytes.subarray(2)) !== text) {
    throw new Malformed("multikey", "not an Ed25519 Multikey");
  }
  return bytes.subarray(2);
}

/** Whether `signature` is the Ed25519 signature of `message` by `publicKey`; wrong lengths are just false. */
export async function isSigned(publicKey, signature, message) {
  if (publicKey.length !== 32 || signature.length !== 64) return false;
  try {
    const key = await crypto.subtle.importKey("raw", publicKey, "Ed25519", false, ["verify"]);
    return await crypto.subtle.verify("Ed25519", key, signature, message);
  } catch (error) {
    // a key that is no point of the curve is refused on import
    if (error.name === "DataError") return false;
    throw error;
  }
}
