// Canonical N-Quads (RDFC-1.0) of the documents of our own profile, by tables that were compiled from the pinned contexts.
//
// Twin of registry/credential/rdf/compiled.py, whose `Tables.to_json` gives the tables: {terms, types}; a term is null or [iri, kind,
// datatype, words, protected]. Every nested node has an id, so nothing needs a label but a document without one (proof
// options). What is not understood is refused.

import { Untrue } from "./failure.js";
import { isObject } from "./strict_json.js";

const RDF_TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type";
const XSD = "http://www.w3.org/2001/XMLSchema#";
const IRI = /^(?:https?:\/\/|did:[a-z0-9]+:|urn:[A-Za-z0-9-]+:)[!#-;=?-[\]_a-z~]+$/;
// oxlint-disable-next-line no-control-regex
const FORBIDDEN = /[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]/;
const ESCAPES = { "\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t" };
const DEPTH = 12;

/** The canonical N-Quads of `document` as text. Untrue `canonical`: anything in it is not of the profile. */
export function nquads(tables, document) {
  const lines = new Set();
  const subject = "id" in document ? iri(document.id) : "_:c14n0";
  walk(tables, document, subject, lines, DEPTH);
  demand(lines.size > 0);
  return [...lines].sort(byCodePoint).join("");
}

function walk(tables, node, subject, lines, depth) {
  demand(depth > 0);
  const types = "type" in node ? [node.type].flat() : [];
  demand(types.every((name) => typeof name === "string" && Object.hasOwn(tables.types, name)));
  demand(!("type" in node) || types.length > 0);
  const terms = Object.assign(Object.create(null), tables.terms);
  for (const name of types.toSorted()) {
    lines.add(`${subject} <${RDF_TYPE}> <${tables.types[name].iri}> .\n`);
    overlay(terms, tables.types[name].terms);
  }
  for (const [key, value] of Object.entries(node)) {
    const term = terms[key];
    if (term === undefined || term === null) {
      demand(key === "id" || key === "type" || (key === "@context" && depth === DEPTH));
    } else {
      demand(!Array.isArray(value) || value.length > 0);
      for (const item of Array.isArray(value) ? value : [value]) put(tables, term, item, subject, lines, depth);
    }
  }
}

/** Adds the terms of a type's own context; a protected term may only be given its own meaning again. */
function overlay(terms, added) {
  for (const [name, term] of Object.entries(added)) {
    const covered = terms[name];
    if (covered !== undefined) {
      demand(covered !== null && (!covered[4] || JSON.stringify(covered) === JSON.stringify(term)));
    }
    terms[name] = term;
  }
}

function put(tables, [predicate, kind, datatype, words], value, subject, lines, depth) {
  const say = (object) => lines.add(`${subject} <${predicate}> ${object} .\n`);
  if (typeof value === "string") {
    if (kind === "literal") say(literal(value, datatype));
    else if (kind === "id") say(iri(value));
    else {
      demand(Object.hasOwn(words, value));
      say(`<${words[value]}>`);
    }
  } else if (isObject(value) && kind === "id") {
    const nested = iri(value.id);
    say(nested);
    walk(tables, value, nested, lines, depth - 1);
  } else {
    demand(kind === "literal" && (typeof value === "boolean" || Number.isSafeInteger(value)));
    say(literal(String(value), datatype ?? XSD + (typeof value === "boolean" ? "boolean" : "integer")));
  }
}

function literal(text, datatype) {
  demand(text.isWellFormed() && !FORBIDDEN.test(text));
  const escaped = text.replace(/[\\"\n\r\t]/g, (character) => ESCAPES[character]);
  return datatype === null ? `"${escaped}"` : `"${escaped}"^^<${datatype}>`;
}

function iri(value) {
  demand(typeof value === "string" && IRI.test(value));
  return `<${value}>`;
}

/** Lines are sorted by code point, which is not the order of UTF-16 code units. */
function byCodePoint(left, right) {
  const one = left[Symbol.iterator]();
  const other = right[Symbol.iterator]();
  for (;;) {
    const [a, b] = [one.next(), other.next()];
    if (a.done || b.done) return Number(b.done ?? false) - Number(a.done ?? false);
    const difference = a.value.codePointAt(0) - b.value.codePointAt(0);
    if (difference !== 0) return difference;
  }
}

function demand(condition) {
  if (!condition) throw new Untrue("canonical", "the document has no canonical form known here");
}
