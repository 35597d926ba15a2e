// JPEG: the segments that make the picture, each as long as its content, and no other (portal/cleaning/jpeg.py).

import { type Bytes, concat, uint, utf8 } from "../format/encoding.js";
import { EXIF, readExif, smallExif } from "./exif.js";
import { CannotClean, type Picture, begins, byNumber, inXmp, number, tables } from "./findings.js";

const [END, SCAN, COMMENT, APP1, PHOTOSHOP, JFIF, ADOBE] = [0xd9, 0xda, 0xfe, 0xe1, 0xed, 0xe0, 0xee];
const [HUFFMAN, ARITHMETIC, QUANTIZATION, LINES, RESTART] = [0xc4, 0xcc, 0xdb, 0xdc, 0xdd];
const TABLES = new Set([SCAN, HUFFMAN, ARITHMETIC, QUANTIZATION, LINES, RESTART]);
const IPTC = byNumber(tables.iptc);

const isFrame = (marker: number) => marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
const isAlone = (marker: number) => marker <= 1 || (marker >= 0xd0 && marker <= 0xd8);

interface Segment {
  marker: number;
  content: Bytes;
  coded: Bytes;
}

/** Where the next mark begins; within coded data a zero is a byte of it and a restart mark belongs to it. */
function nextMark(raw: Bytes, at: number, coded: boolean): number {
  for (; (at = raw.indexOf(0xff, at)) >= 0; at++) {
    const next = raw[at + 1];
    if (next && next !== 0xff && !(coded && next >= 0xd0 && next <= 0xd7)) return at;
  }
  return -1;
}

/** The segments up to the end mark or the end of the data. */
function* segments(raw: Bytes, tells: Set<string>): Generator<Segment> {
  for (let at = 2; (at = nextMark(raw, at, false)) >= 0; ) {
    const marker = raw[at + 1]!;
    at += 2;
    if (marker === END) {
      if (at < raw.length) tells.add("other");
      return;
    }
    if (isAlone(marker)) continue;
    const length = number(raw, at, 2);
    if (length < 2 || at + length > raw.length) return;
    const content = raw.subarray(at + 2, at + length);
    const begin = (at += length);
    if (marker === SCAN) {
      const behind = nextMark(raw, at, true);
      at = behind < 0 ? raw.length : behind;
    }
    // Several 255 before a mark are filling; a lonely one at the end of cut data would swallow the end mark.
    let end = at;
    while (end > begin && raw[end - 1] === 0xff) end--;
    yield { marker, content, coded: raw.subarray(begin, end) };
  }
}

/** Whether a segment is exactly as long as what it says that it holds. */
function isExact(marker: number, content: Bytes): boolean {
  const { length } = content;
  if (isFrame(marker)) return length > 6 && length === 6 + 3 * content[5]!;
  if (marker === SCAN) return length > 4 && length === 4 + 2 * content[0]!;
  if (marker === LINES || marker === RESTART) return length === 2;
  let at = 0;
  while (at < length) {
    if (marker === QUANTIZATION) at += content[at]! >> 4 ? 129 : 65;
    else if (marker === HUFFMAN) at += 17 + content.subarray(at + 1, at + 17).reduce((sum, count) => sum + count, 0);
    else at += 2;
  }
  return at === length;
}

/** What stays of a segment's content; null for one that is out. */
function kept(marker: number, content: Bytes, seen: Set<number>): Bytes | null {
  if (marker === JFIF && begins(content, "JFIF\0") && content.length >= 14 && !seen.has(marker)) {
    return concat(content.subarray(0, 12), uint(0, 2));
  }
  if (marker === ADOBE && begins(content, "Adobe") && content.length >= 12 && !seen.has(marker)) {
    return content[11]! <= 2 ? concat(utf8("Adobe\0d\0\0\0\0"), content.subarray(11, 12)) : null;
  }
  if (!isFrame(marker) && !TABLES.has(marker)) return null;
  // A second frame is a second picture.
  if ((isFrame(marker) && [...seen].some(isFrame)) || !isExact(marker, content)) throw new CannotClean();
  return content;
}

function told(marker: number, content: Bytes): Iterable<string> {
  if (marker === COMMENT) return ["comment"];
  if (marker === APP1 && begins(content, EXIF)) return readExif(content.subarray(6)).words;
  if (begins(content, "http://ns.adobe.com/") || begins(content, "<?xpacket")) return inXmp(content);
  if (marker === PHOTOSHOP && begins(content, "Photoshop 3.0")) return inPhotoshop(content);
  return [marker === JFIF && begins(content, "JFIF\0") ? "thumbnail" : "other"];
}

function inPhotoshop(content: Bytes): Set<string> {
  const words = new Set<string>();
  for (let at = 0; at < content.length; at++) {
    if (begins(content, "8BIM\x04\x0c", at) || begins(content, "8BIM\x04\x09", at)) words.add("thumbnail");
  }
  for (let at = 0; at + 3 < content.length; at++) {
    if (content[at] !== 0x1c || content[at + 1] !== 2 || content[at + 3]! > 127) continue;
    words.add(IPTC.get(content[at + 2]!) ?? "other");
    at += 3;
  }
  return words;
}

function segment(marker: number, content: Uint8Array): Bytes {
  return concat(Uint8Array.of(0xff, marker), uint(content.length + 2, 2), content);
}

/** `turned`: keep which way up it is. A file without an end mark ends where its data does, and gets one. */
export function cleanJpeg(raw: Bytes, turned: boolean): Picture {
  const tells = new Set<string>();
  const seen = new Set<number>();
  const out: Bytes[] = [];
  let turn = 0;
  for (const { marker, content, coded } of segments(raw, tells)) {
    const stays = kept(marker, content, seen);
    if (stays) {
      seen.add(marker);
      out.push(segment(marker, stays), coded);
    }
    if (!stays || stays.length !== content.length || stays.some((byte, at) => byte !== content[at])) {
      for (const word of told(marker, content)) tells.add(word);
    }
    if (marker === APP1 && begins(content, EXIF) && !turn) turn = readExif(content.subarray(6)).turn;
  }
  if (!seen.has(SCAN) || ![...seen].some(isFrame)) throw new CannotClean();
  const upright = turned && turn > 1 ? [segment(APP1, concat(utf8(EXIF), smallExif(turn)))] : [];
  return { data: concat(Uint8Array.of(0xff, 0xd8), ...upright, ...out, Uint8Array.of(0xff, END)), tells };
}
