// Make presentations with Digital Bazaar's libraries: `node present.mjs < request.json`.
// Request: {documents: {url: context}, created, presentations: [{suite, credentials, unsigned, challenge, domain}]}. One line for
// each: the presentation. Its holder is a fresh did:key, which also issues what is `unsigned` and carries it beside the credentials.
import * as Ecdsa from '@digitalbazaar/ecdsa-multikey';
import * as Ed25519 from '@digitalbazaar/ed25519-multikey';
import * as vc from '@digitalbazaar/vc';
import {frozenLoader, readRequest, signing} from './request.mjs';

const {documents, created, presentations} = readRequest();
const documentLoader = frozenLoader(documents);
const now = new Date(created);

for(const {suite: name, credentials, unsigned, challenge, domain} of presentations) {
  const pair = name.startsWith('eddsa') ? await Ed25519.generate() : await Ecdsa.generate({curve: 'P-256'});
  pair.controller = `did:key:${pair.publicKeyMultibase}`;
  pair.id = `${pair.controller}#${pair.publicKeyMultibase}`;
  // a suite remembers what it signed: one for each document
  const suite = () => signing(name, pair.signer(), created);
  const issued = [];
  for(const draft of unsigned) {
    const credential = {...draft, issuer: pair.controller};
    issued.push(await vc.issue({credential, suite: suite(), documentLoader, now}));
  }
  const presentation = vc.createPresentation(
    {verifiableCredential: [...credentials, ...issued], holder: pair.controller, now});
  const signed = await vc.signPresentation({presentation, suite: suite(), challenge, domain, documentLoader});
  console.log(JSON.stringify(signed));
}
