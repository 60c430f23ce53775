// The panel with the result of the check: made by the script, in its own words, over everything else on the page.
//
// It stands in a closed shadow root in the browser's top layer (HTML, "popover"), below the root element alone, so that
// nothing which the page's HTML or style sheets say can change or cover it. Where something covers it all the same, it goes on
// top again; where that does not help, the browser itself tells the result. It is no modal: the page can be used beside it.

import { all, call, get, hear, make } from "./dom.js";
import { labels } from "./labels.js";
import { closedRoot } from "./panel_style.js";
import { codeList, differenceList, signedList, stepList } from "./panel_parts.js";
import { sentenceOf } from "./sentence.js";

const { language, panel: words } = labels;
const LOOK_EVERY_MS = 500;
const SMALLEST_WIDTH = 200;
/** Where it is looked whether something covers the panel, as shares of its width and height. */
const PLACES = Array.from({ length: 32 }, (_, n) => [(n % 4) / 3, Math.floor(n / 4) / 7]);

export class Panel {
  #host = null;
  #section = null;
  #verdict = null;
  #body = null;
  #timer = 0;
  #wasTold = false;
  #onClose;
  #about;

  /** `onClose`: called when the reader closes it; `about`: the URL of what is said of checking without this site, null where there is no site. */
  constructor(onClose, about) {
    this.#onClose = onClose;
    this.#about = about;
    hear("keydown", ({ key }) => key === "Escape" && this.close());
    for (const type of ["toggle", "fullscreenchange", "click"]) {
      hear(type, ({ target }) => target !== this.#host && setTimeout(() => this.#raise()));
    }
    hear("beforeprint", () => this.#laidOut(false));
    hear("afterprint", () => this.#laidOut(true));
  }

  /** Opens it anew, with one sentence and nothing else. */
  open(sentence) {
    this.#remove();
    this.#host = make("div", { lang: language });
    const close = make("button", { type: "button" }, words.close);
    close.addEventListener("click", () => this.close());
    this.#verdict = make("p", { class: "verdict", role: "status", "data-verdict": "" });
    this.#body = make("div");
    this.#section = make(
      "section",
      { role: "dialog", "aria-labelledby": "heading", tabindex: "-1" },
      make("div", { class: "top" }, make("h2", { id: "heading" }, words.heading), close),
      this.#verdict,
      this.#body,
    );
    closedRoot(this.#host, "panel").append(this.#section);
    plainRoot().append(this.#host);
    this.#wasTold = false;
    this.#laidOut(true);
    this.say("", sentence);
    this.#section.focus({ preventScroll: true });
    this.#timer = setInterval(() => this.#look(), LOOK_EVERY_MS);
  }

  /** Says one sentence, or what consists of some; `verdict` may be empty. */
  say(verdict, ...content) {
    this.#section.className = verdict;
    this.#verdict.dataset.verdict = verdict;
    this.#verdict.replaceChildren(...content);
    this.#look();
  }

  /** Shows what verify/page.js found; `age`: the elements that say that it is old, for the details. */
  show(result, age) {
    const { word, sentence, notes, beyond } = sentenceOf(result);
    const said = [make("strong", {}, word, "."), " ", make("span", {}, sentence)];
    const [lines, last] = [notes, beyond].map((texts) => texts.map((text) => make("p", { class: "note" }, text)));
    const signed = result.organization === null ? [] : [signedList(result)];
    this.tell(result, said, [...lines, ...signed, ...differenceList(result), ...last], [...age, ...codeList(result)]);
  }

  /** Shows a verdict: what it says, the elements that belong to it, and the steps with more details, folded. */
  tell({ verdict, steps, on }, said, parts, details = []) {
    const without = this.#about === null ? [] : [make("a", { href: this.#about }, words.without)];
    this.#body.append(
      ...parts,
      make("details", {}, make("summary", {}, words.steps), stepList(steps, on), ...details),
      make("p", { class: "where soft" }, `${words.here} ${words.limit} `, ...without),
    );
    this.say(verdict, ...[said].flat());
    this.#section.scrollTop = 0;
  }

  /** Takes it away and gives the page back as it was. */
  close() {
    if (this.#host === null) return;
    this.#remove();
    this.#onClose();
  }

  #remove() {
    clearInterval(this.#timer);
    this.#host?.remove();
    this.#host = null;
  }

  /** On top of all others, or as the last thing of the printed page. */
  #laidOut(onTop) {
    if (this.#host === null) return;
    this.#body.querySelector("details")?.toggleAttribute("open", !onTop);
    if (this.#host.showPopover === undefined) return;
    if (onTop) {
      this.#host.setAttribute("popover", "manual");
      this.#host.showPopover();
    } else this.#host.removeAttribute("popover");
  }

  /** Puts it on top of all that came after it. */
  #raise() {
    if (this.#host === null) return;
    for (const dialog of all("dialog[open]")) dialog.close();
    if ("activeViewTransition" in Document.prototype) get("activeViewTransition")?.skipTransition();
    if (!this.#host.hasAttribute("popover")) return;
    this.#host.hidePopover();
    this.#host.showPopover();
  }

  /** Raises it where something covers it; tells by the browser's own window what cannot be seen here. */
  #look() {
    if (this.#host === null || this.#isSeen()) return;
    this.#raise();
    if (this.#isSeen() || this.#wasTold || this.#verdict.dataset.verdict === "") return;
    this.#wasTold = true;
    alert(`${words.covered}\n\n${this.#verdict.textContent}\n${this.#body.querySelector(".signed")?.textContent ?? ""}`);
  }

  /** Whether it is in the window, of its size, and nothing else is there. */
  #isSeen() {
    const { left, top, width, height } = this.#host.getBoundingClientRect();
    if (width < SMALLEST_WIDTH || (this.#host.currentCSSZoom ?? 1) < 0.9) return false;
    return PLACES.every(([x, y]) => call("elementFromPoint", left + 8 + x * (width - 16), top + 8 + y * (height - 16)) === this.#host);
  }
}

/** The root element, in its own size, without attributes that would speak for the panel or silence it. */
function plainRoot() {
  const root = get("documentElement");
  for (const { name } of Array.from(root.attributes)) if (name !== "lang") root.removeAttribute(name);
  for (const viewport of all("meta[name=viewport i]")) viewport.setAttribute("content", "width=device-width, initial-scale=1");
  return root;
}
