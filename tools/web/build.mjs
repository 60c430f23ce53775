// Makes the scripts and the style sheet of the site small: node build.mjs SOURCES PINNED OUT
//
// SOURCES: search/web/static; PINNED: a JSON file, the `pinned` member of trust.js; OUT: the folder to fill. Called by make.py.
// Each script becomes one file with all that it imports, but for what is made at start-up: `given.js` and `answer_words.js`.
// Beside every file stand its brotli and gzip forms.

import { createHash } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import * as esbuild from "esbuild";
import { minify } from "terser";

const [sources, pinnedFile, out] = process.argv.slice(2);
const pinned = await readFile(pinnedFile, "utf8");
/** The scripts of pages; each is a file of its own. */
const SCRIPTS = ["check.js", "checker.js", "paste.js", "suggest.js"];
/** What another script asks for when it needs it; the rest of what is imported so stands in the script itself. */
const ON_DEMAND = {
  "check.js": ["./checker.js"],
  "checker.js": ["./codes.js", "./own_style.js", "./points.js", "./reasons.js"],
  "paste.js": ["./reasons.js"],
  "offline.js": ["./reasons.js"],
};

const style = (await esbuild.transform(await read("style.css"), { loader: "css", minify: true, charset: "utf8" })).code;
const integrity = `sha256-${createHash("sha256").update(style).digest("base64")}`;

/** Modules that a source imports and no file holds: they are made at start-up, or here. */
const MADE = {
  "trust.js": `import { trust as given } from "./given.js"; export const trust = { ...given, pinned: ${pinned} };`,
  "labels.js": 'export { labels } from "./given.js";',
  "style_hash.js": `export const integrity = ${JSON.stringify(integrity)};`,
};

/** The same in the offline verifier, which has all in one file. */
const OFFLINE = {
  "trust.js": `export const trust = { pinned: ${pinned} };`,
  "labels.js": 'export { labels } from "./offline_words.js";',
  "answer_words.js": 'export { answerWords } from "./offline_words.js";',
};

const made = (modules, onDemand) => ({
  name: "made",
  setup(build) {
    build.onResolve({ filter: /./ }, ({ path, kind }) => {
      const name = path.split("/").at(-1);
      if (Object.hasOwn(modules, name)) return { path: name, namespace: "made" };
      if (/\/(given|answer_words)\.js$/.test(path)) return { path: `./${path.split("/").at(-1)}`, external: true };
      if (kind === "dynamic-import" && onDemand.includes(path)) return { path, external: true };
      return undefined;
    });
    build.onLoad({ filter: /./, namespace: "made" }, ({ path }) => ({ contents: modules[path], resolveDir: sources }));
    build.onLoad({ filter: /panel_style\.js$/ }, async ({ path }) => ({ contents: await withSmallStyles(await readFile(path, "utf8")) }));
  },
});

async function read(name) {
  return readFile(join(sources, name), "utf8");
}

/** A script whose style sheets, each a template, are made small. */
async function withSmallStyles(text) {
  const parts = text.split("`");
  for (let n = 1; n < parts.length; n += 2) {
    const sheet = parts[n].replaceAll("\\\\", "\\");
    parts[n] = JSON.stringify((await esbuild.transform(sheet, { loader: "css", minify: true, charset: "utf8" })).code);
  }
  return parts.join("");
}

async function script(name, modules = MADE, format = "esm") {
  const built = await esbuild.build({
    entryPoints: [join(sources, name)],
    absWorkingDir: sources,
    bundle: true,
    minify: true,
    format,
    target: "es2022",
    charset: "utf8",
    legalComments: "none",
    write: false,
    plugins: [made(modules, ON_DEMAND[name] ?? [])],
  });
  const smaller = await minify(built.outputFiles[0].text, {
    module: format === "esm",
    ecma: 2020,
    compress: { passes: 3, unsafe_arrows: true },
    format: { ascii_only: false },
  });
  return `${smaller.code}\n`;
}

async function put(name, text) {
  const path = join(out, name);
  const body = Buffer.from(text);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, body);
  await writeFile(`${path}.br`, brotliCompressSync(body, { params: { [constants.BROTLI_PARAM_SIZE_HINT]: body.length } }));
  await writeFile(`${path}.gz`, gzipSync(body, { level: 9 }));
}

await put("style.css", style);
await put("own_style.js", `export const style=${JSON.stringify(style)};\n`);
for (const name of SCRIPTS) await put(name, await script(name));
for (const name of ["codes.js", "points.js"]) await put(name, await script(`verify/${name}`));
await writeFile(join(out, "offline.js"), (await script("offline.js", OFFLINE, "iife")).replaceAll("</script", "<\\/script"));
