// The verdict on a page: the evidence as it was fetched, verified, and the page compared with it as a step of its own.

import { readEvidence } from "./evidence.js";
import { dayOf } from "./later.js";
import { differences } from "./page_matches.js";
import { verify } from "./steps.js";

const asTheyAre = async (words) => words;

/**
 * The verdict of steps.js with `page_matches` as its first step, {differences} besides (see page_matches.js), and {subject}: the
 * credentialSubject, where it was shown to be signed, else null.
 *
 * `shown`: what claims.js read of the page; `given`: the labels.js of its language, which `completed` completes for a
 * credentialSubject; `on`: a day to ask for, else a state's permalink asks for its own. Nothing waits for the step, but a page
 * that shows something else has failed, whatever the evidence proves.
 */
export async function verifyPage(evidence, shown, trust, given, at, on = null, completed = asTheyAre) {
  const facts = {};
  try {
    readEvidence(evidence, facts);
  } catch {
    const verdict = await verify(evidence, trust, at, on);
    return { ...verdict, subject: null, steps: [stepOf("not_reached"), ...verdict.steps], differences: [] };
  }
  const { document, entry } = facts.registration;
  const verdict = await verify(evidence, trust, at, on ?? (shown.isPermalink ? dayOf(entry) : null));
  const subject = verdict.organization === null ? null : document.credentialSubject;
  const words = await completed(given, document.credentialSubject);
  const list = differences(shown, document, entry, words, standingOf(verdict));
  if (list.length === 0) return { ...verdict, subject, steps: [stepOf("passed"), ...verdict.steps], differences: list };
  const fields = Array.from(new Set(list.map(({ field }) => field))).join(", ");
  const step = stepOf("failed", "page_differs", words.panel.differs.replace("{fields}", () => fields));
  return { ...verdict, subject, verdict: "failed", steps: [step, ...verdict.steps], differences: list };
}

function stepOf(result, code = null, reason = null) {
  return { step: "page_matches", result, code, reason };
}

/** What the evidence says of revocation: revoked, suspended, null for neither; undefined where it does not tell. */
function standingOf({ steps }) {
  const { result, code } = steps.find(({ step }) => step === "not_revoked");
  if (result === "passed") return null;
  return ["revoked", "suspended"].includes(code) ? code : undefined;
}
