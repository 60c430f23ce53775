// How the panel and the marks look: constructed style sheets, which nothing of the page's HTML or style sheets can reach.
//
// CSS Cascading and Inheritance Level 4, section 6.1: of important declarations, that of the inner tree wins over that of the
// outer one. Only the generic font families are named, since a page can give any other name to another font.

const HOST = `
:host { all: initial !important; direction: ltr !important; unicode-bidi: isolate !important; color: #1d2a2d !important;
  font-family: sans-serif !important; line-height: 1.5 !important; overflow-wrap: anywhere !important; }
:host::before, :host::after, :host::backdrop { content: none !important; display: none !important; }
* { box-sizing: border-box; }
[lang] { unicode-bidi: isolate; }
.name { white-space: pre-wrap; }
q:lang(fr) { quotes: "«\\a0" "\\a0»"; }
@media screen and (prefers-color-scheme: dark) { :host { color: #e4eae8 !important; } }
@media print { :host { color: #000 !important; } }`;

const PANEL = `
:host { display: grid !important; grid-template-rows: minmax(0, 1fr) !important; position: fixed !important; inset: auto 0 0 auto !important; z-index: 2147483647 !important;
  width: 28em !important; max-width: 100% !important; max-height: 62% !important; }
section { overflow: auto; min-height: 0; padding: 1em 1.1em; background: #fff; border: 1px solid #546468;
  border-top: 5px solid #546468; box-shadow: 0 0 1.4em #0006; }
section:focus { outline: none; }
:focus-visible { outline: 3px solid #0f5257; outline-offset: 2px; }
section.verified { border-top-color: #1b6b3a; }
section.failed { border-top-color: #a32018; }
section.indeterminate, section.superseded { border-top-color: #7a5200; }
h2, h3, p, dl, dd, ol, ul { margin: 0; padding: 0; font-size: 1em; }
h2, h3, dt, summary, strong { font-weight: 600; }
h3, details, .where { margin-top: .8em; }
.top { display: flex; gap: 1em; align-items: start; justify-content: space-between; }
button { font: inherit; color: inherit; background: none; border: 1px solid; border-radius: .4em; padding: .15em .7em; cursor: pointer; white-space: nowrap; }
a { color: #0f5257; }
.verdict { font-size: 1.1em; min-height: 1.5em; margin-top: .4em; }
.verdict strong { font-size: 1.1em; }
.note, [data-note] { margin-top: .4em; }
li.passed::before { color: #1b6b3a; }
.verified .verdict strong { color: #1b6b3a; }
.failed .verdict, li.failed, .different dd + dd { color: #a32018; }
.indeterminate .verdict, .superseded .verdict, li.indeterminate { color: #7a5200; }
section:not([class=""]) .verdict { position: relative; padding-left: 2.5em; }
.verdict::before { position: absolute; left: 0; width: 1.9em; margin-top: .1em; line-height: 1.9em; text-align: center; font-weight: 700; }
.verified .verdict::before { content: "✓"; background: #1b6b3a; color: #fff; border-radius: 50%; }
.failed .verdict::before { content: "✗"; background: #a32018; color: #fff; clip-path: polygon(30% 0, 70% 0, 100% 30%, 100% 70%, 70% 100%, 30% 100%, 0 70%, 0 30%); }
.superseded .verdict::before { content: "!"; background: #7a5200; color: #fff; line-height: 2.3em; height: 1.9em; clip-path: polygon(50% 0, 100% 100%, 0 100%); }
.indeterminate .verdict::before { content: "?"; background: #7a5200; color: #fff; clip-path: polygon(50% 0, 100% 50%, 50% 100%, 0 50%); }
.signed { border-left: 4px solid #0f5257; padding-left: .8em; margin-top: .6em; }
.signed .name { font-size: 1.3em; font-weight: 600; }
dl div { display: grid; grid-template-columns: 10.5em minmax(0, 1fr); gap: 0 .8em; }
.different div { display: block; margin-top: .4em; }
summary { cursor: pointer; }
ol { list-style: none; }
ul { padding-left: 1.3em; }
ol li { padding: .25em 0 .25em 1.6em; position: relative; }
ol li::before { content: "○"; position: absolute; left: .2em; font-weight: 700; }
ol .passed::before { content: "✓"; }
ol .failed::before { content: "✗"; }
ol .indeterminate::before { content: "?"; }
ol .not_asked::before { content: "–"; }
ol .not_reached::before { content: "…"; }
.soft, code { font-size: .88em; }
code { font-family: monospace; }
@media (max-width: 30em) { :host { inset: auto 0 0 0 !important; width: 100% !important; } dl div { display: block; } }
@media screen and (prefers-color-scheme: dark) {
  section { background: #182225; border-color: #a3b1b1; }
  a { color: #7fcfc9; }
  :focus-visible { outline-color: #7fcfc9; }
  .verified .verdict strong, li.passed::before { color: #7fd39b; }
  .failed .verdict, li.failed, .different dd + dd { color: #ff9a8f; }
  .indeterminate .verdict, .superseded .verdict, li.indeterminate { color: #f0c46c; }
}
@media print {
  :host { position: static !important; width: auto !important; max-height: none !important; margin-top: 1em !important; }
  section { background: #fff; color: #000; box-shadow: none; overflow: visible; }
  li { break-inside: avoid; }
  button { display: none; }
}`;

const MARK = `
:host { display: inline !important; font-size: small !important; }
span { color: #a32018; background: #fff; border: 2px solid; border-radius: .3em; padding: 0 .4em; margin: 0 .3em; }`;

/** A shadow root that nothing in the page can look into, with the style of `kind`: panel or mark. */
export function closedRoot(host, kind) {
  const root = host.attachShadow({ mode: "closed" });
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(HOST + { panel: PANEL, mark: MARK }[kind]);
  root.adoptedStyleSheets = [sheet];
  return root;
}
