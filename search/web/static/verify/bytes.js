// Bytes and how they are written: UTF-8, hex, base64 (RFC 4648 section 4), SHA-256 and HMAC by WebCrypto.
//
// Every reader refuses a text that its writer would not have made (no whitespace, canonical padding).

import { Malformed } from "./failure.js";

const encoder = new TextEncoder();

export function utf8(text) {
  return encoder.encode(text);
}

/** The text of UTF-8 bytes, a byte order mark included. Malformed `encoding`. */
export function fromUtf8(bytes) {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new Malformed("encoding", "not UTF-8");
  }
}

export function concat(...parts) {
  const whole = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}

export function equal(left, right) {
  return left.length === right.length && left.every((byte, n) => byte === right[n]);
}

export function hex(bytes) {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

export function base64(bytes) {
  let binary = "";
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary);
}

/** The bytes of padded standard base64. Malformed `base64`. */
export function unbase64(text) {
  let bytes = null;
  if (/^[A-Za-z0-9+/]*={0,2}$/.test(text)) {
    try {
      bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
    } catch {
      bytes = null;
    }
  }
  if (bytes === null || base64(bytes) !== text) throw new Malformed("base64", "not base64");
  return bytes;
}

/** The bytes of unpadded base64url. Malformed `base64`. */
export function unbase64url(text) {
  if (!/^[A-Za-z0-9_-]*$/.test(text)) throw new Malformed("base64", "not base64url");
  const padding = "=".repeat((4 - (text.length % 4)) % 4);
  return unbase64(text.replaceAll("-", "+").replaceAll("_", "/") + padding);
}

export async function sha256(bytes) {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
}

export async function hmacSha256(secret, message) {
  const key = await crypto.subtle.importKey("raw", secret, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  return new Uint8Array(await crypto.subtle.sign("HMAC", key, message));
}
