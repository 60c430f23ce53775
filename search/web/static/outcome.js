// Writes a verdict into the page: the live region, and each step's result as word, mark and reason.
//
// All words come from the page's own data attributes or from the labels module, in the page's language.

import { labels } from "./labels.js";

const { reasons } = labels[document.documentElement.lang];

/** Shows {verdict, asOf, steps} below `root`, whose data attributes hold the words of the verdicts. */
export function showVerdict(root, { verdict, asOf, steps }) {
  const list = root.querySelector("[data-steps]");
  for (const { step, result, reason } of steps) {
    const item = list.querySelector(`[data-step="${step}"]`);
    item.dataset.result = result;
    item.querySelector("[data-word]").textContent = list.getAttribute(`data-word-${result.replaceAll("_", "-")}`);
    item.querySelector("[data-reason]").textContent = reason === null ? "" : ` – ${reasons[reason] ?? reason}`;
  }
  const time = asOf === null ? "" : `, ${wordsOf(root).dataset.asOf} ${asOf}`;
  say(root, verdict, wordsOf(root).getAttribute(`data-verdict-${verdict}`) + time);
}

/** Puts all steps back to not checked. */
export function clearSteps(root) {
  const list = root.querySelector("[data-steps]");
  for (const item of list.querySelectorAll("[data-step]")) {
    item.dataset.result = "not_checked";
    item.querySelector("[data-word]").textContent = list.getAttribute("data-word-not-checked");
    item.querySelector("[data-reason]").textContent = "";
  }
}

/** Says one sentence in the live region; `verdict` may be empty. */
export function say(root, verdict, sentence) {
  const region = root.querySelector("[data-verdict]");
  region.dataset.verdict = verdict;
  region.textContent = sentence;
}

function wordsOf(root) {
  return root.matches("[data-as-of]") ? root : root.querySelector("[data-as-of]");
}
