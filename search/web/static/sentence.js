// The verdict on a page in words: what it is, of whom and of which state, and which ledger says so.

import { labels } from "./labels.js";
import { trust } from "./trust.js";
import { filled, when } from "./verify/days.js";
import { bannerOf, stateWords } from "./verify/standing.js";

const { outcomes, nobody } = labels.panel;
/** Codes that come alone where all else held: what was signed is genuine, and must not be relied on. */
const GONE = { not_revoked: ["revoked", "suspended"], current: ["corrected", "erased", "not_in_force_on"] };

/** {word, sentence, notes, beyond} of a result of verify/page.js: the outcome, one sentence, what belongs to it, and what was not checked. */
export function sentenceOf(result) {
  const { verdict, asOf, subject } = result;
  const isMatched = ["verified", "superseded"].includes(verdict);
  const form = isMatched ? outcomes[watchOf(result)] : outcomes.ledger;
  const ledger = asOf === null ? "" : ` ${filled(form, { asOf: when(asOf, labels.days) })}`;
  const said = isMatched && subject !== null ? filled(outcomes[verdict], { whose: whoseOf(subject) }) : reasonOf(result);
  return {
    word: filled(outcomes[wordOf(result)], { on: when(result.on, labels.days) }),
    sentence: said + afterwardsOf(result) + ledger,
    notes: isMatched ? [outcomes.judgement] : subject === null ? [nobody] : [],
    beyond: isMatched ? [outcomes.beyond] : [],
  };
}

function wordOf({ verdict, steps, on, subject }) {
  if (verdict !== "verified") return `${verdict}Word`;
  if (on !== null) return isPlainlyActive(subject) ? "onWord" : "soWord";
  return stepOf(steps, "current").result === "passed" ? "currentWord" : "openWord";
}

/** What came after a state that held on the day asked for, so that nobody takes it for today's. */
function afterwardsOf({ verdict, on, inForce }) {
  if (verdict !== "verified" || on === null || inForce === null) return "";
  const { until } = inForce;
  return ` ${until === null ? outcomes.latest : filled(outcomes.until, { until: when(until, labels.days) })}`;
}

/** Whether “in force” cannot mislead: a permit may be in force or not, what is gone is nothing in force, nor is a reservation. */
function isPlainlyActive(subject) {
  return subject === null || (subject.type !== "Permit" && bannerOf(subject, labels, true) === null);
}

/** Name, number and state, as the register signed them. */
function whoseOf(subject) {
  const state = stateWords(subject, labels);
  const name = subject.legalName ?? labels.page.nameless;
  return filled(outcomes.whose, { name, number: subject.registrationNumber, state: state[0].toLowerCase() + state.slice(1) });
}

/** Why it must not be relied on: the page's fault, the register's word, or that nothing was shown. */
function reasonOf({ verdict, steps }) {
  if (verdict === "indeterminate") return outcomes.indeterminate;
  const failed = steps.filter(({ result }) => result === "failed");
  if (failed[0]?.step === "page_matches") return failed.length > 1 ? outcomes.bothFailed : outcomes.pageFailed;
  const [{ step, code } = {}] = failed;
  return failed.length === 1 && GONE[step]?.includes(code) ? outcomes[code] : outcomes.failed;
}

/** Who beside the registry watches the ledger: a witness of its own host is nobody beside it. */
function watchOf({ steps }) {
  if (stepOf(steps, "witnessed").result !== "passed") return "ledgerAlone";
  const lines = trust.witnessPolicy.split("\n").map((line) => line.trim().split(/[ \t]+/));
  const urls = lines.filter(([kind]) => kind === "witness").map(([, , , url]) => url);
  return urls.every(isOwn) ? "ledgerOwn" : "ledgerWitnessed";
}

function isOwn(url) {
  if (!URL.canParse(url ?? "")) return false;
  const { hostname } = new URL(url);
  return hostname === window.location.hostname || /^(localhost|.*\.localhost|127\..*|\[::1\])$/.test(hostname);
}

function stepOf(steps, name) {
  return steps.find(({ step }) => step === name);
}
