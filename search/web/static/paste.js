// The verify page: checks a pasted or chosen evidence file in the browser; nothing is sent anywhere.
//
// A file is checked as the bytes that it is. What was said of earlier evidence is gone as soon as there is something else.

import { clearSteps, say, showVerdict } from "./outcome.js";
import { trust } from "./trust.js";
import { verify } from "./verify/steps.js";

const MAX_BYTES = 1024 * 1024;
const form = document.getElementById("paste");
const outcome = document.getElementById("outcome");
const summary = outcome.querySelector("[data-summary]");
const text = form.querySelector("textarea");
const file = form.querySelector("#file");
const day = form.querySelector("#on");
let rounds = 0;

/** Checks evidence: text, or the bytes of a file. A verdict that comes after newer input is not shown. */
async function check(evidence) {
  clear();
  const round = rounds;
  say(outcome, "", form.dataset.checking);
  const verdict = await verify(evidence, trust, new Date(), day.value || null);
  if (round !== rounds) return;
  summarize(verdict.organization);
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

/** Shows of whom the verdict speaks: nobody, where that was not shown. */
function summarize(organization) {
  if (organization === null) return;
  const put = (name, value) => {
    summary.querySelector(`[data-summary-${name}]`).textContent = value ?? "–";
  };
  const { name, number, register, status, since } = organization;
  put("name", name);
  put("number", number);
  put("register", register);
  put("status", status === null ? null : `${status}, ${summary.dataset.since} ${since}`);
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
day.addEventListener("input", clear);
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
