// Verify credentials with Digital Bazaar's libraries: `node verify.mjs < request.json`.
// Request: {suite, documents: {url: context, DID document or status list}, credentials: []}. For each credential one line
// {verified, reason}. A status list must verify too, and its bit must be clear.
import * as statusList from '@digitalbazaar/vc-bitstring-status-list';
import * as vc from '@digitalbazaar/vc';
import {frozenLoader, readRequest, verifying} from './request.mjs';

const request = readRequest();
const documentLoader = frozenLoader(request.documents);
const suite = verifying(request.suite);

const verifiedLists = new Set();

async function checkStatus({credential}) {
  for(const {statusListCredential: url} of [credential.credentialStatus].flat()) {
    if(!verifiedLists.has(url)) {
      const {document} = await documentLoader(url);
      const list = await vc.verifyCredential({credential: document, suite, documentLoader});
      if(!list.verified) {
        return list;
      }
      verifiedLists.add(url);
    }
  }
  const checked = await statusList.checkStatus(
    {credential, suite, documentLoader, verifyBitstringStatusListCredential: false});
  if(!checked.verified) {
    return checked;
  }
  const set = checked.results.filter(({status}) => status).map(({credentialStatus}) => credentialStatus.statusPurpose);
  return {verified: set.length === 0, error: new Error(`bit set: ${set}`)};
}

// the messages of an error and of all that it holds
const messages = error => [error.message, ...[error.errors ?? [], error.cause ?? []].flat().flatMap(messages)];

for(const credential of request.credentials) {
  const {verified, error, statusResult} = await vc.verifyCredential({credential, suite, documentLoader, checkStatus});
  const reason = verified ? null : messages(error ?? statusResult.error).join('; ');
  console.log(JSON.stringify({verified, reason}));
}
