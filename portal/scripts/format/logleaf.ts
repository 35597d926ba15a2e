// The log key and the hidden leaf of what a reporter sends (docs/format.md, 5.4, 5.5; crypto/logleaf.py).

import { sha256 } from "@noble/hashes/sha2.js";
import { type Bytes, b2, compare, concat, hex, uint, utf8 } from "./encoding.js";
import { curves } from "./curves.js";
import { fail } from "./errors.js";
import { encrypt, verify } from "./keys.js";
import { getPublicKey, getSharedSecret } from "./x25519.js";

const ROOM = 216;
const NOTHING = new Uint8Array(0);

/** A card that has a place in a leaf. */
export interface Place {
  keyId: Bytes;
  boxPk: Bytes;
}

/** The log key Lk. `epoch`: 0 in the report, one more with each key that auditors are given later. */
export function logKey(root: Uint8Array, epoch = 0): Bytes {
  if (root.length !== 32 || !Number.isInteger(epoch) || epoch < 0 || epoch >= 2 ** 32) fail("MisuseError");
  return b2(32, uint(epoch, 4), "mybk1-log", root);
}

/** What the leaf of an envelope says. `kind`: report or message; `envelopeHash` in hex. */
export function openingOf(kind: string, caseId: Uint8Array, raw: Uint8Array, envelopeHash: string): string {
  return `mybk1/${kind}\n${hex(caseId)}\n${hex(sha256(raw))}\n${envelopeHash}\n`;
}

/** The tag or the filling of one place. */
function tagOf(key: Bytes, opening: string, text: Bytes, bound: Bytes, place: Place, shared?: Bytes): Bytes {
  if (!shared) return b2(16, concat(text, place.keyId), "mybk1-logfill", key);
  const named = concat(bound, place.boxPk);
  const digest = Uint8Array.from(opening.split("\n")[2]!.match(/../g)!, (byte) => parseInt(byte, 16));
  return concat(b2(8, named, "mybk1-logtag", shared), b2(8, concat(named, digest), "mybk1-logbind", shared));
}

/** The hidden leaf of an opening: the same one each time. `places`: those of the newest day's list, in any order. */
export async function makeLeaf(key: Bytes, opening: string, places: Place[]): Promise<Bytes> {
  const own = await curves();
  const { secret, sorted, pks } = partsOf(key, opening, places);
  const [epk, secrets] = await Promise.all([own.boxPk(secret), own.shared(secret, pks)]);
  return leafOf(key, opening, sorted, epk, secrets);
}

/** The same at once. */
export function leafAtOnce(key: Bytes, opening: string, places: Place[]): Bytes {
  const { secret, sorted, pks } = partsOf(key, opening, places);
  const secrets = pks.map((pk) => getSharedSecret(secret, pk));
  return leafOf(key, opening, sorted, getPublicKey(secret), secrets);
}

/** The key of a leaf, its places in order, and the keys with which it shares something: none where it rings for nobody. */
function partsOf(key: Bytes, opening: string, places: Place[]) {
  const text = utf8(opening);
  const ids = new Set(places.map(({ keyId }) => hex(keyId)));
  if (key.length !== 32 || text.length >= ROOM || ids.size !== places.length) fail("MisuseError");
  const sorted = [...places].sort((first, other) => compare(first.keyId, other.keyId));
  const rings = /^mybk1\/(report|message)\n/.test(opening);
  return { secret: b2(32, text, "mybk1-logeph", key), sorted, pks: rings ? sorted.map(({ boxPk }) => boxPk) : [] };
}

function leafOf(key: Bytes, opening: string, sorted: Place[], epk: Bytes, secrets: Bytes[]): Bytes {
  const text = utf8(opening);
  const commitment = sha256(concat(utf8("mybk1/leaf\n"), b2(32, text, "mybk1-logblind", key), text));
  const padded = new Uint8Array(ROOM);
  padded.set(concat(text, Uint8Array.of(0x80)));
  const nonce = b2(24, text, "mybk1-lognonce", key);
  const box = encrypt(b2(32, NOTHING, "mybk1-logbox", key), nonce, commitment, padded);
  const bound = concat(commitment, epk);
  const tags = sorted.map((place, at) => tagOf(key, opening, text, bound, place, secrets[at]));
  return concat(commitment, nonce, box, epk, ...tags);
}

/** The hash of a leaf in the log's tree. */
export function leafHash(leaf: Uint8Array): Bytes {
  return sha256(concat(Uint8Array.of(0), leaf)) as Bytes;
}

/** What the site signs with each act that brought a leaf: its promise that it will be in the batch of a day. */
export function promiseText(hashOfLeaf: Uint8Array, day: string): Bytes {
  if (hashOfLeaf.length !== 32) fail("MisuseError");
  return concat(utf8("mybk1/logged\n"), hashOfLeaf, utf8(day));
}

/** Check the site's promise for a leaf. Throws Fault. */
export function checkPromise(signPk: Bytes, leaf: Uint8Array, day: string, sig: Bytes): void {
  verify(signPk, promiseText(leafHash(leaf), day), sig);
}
