// What a person is told of something that was pasted, dropped or chosen: what it claims to be, its verdict, and the answers.

import { answerWords } from "./answer_words.js";
import { isCompleteness, verifyCompleteness } from "./completeness.js";
import { make } from "./dom.js";
import { verify } from "./verify/steps.js";
import { parseObject } from "./verify/strict_json.js";

const { words } = answerWords;
const ENVELOPES = ["EnvelopedVerifiableCredential", "EnvelopedVerifiablePresentation"];

/**
 * `evidence`, `list` (a completeness file), `credential` (one without the ledger's proofs, or a presentation) or `nothing`, as a text or bytes claim.
 * Twin of check_is_evidence in registry/verify/evidence.py: broken JSON may have been evidence.
 */
export function kindOf(input) {
  const text = typeof input === "string" ? input : new TextDecoder("utf-8", { ignoreBOM: true }).decode(input);
  if (!/^[ \t\r\n]*\{/.test(text)) return "nothing";
  let members = null;
  try {
    members = parseObject(input);
  } catch {
    return "evidence";
  }
  const isEvidence = ("v" in members && "origin" in members) || "credential" in members;
  const isEnveloped = [members.type].flat().some((type) => ENVELOPES.includes(type));
  const isCredential = isEnveloped || "credentialSubject" in members || "verifiableCredential" in members;
  if (!isEvidence && !isCredential && !("entries" in members)) return "nothing";
  if (isCompleteness(input)) return "list";
  return isEvidence ? "evidence" : "credential";
}

/** The verdict on evidence or a completeness file, as answers.js reads it. `trust`, `at`, `on`: as for verify/steps.js. */
export async function judge(input, trust, at, on) {
  if (kindOf(input) !== "list") return { ...(await verify(input, trust, at, on)), isList: false, proven: null };
  const verdict = await verifyCompleteness(input, trust, at);
  return { ...verdict, isList: true, on: null, organization: null, inForce: null, replacedBy: null };
}

/** The elements that show answers: whose it is, what to know, and what was not checked. */
export function answerList({ name, rows, notes, notChecked }) {
  const whose = name === null ? [] : [make(
    "div",
    { class: "signed" },
    make("p", { class: "name" }, make("bdi", { "data-signed": "name" }, name)),
    make("dl", {}, ...rows.map(([term, value]) => make("div", {}, make("dt", {}, term), make("dd", {}, make("bdi", {}, value))))),
  )];
  return [
    ...whose,
    ...notes.map((note) => make("p", { "data-note": "" }, note)),
    make("h3", {}, words.notChecked),
    make("ul", { "data-open": "" }, ...notChecked.map((question) => make("li", {}, question))),
  ];
}
