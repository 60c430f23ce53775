// What both commands share: the request on standard input, its documents as the only ones that exist, and the cryptosuites.
import {readFileSync} from 'node:fs';
import {DataIntegrityProof} from '@digitalbazaar/data-integrity';
import {cryptosuite as ecdsaRdfc} from '@digitalbazaar/ecdsa-rdfc-2019-cryptosuite';
import * as eddsaJcs from '@digitalbazaar/eddsa-jcs-2022-cryptosuite';
import {cryptosuite as eddsaRdfc} from '@digitalbazaar/eddsa-rdfc-2022-cryptosuite';

const MULTIKEY_V1 = 'https://w3id.org/security/multikey/v1';

export const readRequest = () => JSON.parse(readFileSync(0, 'utf-8'));

// a loader that knows nothing but `documents` (by URL) and the verification methods of the DID documents among them
export function frozenLoader(documents) {
  const known = new Map(Object.entries(documents));
  for(const document of Object.values(documents)) {
    for(const method of document.verificationMethod ?? []) {
      known.set(method.id, {'@context': MULTIKEY_V1, ...method});
    }
  }
  return async url => {
    if(!known.has(url)) {
      throw new Error(`no document ${url}`);
    }
    return {contextUrl: null, documentUrl: url, document: structuredClone(known.get(url))};
  };
}

const VERIFYING = {
  'eddsa-rdfc-2022': () => eddsaRdfc,
  'eddsa-jcs-2022': eddsaJcs.createVerifyCryptosuite,
  'ecdsa-rdfc-2019': () => ecdsaRdfc,
};
const SIGNING = {...VERIFYING, 'eddsa-jcs-2022': eddsaJcs.createSignCryptosuite};

export const verifying = name => new DataIntegrityProof({cryptosuite: VERIFYING[name]()});
export const signing = (name, signer, date) => new DataIntegrityProof({cryptosuite: SIGNING[name](), signer, date});
