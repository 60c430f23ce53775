// The verify page: checks what was pasted, dropped or chosen, in the browser; nothing is sent anywhere unasked.
//
// A file is checked as the bytes that it is. What was said of earlier input is gone as soon as there is something else. The page
// gives the fields of the form, nothing else: the verdict and its words are the panel's.

import { answerWords } from "./answer_words.js";
import { answersTo } from "./answers.js";
import { get, hear } from "./dom.js";
import { labels } from "./labels.js";
import { answerList, judge, kindOf } from "./outcome.js";
import { Panel } from "./panel.js";
import { trust } from "./trust.js";

const MAX_BYTES = 4 * 1024 * 1024;
const { panel: words } = labels;
const { input: inputWords } = answerWords;
const form = document.getElementById("paste");
const [text, file, day] = ["textarea", "#file", "#on"].map((field) => form.querySelector(field));
const submit = form.querySelector("[type=submit]");
const send = document.querySelector("[data-send]");
const about = new URL(`../../../${labels.language}/about#without`, import.meta.url);
const panel = new Panel(() => get("activeElement") === get("body") && submit.focus(), about);
let rounds = 0;
Object.assign(labels.reasons, answerWords.reasons);

export { verifyCompleteness } from "./completeness.js";
export { verify } from "./verify/steps.js";

/** Checks a text, or the bytes of a file. A verdict that comes after newer input is not shown. */
async function check(input) {
  clear();
  const round = rounds;
  panel.open(words.checking);
  const kind = kindOf(input);
  if (["credential", "nothing"].includes(kind)) {
    panel.say("", inputWords[kind]);
    send.hidden = kind !== "credential";
    return;
  }
  if (globalThis.crypto?.subtle === undefined) {
    panel.say("indeterminate", words.insecure);
    return;
  }
  try {
    const now = new Date();
    const verdict = await judge(input, trust, now, day.value || null);
    if (round !== rounds) return;
    const answers = answersTo(verdict, now);
    panel.tell(verdict, answers.sentence, answerList(answers));
  } catch (error) {
    panel.open(words.broken);
    throw error;
  }
}

function clear() {
  rounds += 1;
  panel.close();
  send.hidden = true;
  document.getElementById("outcome")?.remove();
}

function refuse(sentence) {
  clear();
  panel.open(sentence);
}

async function checkFile(chosen) {
  if (chosen.size > MAX_BYTES) refuse(inputWords.tooLarge);
  else await check(new Uint8Array(await chosen.arrayBuffer()));
}

async function checkInput() {
  const pasted = text.value.replace(/^[ \t\r\n]+|[ \t\r\n]+$/g, "");
  if (pasted !== "") await check(pasted);
  else if (file.files[0] !== undefined) await checkFile(file.files[0]);
  else refuse(inputWords.empty);
}

/** What was dropped takes the place of what was chosen; a text goes where the browser puts it. */
async function takeDropped(event) {
  if (event.dataTransfer.files.length === 0) return;
  event.preventDefault();
  file.files = event.dataTransfer.files;
  await chosenAnew();
}

async function chosenAnew() {
  text.value = "";
  clear();
  if (file.files[0] !== undefined) await checkFile(file.files[0]);
}

/** Sends the form after all, as without this script. */
async function sendIt() {
  if (text.value === "") text.value = await file.files[0].text();
  form.submit();
}

text.required = false;
for (const part of document.querySelectorAll("[data-with-script]")) part.hidden = false;
file.addEventListener("change", chosenAnew);
day.addEventListener("input", clear);
text.addEventListener("input", () => {
  file.value = "";
  clear();
});
send.addEventListener("click", sendIt);
form.addEventListener("submit", async (event) => {
  event.preventDefault();
  await checkInput();
});
hear("dragover", (event) => event.dataTransfer.types.includes("Files") && event.preventDefault());
hear("drop", takeDropped);
