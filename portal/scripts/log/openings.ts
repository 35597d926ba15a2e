// Hidden leaves, opened with a log key or shown by blinding and opening (docs/format.md, 5.4; crypto/logleaf.py).

import { sha256 } from "@noble/hashes/sha2.js";
import { type Bytes, b2, concat, same, utf8 } from "../format/encoding.js";
import { fail } from "../format/errors.js";
import { decrypt } from "../format/keys.js";
import { type Place, leafAtOnce } from "../format/logleaf.js";

const FIXED = 320;
const TAG = 16;
const MAX_TAGS = 64;
const ID = "[0-9a-f]{32}";
const SHA = "[0-9a-f]{64}";
const KINDS: Record<string, string> = {
  report: `${ID}\n${SHA}\n${SHA}\n`,
  message: `${ID}\n${SHA}\n${SHA}\n`,
  answer: `${ID}\n${SHA}\n${ID}\n`,
  status: `${ID}\n[1-9][0-9]{0,9}\n[a-z][a-z_]{0,31}\n${ID}\n${SHA}\n`,
  deletion: `${ID}\n${SHA}\n`,
  forget: `${ID}\n${SHA}\n`,
  rekey: `${ID}\n${SHA}\n`,
};
const OPENINGS = Object.entries(KINDS).map(([kind, rest]) => [kind, new RegExp(`^mybk1/${kind}\n${rest}$`)] as const);

/** What a hidden leaf says. `fields`: the lines behind the first; the case's id is the first of them. */
export interface LeafText {
  kind: string;
  fields: string[];
  text: string;
}

/** An opening. Fails with LeafOpening. */
function readOpening(raw: Uint8Array): LeafText {
  const text = Array.from(raw, (byte) => String.fromCharCode(byte)).join("");
  const kind = OPENINGS.find(([, pattern]) => pattern.test(text))?.[0];
  return kind ? { kind, fields: text.split("\n").slice(1, -1), text } : fail("LeafOpening");
}

/** How many tags a hidden leaf has. Fails with LeafLength. */
function tagsOf(leaf: Uint8Array): number {
  const tags = (leaf.length - FIXED) / TAG;
  return Number.isInteger(tags) && tags >= 0 && tags <= MAX_TAGS ? tags : fail("LeafLength");
}

/** b: with it and the opening anybody checks the commitment. */
export function blinding(key: Bytes, text: string): Bytes {
  return b2(32, utf8(text), "mybk1-logblind", key);
}

function commitment(b: Uint8Array, text: Uint8Array): Bytes {
  return sha256(concat(utf8("mybk1/leaf\n"), b, text)) as Bytes;
}

/** What a leaf says to the holder of its log key. Fails with LeafLength; LeafForeign where it does not open (any other
 * leaf, or a dummy); LeafOpening, LeafCommitment for one that its maker spoiled. */
export function openLeaf(key: Bytes, leaf: Bytes): LeafText {
  tagsOf(leaf);
  const [c, nonce, box] = [leaf.slice(0, 32), leaf.slice(32, 56), leaf.slice(56, 288)];
  const padded = decrypt(b2(32, new Uint8Array(0), "mybk1-logbox", key), nonce, c, box) ?? fail("LeafForeign");
  const mark = padded.lastIndexOf(0x80);
  if (mark < 0 || padded.slice(mark + 1).some(Boolean)) fail("LeafOpening");
  const opening = readOpening(padded.slice(0, mark));
  return same(commitment(blinding(key, opening.text), utf8(opening.text)), c) ? opening : fail("LeafCommitment");
}

/** What a leaf says, and that every byte of it follows from that. Fails also with LeafSpoiled: it counts for nothing. */
export function checkLeaf(key: Bytes, leaf: Bytes, places: Place[]): LeafText {
  const opening = openLeaf(key, leaf);
  return same(leafAtOnce(key, opening.text, places), leaf) ? opening : fail("LeafSpoiled");
}

/** What a leaf says, shown by its blinding and its opening without the log key. Fails with LeafLength, LeafCommitment,
 * LeafOpening. */
export function checkOpening(leaf: Bytes, b: Uint8Array, text: Uint8Array): LeafText {
  tagsOf(leaf);
  if (b.length !== 32 || !same(commitment(b, text), leaf.slice(0, 32))) fail("LeafCommitment");
  return readOpening(text);
}
