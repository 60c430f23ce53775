// Two lists beside each other, with as many equal items in the same place as can be: longest common subsequence. Pure.

/** More pairs than this are not weighed: the rest is put side by side as it stands. */
const MAX_CELLS = 4_000_000;

/** [[left or null, right or null], ...] in order; `keyOf` tells what makes two items equal. What differs stands side by side. */
export function aligned(left, right, keyOf) {
  const [keys, others] = [left.map(keyOf), right.map(keyOf)];
  let start = 0;
  while (start < Math.min(left.length, right.length) && keys[start] === others[start]) start += 1;
  const pairs = left.slice(0, start).map((item, n) => [item, right[n]]);
  const anchors = commonPlaces(keys.slice(start), others.slice(start));
  let [at, beside] = [start, start];
  for (const [n, m] of [...anchors, [left.length - start, right.length - start]]) {
    pairs.push(...sideBySide(left.slice(at, start + n), right.slice(beside, start + m)));
    if (start + n < left.length && start + m < right.length) pairs.push([left[start + n], right[start + m]]);
    [at, beside] = [start + n + 1, start + m + 1];
  }
  return pairs;
}

/** [place, place] of each item of a longest common subsequence. */
function commonPlaces(keys, others) {
  if (keys.length * others.length > MAX_CELLS) return [];
  const rows = Array.from({ length: keys.length + 1 }, () => new Uint16Array(others.length + 1));
  for (let n = keys.length - 1; n >= 0; n -= 1) {
    for (let m = others.length - 1; m >= 0; m -= 1) {
      rows[n][m] = keys[n] === others[m] ? rows[n + 1][m + 1] + 1 : Math.max(rows[n + 1][m], rows[n][m + 1]);
    }
  }
  const places = [];
  for (let n = 0, m = 0; n < keys.length && m < others.length; ) {
    if (keys[n] === others[m]) places.push([n++, m++]);
    else if (rows[n + 1][m] >= rows[n][m + 1]) n += 1;
    else m += 1;
  }
  return places;
}

/** Plain words beside plain words; a claim beside nothing. */
function sideBySide(left, right) {
  const pairs = [];
  const isWords = (item) => item !== undefined && item.what === "";
  let [n, m] = [0, 0];
  while (n < left.length || m < right.length) {
    if (isWords(left[n]) && isWords(right[m])) pairs.push([left[n++], right[m++]]);
    else if (n < left.length && (!isWords(left[n]) || m >= right.length)) pairs.push([left[n++], null]);
    else if (m < right.length && !(isWords(right[m]) && n < left.length)) pairs.push([null, right[m++]]);
    else if (n < left.length) pairs.push([left[n++], null]);
    else pairs.push([null, right[m++]]);
  }
  return pairs;
}
