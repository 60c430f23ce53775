// Bitstring Status List 1.0: one bit of a compressed list. Twin of registry/credential/status.py.
//
// `encodedList` = "u" + base64url(gzip(bits)), the first bit being the highest of the first byte. The list is inflated
// under a cap, so that a small evidence cannot fill the reader's memory.

import { concat, unbase64url } from "./bytes.js";
import { Malformed } from "./failure.js";

const LENGTH = 131_072;
const CAP = (64 * LENGTH) / 8;

/** The bytes of an `encodedList`. Malformed `status_list`. */
export async function inflate(encodedList) {
  if (typeof encodedList !== "string" || !encodedList.startsWith("u")) fail("not an encoded list");
  const stream = new Blob([packedIn(encodedList.slice(1))]).stream().pipeThrough(new DecompressionStream("gzip"));
  const reader = stream.getReader();
  const parts = [];
  let size = 0;
  for (;;) {
    const { done, value } = await reader.read().catch(() => fail("the list is not gzip"));
    if (done) break;
    size += value.length;
    if (size > CAP) {
      await reader.cancel().catch(() => null);
      fail("the list is too large");
    }
    parts.push(value);
  }
  if (size * 8 < LENGTH) fail(`a list has at least ${LENGTH} bits`, "status_list_length");
  return concat(...parts);
}

/** Whether bit `index` of the list is set. Malformed `status_list`: the list is shorter. */
export function isSet(bits, index) {
  if (!Number.isSafeInteger(index) || index < 0 || index >= bits.length * 8) fail("statusListIndex is beyond the list");
  return ((bits[Math.floor(index / 8)] >> (7 - (index % 8))) & 1) === 1;
}

function packedIn(text) {
  try {
    return unbase64url(text);
  } catch {
    return fail("the list is not base64url");
  }
}

function fail(message, code = "status_list") {
  throw new Malformed(code, message);
}
