// PNG and APNG: the chunks that make the picture, of the length they have to have (portal/cleaning/png.py).

import { crc32 } from "./crc.js";
import { type Bytes, concat, uint, utf8 } from "../format/encoding.js";
import { readExif, smallExif } from "./exif.js";
import { CannotClean, type Picture, ascii, begins, byName, inXmp, number } from "./findings.js";

/** What a PNG file begins with. */
export const PNG = "\x89PNG\r\n\x1a\n";
const LENGTHS: Record<string, number[]> = {
  gAMA: [4],
  cHRM: [32],
  sRGB: [1],
  cICP: [4],
  pHYs: [9],
  bKGD: [1, 2, 6],
  sBIT: [1, 2, 3, 4],
  acTL: [8],
  fcTL: [26],
};
/** Chunks of coded pixels, and the fewest bytes in one. */
const PIXELS: Record<string, number> = { IDAT: 1, fdAT: 5 };

/** Name and content up to IEND or the end of the data; of pixels what is left of a cut chunk. */
function* chunks(raw: Bytes, tells: Set<string>): Generator<[string, Bytes]> {
  for (let at = PNG.length; at + 12 <= raw.length; ) {
    const length = number(raw, at, 4);
    const name = ascii(raw.subarray(at + 4, at + 8));
    const content = raw.subarray(at + 8, at + 8 + length);
    if (!/^[A-Za-z]{4}$/.test(name)) return;
    at += 12 + length;
    if (name === "IEND") {
      if (at < raw.length) tells.add("other");
      return;
    }
    if (at <= raw.length || name in PIXELS) yield [name, content];
  }
}

function told(name: string, content: Bytes): Iterable<string> {
  if (name === "tEXt" || name === "zTXt" || name === "iTXt") {
    const key = ascii(content).split("\0")[0]!;
    return key.startsWith("XML:") ? inXmp(content) : [byName(key)];
  }
  if (name === "eXIf") return readExif(content).words;
  return [name === "tIME" ? "time" : "other"];
}

function chunk(name: string, content: Uint8Array): Bytes {
  const body = concat(utf8(name), content);
  return concat(uint(content.length, 4), body, uint(crc32(body), 4));
}

function stays(name: string, { length }: Bytes, colour: number): boolean {
  if (name in PIXELS) return length >= PIXELS[name]!;
  // A palette beside true colours is a suggestion only.
  if (name === "PLTE") return length >= 3 && length <= 768 && length % 3 === 0 && colour !== 2 && colour !== 6;
  if (name === "tRNS") return length >= 1 && length <= 256;
  return !!LENGTHS[name]?.includes(length);
}

/** `turned`: keep which way up it is. Throws CannotClean. */
export function cleanPng(raw: Bytes, turned: boolean): Picture {
  const tells = new Set<string>();
  const all = [...chunks(raw, tells)];
  const [first, header] = all.shift() ?? ["", new Uint8Array(0)];
  if (first !== "IHDR" || header.length !== 13) throw new CannotClean();
  const out: Bytes[] = [];
  let [turn, pixels] = [0, false];
  for (const [name, content] of all) {
    if (stays(name, content, header[9]!)) {
      out.push(chunk(name, content));
      pixels ||= name === "IDAT";
    } else for (const word of told(name, content)) tells.add(word);
    if (name === "eXIf" && !turn) turn = readExif(content).turn;
  }
  if (!pixels) throw new CannotClean();
  const upright = turned && turn > 1 ? [chunk("eXIf", smallExif(turn))] : [];
  const start = Uint8Array.from(PNG, (symbol) => symbol.charCodeAt(0));
  return { data: concat(start, chunk("IHDR", header), ...upright, ...out, chunk("IEND", new Uint8Array(0))), tells };
}

/** Whether bytes are a PNG file's. */
export const isPng = (raw: Bytes) => begins(raw, PNG);
