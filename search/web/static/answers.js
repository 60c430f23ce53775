// A verdict as a person reads it: the outcome in one sentence, whose, of which days, what was not checked. Twin of
// search/views/answers.py, which has the words.

import { ageOf } from "./age.js";
import { answerWords } from "./answer_words.js";
import { labels } from "./labels.js";
import { filled, when as dayInWords } from "./verify/days.js";
import { wordsFor } from "./verify/expected.js";

const { panel, fields, page } = labels;
const { outcomes, kinds, words } = answerWords;
/** Where all else held, what these codes come to; what is revoked may also be replaced. */
const ALONE = ["not_in_force_on", "corrected", "erased", "revoked", "suspended"];
const DECIDED = ["passed", "failed", "not_asked"];

/**
 * {sentence, name, rows: [[term, value]], notes, notChecked} of a verdict; `name` is null where it was not shown whose it is.
 * `now`: a Date.
 */
export function answersTo(verdict, now) {
  return {
    sentence: sentenceOf(verdict),
    name: verdict.organization === null ? null : (verdict.organization.name ?? page.nameless),
    rows: verdict.organization === null ? [] : rowsOf(verdict),
    notes: notesOf(verdict, now),
    notChecked: notChecked(verdict),
  };
}

function sentenceOf(verdict) {
  const { asOf, on, proven } = verdict;
  const register = proven === null ? "" : wordsFor("register", proven.register, labels.claims[proven.register]);
  const sentence = filled(outcomes[outcomeOf(verdict)], { ...proven, register, on: when(on) });
  return asOf === null ? `${sentence}.` : `${sentence}, ${panel.asOf} ${when(asOf)}.`;
}

function outcomeOf(verdict) {
  if (verdict.verdict === "failed") return failureOf(verdict);
  if (verdict.verdict !== "verified") return verdict.verdict;
  if (verdict.isList) return { 0: "absent", 1: "only" }[verdict.proven.entries] ?? "all";
  if (verdict.on !== null) return speaksOfState(verdict) ? "so_on" : "in_force_on";
  return stepOf(verdict, "current").result === "passed" ? "newest" : "open";
}

function failureOf(verdict) {
  const { steps } = verdict;
  if (!steps.every(({ result }) => DECIDED.includes(result))) return "failed";
  const failed = steps.filter(({ result }) => result === "failed").map(({ step }) => step);
  for (const [name, others] of [["not_revoked", ["current"]], ["current", []]]) {
    const { code } = stepOf(verdict, name);
    if (ALONE.includes(code) && failed.every((step) => step === name || others.includes(step))) return code;
  }
  return "failed";
}

function rowsOf(verdict) {
  const { on, inForce, replacedBy, organization: { register, number, status, since, permit } } = verdict;
  const codes = labels.claims[register];
  const known = permit === undefined ? wordsFor("registrationStatus", status, codes) : wordsFor("registerStatus", permit.status, codes);
  const said = status === null ? page.statusUnknown : known;
  const rows = [
    [fields.registrationNumber, number],
    [fields.register, wordsFor("register", register, codes)],
    [fields.registrationStatus, filled(words.statusSince, { status: said, since: when(since) })],
  ];
  if (permit !== undefined) rows.push(...permitRows(permit, codes));
  const stood = speaksOfState(verdict) ? words.so : words.inForce;
  if (inForce !== null && stepOf(verdict, "current").code !== "corrected") rows.push([stood, inForceOf(verdict)]);
  if (replacedBy !== null) {
    const { index, kind, effective } = replacedBy;
    rows.push([words.replacedBy, filled(words.by, { what: kinds[kind], day: when(effective) || words.withoutDate, index })]);
  }
  if (on !== null) rows.push([questionOn(verdict), answerOn(verdict)]);
  return rows;
}

/** Its kind, its days and its holder. */
function permitRows({ kind, from, until, holder }, codes) {
  const days = filled(until === null ? words.fromAlone : words.fromTo, { from: when(from), until: when(until) });
  const register = wordsFor("register", holder.register, codes);
  return [
    [fields.entityType, wordsFor("entityType", kind, codes)],
    [words.validDays, days],
    [words.holder, filled(words.holderIs, { ...holder, register })],
  ];
}

function isOfPermit({ organization }) {
  return (organization?.permit ?? null) !== null;
}

/** Whether “in force” would not do: a permit may be in force or not, and an organization that is gone is nothing in force. */
function speaksOfState(verdict) {
  return isOfPermit(verdict) || (verdict.organization?.status ?? "Active") !== "Active";
}

/** What is asked of a day: of a permit, or of what is gone, whether its state was so, which is not whether it was in force. */
function questionOn(verdict) {
  return filled(speaksOfState(verdict) ? words.soOn : words.asked, { on: when(verdict.on) });
}

/** What a genuine permit does not allow any more: it may be suspended, cancelled or past its days. */
function permitNotes({ asOf, on, organization: { register, status, permit } }) {
  if (status !== "Active") {
    return [filled(words.notInForce, { status: wordsFor("registerStatus", permit.status, labels.claims[register]) })];
  }
  const day = on ?? (asOf ?? "").slice(0, 10);
  return permit.until !== null && permit.until < day ? [filled(words.daysOver, { until: when(permit.until) })] : [];
}

function inForceOf(verdict) {
  const { inForce } = verdict;
  const days = { from: when(inForce.from), until: when(inForce.until) };
  if (inForce.until !== null) return filled(inForce.from === inForce.until ? words.never : words.fromUntil, days);
  const { result, code } = stepOf(verdict, "current");
  return filled(result === "passed" || code === "not_in_force_on" ? words.fromOn : words.fromOpen, days);
}

function answerOn(verdict) {
  if (verdict.verdict === "verified") return words.yes;
  const { code } = stepOf(verdict, "current");
  return ["not_in_force_on", "corrected", "erased"].includes(code) ? words.no : words.notKnown;
}

function notesOf(whole, now) {
  const { verdict, organization, asOf, isList } = whole;
  const isGood = ["verified", "superseded"].includes(verdict);
  const age = ageOf(asOf, now);
  return [
    organization === null && !isList ? words.nobody : null,
    verdict === "superseded" ? words.askForNewest : null,
    isList && isGood ? words.covers : null,
    ...(verdict === "verified" && isOfPermit(whole) ? permitNotes(whole) : []),
    isGood && age !== null ? filled(words[age.unit], age) : null,
    !isGood ? null : asOf === null ? words.undated : filled(words.known, { asOf: when(asOf) }),
  ].filter((note) => note !== null);
}

function notChecked(verdict) {
  const { on, steps } = verdict;
  const open = steps.filter(({ result }) => !["passed", "failed"].includes(result));
  if (open.length === 0) return [words.nothingOpen];
  return open.map(({ step }) => (step === "current" && on !== null ? questionOn(verdict) : panel.stepNames[step][1]));
}

function stepOf({ steps }, name) {
  return steps.find(({ step }) => step === name) ?? { result: "not_reached", code: null };
}

function when(text) {
  return dayInWords(text, labels.days);
}
