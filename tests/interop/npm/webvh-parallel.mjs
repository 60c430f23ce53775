// The did:web documents beside did:webvh documents, by didwebvh-ts: `node webvh-parallel.mjs < request.json`.
// Request: an array of {did, document}. One line for each: the did:web document.
import {readFileSync} from 'node:fs';
import {generateParallelDidWeb} from 'didwebvh-ts';

for(const {did, document} of JSON.parse(readFileSync(0, 'utf-8'))) {
  console.log(JSON.stringify(generateParallelDidWeb(did, document)));
}
