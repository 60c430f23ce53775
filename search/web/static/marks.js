// Marks on the page, where it shows something else than was signed, with the signed value beside it.
//
// Each is made by the script in a closed shadow root, as the panel is.

import { make } from "./dom.js";
import { closedRoot } from "./panel_style.js";
import { quoted, signedWords } from "./panel_parts.js";
import { labels } from "./labels.js";

let marks = [];

/** Takes all marks away, so that the page is as it was. */
export function clearMarks() {
  for (const { mark, element } of marks) {
    mark.remove();
    element.style.removeProperty("outline");
    if (element.style.length === 0) element.removeAttribute("style");
  }
  marks = [];
}

/** Marks each difference that has a place on the page. */
export function markDifferences({ differences, organization }) {
  for (const { field, signed, element } of differences) {
    if (element === null || !element.isConnected || element.matches("html, body")) continue;
    const mark = make("span", { lang: labels.language });
    const value = signed === null ? labels.panel.nothing : quoted(signed);
    closedRoot(mark, "mark").append(make("span", { role: "note" }, `≠ ${field} – ${signedWords(organization)} `, value));
    element.style.setProperty("outline", "3px solid #a32018", "important");
    if (element.matches("bdi, span, time")) element.after(mark);
    else element.append(mark);
    marks.push({ mark, element });
  }
}
