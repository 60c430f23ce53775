// base58-btc, as Multibase `z` writes keys and signatures (Controlled Identifiers 1.0 section 2.4). Twin of registry/encoding/base58.py.

import { concat } from "./bytes.js";
import { Malformed } from "./failure.js";

const ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

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
