// Draws the page with the style sheet that this script knows by its hash, and with no other that the page links.
//
// The page has loaded it already, so it costs no second transfer. Where something else stands at its address, or nothing, it comes
// as a script.

import { all, get, put } from "./dom.js";
import { integrity } from "./style_hash.js";

const ADDRESS = new URL("../style.css", import.meta.url);
let own = null;

/** Fetches it, at the first call. */
export async function loadOwnStyle() {
  if (own !== null) return;
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(await styleText());
  own = sheet;
}

async function styleText() {
  try {
    const answer = await fetch(ADDRESS, { integrity, cache: "force-cache", credentials: "omit" });
    return await answer.text();
  } catch {
    return (await import("./own_style.js")).style;
  }
}

/** From now on; what the reader's own browser adds stays. */
export function wearOwnStyle() {
  const sheets = get("adoptedStyleSheets");
  if (!sheets.includes(own)) put("adoptedStyleSheets", [...sheets, own]);
  for (const link of all("link[rel~=stylesheet i]")) link.disabled = true;
}
