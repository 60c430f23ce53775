// Time Digital Bazaar's libraries for tools/bench.py: `node bench.mjs < request.json`.
// Request: {documents: {url: document}, credentials: [] with all their proofs, rounds}. Answer: {issue, verify: {suite: rate}}, each
// how many in a second of CPU time; the best of the rounds, after one that warms up.
import * as Ed25519 from '@digitalbazaar/ed25519-multikey';
import * as vc from '@digitalbazaar/vc';
import {frozenLoader, readRequest, signing, verifying} from './request.mjs';

const SUITES = ['eddsa-jcs-2022', 'eddsa-rdfc-2022'];
const {documents, credentials, rounds} = readRequest();
const documentLoader = frozenLoader(documents);

async function rate(act) {
  let best = 0;
  for(let round = 0; round <= rounds; round++) {
    const start = process.cpuUsage();
    for(const credential of credentials) {
      await act(credential);
    }
    const {user, system} = process.cpuUsage(start);
    best = Math.max(best, round ? credentials.length * 1e6 / (user + system) : 0);
  }
  return best;
}

const pair = await Ed25519.generate();
pair.id = credentials[0].proof[0].verificationMethod;
pair.controller = credentials[0].issuer.id;

// both proofs: the second is added to the set that the first began
async function issueBoth({proof, ...draft}) {
  let credential = draft;
  for(const suite of SUITES) {
    credential = await vc.issue({credential, suite: signing(suite, pair.signer(), proof[0].created), documentLoader});
  }
  if(credential.proof.length !== SUITES.length) {
    throw new Error('not both proofs');
  }
}

const verify = {};
for(const name of SUITES) {
  const suite = verifying(name);
  verify[name] = await rate(async credential => {
    const proof = credential.proof.find(({cryptosuite}) => cryptosuite === name);
    const {verified, error} = await vc.verifyCredential({credential: {...credential, proof}, suite, documentLoader, checkStatus});
    if(!verified) {
      throw error;
    }
  });
}
console.log(JSON.stringify({issue: await rate(issueBoth), verify}));

// statuses are not what is timed
async function checkStatus() {
  return {verified: true};
}
