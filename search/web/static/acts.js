// The words of events and filings, of which there are too many to load them all: they stand in many small files.

import { utf8 } from "./verify/bytes.js";

const FILES = 64;

/** The labels.js `words` with those of the event that `subject`, a credentialSubject, tells. */
export async function withActs(words, subject) {
  const { register, registrationEvent: event } = subject ?? {};
  const codes = [event?.eventType, event?.filingType].filter((code) => typeof code === "string");
  if (codes.length === 0 || !words.acts?.includes(register)) return words;
  const tables = { ...words.claims[register], eventType: {}, filingType: {} };
  for (const { acts } of await Promise.all(Array.from(new Set(codes.map(fileOf)), (n) => loaded(register, n)))) {
    for (const [term, labels] of Object.entries(acts)) add(tables[term], labels);
  }
  return { ...words, claims: { ...words.claims, [register]: tables } };
}

/** In which file a code stands. Twin of `act_file` in search/pages/static_files.py. */
export function fileOf(code) {
  return utf8(code).reduce((sum, byte) => sum + byte, 0) % FILES;
}

function loaded(register, n) {
  return import(new URL(`acts-${register}-${n}.js`, import.meta.url).href);
}

/** Codes of the same words stand under them together, with spaces between. */
function add(table, labels) {
  for (const [said, codes] of Object.entries(labels)) table[said] = Object.hasOwn(table, said) ? `${table[said]} ${codes}` : codes;
}
