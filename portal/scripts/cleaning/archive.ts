// The ZIP file around an Office file's parts: read with limits, written without times, comments and fields
// (portal/cleaning/office/archive.py).

import { unzipSync, zipSync } from "fflate";
import { crc32 } from "./crc.js";
import { type Bytes } from "../format/encoding.js";
import { CannotClean, number } from "./findings.js";
import type { Work } from "./officerules.js";

const PARTS = 5000;
/** Bytes of all parts together, unpacked. */
const UNPACKED = 160 * 1024 * 1024;
const [ENTRY, END] = [0x02014b50, 0x06054b50];
/** 1 January 1980, as Office itself writes; a later day tells one. */
const OLDEST = (1 << 5) | 1;

interface Entry {
  sum: number;
  size: number;
}

/** What the directory says, noting what it tells. Throws CannotClean. */
function directory(raw: Bytes, work: Work): Entry[] {
  let at = raw.length - 22;
  while (at >= 0 && at > raw.length - 65558 && number(raw, at, 4, true) !== END) at--;
  if (at < 0 || number(raw, at, 4, true) !== END) throw new CannotClean();
  if (number(raw, at + 20, 2, true)) work.note("comment");
  const entries: Entry[] = [];
  let first = Infinity;
  for (at = number(raw, at + 16, 4, true); number(raw, at, 4, true) === ENTRY; ) {
    const [name, extra, comment] = [28, 30, 32].map((place) => number(raw, at + place, 2, true)) as [
      number,
      number,
      number,
    ];
    if (number(raw, at + 8, 2, true) & 1) throw new CannotClean();
    const isFolder = raw[at + 45 + name] === 0x2f;
    if (!isFolder) {
      if (comment) work.note("comment");
      if (number(raw, at + 14, 2, true) > OLDEST) work.note("time");
      if (extra) work.note("other");
      first = Math.min(first, number(raw, at + 42, 4, true));
      entries.push({ sum: number(raw, at + 16, 4, true), size: number(raw, at + 24, 4, true) });
    }
    at += 46 + name + extra + comment;
  }
  if (entries.length && first) work.note("other");
  return entries;
}

function isPlain(name: string): boolean {
  return !name.startsWith("/") && name.split("/").every((step) => step && step !== "." && step !== "..");
}

/** An archive's parts in their order. Throws CannotClean. */
export function unpack(raw: Bytes, work: Work): Map<string, Bytes> {
  const entries = directory(raw, work);
  if (entries.length > PARTS || entries.reduce((sum, { size }) => sum + size, 0) > UNPACKED) throw new CannotClean();
  let files: Record<string, Uint8Array>;
  let listed = 0;
  let total = 0;
  try {
    files = unzipSync(raw, {
      filter: ({ name, originalSize }) => {
        if (name.endsWith("/")) return false;
        listed++;
        total += originalSize;
        if (total > UNPACKED) throw new CannotClean();
        return true;
      },
    });
  } catch {
    throw new CannotClean();
  }
  const parts = new Map<string, Bytes>();
  const lower = new Set<string>();
  for (const [at, [given, content]] of Object.entries(files).entries()) {
    const name = given.replaceAll("\\", "/");
    const entry = entries[at];
    // Names of parts are the same whatever their case (ECMA-376, part 2).
    if (!entry || !isPlain(name) || lower.has(name.toLowerCase())) throw new CannotClean();
    if (content.length !== entry.size || crc32(content) !== entry.sum) throw new CannotClean();
    lower.add(name.toLowerCase());
    parts.set(name, content as Bytes);
  }
  if (listed !== entries.length || parts.size !== listed) throw new CannotClean();
  return parts;
}

/** An archive of the parts, in their order. */
export function pack(parts: Map<string, Bytes>): Bytes {
  return zipSync(Object.fromEntries(parts), { level: 6, mtime: new Date(1980, 0, 1), os: 3 }) as Bytes;
}
