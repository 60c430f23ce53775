// Suggestions while typing: an editable combobox with a listbox (WAI-ARIA 1.2; choosing is by hand, the text stays as typed).
//
// Makes the plain search form more, never less: without this file, or without an answer, the form still searches. A newer
// question drops the older one. All words come from the form's own data attributes, in the page's language.

const WAIT_MS = 120;
const input = document.getElementById("q");
const words = input.form.dataset;
const list = document.createElement("ul");
const said = document.createElement("p");
let waiting = 0;
let asking = new AbortController();
let asked = "";
let chosen = -1;

/** Forgets what is under way; `question` is what the list answers from now on. */
function drop(question) {
  clearTimeout(waiting);
  asking.abort();
  asking = new AbortController();
  asked = question;
}

function close() {
  drop("");
  list.hidden = true;
  choose(-1);
  input.setAttribute("aria-expanded", "false");
  said.textContent = "";
}

/** Asks for suggestions once the typing rests; an empty question closes the list. */
function ask() {
  const question = input.value.trim();
  if (question === asked) return;
  if (question === "") {
    close();
    return;
  }
  drop(question);
  const { signal } = asking;
  waiting = setTimeout(async () => {
    const items = await fetchItems(question, signal);
    if (!signal.aborted) show(items);
  }, WAIT_MS);
}

/** What the index suggests; nothing when it cannot be asked. */
async function fetchItems(question, signal) {
  try {
    const address = `${words.suggestions}?${new URLSearchParams({ q: question })}`;
    const answer = await fetch(address, { signal, credentials: "omit", headers: { Accept: "application/json" } });
    return answer.ok ? ((await answer.json()).items ?? []) : [];
  } catch {
    return [];
  }
}

function show(items) {
  list.replaceChildren(...items.map(optionOf));
  choose(-1);
  list.hidden = items.length === 0;
  input.setAttribute("aria-expanded", String(items.length > 0));
  if (items.length === 0) said.textContent = words.none;
  else said.textContent = items.length === 1 ? words.one : words.many.replace("{count}", items.length);
}

/** One suggestion: the name, the number, when another name matched, which, and what tells namesakes apart. */
function optionOf({ register, number, name, status, locality, registered_on, matched, how }, place) {
  const option = document.createElement("li");
  option.id = `suggestion-${place}`;
  option.setAttribute("role", "option");
  option.setAttribute("aria-selected", "false");
  option.dataset.address = [words.organizations, register, number].map((part, n) => (n ? encodeURIComponent(part) : part)).join("/");
  option.append(part("bdi", "suggested", name ?? words.nameless), " ", part("span", "number", number));
  if (matched.kind !== "number" && matched.name !== null && matched.name !== name) {
    const kind = words[`kind${matched.kind[0].toUpperCase()}${matched.kind.slice(1)}`];
    const other = part("span", "matched", `${kind}${words.colon} `);
    other.append(part("bdi", "", matched.name), datesOf(matched, how));
    option.append(" ", other);
  }
  const apart = [locality, registered_on?.slice(0, 4), status === "Historical" ? words.historical : ""].filter(Boolean);
  if (apart.length > 0) option.append(" ", part("span", "apart", apart.join(", ")));
  return option;
}

/** When a name that was given up was in force, and that it no longer is; nothing of a former name, whose kind says so. */
function datesOf({ kind }, { since, until }) {
  if (!until || kind === "former") return "";
  const dates = (since ? words.span.replace("{since}", inWords(since)) : words.until).replace("{until}", inWords(until));
  return ` (${dates}, ${words.givenUp})`;
}

/** A day as people write it (`search/views/days.py`); anything else as it is. */
function inWords(day) {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(day)) return day;
  const isFrench = document.documentElement.lang === "fr";
  const said = new Intl.DateTimeFormat(isFrench ? "fr-CA" : "en-GB", { dateStyle: "long", timeZone: "UTC" }).format(new Date(day));
  return isFrench ? said.replace(/^1 /, "1er ") : said;
}

function part(tag, name, text) {
  const made = document.createElement(tag);
  if (name !== "") made.className = name;
  made.textContent = text;
  return made;
}

/** Marks one option as the one that Enter takes; -1 for none, so that Enter searches. */
function choose(place) {
  list.children[chosen]?.setAttribute("aria-selected", "false");
  chosen = place;
  const option = list.children[chosen];
  if (option === undefined) {
    input.removeAttribute("aria-activedescendant");
    return;
  }
  option.setAttribute("aria-selected", "true");
  option.scrollIntoView({ block: "nearest" });
  input.setAttribute("aria-activedescendant", option.id);
}

/** One step down (1) or up (-1), through no choice at either end; opens the list when it is closed. */
function move(step) {
  if (list.hidden) ask();
  else choose(((chosen + 1 + step + list.children.length + 1) % (list.children.length + 1)) - 1);
}

function onKey(event) {
  if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
  const isOpen = !list.hidden;
  if (event.key === "ArrowDown") move(1);
  else if (event.key === "ArrowUp") move(-1);
  else if (event.key === "Enter" && isOpen && chosen >= 0) open(list.children[chosen]);
  else if (event.key === "Escape" && isOpen) close();
  else return;
  event.preventDefault();
}

function open(option) {
  location.assign(option.dataset.address);
}

list.id = "suggestions";
list.className = "suggestions";
list.hidden = true;
list.setAttribute("role", "listbox");
list.setAttribute("aria-label", words.title);
said.className = "unseen";
said.setAttribute("role", "status");
input.form.append(list, said);
for (const [name, value] of [["role", "combobox"], ["aria-autocomplete", "list"], ["aria-expanded", "false"], ["aria-controls", list.id]]) {
  input.setAttribute(name, value);
}
input.addEventListener("input", ask);
input.addEventListener("keydown", onKey);
input.addEventListener("blur", close);
input.form.addEventListener("submit", close);
list.addEventListener("mousedown", (event) => event.preventDefault());
list.addEventListener("click", (event) => {
  const option = event.target.closest("[role=option]");
  if (option !== null) open(option);
});
