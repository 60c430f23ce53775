// Writes a verdict into the page: the live region, and each step's result as word, mark and reason.
//
// All words come from the page's own data attributes or from the labels module, in the page's language. A step's name says
// what is so only once it passed; before that it asks.

import { labels } from "./labels.js";

const { reasons, notCurrent } = labels;

/** Shows {verdict, asOf, steps} below `root`, whose data attributes hold the words of the verdicts. */
export function showVerdict(root, { verdict, asOf, steps }) {
  for (const { step, result, reason } of steps) showStep(root, step, result, reason);
  const time = asOf === null ? "" : `, ${wordsOf(root).dataset.asOf} ${asOf}`;
  const open = verdict === "verified" && steps.some(({ step, result }) => step === "current" && result !== "passed");
  const sentence = wordsOf(root).getAttribute(`data-verdict-${verdict}`) + time;
  say(root, verdict, open ? `${sentence}. ${notCurrent}` : sentence);
  root.querySelector("[data-here]").hidden = false;
}

/** Puts all steps back to not checked, and says nothing. */
export function clearSteps(root) {
  for (const { dataset } of root.querySelectorAll("[data-step]")) showStep(root, dataset.step, "not_checked", null);
  root.querySelector("[data-here]").hidden = true;
}

/** Says one sentence in the live region; `verdict` may be empty. */
export function say(root, verdict, sentence) {
  const region = root.querySelector("[data-verdict]");
  region.dataset.verdict = verdict;
  region.textContent = sentence;
}

function showStep(root, step, result, reason) {
  const list = root.querySelector("[data-steps]");
  const item = list.querySelector(`[data-step="${step}"]`);
  const name = item.querySelector("[data-name]");
  item.dataset.result = result;
  name.textContent = result === "passed" ? name.dataset.passed : name.dataset.asked;
  item.querySelector("[data-word]").textContent = list.getAttribute(`data-word-${result.replaceAll("_", "-")}`);
  item.querySelector("[data-reason]").textContent = reason === null ? "" : ` – ${inWords(reason)}`;
}

/** What a person reads of a reason; a number in it stands as {n} in the labels. */
function inWords(reason) {
  const [number] = /\d+/.exec(reason) ?? ["{n}"];
  return reasons[reason] ?? reasons[reason.replace(number, "{n}")]?.replace("{n}", number) ?? reason;
}

function wordsOf(root) {
  return root.matches("[data-as-of]") ? root : root.querySelector("[data-as-of]");
}
