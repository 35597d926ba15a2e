// A planned change of the log's key (docs/format.md, 5.3; crypto/log_key.py): a `key` leaf that the old key and the new
// one signed. A reader who knows one key of a log knows the others from its `key` leaves.

import { type Bytes, concat, unhex, utf8 } from "../format/encoding.js";
import { Fault, fail } from "../format/errors.js";
import { verify } from "../format/keys.js";
import { ED25519, type LogKeys, type VerifierKey, readKey } from "./note.js";
import { type DayLeaf, dayAfter, isLogDay, linesOf, originOf, readDay, readSite } from "./plainleaf.js";

const OVERLAP = 60;
const KEY = utf8("mybk1/key\n");
const DAY = utf8("mybk1/day\n");

function begins(leaf: Bytes, head: Bytes): boolean {
  return head.every((byte, at) => leaf[at] === byte);
}

/** Whether a leaf begins as one about the log's key. */
export function isKeyLeaf(leaf: Bytes): boolean {
  return begins(leaf, KEY);
}

/** What a `key` leaf says. `day`: of the batch that has it; `oldSig`, `newSig`: by the old key, by the new one. */
export interface KeyLeaf {
  day: string;
  old: VerifierKey;
  new: VerifierKey;
  oldSig: Bytes;
  newSig: Bytes;
}

/** A `key` leaf whose signatures nobody has checked yet. Fails with PlainLeafMalformed. */
function readKeyLeaf(leaf: Bytes): KeyLeaf {
  const lines = linesOf(leaf, "key", 5) as [string, string, string, string, string];
  const [day, ...rest] = lines;
  const isForm = isLogDay(day) && [rest[2], rest[3]].every((sig) => /^[0-9a-f]{128}$/.test(sig));
  if (!isForm) fail("PlainLeafMalformed");
  let keys: [VerifierKey, VerifierKey];
  try {
    keys = [readKey(rest[0]), readKey(rest[1])];
  } catch (error) {
    if (error instanceof Fault) return fail("PlainLeafMalformed");
    throw error;
  }
  const isLogs = keys[0].name === keys[1].name && keys.every(({ type }) => type === ED25519);
  if (!isLogs) fail("PlainLeafMalformed");
  return { day, old: keys[0], new: keys[1], oldSig: unhex(rest[2]), newSig: unhex(rest[3]) };
}

/** A change that both keys signed. Fails with PlainLeafMalformed, SignatureWrong, and KeyChangeWrong for one of another
 * log. */
export function checkKeyLeaf(leaf: Bytes, salt: Bytes): KeyLeaf {
  const change = readKeyLeaf(leaf);
  if (change.old.name !== originOf(salt)) fail("KeyChangeWrong");
  const text = concat(utf8("mybk1/logkey\n"), salt, utf8(change.day), change.old.pk, change.new.pk);
  verify(change.old.pk, text, change.oldSig);
  verify(change.new.pk, text, change.newSig);
  return change;
}

/** A log's keys as its leaves give them. `faults`: index and class of each `key` leaf that changes nothing. */
export interface KeyChain {
  keys: LogKeys;
  changes: KeyLeaf[];
  faults: [number, string][];
}

function begun(key: VerifierKey): KeyChain {
  return { keys: [{ since: 0, key }], changes: [], faults: [] };
}

/** Add one `key` leaf to a chain. `batch`: the day of its batch, where it is known. */
function follow(chain: KeyChain, leaf: Bytes, index: number, salt: Bytes, batch?: string): void {
  try {
    const change = checkKeyLeaf(leaf, salt);
    const last = chain.changes.at(-1);
    const isEarly = last !== undefined && change.day < dayAfter(last.day, OVERLAP);
    const known = chain.keys.map(({ key }) => key.text);
    const isNext = change.old.text === known.at(-1) && !known.includes(change.new.text);
    if (isEarly || !isNext || (batch !== undefined && batch !== change.day)) fail("KeyChangeWrong");
    chain.keys.push({ since: index + 1, key: change.new });
    chain.changes.push(change);
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    chain.faults.push([index, error.name]);
  }
}

/** Whether a chain has a key. */
export function hasKey({ keys }: KeyChain, { text }: VerifierKey): boolean {
  return keys.some(({ key }) => key.text === text);
}

/** The keys of a log from all its leaves: a `key` leaf counts only among the plain leaves behind the `day` leaf of the day
 * that it names. Fails with PlainLeafMalformed where the first leaf is no `site` leaf. */
export function chainOf(leaves: Bytes[]): KeyChain {
  const site = readSite(leaves[0] ?? fail("PlainLeafMalformed"));
  const chain = begun(site.log);
  let day: DayLeaf | null = null;
  for (const [index, leaf] of leaves.entries()) {
    if (begins(leaf, DAY)) day = readable(leaf);
    else if (!isKeyLeaf(leaf)) continue;
    else if (day && day.first < index && index <= day.first + day.plain) follow(chain, leaf, index, site.salt, day.day);
    else chain.faults.push([index, "KeyChangeWrong"]);
  }
  return chain;
}

function readable(leaf: Bytes): DayLeaf | null {
  try {
    return readDay(leaf);
  } catch (error) {
    if (error instanceof Fault) return null;
    throw error;
  }
}

/** A chain to a reader who pinned one key: that one alone where the chain does not have it. */
export function trustedBy(chain: KeyChain, pinned: VerifierKey): KeyChain {
  return hasKey(chain, pinned) ? chain : begun(pinned);
}

/** The keys that single `key` leaves (index and bytes, in order) give to a reader who pinned one of them. */
export function chainOfShown(pinned: VerifierKey, origin: string, shown: [number, Bytes][]): KeyChain {
  const salt = unhex(origin.slice(origin.indexOf("/") + 1));
  const starts = shown.flatMap(([, leaf]) => {
    try {
      return [readKeyLeaf(leaf).old];
    } catch (error) {
      if (error instanceof Fault) return [];
      throw error;
    }
  });
  for (const start of [pinned, ...starts]) {
    const chain = begun(start);
    for (const [index, leaf] of shown) follow(chain, leaf, index, salt);
    if (hasKey(chain, pinned) && chain.changes.length) return chain;
  }
  return begun(pinned);
}
