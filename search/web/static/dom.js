// The document as the platform gives it, whatever the page's elements are called.
//
// An element named `title` or `querySelectorAll` hides the document's own member of that name (HTML, "named properties of
// the document"). So the script of the check takes them from the prototypes.

const inherited = new Map();
for (const { prototype } of [Document, Node, EventTarget]) {
  for (const [name, member] of Object.entries(Object.getOwnPropertyDescriptors(prototype))) {
    if (!inherited.has(name)) inherited.set(name, member);
  }
}

/** The value of a document's attribute, such as `title`. */
export function get(name) {
  return inherited.get(name).get.call(document);
}

/** Sets a document's attribute. */
export function put(name, value) {
  inherited.get(name).set.call(document, value);
}

/** Calls a document's method, such as `elementFromPoint`. */
export function call(name, ...given) {
  return inherited.get(name).value.apply(document, given);
}

/** All elements of the document for a selector, in order. */
export function all(selector) {
  return Array.from(call("querySelectorAll", selector));
}

/** Hears an event of the window, before anything in the page does. */
export function hear(type, listener) {
  EventTarget.prototype.addEventListener.call(window, type, listener, { capture: true });
}

/** A new element with its attributes; `content`: texts and elements. */
export function make(tag, attributes = {}, ...content) {
  const element = call("createElement", tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...content);
  return element;
}
