// What an honest page says of a signed credential: every word, in order, region by region.
//
// A run is {what, text, date}: what is a claim's path (below credentialSubject, or issuer/name), "!" and a claim that was not
// signed, or "" for words that are the same on every page;
// `date` the ISO form of a day, else null. The templates say the same with the same words; ids of nodes
// and of the event are not for people and not shown. Pure; comparing is left to binding.js.

import { filled, when } from "./days.js";
import { bannerOf } from "./standing.js";
import { isObject } from "./strict_json.js";

const FACTS = [
  ...["registerStatus", "statusFrom", "permitFrom", "permitUntil"],
  ...["registrationDate", "jurisdiction", "homeJurisdiction", "businessNumber"],
];
/** Claims of so many codes that labels.js groups them by their words: words -> codes with spaces between. */
const GROUPED = ["eventType", "filingType"];
const DAYS = [
  ...["statusFrom", "permitFrom", "permitUntil", "registrationDate", "eventDate"],
  ...["nameFrom", "nameUntil", "relatedFrom", "relatedUntil"],
];
const PLACES = ["jurisdiction", "homeJurisdiction", "addressCountry"];
const ADDRESS = ["streetAddress", "addressLocality", "addressRegion", "postalCode", "addressCountry"];

/**
 * {title, address, state, heading, mark, successor, regions} of a page that shows `credential` as logged in `entry`.
 *
 * `words`: the labels.js of `language`; `standing`: revoked or suspended, where the page warns of it;
 * `isState`: the page is of one state, newest or not; `asOf`: the day for which it was asked, or null. `regions`:
 * name -> runs, none where it has nothing to say; `address`: how the page's path ends, or with
 * `state` behind it; `successor`: the link that the title may have.
 */
export function expectedPage(credential, entry, words, language, standing, isState = false, asOf = null) {
  const subject = isObject(credential.credentialSubject) ? credential.credentialSubject : Object.create(null);
  const n = /\/([0-9]+)$/.exec(text(credential, "id") ?? "")?.[1] ?? "";
  const page = new Words(credential, subject, words, standing, isState ? n : null, asOf);
  const name = text(subject, "legalName");
  const regions = {
    title: page.title(),
    registration: page.registration(entry),
    names: page.names(),
    addresses: page.addresses(),
    relationships: page.relationships(),
  };
  return {
    title: `${name ?? words.page.nameless} – Greffe`,
    address: `/${language}/organizations/${text(subject, "register")}/${text(subject, "registrationNumber")}`,
    state: `/states/${n}`,
    heading: name === undefined ? "!legalName" : "legalName",
    mark: text(subject, "registrationStatus") ?? "unknown",
    successor: page.banner?.successor ?? null,
    regions: Object.fromEntries(Object.entries(regions).map(([name, runs]) => [name, runs.map(asRun)])),
  };
}

/** The words that stand for a claim's value: its label where it is a code that has one. */
export function wordsFor(path, value, labels) {
  const term = path.split("/").at(-1);
  const table = labels?.[term] ?? {};
  if (GROUPED.includes(term)) return Object.keys(table).find((words) => table[words].split(" ").includes(value)) ?? value;
  return Object.hasOwn(table, value) ? table[value] : value;
}

/** The register that a link's IRI names; undefined where it names none. */
export function registerOf(link) {
  return /\/organizations\/([a-z0-9]{1,16})\/[A-Za-z0-9.-]{1,32}$/.exec(text(link, "relatedOrganization") ?? "")?.[1];
}

class Words {
  constructor(credential, subject, words, standing, n, asOf) {
    Object.assign(this, { credential, subject, words, say: words.page, shown: words.relationshipsShown, standing, n, asOf });
    this.labels = words.claims[text(subject, "register")];
    this.subs = words.subStatuses[text(subject, "register")];
    this.banner = bannerOf(subject, words, n !== null);
  }

  title() {
    const { subject, say } = this;
    return [
      ...this.claim("", subject, "register"),
      ...(this.claim("", subject, "legalName", []) ?? [["!legalName", say.nameless]]),
      ...(this.claim("", subject, "registrationStatus", []) ?? [["!registrationStatus", say.statusUnknown]]),
      ...this.subStatus(),
      ...this.claim("", subject, "entityType"),
      ["", say.number],
      ...this.claim("", subject, "registrationNumber"),
      ...(this.n === null ? [] : [["", `${this.which()} ${say.newest}`]]),
      ...(this.banner === null ? [] : [["", this.banner.text]]),
      ...(this.standing === undefined ? [] : [["", say[this.standing]]]),
      ...(text(subject, "legalName") === undefined ? [["", say.namelessNote]] : []),
    ];
  }

  /** Which state the page shows: of the day asked for, or of a number. */
  which() {
    const { n, asOf, say, words } = this;
    return filled(asOf === null ? say.state : say.stateOn, { n, day: when(asOf, words.days) });
  }

  registration({ index, time }) {
    const { subject, say } = this;
    const event = subject.registrationEvent;
    const logged = when(`${new Date(time).toISOString().slice(0, 19)}Z`, this.words.days);
    return [
      ["", subject.type === "Permit" ? say.permit : say.registration],
      ...FACTS.flatMap((term) => this.claim("", subject, term, [say[term]]) ?? []),
      ...(this.claim("registrationEvent/", event, "eventType", [say.event]) ?? []),
      ...(this.isSaidTwice(event) ? [] : (this.claim("registrationEvent/", event, "filingType", [","]) ?? [])),
      ...(this.claim("registrationEvent/", event, "eventDate", [`, ${say.effective}`]) ?? []),
      ["", say.signedBy],
      ...this.claim("issuer/", this.credential.issuer, "name"),
      ["", `${say.logged} ${logged} (${say.entry.replace("%(index)s", index)})`],
    ];
  }

  /** Whether the registration stands for natural persons, whose name is no legal name of its own. */
  isOfPersons() {
    const types = this.words.persons[text(this.subject, "register")];
    return Array.isArray(types) && types.includes(text(this.subject, "entityType"));
  }

  /** Whether the words of the filing are those of the event: then they stand once. */
  isSaidTwice(event) {
    const [said, again] = ["eventType", "filingType"].map((term) => wordsFor(term, text(event, term) ?? "", this.labels));
    return said === again;
  }

  names() {
    return this.list("names", this.say.names, (at, name) => [
      ...this.claim(at, name, "nameText"),
      ...this.claim(at, name, "nameType"),
      ...(this.claim(at, name, "nameLanguage", ["("], [")"]) ?? []),
      ...this.dates(at, name, "nameFrom", "nameUntil"),
      ...(text(name, "nameUntil") !== undefined && text(name, "nameType") !== "former" ? [["", `, ${this.say.notInForce}`]] : []),
    ]);
  }

  /** What the register's own status says beyond active and historical, where it does. */
  subStatus() {
    const code = text(this.subject, "registerStatus") ?? "";
    return this.subs !== undefined && Object.hasOwn(this.subs, code) ? [["", this.subs[code]]] : [];
  }

  addresses() {
    return this.list("addresses", this.say.addresses, (at, address) => {
      const terms = ADDRESS.filter((term) => text(address, term) !== undefined);
      const parts = terms.flatMap((term, place) => this.claim(at, address, term, place > 0 ? [","] : []));
      return [...this.claim(at, address, "addressRole"), ...parts];
    });
  }

  relationships() {
    const one = (at, link) => {
      const named = this.claim(at, link, "relatedName", []);
      const number = this.claim(at, link, "relatedNumber", named === null ? [] : [`, ${this.say.number}`]);
      const type = this.claim(at, link, "relationshipType");
      const register = registerOf(link) ?? text(this.subject, "register");
      const other = register === text(this.subject, "register") ? [] : [["", `, ${wordsFor("register", register, this.labels)}`]];
      const dates = this.dates(at, link, "relatedFrom", "relatedUntil");
      return [...(named ?? number ?? []), ...type, ...(named === null ? [] : (number ?? [])), ...other, ...dates];
    };
    const stated = this.list("relationships", this.say.relationships, one, this.shown);
    const { relationshipsOmitted: omitted } = this.subject;
    if (!Number.isSafeInteger(omitted)) return stated;
    const heading = stated.length === 0 ? [["", this.say.relationships]] : [];
    return [...stated, ...heading, ["", this.say.omitted], ["relationshipsOmitted", String(omitted)]];
  }

  list(term, heading, each, limit = Number.POSITIVE_INFINITY) {
    const items = Array.isArray(this.subject[term]) ? this.subject[term].slice(0, limit) : [];
    return items.length === 0 ? [] : [["", heading], ...items.flatMap((item, n) => each(`${term}/${n}/`, item))];
  }

  dates(at, node, from, until) {
    const since = this.claim(at, node, from, [`, ${this.say.from}`]) ?? [];
    return [...since, ...(this.claim(at, node, until, [`, ${this.say.until}`]) ?? [])];
  }

  /** The runs of one claim; `before`, given for a claim that may be absent: words in front of it. Null: absent. */
  claim(at, node, term, before = null, after = []) {
    const value = text(node, term);
    if (value === undefined && before !== null) return null;
    const plain = (said) => said.map((words) => ["", words]);
    return [...plain(before ?? []), [at + term, ...this.wordsOf(node, term, value ?? "")], ...plain(after)];
  }

  /** [words, ISO form or null] of a claim's value, as a page shows it. */
  wordsOf(node, term, value) {
    const { days, places, languages } = this.words;
    const said = (table) => [Object.hasOwn(table, value) ? table[value] : value];
    if (DAYS.includes(term)) return when(value, days) === value ? [value] : [when(value, days), value];
    if (PLACES.includes(term)) return said(places);
    if (term === "nameLanguage") return said(languages);
    if (term === "nameType" && value === "legal" && this.isOfPersons()) return [this.say.personName];
    if (term !== "addressRegion" || text(node, "addressCountry") !== "CA") return [wordsFor(term, value, this.labels)];
    return [places[`CA-${value}`] ?? value];
  }
}

function asRun([what, text, date = null]) {
  return { what, text, date };
}

function text(node, name) {
  return isObject(node) && typeof node[name] === "string" ? node[name] : undefined;
}
