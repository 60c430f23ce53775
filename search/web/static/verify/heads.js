// Checks of signed heads: the ledger's witnesses, and the map's root. Twin of registry/verify/heads.py.

import * as latest from "./latest.js";
import * as note from "./note.js";
import * as tlogPolicy from "./policy.js";
import { ALLOWED_SKEW_MS } from "./verdict.js";

/** {seconds, missing} of `checkWitnessed` in policy.js, for a checkpoint as text, at the moment `at` (ms). Untrue, Malformed. */
export function checkWitnessed(policy, signed, at) {
  return tlogPolicy.checkWitnessed(policy, note.parse(signed), (at + ALLOWED_SKEW_MS) / 1000);
}

/**
 * Untrue or Malformed unless `shown` ({map, proof}) is the map of the checkpoint `head`, and stands in the map's log.
 *
 * The reason why it cannot be said, or null.
 */
export async function checkMap(shown, trust, head, at) {
  const keys = await Promise.all((trust.indexKeys ?? []).map((text) => note.parseVkey(text)));
  if (keys.length === 0) return "the trust file names no key of the map's log";
  const index = await latest.checkHead(shown, trust.origin, keys, head);
  const policy = await tlogPolicy.parse(trust.witnessPolicy);
  if (policy.quorum !== null && policy.logs.some(({ name }) => name === index.origin)) {
    const { missing } = await checkWitnessed(policy, shown.proof.checkpoint, at);
    if (missing !== null) return missing;
  }
  await latest.checkLogged(shown, index);
  return null;
}
