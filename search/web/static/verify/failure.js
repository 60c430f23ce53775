// The two ways in which something may be wrong. Twin of registry/errors.py, as far as a verifier needs it.
//
// `code` is stable and lower-case; `message` is one sentence for a person.

/** The bytes are not of the form that they should have. */
export class Malformed extends Error {
  constructor(code, message) {
    super(message);
    this.code = code;
  }
}

/** Well-formed, but a check failed: a signature, a hash, a claim. */
export class Untrue extends Error {
  constructor(code, message) {
    super(message);
    this.code = code;
  }
}
