// Looks at a running site as browsers and validators do: node check.mjs BASE ORGANIZATION VERIFIER EVIDENCE TRUST
//
// BASE: its URL; ORGANIZATION: the path of an organization's page below the language; the others: files for the offline verifier.
// One JSON object a line: {check, ...}; `bad` says what is below what is wanted.

import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { HtmlValidate } from "html-validate";
import lighthouse from "lighthouse";
import * as puppeteer from "puppeteer-core";

const [base, organization, verifier, evidence, trust] = process.argv.slice(2);
const CHROMIUM = process.env.CHROMIUM ?? "/usr/bin/chromium";
const FIREFOX = process.env.FIREFOX ?? "/usr/bin/firefox-esr";
/** What may take how long, in milliseconds, on Lighthouse's slow phone; the verify page comes with its verifier. */
const MOST = { "largest-contentful-paint": 1200, "total-blocking-time": 50 };
const OF_VERIFY = { ...MOST, "largest-contentful-paint": 1350 };
const PAGES = ["/", organization, `${organization}/relationships`, "/verify", "/about", "/glossary", "/developers", "/search?q=harbour"];
/** No policy blocks a script element that holds data (HTML, "prepare the script element", step 13), whatever vnu says of it. */
const [BLOCKED, DATA_BLOCK] = [/^Inline script violates Content Security Policy/, '<script type="application/json" id="words">'];
const OPEN_ROOTS = `const attach = Element.prototype.attachShadow;
Element.prototype.attachShadow = function (init) { return attach.call(this, { ...init, mode: "open" }); };`;

function say(check, value) {
  console.log(JSON.stringify({ check, ...value }));
}

/** Speed and manners of the pages that people open first. */
async function lighthouses() {
  const browser = await puppeteer.launch({ browser: "chrome", executablePath: CHROMIUM, args: ["--no-sandbox", "--headless=new"] });
  const port = Number(new URL(browser.wsEndpoint()).port);
  for (const path of ["/en/", `/en${organization}`, `/fr${organization}`, "/en/verify"]) {
    const { lhr } = await lighthouse(base + path, { port, output: "json", logLevel: "error" });
    const scores = Object.fromEntries(Object.values(lhr.categories).map(({ id, score }) => [id, Math.round(score * 100)]));
    const times = Object.fromEntries(Object.keys(MOST).map((name) => [name, Math.round(lhr.audits[name].numericValue)]));
    const failed = Object.values(lhr.audits).filter(({ score, scoreDisplayMode }) => score === 0 && scoreDisplayMode === "binary");
    const bad = Object.entries(path.endsWith("/verify") ? OF_VERIFY : MOST).filter(([name, most]) => times[name] > most).map(([name]) => name);
    bad.push(...Object.keys(scores).filter((name) => scores[name] < 100));
    say("lighthouse", { path, scores, times, failed: failed.map(({ id }) => id), bad });
  }
  await browser.close();
}

async function validates() {
  const validator = new HtmlValidate({ extends: ["html-validate:standard", "html-validate:a11y"] });
  for (const path of ["en", "fr"].flatMap((language) => PAGES.map((page) => `/${language}${page}`))) {
    const text = await (await fetch(base + path)).text();
    const { results } = await validator.validateString(text);
    const bad = results.flatMap(({ messages }) => messages).map(({ ruleId, line, message }) => `${line}: ${ruleId}: ${message}`);
    say("html-validate", { path, bad });
  }
  const { results } = await validator.validateString(await readFile(verifier, "utf8"));
  say("html-validate", { path: "offline verifier", bad: results.flatMap(({ messages }) => messages).map(({ ruleId, message }) => `${ruleId}: ${message}`) });
}

/** The Nu HTML Checker, over the same pages and what they link: style sheet and picture; and the page of an address that leads nowhere. */
async function nu() {
  const folder = await mkdtemp(join(tmpdir(), "greffe-nu-"));
  try {
    const home = await (await fetch(`${base}/en/`)).text();
    const linked = [...home.matchAll(/<link[^>]* href="([^"]+\.(?:css|svg))"/g)].map(([, address]) => address);
    const addresses = [...["en", "fr"].flatMap((language) => PAGES.map((page) => `/${language}${page}`)), ...linked, "/en/none"];
    const names = new Map([[verifier, "offline verifier"]]);
    for (const [n, address] of addresses.entries()) {
      const file = join(folder, `${n}.${/\.(css|svg)$/.exec(address)?.[1] ?? "html"}`);
      await writeFile(file, Buffer.from(await (await fetch(new URL(address, base))).arrayBuffer()));
      names.set(file, address);
    }
    const found = await reports([...names.keys()]);
    for (const [file, path] of names) {
      const own = found.filter(({ url }) => fileURLToPath(url) === file);
      say("vnu", { path, bad: own.map(({ type, lastLine, message }) => `${lastLine}: ${type}: ${message}`) });
    }
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** What the checker says of files, errors and warnings alike. */
async function reports(files) {
  const jar = fileURLToPath(import.meta.resolve("vnu-jar/build/dist/vnu.jar"));
  const asked = ["-jar", jar, "--format", "json", "--exit-zero-always", "--also-check-css", "--also-check-svg", ...files];
  const { stderr } = await promisify(execFile)("java", asked, { maxBuffer: 64 * 1024 * 1024 });
  return JSON.parse(stderr).messages.filter(({ message, extract }) => !(BLOCKED.test(message) && extract.includes(DATA_BLOCK)));
}

/** Firefox checks a page, and the offline verifier a file. */
async function firefox() {
  const browser = await puppeteer.launch({ browser: "firefox", executablePath: FIREFOX, headless: true });
  for (const language of ["en", "fr"]) {
    const page = await browser.newPage();
    await page.evaluateOnNewDocument(OPEN_ROOTS);
    await page.goto(`${base}/${language}${organization}`, { waitUntil: "load" });
    await (await page.waitForSelector("[data-check]:not([hidden])")).click();
    say("firefox", { path: `/${language}${organization}`, ...(await verdictOf(page)) });
    await page.goto(`${pathToFileURL(verifier).href}#${language}`, { waitUntil: "load" });
    await (await page.$("#trust")).uploadFile(trust);
    await (await page.$("#file")).uploadFile(evidence);
    await page.click("#form button");
    say("firefox", { path: `offline verifier, ${language}`, ...(await verdictOf(page)) });
    await page.close();
  }
  await browser.close();
}

async function verdictOf(page) {
  const read = () =>
    page.evaluate(() => {
      const host = Array.from(document.querySelectorAll("html > div")).find(({ shadowRoot }) => shadowRoot !== null);
      const said = host?.shadowRoot.querySelector("[data-verdict]");
      return said?.dataset.verdict ? { verdict: said.dataset.verdict, words: said.textContent } : null;
    });
  for (let n = 0; n < 100; n += 1) {
    const verdict = await read();
    if (verdict !== null) return { ...verdict, bad: verdict.verdict === "verified" ? [] : [verdict.verdict] };
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return { verdict: null, bad: ["no verdict"] };
}

await validates();
await nu();
await firefox();
await lighthouses();
