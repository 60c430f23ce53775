// Sign 50 credentials of general shape with Digital Bazaar's libraries: `node sign.mjs < request.json`.
// Request: {documents: {url: context}}. One line for each: {suite, credential}. Their issuers are fresh did:key DIDs.
import * as Ecdsa from '@digitalbazaar/ecdsa-multikey';
import * as Ed25519 from '@digitalbazaar/ed25519-multikey';
import * as vc from '@digitalbazaar/vc';
import {frozenLoader, readRequest, signing} from './request.mjs';

const CONTEXT = ['https://www.w3.org/ns/credentials/v2'];
const SUITES = ['eddsa-rdfc-2022', 'eddsa-jcs-2022', 'ecdsa-rdfc-2019', 'ecdsa-rdfc-2019'];
const TERM = 'https://vocabulary.example/terms#';
const COUNT = 50;

// what a credential says, in turn; none needs a term that the context does not define
const SHAPES = [
  n => ({credentialSubject: {id: `urn:example:${n}`, name: `Organisation ${n}`}}),
  n => ({
    name: `Créance n° ${n}`, description: 'deux lignes\nune tabulation\t« guillemets » \\ et 漢字 😀',
    credentialSubject: {name: 'without an id', [`${TERM}count`]: n, [`${TERM}good`]: n % 2 === 0},
  }),
  n => ({
    name: {'@value': 'Nom en français', '@language': 'fr'},
    credentialSubject: [
      {id: `did:example:one-${n}`, description: 'first'},
      {id: `did:example:two-${n}`, description: 'second'},
    ],
  }),
  n => ({
    validUntil: '2126-01-01T00:00:00Z',
    credentialSubject: {
      [`${TERM}address`]: {[`${TERM}street`]: `${n} Main Street`, [`${TERM}country`]: {[`${TERM}code`]: 'CA'}},
      [`${TERM}since`]: {'@value': '2020-02-29', '@type': 'http://www.w3.org/2001/XMLSchema#date'},
    },
  }),
  n => ({ // blank nodes that only their neighbours tell apart
    credentialSubject: {
      [`${TERM}member`]: [
        {[`${TERM}knows`]: {name: 'A'}}, {[`${TERM}knows`]: {name: 'B'}}, {[`${TERM}knows`]: {[`${TERM}knows`]: {name: `${n}`}}},
      ],
    },
  }),
  n => ({ // blank nodes that nothing tells apart
    credentialSubject: {id: `urn:example:${n}`, [`${TERM}share`]: [{name: 'same'}, {name: 'same'}]},
  }),
  n => ({
    id: `https://issuer.example/credentials/${n}`,
    credentialSchema: {id: 'https://issuer.example/schema.json', type: 'JsonSchema'},
    relatedResource: {id: 'https://issuer.example/logo.png', mediaType: 'image/png', digestSRI: 'sha384-' + 'A'.repeat(64)},
    credentialSubject: {id: `urn:example:${n}`, type: `${TERM}Organization`, [`${TERM}ordered`]: {'@list': ['c', 'a', 'b']}},
  }),
];

const {documents} = readRequest();
const documentLoader = frozenLoader(documents);

async function didKey(suite, n) {
  const pair = suite.startsWith('eddsa') ?
    await Ed25519.generate() : await Ecdsa.generate({curve: n % 4 === 3 ? 'P-384' : 'P-256'});
  pair.controller = `did:key:${pair.publicKeyMultibase}`;
  pair.id = `${pair.controller}#${pair.publicKeyMultibase}`;
  return pair;
}

for(let n = 0; n < COUNT; n++) {
  const suite = SUITES[n % SUITES.length];
  const pair = await didKey(suite, n);
  const credential = {
    '@context': CONTEXT,
    type: ['VerifiableCredential'],
    issuer: n % 3 ? pair.controller : {id: pair.controller, name: `Issuer ${n}`},
    validFrom: '2026-01-01T00:00:00Z',
    ...SHAPES[n % SHAPES.length](n),
  };
  const signed = await vc.issue(
    {credential, suite: signing(suite, pair.signer(), '2026-01-01T00:00:01Z'), documentLoader});
  console.log(JSON.stringify({suite, credential: signed}));
}
