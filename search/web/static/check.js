// The «Check» button of an organization page: one request, the evidence; then the steps, over what this page shows.

import { readPage } from "./claims.js";
import { labels } from "./labels.js";
import { asStanding, clearSteps, say, showVerdict } from "./outcome.js";
import { trust } from "./trust.js";
import { binding } from "./verify/binding.js";
import { verify } from "./verify/steps.js";

const language = document.documentElement.lang;
const section = document.getElementById("check");
const button = section.querySelector("[data-check]");

async function check() {
  const words = section.dataset;
  say(section, "", words.checking);
  clearSteps(section);
  section.querySelector("[data-details]").open = true;
  if (globalThis.crypto?.subtle === undefined) {
    say(section, "indeterminate", words.insecure);
    return;
  }
  const { standing } = words;
  const bind = binding(readPage(document, window.location), labels, language, standing);
  const evidence = await fetchEvidence(words);
  if (evidence === null) return;
  const verdict = await verify(evidence, trust, new Date(), bind);
  showVerdict(section, standing === undefined ? verdict : asStanding(verdict, standing));
}

/** The bytes of the evidence, or null when there is none and the reader was told. */
async function fetchEvidence(words) {
  try {
    const answer = await fetch(words.evidence, { cache: "no-store", credentials: "omit" });
    if (answer.ok) return new Uint8Array(await answer.arrayBuffer());
    say(section, "indeterminate", answer.status === 409 ? words.unpublished : words.unavailable);
  } catch {
    say(section, "indeterminate", words.unavailable);
  }
  return null;
}

if (button !== null) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    button.disabled = true;
    await check();
    button.disabled = false;
    button.focus();
  });
}
