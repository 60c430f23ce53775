// The verify page: checks a pasted or chosen evidence file in the browser; nothing is sent anywhere.

import { clearSteps, say, showVerdict } from "./outcome.js";
import { trust } from "./trust.js";
import { parseObject } from "./verify/strict_json.js";
import { verify } from "./verify/verify.js";

const MAX_BYTES = 1024 * 1024;
const form = document.getElementById("paste");
const outcome = document.getElementById("outcome");
const text = form.querySelector("textarea");

async function check() {
  Object.assign(outcome.dataset, form.dataset);
  clearSteps(outcome);
  outcome.querySelector("[data-whose]")?.remove();
  outcome.querySelector("[data-here]").hidden = false;
  const evidence = text.value.trim();
  say(outcome, "", form.dataset.checking);
  const verdict = await verify(evidence, trust, new Date());
  summarize(evidence);
  showVerdict(outcome, verdict);
  if (globalThis.crypto?.subtle === undefined) say(outcome, verdict.verdict, form.dataset.insecure);
}

/** Shows what the evidence speaks of; the verdict says whether it is true. */
function summarize(evidence) {
  const summary = outcome.querySelector("[data-summary]");
  let credential = null;
  try {
    credential = parseObject(evidence).credential;
  } catch {
    // the step well_formed says why
  }
  const subject = credential?.credentialSubject;
  const put = (name, value) => {
    summary.querySelector(`[data-summary-${name}]`).textContent = typeof value === "string" ? value : "–";
  };
  put("name", subject?.legalName);
  put("number", subject?.registrationNumber);
  put("issuer", credential?.issuer?.id);
  summary.hidden = typeof subject?.registrationNumber !== "string";
}

form.querySelector("[data-choose]").hidden = false;
form.querySelector("#file").addEventListener("change", async (event) => {
  const file = event.target.files[0];
  if (file === undefined) return;
  if (file.size > MAX_BYTES) {
    say(outcome, "", form.dataset.tooLarge);
    return;
  }
  text.value = await file.text();
  await check();
});
form.addEventListener("submit", async (event) => {
  event.preventDefault();
  if (text.value.trim() === "") say(outcome, "", form.dataset.empty);
  else await check();
});
