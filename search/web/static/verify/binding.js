// What a page shows against what was signed: puts the claims read from a page into the credential in place of its own.
//
// A claim is [path below credentialSubject, values], such as ["names/0/nameText", ["EXAMPLE LTD."]]. The result has to match
// the ledger's entry as the signed one does, so that a page which says something else fails on its own words. Pure; reading
// the visible text is left to claims.js.

import { isObject } from "./strict_json.js";

/** Claims that a page must show exactly once; the last two only when they were signed. */
const ONCE = ["registrationNumber", "entityType", "registrationStatus", "legalName"];
const ALWAYS = ["registrationNumber", "entityType"];

const SENTENCES = {
  changed: "page shows {path} as “{shown}” but “{signed}” was signed",
  unsigned: "page shows {path} but no such claim was signed",
  once: "page shows {path} {count} times instead of once",
  never: "page shows {path} although it was not signed",
};

/**
 * A `bind` for verify(), given the claims that a page shows: {credential, problem} of a signed credential.
 *
 * `claims`: [path, values]; `values` are what the words on the page may mean (two codes may have one label), the signed
 * one among them if the page is honest.
 */
export function binding(claims, sentences = SENTENCES) {
  const say = (name, facts) => sentences[name].replace(/\{(\w+)\}/g, (_, key) => facts[key]);
  return (signed) => {
    const credential = copy(signed);
    const subject = isObject(credential.credentialSubject) ? credential.credentialSubject : Object.create(null);
    const problems = claims.map(([path, values]) => put(subject, path, values, say));
    return { credential, problem: problems.find((one) => one !== null) ?? notOnce(signed, claims, say) };
  };
}

/** Puts what is shown at `path`; the problem, or null when it was there already. */
function put(subject, path, values, say) {
  const names = path.split("/");
  const last = names.pop();
  let place = subject;
  for (const name of names) place = member(place, name);
  const signed = member(place, last);
  if (typeof place === "object" && place !== null) place[last] = values.includes(signed) ? signed : values[0];
  if (signed === undefined) return say("unsigned", { path });
  return values.includes(signed) ? null : say("changed", { path, shown: values[0], signed });
}

function member(value, name) {
  return typeof value === "object" && value !== null && Object.hasOwn(value, name) ? value[name] : undefined;
}

function notOnce(signed, claims, say) {
  for (const path of ONCE) {
    const count = claims.filter(([shown]) => shown === path).length;
    const wanted = ALWAYS.includes(path) || member(signed.credentialSubject, path) !== undefined ? 1 : 0;
    if (count !== wanted) return say(wanted === 1 ? "once" : "never", { path, count });
  }
  return null;
}

function copy(value) {
  if (Array.isArray(value)) return value.map(copy);
  if (!isObject(value)) return value;
  const made = Object.create(null);
  for (const name of Object.keys(value)) made[name] = copy(value[name]);
  return made;
}
