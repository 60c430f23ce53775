// The «Check» button of an organization page, once nothing more of the page is to come.
//
// What checks (checker.js, with the verifier) is loaded at the first press, so that reading a page costs nothing of it.

import { call, get, hear } from "./dom.js";

const section = call("getElementById", "check");
const button = section?.querySelector("[data-check]") ?? null;

async function press(event) {
  event.preventDefault();
  button.disabled = true;
  try {
    const { checkPage } = await loaded();
    await checkPage();
  } finally {
    button.disabled = false;
  }
}

/** The module that checks; without it nothing was checked, and the reader is told. */
async function loaded() {
  import("./given.js").catch(() => null); // beside it, not after it; where it fails, so does the next
  try {
    return await import("./checker.js");
  } catch (error) {
    alert(button.dataset.broken);
    throw error;
  }
}

/** Offers the check. */
function offer() {
  button.hidden = false;
  button.addEventListener("click", press);
}

if (button !== null) {
  if (get("readyState") === "complete") offer();
  else hear("load", ({ target }) => target === document && offer());
}
