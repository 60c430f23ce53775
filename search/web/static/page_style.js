// Draws the page with the style sheet that came with the script, and with no other that the page links.

import { all, get, put } from "./dom.js";
import { style } from "./own_style.js";

let own = null;

/** From now on; what the reader's own browser adds stays. */
export function wearOwnStyle() {
  if (own === null) {
    own = new CSSStyleSheet();
    own.replaceSync(style);
    put("adoptedStyleSheets", [...get("adoptedStyleSheets"), own]);
  }
  for (const link of all("link[rel~=stylesheet i]")) link.disabled = true;
}
