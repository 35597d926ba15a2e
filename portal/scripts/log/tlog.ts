// The tree of the transparency log, its proofs and tiles (docs/format.md, 5.1; RFC 6962, RFC 9162; crypto/tlog.py).

import { sha256 } from "@noble/hashes/sha2.js";
import { type Bytes, concat, same, toUint } from "../format/encoding.js";
import { fail } from "../format/errors.js";

const HASH_BYTES = 32;
/** Hashes of a full tile, entries of a full bundle. */
export const TILE = 256;
/** The root of the tree without a leaf. */
export const EMPTY_ROOT = sha256(new Uint8Array(0)) as Bytes;

/** The hash of an inner node. */
function nodeHash(left: Uint8Array, right: Uint8Array): Bytes {
  return sha256(concat(Uint8Array.of(1), left, right)) as Bytes;
}

/** The nodes above complete pairs; a last one without a sibling is left out. */
function parents(hashes: Bytes[]): Bytes[] {
  const made: Bytes[] = [];
  for (let at = 0; at + 1 < hashes.length; at += 2) made.push(nodeHash(hashes[at]!, hashes[at + 1]!));
  return made;
}

/** The root of a tree, from its leaves' hashes in order. */
export function rootOf(hashes: Bytes[]): Bytes {
  const peaks: Bytes[] = [];
  for (let level = hashes; level.length; level = parents(level)) if (level.length % 2) peaks.push(level.at(-1)!);
  return peaks.length ? peaks.reduce((root, peak) => nodeHash(peak, root)) : EMPTY_ROOT;
}

/** The largest power of two below a size of at least 2. */
function split(size: number): number {
  let left = 1;
  while (left * 2 < size) left *= 2;
  return left;
}

/** What gives the root of a complete or last subtree: leaves `first` up to `end` of a tree. */
export type Subtree = (first: number, end: number) => Bytes;

/** Subtrees from all leaves' hashes. */
export function subtrees(hashes: Bytes[]): Subtree {
  return (first, end) => rootOf(hashes.slice(first, end));
}

/** The proof that the leaf at `index` is in the tree of `size` leaves, its sibling first. Fails for one outside it. */
export function inclusionProof(of: Subtree, index: number, size: number): Bytes[] {
  if (!(index >= 0 && index < size)) fail("MisuseError");
  const proof: Bytes[] = [];
  let first = 0;
  while (size > 1) {
    const left = split(size);
    if (index - first < left) {
      proof.push(of(first + left, first + size));
      size = left;
    } else {
      proof.push(of(first, first + left));
      first += left;
      size -= left;
    }
  }
  return proof.reverse();
}

/** The proof that the tree of these leaves' hashes extends that of the first `old` of them; empty for 0. */
export function consistencyProof(hashes: Bytes[], old: number): Bytes[] {
  if (!(old >= 0 && old <= hashes.length)) fail("MisuseError");
  if (old === 0 || old === hashes.length) return [];
  const of = subtrees(hashes);
  const proof: Bytes[] = [];
  let [first, size, isWhole] = [0, hashes.length, true];
  while (old - first !== size) {
    const left = split(size);
    if (old - first <= left) {
      proof.push(of(first + left, first + size));
      size = left;
    } else {
      proof.push(of(first, first + left));
      [first, size, isWhole] = [first + left, size - left, false];
    }
  }
  if (!isWhole) proof.push(of(first, first + size));
  return proof.reverse();
}

function check(isRight: boolean): void {
  if (!isRight) fail("ProofWrong");
}

function half(value: number): number {
  return Math.floor(value / 2);
}

/** Walk a path from a node to the root. `join`: told each sibling, and whether it is on the left. */
function walk(at: number, last: number, path: Bytes[], join: (sibling: Bytes, isLeft: boolean) => void): void {
  for (const sibling of path) {
    check(last > 0);
    const isLeft = at % 2 === 1 || at === last;
    join(sibling, isLeft);
    while (isLeft && at % 2 === 0 && at > 0) [at, last] = [half(at), half(last)];
    [at, last] = [half(at), half(last)];
  }
  check(last === 0);
}

function checkHashes(...hashes: Uint8Array[]): void {
  check(hashes.every((hash) => hash.length === HASH_BYTES));
}

/** Fail with ProofWrong unless a leaf's hash is at `index` in the tree of `size` leaves with this root. */
export function checkInclusion(leaf: Bytes, index: number, size: number, proof: Bytes[], root: Bytes): void {
  checkHashes(leaf, root, ...proof);
  check(Number.isSafeInteger(size) && Number.isSafeInteger(index) && index >= 0 && index < size);
  let node = leaf;
  walk(index, size - 1, proof, (sibling, isLeft) => {
    node = isLeft ? nodeHash(sibling, node) : nodeHash(node, sibling);
  });
  check(same(node, root));
}

/** Fail with ProofWrong unless the tree of `size` leaves extends the one of `old` leaves, 1 or more: both sizes come
 * from checkpoints that are signed. */
export function checkConsistency(old: number, oldRoot: Bytes, size: number, root: Bytes, proof: Bytes[]): void {
  check(Number.isSafeInteger(size) && Number.isSafeInteger(old) && old > 0 && old <= size);
  if (old === size) {
    check(!proof.length && same(oldRoot, root));
    return;
  }
  checkHashes(oldRoot, root, ...proof);
  let [at, last] = [old - 1, size - 1];
  while (at % 2) [at, last] = [half(at), half(last)];
  const path = at === 0 ? [oldRoot, ...proof] : proof;
  let [before, after] = [path[0]!, path[0]!];
  check(path.length > 0);
  walk(at, last, path.slice(1), (sibling, isLeft) => {
    if (isLeft) before = nodeHash(sibling, before);
    after = isLeft ? nodeHash(sibling, after) : nodeHash(after, sibling);
  });
  check(same(before, oldRoot) && same(after, root));
}

// Tiles (C2SP tlog-tiles): what a static copy of the log consists of.

/** The path of a hash tile, below the log's address; level -1: the bundle of entries. */
export function tilePath(level: number, number: number, width = TILE): string {
  const digits = (value: number) => String(value % 1000).padStart(3, "0");
  let groups = digits(number);
  while (number >= 1000) {
    number = Math.floor(number / 1000);
    groups = `x${digits(number)}/${groups}`;
  }
  return `tile/${level < 0 ? "entries" : level}/${groups}${width === TILE ? "" : `.p/${width}`}`;
}

/** Level, number and width of each hash tile of a tree, the lowest level first; none is empty. */
export function tilePaths(size: number): [number, number, number][] {
  const tiles: [number, number, number][] = [];
  for (let [level, count] = [0, size]; count; level++, count = Math.floor(count / TILE)) {
    for (let at = 0; at * TILE < count; at++) tiles.push([level, at, Math.min(TILE, count - at * TILE)]);
  }
  return tiles;
}

/** The hashes that a tile holds. Fails with ProofMalformed unless there are as many as its width. */
export function hashesOf(tile: Bytes, width: number): Bytes[] {
  if (tile.length !== width * HASH_BYTES) fail("ProofMalformed");
  return Array.from({ length: width }, (_, at) => tile.slice(at * HASH_BYTES, (at + 1) * HASH_BYTES));
}

/** The leaves of a bundle. Fails with ProofMalformed where its lengths do not fill it exactly. */
export function bundleEntries(raw: Bytes): Bytes[] {
  const leaves: Bytes[] = [];
  for (let at = 0; at < raw.length; ) {
    const end = at + 2 + toUint(raw.slice(at, at + 2));
    if (at + 2 > raw.length || end > raw.length) fail("ProofMalformed");
    leaves.push(raw.slice(at + 2, end));
    at = end;
  }
  return leaves;
}
