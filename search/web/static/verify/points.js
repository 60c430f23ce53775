// Compressed points of P-256 and P-384 are unfolded (SEC 1 section 2.3.4).

import { concat } from "./bytes.js";

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

/** The uncompressed point of a compressed one, or null where the x is of no point. */
export function unfolded(kind, raw) {
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
