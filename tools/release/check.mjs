// Looks at a running site as browsers and validators do: node check.mjs BASE ORGANIZATION VERIFIER EVIDENCE TRUST
//
// BASE: its URL; ORGANIZATION: the path of an organization's page below the language; the others: files for the offline verifier.
// One JSON object a line: {check, ...}; `bad` says what is below what is wanted.

import { readFile } from "node:fs/promises";
import { pathToFileURL } from "node:url";
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
await firefox();
await lighthouses();
