// Reads what an organization page says: every word of the regions that state the registration, and whether a person sees it.
//
// Words of a claim are those below an element with `data-claim`; `data-absent` says that a claim was not signed, and
// `data-unsigned` that a name is not covered. What an honest page would say is left to verify/expected.js.

const REGIONS = { title: "#title", registration: "#registration", names: "#names", addresses: "#addresses" };
const RELATIONSHIPS = "#related > [data-own]";
const ELEMENTS = "HEADER SECTION DIV H1 H2 H3 P SPAN BDI DL DT DD UL LI STRONG A".split(" ");

/** What each element that holds words, and all around it, must have. */
const PLAIN = {
  backgroundImage: "none", clip: "auto", clipPath: "none", contentVisibility: "visible", filter: "none",
  maskImage: "none", opacity: "1", position: "static", rotate: "none", scale: "none", textTransform: "none",
  transform: "none", translate: "none", visibility: "visible", writingMode: "horizontal-tb",
};
const SMALLEST_FONT = 6;
const SMALLEST_BOX = [1, 5];

/**
 * {regions, title, address, headings, marks, hidden, strange} of the page.
 *
 * `regions`: name -> runs (see expected.js; "?" for what is not covered); `headings`: the claim in each h1; `marks`: the
 * statuses shown by colour and shape; `hidden`: the first words or claim that no person sees; `strange`: the first thing that
 * does not belong there.
 */
export function readPage(document, location) {
  const reader = new PageReader();
  const article = document.querySelector("main > article");
  const regions = {};
  for (const [name, selector] of Object.entries({ ...REGIONS, relationships: RELATIONSHIPS })) {
    for (const element of document.querySelectorAll(selector)) {
      regions[name] = [...(regions[name] ?? []), ...reader.read(element)];
    }
  }
  reader.checkPlaces(document.getElementById("main"), ["organization"]);
  reader.checkPlaces(article, ["title", "check", "body"]);
  reader.checkPlaces(article?.querySelector("#body"), ["registration", "names", "addresses", "related", "history"]);
  const places = [...Object.values(REGIONS), RELATIONSHIPS].join();
  return {
    regions,
    title: document.title,
    address: decodeURIComponent(location.pathname),
    headings: Array.from(document.querySelectorAll("h1"), headingOf),
    marks: Array.from(document.querySelectorAll("#title [data-status]"), (element) => element.dataset.status),
    hidden: reader.hidden,
    strange: reader.strange ?? strayClaim(document, places),
  };
}

/** The claim that is all there is in a heading. */
function headingOf(heading) {
  if (heading.dataset.absent) return `!${heading.dataset.absent}`;
  const [claim, ...more] = heading.childNodes;
  return more.length === 0 && claim?.dataset?.claim ? claim.dataset.claim : "";
}

/** A claim or mark outside of all regions, where nothing compares it. */
function strayClaim(document, places) {
  const claims = Array.from(document.querySelectorAll("[data-claim], [data-absent]"));
  const stray = claims.find((element) => element.closest(places) === null)?.dataset;
  return stray?.claim ?? stray?.absent ?? null;
}

class PageReader {
  hidden = null;
  strange = null;
  #seen = new Map();

  /** The runs of a region. */
  read(element) {
    this.#checkElement(element);
    const runs = [];
    for (const node of element.childNodes) {
      if (node.nodeType === Node.TEXT_NODE) {
        if (!/\S/.test(node.data)) continue;
        this.#checkSeen(node, node.data.trim());
        runs.push(["", node.data]);
      } else if (node.nodeType === Node.ELEMENT_NODE) {
        runs.push(...this.#runsOf(node));
      }
    }
    return runs;
  }

  /** Between `parent` and its parts stand no words and no others, and the parts stand in that order, each once at most. */
  checkPlaces(parent, names) {
    const nodes = Array.from(parent?.childNodes ?? []).filter((node) => node.nodeType !== Node.COMMENT_NODE);
    let next = 0;
    for (const node of nodes) {
      if (node.nodeType === Node.TEXT_NODE && !/\S/.test(node.data)) continue;
      const place = names.indexOf(node.id, next);
      if (node.nodeType !== Node.ELEMENT_NODE || place < 0) this.strange ??= node.textContent.trim().slice(0, 60) || node.nodeName;
      else next = place + 1;
    }
    if (parent === null || parent === undefined) this.strange ??= names[0];
  }

  #runsOf(element) {
    const { claim, absent, unsigned } = element.dataset;
    if (claim === undefined && absent === undefined && unsigned === undefined) return this.read(element);
    const what = claim ?? (absent === undefined ? "?" : `!${absent}`);
    const runs = this.read(element);
    if (unsigned === undefined && element.childElementCount > 0) this.strange ??= what;
    if (runs.length === 0) this.hidden ??= what.replace(/^[!?]/, "");
    return [[what, element.innerText]];
  }

  #checkElement(element) {
    if (!ELEMENTS.includes(element.tagName)) this.strange ??= element.tagName.toLowerCase();
    for (const pseudo of ["::before", "::after"]) {
      const { content } = getComputedStyle(element, pseudo);
      if (!["none", "normal", '""'].includes(content)) this.strange ??= content;
    }
  }

  /** Notes words that have no box of sensible size in the page's width, or stand in something that hides them. */
  #checkSeen(node, words) {
    const holder = node.parentElement;
    const range = document.createRange();
    range.selectNodeContents(node);
    const box = range.getBoundingClientRect();
    const left = box.left + window.scrollX;
    const inPage = left >= -1 && left < document.documentElement.clientWidth && box.top + window.scrollY >= -1;
    const hasSize = box.width >= SMALLEST_BOX[0] && box.height >= SMALLEST_BOX[1];
    if (inPage && hasSize && this.#isPlain(holder) && isLegible(holder) && !isCut(holder, box)) return;
    const { claim, absent } = holder.closest("[data-claim], [data-absent]")?.dataset ?? {};
    this.hidden ??= claim ?? absent ?? words.slice(0, 60);
  }

  #isPlain(element) {
    if (element === null) return true;
    if (!this.#seen.has(element)) {
      const style = getComputedStyle(element);
      const plain =
        Object.entries(PLAIN).every(([name, value]) => style[name] === undefined || style[name] === value) &&
        !style.unicodeBidi.includes("override") &&
        !style.textDecorationLine.includes("line-through") &&
        !element.classList.contains("unseen");
      this.#seen.set(element, plain && this.#isPlain(element.parentElement));
    }
    return this.#seen.get(element);
  }
}

function isLegible(element) {
  const style = getComputedStyle(element);
  const inks = [style.color, style.webkitTextFillColor];
  return Number.parseFloat(style.fontSize) >= SMALLEST_FONT && !inks.some(isFaint) && !inks.includes(paperBelow(element));
}

/** Whether a computed colour is more transparent than not. */
function isFaint(colour) {
  const alpha = /^rgba\(.*,\s*([\d.]+)\)$|\/\s*([\d.]+)\)$/.exec(colour);
  return colour === "transparent" || (alpha !== null && Number(alpha[1] ?? alpha[2]) < 0.5);
}

function paperBelow(element) {
  for (let at = element; at !== null; at = at.parentElement) {
    const { backgroundColor } = getComputedStyle(at);
    if (!isFaint(backgroundColor)) return backgroundColor;
  }
  return "";
}

/** Whether something around it lets words end where its own box ends, and the words go on. */
function isCut(element, box) {
  for (let at = element; at !== null && at !== document.body; at = at.parentElement) {
    const { overflowX, overflowY, display } = getComputedStyle(at);
    if (display === "inline" || (overflowX === "visible" && overflowY === "visible")) continue;
    const frame = at.getBoundingClientRect();
    if (box.bottom > frame.bottom + 1 || box.right > frame.right + 1 || box.top < frame.top - 1) return true;
  }
  return false;
}
