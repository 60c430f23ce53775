// What came later in an organization's ledger, and when a state was in force. Twin of registry/verify/later.py.
//
// In force on a day is, among the entries that no `correct` replaces, the greatest (day, index); a state is in force from its own
// day until the least later one that is not before it.

import { concat, unbase64 } from "./bytes.js";
import * as entry from "./entry.js";
import { Malformed, Untrue } from "./failure.js";
import { leafHash, nodeHash } from "./merkle.js";

/** so many later entries travel with evidence; where there are more, it says that they are missing */
const MOST = 24;
const WORDS = {
  superseded: "another state has taken its place",
  corrected: "it was corrected",
  erased: "it was erased",
};

/** [{bytes, entry}] of the member `later`; null where the evidence has none, or says that they are too many. Malformed. */
export function parse(member) {
  if (member === undefined || member === null) return null;
  if (!Array.isArray(member) || member.length > MOST) {
    throw new Malformed("evidence", "later is not a list of at most 24 entries");
  }
  return member.map((text) => {
    if (typeof text !== "string") {
      throw new Malformed("base64", "a later entry is not the one standard base64 form of its bytes");
    }
    const bytes = unbase64(text);
    return { bytes, entry: entry.parse(bytes) };
  });
}

/** The map's value after the own entry and the later ones; `n`, `before`: count and frontier of those before. Untrue. */
export async function valueAfter(own, later, n, before, size) {
  if (before.length % 32 !== 0) throw new Untrue("hash_length", "a hash is not 32 bytes");
  const peaks = [];
  for (let start = 0; start < before.length; start += 32) peaks.push(before.subarray(start, start + 32));
  const bits = [...n.toString(2)].filter((bit) => bit === "1").length;
  demand(bits === peaks.length, "latest is not of this entry");
  const frontier = { count: n, peaks };
  await append(frontier, own);
  let last = own.entry.index;
  for (const each of later) {
    demand(each.entry.org === own.entry.org, "a later entry is of another organization");
    const inOrder = last < each.entry.index && each.entry.index < size;
    demand(inOrder, "the later entries are not in their order, or beyond the checkpoint");
    last = each.entry.index;
    await append(frontier, each);
  }
  return rootOf(frontier);
}

/** The map's value of those entries, all that an organization has. */
export async function valueOf(first, rest) {
  const frontier = { count: 0, peaks: [] };
  for (const each of [first, ...rest]) await append(frontier, each);
  return rootOf(frontier);
}

async function rootOf({ peaks }) {
  let [top, ...rest] = [...peaks].reverse();
  for (const left of rest) top = await nodeHash(left, top);
  return top;
}

/** One more leaf at the right edge: as many whole subtrees end with it as its number has one-bits at its end. */
async function append(frontier, { bytes, entry: { index } }) {
  const number = new Uint8Array(8);
  new DataView(number.buffer).setBigUint64(0, BigInt(index));
  let top = await leafHash(concat(number, await leafHash(bytes)));
  for (let count = frontier.count; count % 2 === 1; count = Math.floor(count / 2)) {
    top = await nodeHash(frontier.peaks.pop(), top);
  }
  frontier.peaks.push(top);
  frontier.count += 1;
}

/** The day from which an entry counts: that of `effective`, else the UTC day of its `time`. */
export function dayOf({ effective, time }) {
  return (effective ?? new Date(time).toISOString()).slice(0, 10);
}

function standingOf(later) {
  const gone = new Set(later.flatMap(({ kind, refers }) => (kind === "correct" ? (refers ?? []) : [])));
  return later.filter(({ kind, index }) => entry.CREDENTIAL_KINDS.includes(kind) && !gone.has(index));
}

/** {from, until} of a state, by the entries that came later. */
export function inForce(own, later) {
  const from = dayOf(own);
  const following = standingOf(later).map(dayOf).filter((day) => day >= from).sort();
  return { from, until: following[0] ?? null };
}

/** {code, by} of what takes the place of the state, or null; `code`: superseded, corrected or erased. */
export function replaced(own, later) {
  const erasing = later.find(({ kind }) => kind === "erase");
  if (erasing !== undefined) return { code: "erased", by: erasing };
  const correcting = later.find(({ kind, refers }) => kind === "correct" && (refers ?? []).includes(own.index));
  if (correcting !== undefined) return { code: "corrected", by: correcting };
  const standing = standingOf(later);
  const from = dayOf(own);
  const following = standing.filter((each) => dayOf(each) >= from);
  const chosen = following.length > 0 ? following : standing;
  if (chosen.length === 0) return null;
  const isBefore = (left, right) =>
    dayOf(left) < dayOf(right) || (dayOf(left) === dayOf(right) && left.index < right.index);
  return { code: "superseded", by: chosen.reduce((least, each) => (isBefore(each, least) ? each : least)) };
}

/** The reason why it cannot be said whether the state holds, or null. Untrue: it was replaced, or not in force on that day. */
export function checkCurrent(own, later, on, asOf) {
  const replacement = replaced(own, later);
  if (replacement !== null && (on === null || replacement.code !== "superseded")) {
    const { code, by } = replacement;
    throw new Untrue(code, `${WORDS[code]}: entry ${by.index} of the ledger`);
  }
  if (on === null) return null;
  if (on > asOf.slice(0, 10)) return "the day lies after what the evidence knows";
  const { from, until } = inForce(own, later);
  demand(from <= on && (until === null || on < until), "it was not in force on that day");
  return null;
}

/** {inForce, replacedBy} as the verdict tells them. */
export function told(own, later) {
  const days = inForce(own, later);
  const replacement = replaced(own, later);
  if (replacement === null) return { inForce: days, replacedBy: null };
  const { code, by } = replacement;
  return {
    inForce: code === "corrected" ? { from: days.from, until: days.from } : days,
    replacedBy: { index: by.index, kind: by.kind, effective: by.effective ?? null },
  };
}

function demand(condition, message) {
  if (!condition) throw new Untrue("step", message);
}
