// The parts of the panel: what was signed, where the page differs from it, and the steps.

import { make } from "./dom.js";
import { labels } from "./labels.js";
import { filled, when } from "./verify/days.js";
import { wordsFor } from "./verify/expected.js";

const { panel: words, fields, reasons } = labels;

/** Of whom and of what the verdict speaks; `subject`: the credentialSubject, whose register may have a narrower status. */
export function signedList({ organization, subject }) {
  const { register, number, name, status, since, permit } = organization;
  const codes = labels.claims[register];
  const rows = [
    [fields.registrationNumber, number],
    [fields.register, wordsFor("register", register, codes)],
    [fields.registrationStatus, status === null ? labels.page.statusUnknown : wordsFor("registrationStatus", status, codes)],
    ...(subject?.registerStatus === undefined ? [] : [[fields.registerStatus, wordsFor("registerStatus", subject.registerStatus, codes)]]),
    [words.since, when(since, labels.days)],
    ...(permit === undefined ? [] : [[fields.permitFrom, when(permit.from, labels.days)], [fields.permitUntil, when(permit.until, labels.days) || null]]),
  ];
  return make(
    "div",
    { class: "signed" },
    make("h3", {}, words.signedHeading),
    make("p", { class: "name" }, make("bdi", { "data-signed": "name" }, name ?? labels.page.nameless)),
    make("dl", {}, ...rows.map(([term, value]) => make("div", {}, make("dt", {}, term), make("dd", {}, make("bdi", {}, value ?? "–"))))),
  );
}

/** Each difference by its field, with what the page shows and what was signed; nothing where there is none. */
export function differenceList({ differences, organization }) {
  if (differences.length === 0) return [];
  const rows = differences.map(({ code, field, shown, signed }) =>
    make(
      "div",
      { "data-difference": code },
      make("dt", {}, `${field} – ${words.codes[code]}`),
      ...(shown === null ? [] : [make("dd", {}, `${words.pageShows} `, quoted(shown))]),
      make("dd", {}, `${signedWords(organization)} `, ...(signed === null ? [words.nothing] : [quoted(signed)])),
    ),
  );
  return [make("h3", {}, words.differencesHeading), make("dl", { class: "different" }, ...rows)];
}

/** The codes of the differences, for support and tests. */
export function codeList({ differences }) {
  const codes = Array.from(new Set(differences.map(({ code }) => code)));
  return codes.length === 0 ? [] : [make("p", { class: "soft" }, ...codes.flatMap((code) => [make("code", {}, code), " "]))];
}

/** Signed, or merely said by evidence that does not hold. */
export function signedWords(organization) {
  return organization === null ? words.evidenceSays : words.wasSigned;
}

/** All steps in order: each with its result as mark and word, and its reason; `on`: the day for which the last was asked. */
export function stepList(steps, on) {
  const ofDay = (form) => filled(form, { on: when(on, labels.days) });
  return make("ol", {}, ...steps.map(({ step, result, reason }) => {
    const [passed, asked] = step === "current" && on !== null ? [words.heldOn, words.askedOn].map(ofDay) : words.stepNames[step];
    const name = make("strong", { "data-name": "" }, result === "passed" ? passed : asked);
    const said = make("span", { class: "soft", "data-reason": "" }, reason === null ? "" : ` – ${inWords(reason)}`);
    const line = [name, " ", make("code", {}, step), make("br"), make("span", { class: "soft" }, words.results[result]), said];
    return make("li", { class: result, "data-step": step, "data-result": result }, ...line);
  }));
}

/** Loads the words of all reasons, where those that are here do not do for these steps. */
export async function learnReasons(steps) {
  if (steps.every(({ result }) => ["passed", "not_asked", "not_reached"].includes(result))) return;
  Object.assign(reasons, (await import("./reasons.js")).reasons);
}

/** What a person reads of a reason; a number in it stands as {n} in the labels. */
export function inWords(reason) {
  const [number] = /\d+/.exec(reason) ?? ["{n}"];
  return reasons[reason] ?? reasons[reason.replace(number, "{n}")]?.replace("{n}", number) ?? reason;
}

/** Words of a page or a credential, in the quotation marks of the language. */
export function quoted(text) {
  return make("q", {}, make("bdi", { class: "name" }, text));
}
