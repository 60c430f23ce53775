// The check of an organization page: one request, the evidence; then the steps, and this page against it.
//
// The page gives the address of the evidence, nothing else: the verdict and its words are the panel's. From the press on the page
// is drawn with the style sheet that this script knows. Goes out as one file with all that it imports (tools/web).

import { withActs } from "./acts.js";
import { ageNotes } from "./age.js";
import { readPage } from "./claims.js";
import { call } from "./dom.js";
import { labels } from "./labels.js";
import { clearMarks, markDifferences } from "./marks.js";
import { loadOwnStyle, wearOwnStyle } from "./page_style.js";
import { Panel } from "./panel.js";
import { learnReasons } from "./panel_parts.js";
import { trust } from "./trust.js";
import { verifyPage } from "./verify/page.js";

const { panel: words } = labels;
const section = call("getElementById", "check");
const button = section.querySelector("[data-check]");
const panel = new Panel(() => button.focus(), new URL(`../../../${labels.language}/about#without`, import.meta.url));

export { verify } from "./verify/steps.js";

/** Checks the page, and shows what comes of it; where it fails, the reader is told so. */
export async function checkPage() {
  try {
    await check();
  } catch (error) {
    alert(words.broken);
    throw error;
  }
}

async function check() {
  await loadOwnStyle();
  clearMarks();
  const shown = readPage(window.location);
  wearOwnStyle();
  panel.open(words.checking);
  if (globalThis.crypto?.subtle === undefined) {
    panel.say("indeterminate", words.insecure);
    return;
  }
  const evidence = await fetchEvidence();
  if (evidence === null) return;
  const now = new Date();
  const result = await verifyPage(evidence, shown, trust, labels, now, shown.asOf, withActs);
  const age = await ageNotes(result, now);
  await learnReasons(result.steps);
  markDifferences(result);
  panel.show(result, age);
}

/** The bytes of the evidence, or null when there is none and the reader was told. */
async function fetchEvidence() {
  try {
    const answer = await fetch(section.dataset.evidence, { cache: "no-store", credentials: "omit" });
    if (answer.ok) return new Uint8Array(await answer.arrayBuffer());
    panel.say("indeterminate", answer.status === 409 ? words.unpublished : words.unavailable);
  } catch {
    panel.say("indeterminate", words.unavailable);
  }
  return null;
}
