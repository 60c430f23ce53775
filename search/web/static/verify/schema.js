// The part of JSON Schema (draft 2020-12) that our closed schemas use. A keyword that is not known here throws: a check
// that is silently skipped would be worse than none.

import { print } from "./jcs.js";
import { Malformed, Untrue } from "./failure.js";
import { isObject } from "./strict_json.js";

const TYPES = {
  object: isObject,
  array: Array.isArray,
  string: (value) => typeof value === "string",
  integer: Number.isSafeInteger,
  boolean: (value) => typeof value === "boolean",
};

const size = (text) => Array.from(text).length;
const isText = TYPES.string;

// keyword -> whether (value, argument, schema) holds; as in the specification, a keyword says nothing of other types
const KEYWORDS = {
  $schema: () => true,
  title: () => true,
  type: (value, name) => TYPES[name](value),
  const: (value, constant) => print(value) === print(constant),
  anyOf: (value, schemas, _, path) => schemas.some((schema) => fits(value, schema, path)),
  enum: (value, options) => options.some((option) => print(value) === print(option)),
  pattern: (value, pattern) => !isText(value) || new RegExp(pattern, "u").test(value),
  minLength: (value, least) => !isText(value) || size(value) >= least,
  maxLength: (value, most) => !isText(value) || size(value) <= most,
  minItems: (value, least) => !Array.isArray(value) || value.length >= least,
  minimum: (value, least) => typeof value !== "number" || value >= least,
  maximum: (value, most) => typeof value !== "number" || value <= most,
  maxItems: (value, most) => !Array.isArray(value) || value.length <= most,
  required: (value, names) => !isObject(value) || names.every((name) => Object.hasOwn(value, name)),
  additionalProperties: (value, allowed, schema) => {
    if (allowed !== false) throw new Malformed("schema", "additionalProperties must be false");
    return !isObject(value) || Object.keys(value).every((name) => Object.hasOwn(schema.properties ?? {}, name));
  },
};

/** Untrue `schema` (the message names the place) unless `value` satisfies `schema`. */
export function checkSchema(value, schema, path = "") {
  for (const [keyword, argument] of Object.entries(schema)) {
    if (keyword === "properties" || keyword === "items") continue;
    const holds = Object.hasOwn(KEYWORDS, keyword) ? KEYWORDS[keyword] : null;
    if (holds === null) throw new Malformed("schema", `unknown schema keyword ${keyword}`);
    if (!holds(value, argument, schema, path)) throw new Untrue("schema", `the closed schema does not fit at ${path || "/"}`);
  }
  if (isObject(value)) {
    for (const [name, inner] of Object.entries(schema.properties ?? {})) {
      if (Object.hasOwn(value, name)) checkSchema(value[name], inner, `${path}/${name}`);
    }
  }
  if (Array.isArray(value) && schema.items !== undefined) {
    value.forEach((item, n) => checkSchema(item, schema.items, `${path}/${n}`));
  }
}

function fits(value, schema, path) {
  try {
    checkSchema(value, schema, path);
    return true;
  } catch (error) {
    if (error instanceof Untrue) return false;
    throw error;
  }
}
