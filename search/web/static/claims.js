// Reads what an organization page says: every word of the regions that state the registration, and whether a person sees it.
//
// Words of a claim are those below an element with `data-claim`; `data-absent` says that a claim was not signed, and
// `data-unsigned` that a name is not covered. What an honest page would say is left to verify/expected.js.

import { all, call, get, make } from "./dom.js";
import { labels } from "./labels.js";

const REGIONS = { title: "#title", registration: "#registration", names: "#names", addresses: "#addresses" };
const RELATIONSHIPS = "#related > [data-own]";
/** What the registration of another organization says that it came out of this one: outside of what was signed here. */
const SUCCESSOR = "#organization > #successor";
/** The address of an organization's page, and a name as long as one may be (schemas: legalName). */
const ADDRESS = /^\/(?:[^?#]*\/)?[a-z]{2}\/organizations\/([a-z0-9]{1,16})\/[A-Za-z0-9.-]{1,32}$/;
const NAME = /^(?=[^]*\S)[^]{1,500}$/u;
const ELEMENTS = "HEADER SECTION DIV H1 H2 H3 P SPAN BDI TIME DL DT DD UL LI STRONG A".split(" ");

/** What each element that holds words, and all around it, must have. */
const PLAIN = {
  backgroundImage: "none", clip: "auto", clipPath: "none", contentVisibility: "visible", filter: "none",
  maskImage: "none", mixBlendMode: "normal", opacity: "1", position: "static", rotate: "none", scale: "none",
  textTransform: "none", transform: "none", translate: "none", visibility: "visible", writingMode: "horizontal-tb",
};
const SMALLEST_FONT = 6;
const SMALLEST_BOX = [1, 5];

/** What an element of the page's own templates may carry; all else says or does something that was not signed. */
const ATTRIBUTES = "class id lang href datetime data-claim data-absent data-status data-unsigned data-own".split(" ");
/** The elements of the page that may have a shadow root (DOM, "attachShadow"). */
const HOSTS = "ARTICLE BODY DIV H1 H2 H3 HEADER MAIN P SECTION SPAN".split(" ");

/**
 * {regions, places, title, address, headings, titleLinks, marks, isState, asOf, isPermalink, problems} of the page.
 *
 * `regions`: name -> runs {what, text, date, element, href} (`what` and `date` as in expected.js, "?" for what is not covered); `places`: name
 * -> the region's element; `asOf`: the day in the page's address, or null; `headings`: the claim in each h1; `marks`: the statuses shown by colour and shape; `problems`:
 * {code, what, text, element}: words or claims that no person sees, and what does not belong there.
 */
export function readPage(location) {
  const reader = new PageReader();
  const regions = {};
  const places = {};
  for (const [name, selector] of Object.entries({ ...REGIONS, relationships: RELATIONSHIPS })) {
    for (const element of all(selector)) {
      places[name] ??= element;
      regions[name] = [...(regions[name] ?? []), ...reader.read(element)];
    }
  }
  const mains = all("main, [role=main]");
  const article = mains[0]?.querySelector(":scope > article") ?? null;
  for (const more of [...mains.slice(1), ...all("article").filter((other) => other !== article)]) reader.strange(more);
  reader.checkPlaces(mains[0], ["#organization"]);
  reader.checkPlaces(article, ["#title", "#successor", "#registration", "#check", "#body"]);
  reader.checkPlaces(article?.querySelector("#body"), ["#names", "#addresses", "#related", "#history"]);
  for (const element of all(SUCCESSOR)) reader.checkSuccessor(element);
  for (const around of ["html", "body", "main", "article", "#body"].flatMap(all)) reader.checkAround(around);
  reader.findShadowRoots();
  const inRegions = [...Object.values(REGIONS), RELATIONSHIPS].join();
  for (const stray of all("[data-claim], [data-absent]").filter((element) => element.closest(inRegions) === null)) {
    reader.strange(stray);
  }
  const asOf = new URLSearchParams(location.search).get("at") || null;
  const isPermalink = /\/states\/[0-9]+$/.test(location.pathname);
  return {
    regions,
    places,
    title: get("title"),
    address: decodeURIComponent(location.pathname),
    isState: isPermalink || asOf !== null,
    asOf,
    isPermalink,
    headings: all("h1").map((element) => ({ what: headingOf(element), element })),
    titleLinks: all("#title a").map((element) => ({ href: addressOf(element), element })),
    marks: all("#title [data-status]").map((element) => ({ what: element.dataset.status, element })),
    problems: reader.problems,
  };
}

/** The claim that is all there is in a heading. */
function headingOf(heading) {
  if (heading.dataset.absent) return `!${heading.dataset.absent}`;
  const [claim, ...more] = heading.childNodes;
  return more.length === 0 && claim?.dataset?.claim ? claim.dataset.claim : "";
}

class PageReader {
  problems = [];
  #elements = new Set();
  #seen = new Map();

  /** Notes what does not belong there; `text` or else its words, or its name. */
  strange(element, text = null, what = nearestClaim(element)) {
    const words = text ?? (element.textContent.trim().slice(0, 60) || `<${element.nodeName.toLowerCase()}>`);
    this.problems.push({ code: "page_strange", what, text: words, element });
  }

  /** The runs of a region. */
  read(element) {
    this.#checkElement(element);
    const runs = [];
    for (const node of element.childNodes) {
      if (node.nodeType === Node.TEXT_NODE) {
        if (!/\S/.test(node.data)) continue;
        this.#checkSeen(node, node.data.trim());
        runs.push({ what: "", text: node.data, element });
      } else if (node.nodeType === Node.ELEMENT_NODE) {
        runs.push(...this.#runsOf(node));
      }
    }
    return runs;
  }

  /** Between `parent` and its parts stand no words and no others, and the parts stand in that order, each once at most. */
  checkPlaces(parent, selectors) {
    let next = 0;
    for (const node of parent?.childNodes ?? []) {
      const isEmpty = node.nodeType === Node.TEXT_NODE && !/\S/.test(node.data);
      if (isEmpty || node.nodeType === Node.COMMENT_NODE) continue;
      const place = node.nodeType === Node.ELEMENT_NODE ? selectors.findIndex((name, n) => n >= next && node.matches(name)) : -1;
      if (place < 0) this.strange(node.nodeType === Node.ELEMENT_NODE ? node : parent, node.textContent.trim().slice(0, 60) || null);
      else next = place + 1;
    }
  }

  /** It says so in its one sentence, with a linked name and nothing else, below a banner that tells an end and no successor. */
  checkSuccessor(element) {
    this.read(element);
    const [before, link, after, ...more] = element.childNodes;
    const name = only(link?.childNodes);
    const words = [before, after].map((node) => wordsOf(node).trim());
    const isSentence = words.join("{name}") === labels.page.cameFrom.split("{name}").map((part) => part.trim()).join("{name}");
    const tags = [element, link, name].map((node) => node?.tagName).join(" ");
    const isNamed = tags === "P A BDI" && element.className === "notice" && NAME.test(wordsOf(only(name.childNodes)));
    if (more.length > 0 || !isSentence || !isNamed || !isOfThisRegister(addressOf(link)) || !tellsAnEnd()) this.strange(element);
  }

  /** What stands around all regions tells programs that read aloud nothing else. */
  checkAround(element) {
    this.#elements.add(element);
    const odd = Array.from(element.attributes).find(({ name }) => /^(aria-.*|role|dir|title|popover|inert)$/.test(name));
    if (odd !== undefined) this.strange(element, `${odd.name}="${odd.value}"`);
  }

  /**
   * Notes elements with a shadow root, open or closed: there, a child that asks for a slot of an unknown name gets no box,
   * where one that asks for none does.
   */
  findShadowRoots() {
    const hosts = Array.from(this.#elements).filter(({ tagName }) => HOSTS.includes(tagName));
    const probes = hosts.map((element) => {
      const pair = [make("span", {}, "x"), make("span", { slot: `s${Math.random()}` }, "x")];
      element.append(...pair);
      return pair;
    });
    const [plain, named] = [0, 1].map((n) => probes.map((pair) => pair[n].getClientRects().length > 0));
    for (const probe of probes.flat()) probe.remove();
    hosts.forEach((element, n) => {
      if (element.shadowRoot !== null || plain[n] !== named[n]) this.strange(element, "shadow root");
    });
  }

  #runsOf(element) {
    const { claim, absent, unsigned } = element.dataset;
    if (claim === undefined && absent === undefined && unsigned === undefined) return this.read(element);
    const what = claim ?? (absent === undefined ? "?" : `!${absent}`);
    const runs = this.read(element);
    if (unsigned === undefined && element.childElementCount > 0) this.strange(element);
    if (runs.length === 0) this.problems.push({ code: "page_hidden", what, text: "", element });
    const { parentElement: around } = element;
    return [{ what, text: element.innerText, date: element.getAttribute("datetime"), element, href: around.tagName === "A" ? addressOf(around) : null }];
  }

  #checkElement(element) {
    this.#elements.add(element);
    const isLink = element.tagName === "A";
    const linksOneName = isLink && element.closest(`${RELATIONSHIPS}, #title > .notice, ${SUCCESSOR}`) !== null && element.children.length === 1;
    if (!ELEMENTS.includes(element.tagName) || (isLink && !linksOneName)) this.strange(element);
    if (element.tagName === "TIME" && element.dataset.claim === undefined) this.strange(element);
    const odd = Array.from(element.attributes).find((attribute) => !isPlainAttribute(element, attribute));
    if (odd !== undefined) this.strange(element, `${odd.name}="${odd.value}"`);
    for (const pseudo of ["::before", "::after"]) {
      const { content } = getComputedStyle(element, pseudo);
      if (!["none", "normal", '""'].includes(content)) this.strange(element, content);
    }
  }

  /** Notes words that have no box of sensible size in the page's width, or stand in something that hides them. */
  #checkSeen(node, words) {
    const holder = node.parentElement;
    const range = call("createRange");
    range.selectNodeContents(node);
    const box = range.getBoundingClientRect();
    const left = box.left + window.scrollX;
    const inPage = left >= -1 && left < get("documentElement").clientWidth && box.top + window.scrollY >= -1;
    const hasSize = box.width >= SMALLEST_BOX[0] && box.height >= SMALLEST_BOX[1];
    if (inPage && hasSize && this.#isPlain(holder) && isLegible(holder) && !isCut(holder, box)) return;
    this.problems.push({ code: "page_hidden", what: nearestClaim(holder), text: words.slice(0, 60), element: holder });
  }

  #isPlain(element) {
    if (element === null) return true;
    if (!this.#seen.has(element)) {
      const style = getComputedStyle(element);
      const plain =
        Object.entries(PLAIN).every(([name, value]) => style[name] === undefined || style[name] === value) &&
        (style.direction === "ltr" || element.tagName === "BDI") &&
        !style.unicodeBidi.includes("override") &&
        !style.textDecorationLine.includes("line-through") &&
        !element.classList.contains("unseen");
      this.#seen.set(element, plain && this.#isPlain(element.parentElement));
    }
    return this.#seen.get(element);
  }
}

/** The one node of a list; undefined where there is none, or more. */
function only(nodes) {
  return nodes?.length === 1 ? nodes[0] : undefined;
}

/** What a text says: a comment says nothing. */
function wordsOf(node) {
  return node?.nodeType === Node.TEXT_NODE ? node.data : "";
}

/** Whether an address is that of an organization's page, in the register of this one's. */
function isOfThisRegister(address) {
  const here = /\/organizations\/([a-z0-9]{1,16})\/[^/]+(\/states\/[0-9]+)?$/.exec(window.location.pathname);
  return here !== null && ADDRESS.exec(address)?.[1] === here[1];
}

/** Whether the banner tells that the organization has ended, and names no successor. */
function tellsAnEnd() {
  const [banner, ...more] = all("#title > .banner");
  const hasEnded = all("#title [data-status]").every(({ dataset }) => dataset.status === "Historical");
  return banner !== undefined && more.length === 0 && hasEnded && all("#title > .banner :is(a, bdi)").length === 0;
}

/** Where a link leads: a path on this site, or a whole address. */
function addressOf({ href, origin, pathname, search, hash }) {
  return origin === window.location.origin ? pathname + search + hash : href;
}

/** The claim of which an element tells, or "" where it tells of none. */
function nearestClaim(element) {
  const { claim, absent } = element.closest("[data-claim], [data-absent]")?.dataset ?? {};
  return claim ?? absent ?? "";
}

function isPlainAttribute(element, { name, value }) {
  if (name === "role") return value === "note" && element.matches("p.notice");
  if (name === "aria-labelledby") return element.firstElementChild?.id === value && all(`[id="${CSS.escape(value)}"]`).length === 1;
  return ATTRIBUTES.includes(name);
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
  for (let at = element; at !== null && at.tagName !== "BODY"; at = at.parentElement) {
    const { overflowX, overflowY, display } = getComputedStyle(at);
    if (display === "inline" || (overflowX === "visible" && overflowY === "visible")) continue;
    const frame = at.getBoundingClientRect();
    if (box.bottom > frame.bottom + 1 || box.right > frame.right + 1 || box.top < frame.top - 1) return true;
  }
  return false;
}
