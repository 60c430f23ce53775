// The offline verifier: checks an evidence file against a trust file, both chosen by the reader, without any network.
//
// One HTML file holds it whole (search/pages/offline.py), and works from a disk. The trust file is never that of a site: its
// fingerprint is shown, to be compared with what the register published elsewhere.

import { answersTo } from "./answers.js";
import { get, make } from "./dom.js";
import { page } from "./offline_words.js";
import { answerWords } from "./answer_words.js";
import { labels } from "./labels.js";
import { answerList, judge, kindOf } from "./outcome.js";
import { Panel } from "./panel.js";
import { trust as own } from "./trust.js";
import { fingerprint, parse } from "./verify/trust_file.js";

const MAX_BYTES = 4 * 1024 * 1024;
const { panel: words } = labels;
const { input: inputWords } = answerWords;
const [form, trustFile, file, text, day, said] = ["form", "trust", "file", "evidence", "on", "trusted"].map((id) => document.getElementById(id));
const panel = new Panel(() => get("activeElement") === get("body") && form.querySelector("button").focus(), null);
let rounds = 0;

/** Every text of the page, in the reader's language. */
function speak() {
  document.documentElement.lang = labels.language;
  document.title = page.title;
  for (const element of document.querySelectorAll("[data-word]")) element.textContent = page[element.dataset.word];
}

/** {trust, print} of the trust file that was chosen, or null where it is none. */
async function chosenTrust() {
  const chosen = trustFile.files[0];
  if (chosen === undefined || chosen.size > MAX_BYTES) return null;
  try {
    const trust = await parse(new Uint8Array(await chosen.arrayBuffer()));
    return { trust, print: await fingerprint(trust) };
  } catch {
    return null;
  }
}

/** Says of which register the trust file is, and its fingerprint. */
async function showTrust() {
  clear();
  const round = rounds;
  const chosen = await chosenTrust();
  if (round !== rounds) return;
  if (chosen === null) said.replaceChildren(trustFile.files.length === 0 ? "" : page.noTrust);
  else said.replaceChildren(`${page.trustOf} `, make("bdi", {}, chosen.trust.origin), ". ", `${page.fingerprint} `, make("code", {}, chosen.print));
}

async function evidenceInput() {
  const pasted = text.value.replace(/^[ \t\r\n]+|[ \t\r\n]+$/g, "");
  if (pasted !== "") return pasted;
  return file.files[0] === undefined ? null : new Uint8Array(await file.files[0].arrayBuffer());
}

async function check() {
  clear();
  const round = rounds;
  panel.open(words.checking);
  const [chosen, input] = [await chosenTrust(), await evidenceInput()];
  if (round !== rounds) return;
  const [size, kind] = [input?.length ?? 0, input === null ? "empty" : kindOf(input)];
  if (chosen === null) panel.say("", page.noTrust);
  else if (size > MAX_BYTES) panel.say("", inputWords.tooLarge);
  else if (kind === "credential") panel.say("", page.credential);
  else if (kind === "empty" || kind === "nothing") panel.say("", page[kind]);
  else await tell(input, chosen.trust, round);
}

async function tell(input, trust, round) {
  const now = new Date();
  const verdict = await judge(input, { ...trust, pinned: own.pinned }, now, day.value || null);
  if (round !== rounds) return;
  const { register } = verdict.organization ?? verdict.proven ?? {};
  if (register !== undefined) labels.claims[register] ??= labels.claims.sample; // as schemas/codes.py does for one unknown to it
  const answers = answersTo(verdict, now);
  panel.tell(verdict, answers.sentence, answerList(answers));
}

function clear() {
  rounds += 1;
  panel.close();
}

speak();
form.addEventListener("submit", async (event) => {
  event.preventDefault();
  try {
    await check();
  } catch (error) {
    panel.open(words.broken);
    throw error;
  }
});
trustFile.addEventListener("change", showTrust);
for (const input of [file, text, day]) input.addEventListener("input", clear);
window.addEventListener("hashchange", () => window.location.reload());
