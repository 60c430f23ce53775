// Read JSON from strangers: one constructor from hostile text, with limits. Twin of registry/encoding/strict_json.py.
//
// Follows RFC 8259 and the restrictions of RFC 7493 (I-JSON). Refuses duplicate keys, NaN and infinities, any number that
// is not an integer within ±(2^53 - 1), lone surrogates, a byte order mark, text after the value, more than DEPTH levels
// and more than NODES values. JSON.parse keeps the last of two equal keys and rounds big numbers, so it cannot be used.
// Objects have no prototype: a member called `__proto__` is a member like any other.

import { fromUtf8 } from "./bytes.js";
import { Malformed } from "./failure.js";

export const DEPTH = 64;
export const NODES = 100_000;

const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
const PLAIN = /[^"\\\u0000-\u001f]*/y;
const WORDS = new Map([["true", true], ["false", false], ["null", null]]);
const ESCAPES = new Map([
  ['"', '"'], ["\\", "\\"], ["/", "/"], ["b", "\b"], ["f", "\f"], ["n", "\n"], ["r", "\r"], ["t", "\t"],
]);

/** The JSON value of a text, or of UTF-8 bytes. Malformed: codes `encoding`, `json`, `json_limits`. */
export function parse(input) {
  const text = typeof input === "string" ? input : fromUtf8(input);
  if (text.startsWith("\ufeff")) throw new Malformed("encoding", "starts with a byte order mark");
  const reader = new Reader(text);
  const value = reader.value(0);
  reader.space();
  if (reader.at < text.length) reader.fail("text after the value");
  return value;
}

/** The JSON object of a text; Malformed `json` when the top level is something else. */
export function parseObject(input) {
  const value = parse(input);
  if (!isObject(value)) throw new Malformed("json", "the top level is not an object");
  return value;
}

export function isObject(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

class Reader {
  constructor(text) {
    this.text = text;
    this.at = 0;
    this.nodes = 0;
  }

  fail(what) {
    throw new Malformed("json", `not JSON: ${what} at character ${this.at}`);
  }

  space() {
    while (" \t\n\r".includes(this.text[this.at] ?? "x")) this.at += 1;
  }

  match(pattern) {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text);
    if (found !== null) this.at += found[0].length;
    return found?.[0] ?? null;
  }

  take(character) {
    if (this.text[this.at] !== character) return false;
    this.at += 1;
    return true;
  }

  value(depth) {
    this.nodes += 1;
    if (this.nodes > NODES) throw new Malformed("json_limits", `more than ${NODES} values`);
    this.space();
    if (this.take("{")) return this.object(depth + 1);
    if (this.take("[")) return this.array(depth + 1);
    if (this.take('"')) return this.string();
    for (const [word, value] of WORDS) {
      if (this.text.startsWith(word, this.at)) {
        this.at += word.length;
        return value;
      }
    }
    return this.number();
  }

  object(depth) {
    this.deeper(depth);
    const members = Object.create(null);
    this.space();
    if (this.take("}")) return members;
    do {
      this.space();
      if (!this.take('"')) this.fail("a member name was expected");
      const name = this.string();
      if (name in members) throw new Malformed("json", `member "${name.slice(0, 80)}" occurs twice`);
      this.space();
      if (!this.take(":")) this.fail("a colon was expected");
      members[name] = this.value(depth);
      this.space();
    } while (this.take(","));
    if (!this.take("}")) this.fail("a comma or } was expected");
    return members;
  }

  array(depth) {
    this.deeper(depth);
    const items = [];
    this.space();
    if (this.take("]")) return items;
    do {
      items.push(this.value(depth));
      this.space();
    } while (this.take(","));
    if (!this.take("]")) this.fail("a comma or ] was expected");
    return items;
  }

  deeper(depth) {
    if (depth > DEPTH) throw new Malformed("json_limits", `nested deeper than ${DEPTH} levels`);
  }

  string() {
    let value = "";
    for (;;) {
      value += this.match(PLAIN);
      if (this.take('"')) break;
      if (!this.take("\\")) this.fail("a string does not end");
      value += this.escape();
    }
    if (!value.isWellFormed()) throw new Malformed("json", "a string holds a lone surrogate");
    return value;
  }

  escape() {
    const character = this.text[this.at] ?? "";
    if (ESCAPES.has(character)) {
      this.at += 1;
      return ESCAPES.get(character);
    }
    const code = this.match(/u[0-9A-Fa-f]{4}/y);
    if (code === null) this.fail("an unknown escape");
    return String.fromCharCode(Number.parseInt(code.slice(1), 16));
  }

  number() {
    const text = this.match(NUMBER);
    if (text === null) this.fail("a value was expected");
    if (!/^-?[0-9]+$/.test(text)) throw new Malformed("json", `the number ${text.slice(0, 40)} is not an integer`);
    const value = Number(text);
    if (!Number.isSafeInteger(value) || text === "-0") {
      throw new Malformed("json", `the integer ${text.slice(0, 40)} is out of range`);
    }
    return value;
  }
}
