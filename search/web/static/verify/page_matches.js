// What a page shows against what the evidence says, word by word: the step that the page check has besides.
//
// Every word of the regions that state the registration is compared, not the claims alone: what is missing, what stands
// beside them and what no person could see are differences too. Pure; reading the page is left to claims.js, what an honest
// page says to expected.js.

import { aligned } from "./aligned.js";
import { expectedPage, registerOf } from "./expected.js";
import { isObject } from "./strict_json.js";

const STANDINGS = ["revoked", "suspended"];

/**
 * All differences, in the order of the page: [{code, field, shown, signed, element}]; none where the page is honest.
 *
 * `shown`: what claims.js read; `credential` with its `entry`, as the evidence has them; `words`: the labels.js of the page's
 * language; `standing`: revoked or suspended where the evidence says so, null where it says neither, undefined where it does
 * not tell. `field`: a plain name; `element`: where to mark it, or null.
 */
export function differences(shown, credential, entry, words, standing) {
  const comparison = new Comparison(shown, words);
  comparison.compareAll(credential, entry, standing);
  return comparison.differences;
}

class Comparison {
  differences = [];

  constructor(shown, words) {
    Object.assign(this, { shown, words });
  }

  compareAll(credential, entry, standing) {
    const { shown, words } = this;
    const said = squeeze((shown.regions.title ?? []).map(({ text }) => text).join(""));
    const warned = STANDINGS.find((name) => said.includes(squeeze(words.page[name])));
    const wanted = expectedPage(credential, entry, words, words.language, warned, shown.isState, shown.asOf);
    if (squeeze(shown.title) !== squeeze(wanted.title)) this.#add("page_title", "title", shown.title, wanted.title);
    const address = wanted.address + (shown.isPermalink ? wanted.state : "");
    if (!shown.address.endsWith(address)) this.#add("page_address", "address", shown.address, address);
    for (const { code, what, text, element } of shown.problems) this.#add(code, what || regionOf(shown, element), text, null, element);
    if (standing !== undefined && warned !== (standing ?? undefined)) {
      this.#add("page_standing", "registrationStatus", words.page[warned], words.page[standing], shown.places.title);
    }
    for (const name of new Set([...Object.keys(wanted.regions), ...Object.keys(shown.regions)])) {
      this.#compareRegion(name, this.#merged(shown.regions[name] ?? []), merge(wanted.regions[name] ?? []));
    }
    this.#compareSigns("page_changed", "registrationStatus", shown.marks, wanted.mark);
    this.#compareSigns("page_unsigned", "legalName", shown.headings, wanted.heading);
    this.#compareLinks(credential);
    this.#compareTitleLinks(wanted, credential.credentialSubject);
  }

  #compareRegion(region, shown, wanted) {
    const stands = (runs, run) => runs.some(({ what }) => what === run.what);
    let last = this.shown.places[region] ?? null;
    let field = region;
    aligned(shown, wanted, keyOf).forEach(([run, signed], n, pairs) => {
      if (run !== null) last = run.element;
      if ((signed ?? run).what) field = (signed ?? run).what;
      if (run?.what && run.what === signed?.what) {
        const isSame = run.text === signed.text;
        if (!isSame) this.#add("page_changed", field, run.text, signed.text, last);
        else if (run.date !== signed.date) this.#add("page_changed", field, run.date, signed.date ?? signed.text, last);
      } else if (run !== null && signed !== null) {
        if (squeeze(run.text) === squeeze(signed.text)) return;
        const [next] = pairs[n + 1] ?? [null];
        this.#add("page_changed", next?.what || field, run.text, signed.text, last);
      } else if (run !== null) {
        if (!run.what) this.#add("page_unsigned", field, run.text, null, last);
        else if (stands(shown.filter((other) => other !== run), run)) this.#add("page_repeated", run.what, run.text, null, last);
        else if (!stands(wanted, run)) this.#add("page_unsigned", run.what, run.text, null, last);
      } else if (!signed.what) this.#add("page_missing", field, null, signed.text, last);
      else this.#add(stands(shown, signed) ? "page_moved" : "page_missing", signed.what, null, signed.text, last);
    });
  }

  /** The mark of the status and the heading: one of each, for the right claim. */
  #compareSigns(code, field, signs, wanted) {
    if (signs.map(({ what }) => what).join() === wanted) return;
    const odd = signs.find(({ what }, n) => n > 0 || what !== wanted) ?? null;
    this.#add(code, field, odd?.element.textContent ?? null, null, odd?.element ?? this.shown.places.title);
  }

  /** A name of another organization leads to that organization's page, and to nothing else. */
  #compareLinks({ credentialSubject: subject }) {
    for (const { what, text, href, element } of this.shown.regions.relationships ?? []) {
      if ((href ?? null) === null) continue;
      const link = subject?.relationships?.[what.split("/")[1]];
      if (!leadsTo(href, link, subject)) this.#add("page_strange", what, `${text} → ${href}`, null, element);
    }
  }

  /** The title leads to what the organization became, or from a state to the newest one, and to nothing else. */
  #compareTitleLinks({ successor, address }, subject) {
    for (const { href, element } of this.shown.titleLinks) {
      if (successor !== null && leadsTo(href, successor, subject)) continue;
      if (this.shown.isState && href.startsWith("/") && href.endsWith(address)) continue;
      this.#add("page_strange", "title", `${element.textContent} → ${href}`, null, element);
    }
  }

  /** The runs without names from the index that say that they are; each claim's `what` as it is. */
  #merged(runs) {
    const { fromIndex, alsoStated } = this.words.page;
    const isFromIndex = ({ what, text }) =>
      what === "?" && (isSentenceOf(text, fromIndex) || squeeze(text) === squeeze(alsoStated));
    return merge(runs.filter((run) => !isFromIndex(run)).map((run) => (run.what === "?" ? { ...run, what: "" } : run)));
  }

  #add(code, what, shown, signed, element = null) {
    const field = fieldName(what, this.words);
    this.differences.push({ code, field, shown: shown ?? null, signed: signed ?? null, element: element ?? null });
  }
}

/** What a person calls the field of a claim's path, or a part of the page. */
export function fieldName(what, { fields }) {
  const names = what.replace(/^[!?]/, "").split("/");
  const last = fields[names.at(-1)] ?? what;
  return Object.hasOwn(fields, names[0]) && names.length === 3 ? `${fields[names[0]]} ${Number(names[1]) + 1}: ${last}` : last;
}

/** Whether an address on this site is the page of the organization that a signed link names. */
function leadsTo(href, link, subject) {
  const number = isObject(link) ? link.relatedNumber : "";
  return href.startsWith("/") && href.endsWith(`/organizations/${registerOf(link) ?? subject?.register}/${number}`);
}

function regionOf({ places }, element) {
  return Object.keys(places).find((name) => places[name].contains(element)) ?? "page";
}

/** What makes two runs the same: the claim, or the words that are on every page. */
function keyOf({ what, text }) {
  return what || ` ${squeeze(text)}`;
}

/** Words that follow one another without a claim between them are one run, however the page divides them. */
function merge(runs) {
  const merged = [];
  for (const run of runs) {
    const before = merged.at(-1);
    if (run.what === "" && before?.what === "") before.text += ` ${run.text}`;
    else merged.push({ ...run });
  }
  return merged;
}

/** Whether it is the one sentence that may hold an unsigned name, and says so; `sentence` has {name} in its place. */
function isSentenceOf(text, sentence) {
  const [before, after] = sentence.split("{name}").map(squeeze);
  const words = squeeze(text);
  return words.startsWith(before) && words.endsWith(after);
}

function squeeze(text) {
  return text.replace(/\s+/g, "");
}
