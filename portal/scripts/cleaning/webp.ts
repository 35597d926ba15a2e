// WebP: the chunks that make the picture and its frames, and no other (portal/cleaning/webp.py).

import { type Bytes, concat, uint, utf8 } from "../format/encoding.js";
import { EXIF, readExif, smallExif } from "./exif.js";
import { CannotClean, type Picture, ascii, begins, inXmp, number } from "./findings.js";

const PIXELS = ["ALPH", "VP8 ", "VP8L"];
const LENGTHS: Record<string, number> = { VP8X: 10, ANIM: 6 };
const FRAME_HEADER = 16;
const FLAGS = 0x12; // animation and alpha
const WITH_EXIF = 8;

/** Whether bytes are a WebP file's. */
export const isWebp = (raw: Bytes) => begins(raw, "RIFF") && begins(raw, "WEBP", 8);

/** Name and content of each chunk; one that is cut can't be cleaned. */
function* chunks(raw: Bytes, at: number): Generator<[string, Bytes]> {
  while (at + 8 <= raw.length) {
    const length = number(raw, at + 4, 4, true);
    if (at + 8 + length > raw.length) throw new CannotClean();
    yield [ascii(raw.subarray(at, at + 4)), raw.subarray(at + 8, at + 8 + length)];
    at += 8 + length + (length % 2);
  }
}

function chunk(name: string, content: Uint8Array): Bytes {
  return concat(utf8(name), uint(content.length, 4).reverse(), content, new Uint8Array(content.length % 2));
}

const block = (content: Bytes) => readExif(begins(content, EXIF) ? content.subarray(EXIF.length) : content);

function told(name: string, content: Bytes): Iterable<string> {
  if (name === "EXIF") return block(content).words;
  return name === "XMP " ? inXmp(content) : ["other"];
}

/** An animation's frame with its pixels alone. */
function frame(content: Bytes): Bytes {
  if (content.length < FRAME_HEADER) throw new CannotClean();
  const pixels = [...chunks(content, FRAME_HEADER)].filter(([name]) => PIXELS.includes(name));
  return concat(content.subarray(0, FRAME_HEADER), ...pixels.map(([name, part]) => chunk(name, part)));
}

/** `turned`: keep which way up it is; a file of the simple format can't say that. */
export function cleanWebp(raw: Bytes, turned: boolean): Picture {
  const end = 8 + number(raw, 4, 4, true);
  if (end > raw.length) throw new CannotClean();
  const tells = new Set<string>(end < raw.length ? ["other"] : []);
  const out: [string, Bytes][] = [];
  const names = new Set<string>();
  let turn = 0;
  for (const [name, content] of chunks(raw.subarray(0, end), 12)) {
    const once = content.length === LENGTHS[name] && !names.has(name) && !(name === "VP8X" && out.length);
    if (PIXELS.includes(name) || once) out.push([name, content]);
    else if (name === "ANMF") out.push([name, frame(content)]);
    else for (const word of told(name, content)) tells.add(word);
    names.add(name);
    if (name === "EXIF" && !turn) turn = block(content).turn;
  }
  if (!out.some(([name]) => name === "VP8 " || name === "VP8L" || name === "ANMF")) throw new CannotClean();
  const [first, header] = out[0]!;
  if (first === "VP8X") {
    const turns = turned && turn > 1;
    const flags = (header[0]! & FLAGS) | (turns ? WITH_EXIF : 0);
    out[0] = [first, concat(Uint8Array.of(flags, 0, 0, 0), header.subarray(4))];
    if (turns) out.push(["EXIF", smallExif(turn)]);
  }
  const body = concat(utf8("WEBP"), ...out.map(([name, content]) => chunk(name, content)));
  return { data: concat(utf8("RIFF"), uint(body.length, 4).reverse(), body), tells };
}
