// Exif blocks: which words they have, which way up the picture is, and a block with that alone (portal/cleaning/exif.py).

import { type Bytes, concat, uint, utf8 } from "../format/encoding.js";
import { begins, byNumber, number, tables } from "./findings.js";

/** What an Exif block begins with in a JPEG or WebP file. */
export const EXIF = "Exif\0\0";
const ORIENTATION = 0x112;
const EXIF_IFD = 0x8769;
const SHORT = 3;
const LONG = 4;
// A block may point back at itself: so many directories are looked at.
const MOST_DIRECTORIES = 8;
const BY_TAG = byNumber(tables.exif);

/** Words come from all directories, the orientation from the first one alone: the second is the thumbnail's. */
export function readExif(block: Bytes): { words: Set<string>; turn: number } {
  const small = begins(block, "II");
  const words = new Set<string>();
  const first = number(block, 4, 4, small);
  const waiting = [first];
  let turn = 0;
  for (let looked = 0; looked < MOST_DIRECTORIES && waiting.length; looked++) {
    const at = waiting.shift()!;
    if (!at || at + 2 > block.length) continue;
    const end = at + 2 + 12 * number(block, at, 2, small);
    for (let entry = at + 2; entry < Math.min(end, block.length - 11); entry += 12) {
      const [tag, kind] = [number(block, entry, 2, small), number(block, entry + 2, 2, small)];
      words.add(BY_TAG.get(tag) ?? "other");
      if (tag === EXIF_IFD) waiting.push(number(block, entry + 8, 4, small));
      if (tag === ORIENTATION && at === first && !turn && (kind === SHORT || kind === LONG)) {
        turn = number(block, entry + 8, kind === SHORT ? 2 : 4, small);
      }
    }
    if (end + 4 <= block.length) waiting.push(number(block, end, 4, small));
  }
  words.delete("");
  return { words, turn: turn >= 1 && turn <= 8 ? turn : 1 };
}

/** A block that says nothing but which way up the picture is. */
export function smallExif(turn: number): Bytes {
  const entry = concat(uint(ORIENTATION, 2), uint(SHORT, 2), uint(1, 4), uint(turn, 2), uint(0, 2));
  return concat(utf8("MM\0*"), uint(8, 4), uint(1, 2), entry, uint(0, 4));
}
