// Decode status lists with Digital Bazaar's library: `node bits.mjs < ["u...", ...]`. For each one line {length, set: []}.
import {readRequest} from './request.mjs';
import {decodeList} from '@digitalbazaar/vc-bitstring-status-list';

for(const encodedList of readRequest()) {
  const list = await decodeList({encodedList});
  const set = Array.from({length: list.length}, (_, index) => index).filter(index => list.getStatus(index));
  console.log(JSON.stringify({length: list.length, set}));
}
