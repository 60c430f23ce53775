// A JSON value as the exact text that is hashed and signed: RFC 8785 (JCS), for values without floats.
//
// Twin of registry/encoding/jcs.py. Members are sorted by UTF-16 code unit, which is the order of Array.prototype.sort;
// numbers are integers within ±(2^53 - 1). Anything else is refused rather than guessed.

import { utf8 } from "./bytes.js";
import { Malformed } from "./failure.js";

/** The canonical UTF-8 bytes of a JSON value. Malformed `not_canonical`. */
export function jcs(value) {
  return utf8(print(value));
}

/** The same as text. */
export function print(value) {
  if (value === null || typeof value === "boolean") return String(value);
  if (typeof value === "string") return printText(value);
  if (Number.isSafeInteger(value)) return String(value);
  if (Array.isArray(value)) return `[${value.map(print).join(",")}]`;
  if (typeof value === "object") {
    const members = Object.keys(value).sort().map((name) => `${printText(name)}:${print(value[name])}`);
    return `{${members.join(",")}}`;
  }
  throw new Malformed("not_canonical", `a value of type ${typeof value} has no canonical form here`);
}

function printText(text) {
  if (!text.isWellFormed()) throw new Malformed("not_canonical", "a string holds a lone surrogate");
  return JSON.stringify(text);
}
