// The contexts that the W3C suites use, from the npm packages that they bring along: one JSON object on stdout, URL -> document.

import {createRequire} from 'node:module';
import {pathToFileURL} from 'node:url';

// [the suite whose packages are asked, the package]
const PACKAGES = [
  ['vc-di-eddsa-test-suite', '@digitalbazaar/credentials-context'],
  ['vc-di-eddsa-test-suite', '@digitalbazaar/data-integrity-context'],
];

const [, , folder] = process.argv;
const found = {};
for (const [suite, name] of PACKAGES) {
  const entry = createRequire(`${folder}/${suite}/package.json`).resolve(name);
  const loaded = await import(pathToFileURL(entry));
  const contexts = loaded.contexts ?? loaded.default.contexts;
  for (const [url, document] of contexts) {
    found[url] = document;
  }
}
process.stdout.write(JSON.stringify(found));
