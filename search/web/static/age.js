// How old what evidence tells is, for the reader of an old file. Twin of registry/verify/age.py; the words are those of
// search/views/answers.py.

import { make } from "./dom.js";
import { filled } from "./verify/days.js";

/** {unit, n}: the name of the words, and how many days, months or years have passed; null where it is not old, or not known. */
export function ageOf(asOf, now) {
  const days = asOf === null ? 0 : Math.floor((now - new Date(asOf)) / 86_400_000);
  if (days < 7) return null;
  if (days < 61) return { unit: "oldDays", n: days };
  return days < 731 ? { unit: "oldMonths", n: Math.floor((days * 16) / 487) } : { unit: "oldYears", n: Math.floor((days * 4) / 1461) };
}

/** The element that says so of a verdict to rely on, in a list; its words are loaded when they are wanted. */
export async function ageNotes({ verdict, asOf }, now) {
  const age = ["verified", "superseded"].includes(verdict) ? ageOf(asOf, now) : null;
  if (age === null) return [];
  const { answerWords } = await import("./answer_words.js");
  return [make("p", { "data-age": "" }, filled(answerWords.words[age.unit], age))];
}
