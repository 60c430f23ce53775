// A verdict as a person reads it: the outcome in one sentence, whose, of which days, what was not checked. Twin of
// search/views/answers.py, which has the words.

import { answerWords } from "./answer_words.js";
import { labels } from "./labels.js";
import { wordsFor } from "./verify/expected.js";

const { panel, fields, page } = labels;
const { outcomes, kinds, months, words } = answerWords;
const TIME = /^([0-9]{4})-(0[1-9]|1[0-2])-([0-9]{2})(?:T([0-9:]{8})Z)?$/;
/** Where all else held, what these codes come to; what is revoked may also be replaced. */
const ALONE = ["not_in_force_on", "corrected", "erased", "revoked", "suspended"];
const DECIDED = ["passed", "failed", "not_asked"];

/** {sentence, name, rows: [[term, value]], notes, notChecked} of a verdict; `name` is null where it was not shown whose it is. */
export function answersTo(verdict) {
  return {
    sentence: sentenceOf(verdict),
    name: verdict.organization === null ? null : (verdict.organization.name ?? page.nameless),
    rows: verdict.organization === null ? [] : rowsOf(verdict),
    notes: notesOf(verdict),
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
  if (verdict.on !== null) return "in_force_on";
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
  const { on, inForce, replacedBy, organization: { register, number, status, since } } = verdict;
  const codes = labels.claims[register];
  const said = status === null ? page.statusUnknown : wordsFor("registrationStatus", status, codes);
  const rows = [
    [fields.registrationNumber, number],
    [fields.register, wordsFor("register", register, codes)],
    [fields.registrationStatus, filled(words.statusSince, { status: said, since: when(since) })],
  ];
  if (inForce !== null && stepOf(verdict, "current").code !== "corrected") rows.push([words.inForce, inForceOf(verdict)]);
  if (replacedBy !== null) {
    const { index, kind, effective } = replacedBy;
    rows.push([words.replacedBy, filled(words.by, { what: kinds[kind], day: when(effective) || words.withoutDate, index })]);
  }
  if (on !== null) rows.push([filled(words.asked, { on: when(on) }), answerOn(verdict)]);
  return rows;
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

function notesOf({ verdict, organization, asOf, isList }) {
  const isGood = ["verified", "superseded"].includes(verdict);
  return [
    organization === null && !isList ? words.nobody : null,
    verdict === "superseded" ? words.askForNewest : null,
    isList && isGood ? words.covers : null,
    !isGood ? null : asOf === null ? words.undated : filled(words.known, { asOf: when(asOf) }),
  ].filter((note) => note !== null);
}

function notChecked({ on, steps }) {
  const open = steps.filter(({ result }) => !["passed", "failed"].includes(result));
  if (open.length === 0) return [words.nothingOpen];
  return open.map(({ step }) => (step === "current" && on !== null ? filled(words.asked, { on: when(on) }) : panel.stepNames[step][1]));
}

function stepOf({ steps }, name) {
  return steps.find(({ step }) => step === name) ?? { result: "not_reached", code: null };
}

/** A day, or a time of UTC, as people write it, with spaces that do not break; anything else as it is. */
function when(text) {
  const parts = TIME.exec(text ?? "");
  if (parts === null) return text ?? "";
  const [, year, month, day, time] = parts;
  const said = filled(day === "01" ? words.firstDay : words.day, { day: Number(day), month: months[month], year });
  return (time === undefined ? said : filled(words.time, { day: said, time })).replaceAll(" ", "\u00a0");
}

/** The words with what stands in braces; a value is never read for braces of its own. */
function filled(text, values) {
  return text.replace(/\{(\w+)\}/g, (_, name) => values[name]);
}
