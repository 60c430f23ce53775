// Make did:webvh logs with didwebvh-ts: `node webvh-make.mjs < request.json`; the request is {}. One line for each log:
// {did, document, log: [entries]}: one that pre-rotates, one that does not, one that moves.
import {generateKeyPairSync, sign, verify} from 'node:crypto';
import {
  createDID, deriveNextKeyHash, multibaseEncode, MultibaseEncoding, prepareDataForSigning, updateDID,
} from 'didwebvh-ts';

function newKey() {
  const {privateKey, publicKey} = generateKeyPairSync('ed25519');
  const raw = Buffer.from(publicKey.export({format: 'jwk'}).x, 'base64url');
  const multibase = multibaseEncode(new Uint8Array([0xed, 0x01, ...raw]), MultibaseEncoding.BASE58_BTC);
  return {
    multibase,
    method: {type: 'Multikey', publicKeyMultibase: multibase, purpose: 'assertionMethod'},
    signer: {
      getVerificationMethodId: () => `did:key:${multibase}#${multibase}`,
      async sign({document, proof}) {
        const signature = sign(null, await prepareDataForSigning(document, proof), privateKey);
        return {proofValue: multibaseEncode(new Uint8Array(signature), MultibaseEncoding.BASE58_BTC)};
      },
    },
  };
}

const verifier = {verify: async () => true}; // what it has just made itself

async function make({prerotates, portable, addresses}) {
  let [key, next] = [newKey(), newKey()];
  const commitment = async () => prerotates ? {nextKeyHashes: [await deriveNextKeyHash(next.multibase)]} : {};
  let made = await createDID({
    domain: 'office.example', paths: ['issuers', 'im'], signer: key.signer, updateKeys: [key.multibase],
    verificationMethods: [newKey().method], portable, created: '2026-01-01T00:00:00Z', verifier, ...await commitment(),
  });
  for(const [n, address] of addresses.entries()) {
    const signing = prerotates ? next : key;
    [key, next] = [next, newKey()];
    made = await updateDID({
      log: made.log, signer: signing.signer, updateKeys: [key.multibase], verificationMethods: [newKey().method],
      updated: `2026-01-0${n + 2}T00:00:00Z`, verifier, ...address, ...await commitment(),
    });
  }
  console.log(JSON.stringify({did: made.did, document: made.doc, log: made.log}));
}

await make({prerotates: true, portable: false, addresses: [{}, {}, {}]});
await make({prerotates: false, portable: false, addresses: [{}, {}]});
await make({prerotates: true, portable: true, addresses: [{}, {domain: 'elsewhere.example'}]});
