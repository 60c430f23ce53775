// Named checks become steps, and steps a verdict. Twin of registry/verify/verdict.py. Which steps there are is left to steps.js and
// completeness.js.

import { Malformed, Untrue } from "./failure.js";

export const ALLOWED_SKEW_MS = 60_000;

/** {result, reason, raised} of a check: what it throws says why it did not pass. */
export async function attempt(check) {
  try {
    return (await check()) ?? { result: "passed", reason: null };
  } catch (error) {
    const known = error instanceof Untrue || error instanceof Malformed;
    const raised = known && !["step", "untrue"].includes(error.code) ? error.code : null;
    return { result: "failed", reason: known ? error.message : "the evidence has not the expected form", raised };
  }
}

/** {step, result, code, reason} of what `attempt` gave. The table of codes is loaded when one is wanted, which a sound file seldom does. */
export async function stepOf(step, { result, reason, raised }) {
  return { step, result, code: reason === null ? null : await codeFor(step, result, reason, raised), reason };
}

async function codeFor(step, result, reason, raised) {
  if (step === "well_formed") return "malformed";
  if (result === "not_asked") return "not_required";
  const { codeOf } = await import("./codes.js");
  return codeOf(reason, raised ?? step);
}

/** The verdict over all steps. */
export function verdictOf(steps) {
  const isSuperseded = ({ step, code }) => step === "current" && code === "superseded";
  const others = steps.filter((each) => !isSuperseded(each));
  if (others.some(({ result }) => result === "failed")) return "failed";
  if (!others.every(({ result }) => ["passed", "not_asked"].includes(result))) return "indeterminate";
  return others.length < steps.length ? "superseded" : "verified";
}

/** Whether WebCrypto or its Ed25519 is missing, as on a page that came over plain http. */
export async function lacksCryptography() {
  try {
    const probe = Uint8Array.of(0x58, ...new Array(31).fill(0x66));
    await globalThis.crypto.subtle.importKey("raw", probe, "Ed25519", false, ["verify"]);
    return false;
  } catch {
    return true;
  }
}

/** Untrue, unless it is so. */
export function demand(condition, message) {
  if (!condition) throw new Untrue("untrue", message);
}

/** What a check gives where it cannot be decided. */
export function unproven(reason) {
  return { result: "indeterminate", reason };
}

/** RFC 3339 of milliseconds. */
export function utc(ms) {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}
