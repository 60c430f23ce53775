// An organization's status in one sentence, and the banner where it is not in good order. Twin of search/views/standing.py,
// which has the words.

import { filled, when } from "./days.js";

const SUCCESSORS = ["amalgamatedInto", "continuedInto"];

/** The status in words, with its day where the register gives one. `subject`: a credentialSubject; `words`: labels.js. */
export function stateWords(subject, words) {
  const { registrationStatus: status, statusFrom } = subject;
  const sub = subOf(subject, words);
  if (status === undefined && sub === undefined) return words.page.statusUnknown;
  const what = sub ?? labelOf(words.claims[subject.register]?.registrationStatus, status) ?? status;
  if (statusFrom === undefined) return what;
  const form = status === "Historical" ? "on" : "stage";
  return filled(words.standing.forms[sub === undefined ? "since" : form], { what, day: when(statusFrom, words.days) });
}

/**
 * {text, successor} of the banner, null where there is none; `successor`: the link to what it became, or null; `isState`: the page
 * is of one state, so what it says is of then.
 */
export function bannerOf(subject, words, isState) {
  const isHistorical = subject.registrationStatus === "Historical";
  if (!isHistorical && subOf(subject, words) === undefined) return null;
  const { banners } = words.standing;
  const kind = isHistorical ? (subject.type === "Permit" ? "permit" : "ended") : "reserved";
  const rest = banners[isState ? `${kind}Then` : kind];
  const links = isHistorical && Array.isArray(subject.relationships) ? subject.relationships : [];
  const isOne = (link) => SUCCESSORS.includes(link?.relationshipType) && nameOf(link) !== undefined;
  const successor = links.find(isOne) ?? null;
  const named = successor === null ? "" : ` ${banners.successor} ${nameOf(successor)}`;
  return { text: `${stateWords(subject, words)}. ${rest}${named}`, successor };
}

function nameOf({ relatedName, relatedNumber }) {
  return relatedName ?? relatedNumber;
}

function subOf({ register, registerStatus }, words) {
  return labelOf(words.subStatuses[register], registerStatus);
}

function labelOf(table, code) {
  return table !== undefined && Object.hasOwn(table, code ?? "") ? table[code] : undefined;
}
