// Takes out of pictures what could name whoever made them, without touching the picture itself.
// Known types only; kept is what is on a list, everything else goes.

import { type Bytes, concat, toUint, uint, utf8 } from "./encoding.js";

export interface Cleaned {
  data: Bytes;
  cleaned: "removed" | "nothing" | "not";
  found: string[];
}

const ORIENTATION = 0x0112;
const TAGS: Record<number, string> = {
  0x8825: "place", 0x010f: "camera", 0x0110: "camera", 0xa431: "camera", 0xa433: "camera", 0xa434: "camera", 0xa435: "camera",
  0x013b: "author", 0x8298: "author", 0xa430: "author", 0x0132: "time", 0x9003: "time", 0x9004: "time", 0x0131: "software",
  0x9286: "comment", 0x010e: "comment", 0x0201: "thumbnail",
};

function latin(raw: Uint8Array): string {
  return String.fromCharCode(...raw);
}

/** What an Exif block names, and which way up the picture is. */
function readExif(raw: Bytes): { found: Set<string>; orientation: number } {
  const found = new Set<string>();
  const small = latin(raw.slice(0, 2)) === "II";
  const number = (at: number, size: number) => {
    const part = raw.slice(at, at + size);
    return toUint(small ? part.reverse() : part);
  };
  let orientation = 1;
  const waiting = [number(4, 4)];
  // A block may point back at itself: so many directories are enough.
  for (let turn = 0; turn < 8 && waiting.length; turn++) {
    const at = waiting.pop()!;
    if (!at || at + 2 > raw.length) continue;
    const end = at + 2 + 12 * number(at, 2);
    for (let entry = at + 2; entry < end && entry + 12 <= raw.length; entry += 12) {
      const tag = number(entry, 2);
      if (tag === ORIENTATION) orientation = number(entry + 8, 2);
      if (TAGS[tag]) found.add(TAGS[tag]);
      if (tag === 0x8769) waiting.push(number(entry + 8, 4));
    }
    if (end + 4 <= raw.length) waiting.push(number(end, 4));
  }
  return { found, orientation: orientation >= 1 && orientation <= 8 ? orientation : 1 };
}

/** An Exif block that says nothing but which way up the picture is. */
function smallExif(orientation: number): Bytes {
  const entry = concat(uint(ORIENTATION, 2), uint(3, 2), uint(1, 4), uint(orientation, 2), uint(0, 2));
  const tiff = concat(utf8("MM"), uint(42, 2), uint(8, 4), uint(1, 2), entry, uint(0, 4));
  return concat(Uint8Array.of(0xff, 0xe1), uint(tiff.length + 8, 2), utf8("Exif\0\0"), tiff);
}

class Unreadable extends Error {}

function jpeg(raw: Bytes, found: Set<string>): Bytes {
  const kept: Bytes[] = [raw.slice(0, 2)];
  let orientation = 1;
  let at = 2;
  for (;;) {
    if (raw[at] !== 0xff) throw new Unreadable();
    const marker = raw[at + 1]!;
    if (marker === 0xff) {
      at++;
      continue;
    }
    if (marker === 0xd9) break;
    const size = toUint(raw.slice(at + 2, at + 4));
    const next = at + 2 + size;
    if (size < 2 || next > raw.length) throw new Unreadable();
    const body = raw.slice(at + 4, next);
    const isApp = marker >= 0xe0 && marker <= 0xef;
    const begin = latin(body.slice(0, 5));
    if (marker === 0xe1 && begin.startsWith("Exif")) {
      const exif = readExif(body.slice(6));
      orientation = exif.orientation;
      exif.found.forEach((word) => found.add(word));
      // Only the direction, or nothing that has a word here.
      if (!exif.found.size && exif.orientation === 1) found.add("other");
    } else if (marker === 0xfe) found.add("comment");
    // JFIF and Adobe's mark say how the colours are kept; JFIF's own small picture stays out.
    else if (marker === 0xe0 && begin.startsWith("JFIF")) {
      kept.push(concat(raw.slice(at, at + 2), uint(16, 2), body.slice(0, 12), uint(0, 2)));
      if (body.length > 14) found.add("thumbnail");
    } else if (isApp && !(marker === 0xee && begin === "Adobe")) found.add(begin === "http:" ? "author" : "other");
    else kept.push(raw.slice(at, next));
    at = next;
    if (marker === 0xda) {
      at = scanEnd(raw, at);
      kept.push(raw.slice(next, at));
    }
  }
  kept.push(raw.slice(at, at + 2));
  if (at + 2 < raw.length) found.add("other");
  if (orientation !== 1) kept.splice(1, 0, smallExif(orientation));
  return concat(...kept);
}

/** Where the next marker stands behind a scan's data. */
function scanEnd(raw: Bytes, at: number): number {
  for (; at + 1 < raw.length; at++) {
    const next = raw[at + 1]!;
    if (raw[at] === 0xff && next !== 0 && next !== 0xff && (next < 0xd0 || next > 0xd7)) return at;
  }
  throw new Unreadable();
}

const PNG = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);
const PNG_KEPT = ["IHDR", "PLTE", "IDAT", "IEND", "tRNS", "gAMA", "cHRM", "sRGB", "sBIT", "bKGD", "pHYs", "cICP", "acTL", "fcTL", "fdAT"];
const PNG_WORDS: Record<string, string> = { tIME: "time", tEXt: "comment", zTXt: "comment", iTXt: "comment" };

function png(raw: Bytes, found: Set<string>): Bytes {
  const kept: Bytes[] = [PNG];
  for (let at = 8; ; ) {
    const size = toUint(raw.slice(at, at + 4));
    const name = latin(raw.slice(at + 4, at + 8));
    const next = at + 12 + size;
    if (next > raw.length || name.length < 4) throw new Unreadable();
    if (PNG_KEPT.includes(name)) kept.push(raw.slice(at, next));
    else if (name === "eXIf") {
      const words = readExif(raw.slice(at + 8, next - 4)).found;
      (words.size ? words : ["other"]).forEach((word) => found.add(word));
    } else found.add(PNG_WORDS[name] ?? "other");
    at = next;
    if (name !== "IEND") continue;
    if (at < raw.length) found.add("other");
    return concat(...kept);
  }
}

const WEBP_KEPT = ["VP8 ", "VP8L", "VP8X", "ALPH", "ANIM", "ANMF"];

function webp(raw: Bytes, found: Set<string>): Bytes {
  const kept: Bytes[] = [];
  const end = 8 + toUint(raw.slice(4, 8).reverse());
  if (end > raw.length) throw new Unreadable();
  for (let at = 12; at < end; ) {
    const size = toUint(raw.slice(at + 4, at + 8).reverse());
    const name = latin(raw.slice(at, at + 4));
    const next = at + 8 + size + (size % 2);
    if (next > raw.length) throw new Unreadable();
    const chunk = raw.slice(at, next);
    // The flags of ICC profile, Exif and XMP go with them.
    if (name === "VP8X") chunk[8]! &= ~0x2c;
    if (WEBP_KEPT.includes(name)) kept.push(chunk);
    else if (name === "EXIF") {
      const body = raw.slice(at + 8, at + 8 + size);
      const exif = latin(body.slice(0, 4)) === "Exif" ? body.slice(6) : body;
      const words = readExif(exif).found;
      (words.size ? words : ["other"]).forEach((word) => found.add(word));
    } else found.add("other");
    at = next;
  }
  if (end < raw.length) found.add("other");
  const body = concat(utf8("WEBP"), ...kept);
  return concat(utf8("RIFF"), uint(body.length, 4).reverse(), body);
}

/** Clean a file as far as its type is known here; what is not known comes back as it is. */
export function clean(raw: Bytes): Cleaned {
  const found = new Set<string>();
  try {
    let data: Bytes;
    if (raw[0] === 0xff && raw[1] === 0xd8) data = jpeg(raw, found);
    else if (PNG.every((byte, at) => raw[at] === byte)) data = png(raw, found);
    else if (latin(raw.slice(0, 4)) === "RIFF" && latin(raw.slice(8, 12)) === "WEBP") data = webp(raw, found);
    else return { data: raw, cleaned: "not", found: [] };
    return found.size ? { data, cleaned: "removed", found: [...found].sort() } : { data: raw, cleaned: "nothing", found: [] };
  } catch (error) {
    if (error instanceof Unreadable) return { data: raw, cleaned: "not", found: [] };
    throw error;
  }
}
