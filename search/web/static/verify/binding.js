// What a page shows against what was signed: puts the words read from a page into the credential in place of its own.
//
// The result has to match the ledger's entry as the signed one does, so that a page which says something else fails on its
// own words. Every word of the regions that state the registration is compared, not the claims alone: what is missing, what
// stands beside them and what no person could see are problems too. Pure; reading the page is left to claims.js, what an
// honest page says to expected.js.

import { expectedPage, wordsFor } from "./expected.js";
import { isObject } from "./strict_json.js";

/**
 * A `bind` for verify(), given what claims.js read of a page: {credential, problem} of a signed credential and its entry.
 *
 * `words`: the labels.js of `language`; `standing`: revoked or suspended, where the page warns of it.
 */
export function binding(shown, words, language, standing) {
  const say = (name, facts) => words.binding[name].replace(/\{(\w+)\}/g, (_, key) => facts[key]);
  return (signed, entry) => {
    const wanted = expectedPage(signed, entry, words, language, standing);
    const problem = problemOf(shown, wanted, words, say);
    const credential = copy(signed);
    const labels = words.claims[member(signed.credentialSubject, "register")];
    for (const [path, text] of Object.values(shown.regions).flat()) put(credential, path, text, labels);
    if (problem !== null) credential.page = problem;
    return { credential, problem };
  };
}

function problemOf(shown, wanted, words, say) {
  if (shown.hidden !== null) return say("missing", { path: shown.hidden });
  for (const [name, runs] of Object.entries(wanted.regions)) {
    const problem = compare(name, merge(shown.regions[name] ?? []), merge(runs), words, say);
    if (problem !== null) return problem;
  }
  const extra = Object.keys(shown.regions).find((name) => !Object.hasOwn(wanted.regions, name));
  if (extra !== undefined) return say("unsigned", { path: shown.regions[extra].find(([what]) => what)?.[0] ?? extra });
  if (squeeze(shown.title) !== squeeze(wanted.title)) {
    return say("words", { region: "title", shown: shown.title, expected: wanted.title });
  }
  if (!shown.address.endsWith(wanted.address)) return say("address", { shown: shown.address, signed: wanted.address });
  if (shown.marks.join() !== wanted.mark) {
    return say("changed", { path: "registrationStatus", shown: shown.marks.join(), signed: wanted.mark });
  }
  if (shown.headings.join() !== wanted.heading) return say("once", { path: "legalName", count: shown.headings.length });
  return shown.strange === null ? null : say("strange", { what: shown.strange });
}

/** The first difference between the runs of a region, or null. */
function compare(region, shown, wanted, words, say) {
  const found = shown
    .filter(([what, text]) => what !== "?" || !isFromIndex(text, words.page.fromIndex))
    .map(([what, text]) => [what === "?" ? "" : what, text]);
  for (let n = 0; n < Math.max(found.length, wanted.length); n += 1) {
    const [what, text] = found[n] ?? [null, ""];
    const [signedWhat, signed] = wanted[n] ?? [null, ""];
    const same = what === signedWhat && (what ? text === signed : squeeze(text) === squeeze(signed));
    if (!same) return difference(region, { what, text }, { what: signedWhat, text: signed }, { shown, wanted }, say);
  }
  return null;
}

function difference(region, found, signed, { shown, wanted }, say) {
  const stands = (runs, what) => runs.some(([other]) => other === what);
  const gone = wanted.find(([what]) => what && !stands(shown, what) && (found.what === "" || !what.startsWith("!")));
  if (found.what?.startsWith("!") && !stands(wanted, found.what)) return say("absent", { path: found.what.slice(1) });
  if (gone !== undefined) return say("missing", { path: gone[0].replace("!", "") });
  if (found.what && found.what === signed.what) {
    return say("changed", { path: found.what, shown: found.text, signed: signed.text });
  }
  if (found.what && !stands(wanted, found.what)) return say("unsigned", { path: found.what });
  const count = shown.filter(([what]) => what === found.what).length;
  if (found.what && count > 1) return say("once", { path: found.what, count });
  return say("words", { region, shown: found.text, expected: signed.text });
}

/** Words that follow one another without a claim between them are one run, however the page divides them. */
function merge(runs) {
  const merged = [];
  for (const [what, text] of runs) {
    if (what === "" && merged.at(-1)?.[0] === "") merged.at(-1)[1] += ` ${text}`;
    else merged.push([what, text]);
  }
  return merged;
}

/** Whether it is the one sentence that may hold an unsigned name, and says so; `sentence` has {name} in its place. */
function isFromIndex(text, sentence) {
  const [before, after] = sentence.split("{name}").map(squeeze);
  const words = squeeze(text);
  return words.startsWith(before) && words.endsWith(after);
}

function squeeze(text) {
  return text.replace(/\s+/g, "");
}

/** Puts what is shown in place of the claim at `path`, where there is one. */
function put(credential, path, words, labels) {
  const names = path.split("/");
  const last = names.pop();
  let place = names[0] === "issuer" ? credential : credential.credentialSubject;
  for (const name of names) place = member(place, name);
  const signed = member(place, last);
  if (!isObject(place) || typeof signed !== "string" || wordsFor(last, signed, labels) === words) return;
  const codes = labels?.[last] ?? {};
  place[last] = Object.keys(codes).find((code) => codes[code] === words) ?? words;
}

function member(value, name) {
  return typeof value === "object" && value !== null && Object.hasOwn(value, name) ? value[name] : undefined;
}

function copy(value) {
  if (Array.isArray(value)) return value.map(copy);
  if (!isObject(value)) return value;
  const made = Object.create(null);
  for (const name of Object.keys(value)) made[name] = copy(value[name]);
  return made;
}
