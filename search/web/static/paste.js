// The verify page: checks a pasted or chosen evidence file in the browser; nothing is sent anywhere.
//
// A file is checked as the bytes that it is. What was said of earlier evidence is gone as soon as there is something else.

import { clearSteps, say, showVerdict } from "./outcome.js";
import { trust } from "./trust.js";
import { parseObject } from "./verify/strict_json.js";
import { verify } from "./verify/steps.js";

const MAX_BYTES = 1024 * 1024;
const form = document.getElementById("paste");
const outcome = document.getElementById("outcome");
const summary = outcome.querySelector("[data-summary]");
const text = form.querySelector("textarea");
const file = form.querySelector("#file");
let rounds = 0;

/** Checks evidence: text, or the bytes of a file. A verdict that comes after newer input is not shown. */
async function check(evidence) {
  clear();
  const round = rounds;
  say(outcome, "", form.dataset.checking);
  const verdict = await verify(evidence, trust, new Date());
  if (round !== rounds) return;
  if (verdict.steps[0].result === "passed") summarize(parseObject(evidence).credential);
  showVerdict(outcome, verdict);
  if (globalThis.crypto?.subtle === undefined) {
    say(outcome, verdict.verdict, form.dataset.insecure);
    outcome.querySelector("[data-here]").hidden = true;
  }
}

function clear() {
  rounds += 1;
  Object.assign(outcome.dataset, form.dataset);
  outcome.querySelector("[data-whose]")?.remove();
  summary.hidden = true;
  clearSteps(outcome);
  say(outcome, "", "");
}

/** Shows what the evidence speaks of; the verdict says whether it is true. */
function summarize({ credentialSubject: subject, issuer }) {
  const put = (name, value) => {
    summary.querySelector(`[data-summary-${name}]`).textContent = typeof value === "string" ? value : "–";
  };
  put("name", subject?.legalName);
  put("number", subject?.registrationNumber);
  put("issuer", typeof issuer === "string" ? issuer : issuer?.id);
  summary.hidden = false;
}

async function checkFile(chosen) {
  if (chosen.size > MAX_BYTES) {
    clear();
    say(outcome, "", form.dataset.tooLarge);
    return;
  }
  await check(new Uint8Array(await chosen.arrayBuffer()));
}

form.querySelector("[data-choose]").hidden = false;
document.querySelector("[data-with-script]").hidden = false;
file.addEventListener("change", async () => {
  text.value = "";
  clear();
  if (file.files[0] !== undefined) await checkFile(file.files[0]);
});
text.addEventListener("input", () => {
  file.value = "";
  clear();
});
form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const pasted = text.value.replace(/^[ \t\r\n]+|[ \t\r\n]+$/g, "");
  if (pasted !== "") await check(pasted);
  else {
    clear();
    say(outcome, "", form.dataset.empty);
  }
});
