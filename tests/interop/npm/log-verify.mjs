// Verify inclusion in a log with Sigstore's code, that of the npm command: `node log-verify.mjs < request.json`.
// Request: {name, keyId, publicKey, entries: [{index, hashes, checkpoint, body}]}; bytes as base64, keyId 32 bytes of which a
// signature line has 4, publicKey as SPKI. One line for each entry: {size, reason}; reason is null where all of it holds.
import {createPublicKey} from 'node:crypto';
import {createRequire} from 'node:module';
import {dirname, join} from 'node:path';
import {readRequest} from './request.mjs';

// the package names only its bundle verifier; the parts that know nothing of bundles lie beside it
const require = createRequire(import.meta.url);
const parts = join(dirname(require.resolve('@sigstore/verify')), 'tlog');
const {verifyCheckpoint} = require(join(parts, 'checkpoint.js'));
const {verifyMerkleInclusion} = require(join(parts, 'merkle.js'));

const {name, keyId, publicKey, entries} = readRequest();
const bytes = text => Buffer.from(text, 'base64');
const key = createPublicKey({key: bytes(publicKey), format: 'der', type: 'spki'});
const logs = [{logID: bytes(keyId), baseURL: name, publicKey: key}];

for(const {index, hashes, checkpoint, body} of entries) {
  const proof = {logIndex: index, hashes: hashes.map(bytes), checkpoint: {envelope: checkpoint}};
  const entry = {inclusionProof: proof, canonicalizedBody: bytes(body)};
  let answer = {size: null, reason: null};
  try {
    const head = verifyCheckpoint(entry, logs);
    answer.size = Number(head.logSize);
    verifyMerkleInclusion(entry, head);
  } catch(error) {
    answer.reason = error.message;
  }
  console.log(JSON.stringify(answer));
}
