// Resolve did:webvh logs with didwebvh-ts: `node webvh-resolve.mjs < request.json`.
// Request: an array of {did, log: [entries]}. One line for each: {versionId, document, reason}; reason is null where it resolves.
import {createPublicKey, verify} from 'node:crypto';
import {readFileSync} from 'node:fs';
import {resolveDIDFromLog} from 'didwebvh-ts';

const verifier = {
  async verify(signature, message, publicKey) {
    const x = Buffer.from(publicKey).toString('base64url');
    return verify(null, message, createPublicKey({key: {kty: 'OKP', crv: 'Ed25519', x}, format: 'jwk'}), signature);
  },
};

for(const {did, log} of JSON.parse(readFileSync(0, 'utf-8'))) {
  let answer;
  try {
    const {doc, meta} = await resolveDIDFromLog(log, {verifier, requestedDid: did, scid: did.split(':')[2]});
    answer = {versionId: meta.versionId, document: doc, reason: meta.error ?? null};
  } catch(error) {
    answer = {versionId: null, document: null, reason: error.message};
  }
  console.log(JSON.stringify(answer));
}
