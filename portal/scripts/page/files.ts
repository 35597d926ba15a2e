// Cleaning, sealing and sending of files: a script of its own, fetched when the first file is chosen.

import type { Cleaned } from "../cleaning/cleaning.js";
import { type FileEntry, Sealer, fileEntry, fileHash, objectLength } from "../format/attachment.js";
import { type Bytes, concat, random } from "../format/encoding.js";
import { fileName } from "../format/filename.js";
import { PIECE } from "../format/limits.js";

const CLEANED_AT_MOST = 33554432;
/** Bytes of a file up to which what was cleaned is kept until it is sent; a larger one is cleaned once more. */
const KEPT_AT_MOST = 8000000;

/** What became of a file, or would (docs/format.md, 4.2). */
export interface Said {
  cleaned: string;
  found: string[];
  /** What is said of it besides (portal/labels/scripts.py, `about.`). */
  about: string;
}

/** What the page that loads this lends: its classes and its connection are its own. */
export interface Page {
  sendPiece: (id: Bytes, total: number, at: number, piece: Bytes) => Promise<void>;
  refusal: (word: string) => Error;
}

let page: Page;
let tries = 0;

/** To be called before anything else. */
export function lend(lent: Page): void {
  page = lent;
}

/** The script that cleans; it is fetched when a file is chosen. Throws the page's refusal when it can't be had. */
async function cleaner(raw: Bytes): Promise<Cleaned> {
  const { cleaning, office } = document.documentElement.dataset;
  const isZip = raw[0] === 0x50 && raw[1] === 0x4b;
  let script: typeof import("../cleaning/cleaning.js");
  try {
    script = (await import((isZip ? office : cleaning) + (tries ? `?${tries}` : ""))) as typeof script;
  } catch {
    // A browser remembers a script that it did not get, by its address.
    tries++;
    throw page.refusal("offline");
  }
  try {
    return script.clean(raw);
  } catch {
    // Whatever it was, out of memory too: it is asked about, and never a reason to send without sealing.
    return { data: raw, about: "damaged", cleaned: "not", found: [] };
  }
}

/** The bytes of a file. Throws the page's refusal when it is not there any more, or has changed: no other way could read it. */
async function bytesOf(file: Blob): Promise<Bytes> {
  try {
    return new Uint8Array(await file.arrayBuffer());
  } catch {
    throw page.refusal("unreadable");
  }
}

type CleanedFile = Said & { data: Bytes | File };
const cleanedOnce = new WeakMap<File, CleanedFile>();

async function cleanedFile(file: File): Promise<CleanedFile> {
  const known = cleanedOnce.get(file);
  if (known) return known;
  const not = { data: file, about: "large", cleaned: "not", found: [] };
  const cleaned = file.size > CLEANED_AT_MOST ? not : await cleaner(await bytesOf(file));
  // In memory as bytes: what a browser holds as a Blob it may write to its disk.
  if (cleaned.cleaned !== "not" && file.size < KEPT_AT_MOST) cleanedOnce.set(file, cleaned);
  return cleaned;
}

/** What would be taken out of a file, to be told before it is sent. */
export async function preview(file: File): Promise<Said> {
  const { cleaned, found, about } = await cleanedFile(file);
  return { cleaned, found, about };
}

/** Clean, pad, encrypt and send one file, a piece at a time; only what is cleaned is in memory as a whole. */
export async function sendFile(file: File, told: (part: number) => void): Promise<FileEntry> {
  const { data, cleaned, found } = await cleanedFile(file);
  const source = new Blob([data]);
  const { size } = source;
  const [id, key, hash, total] = [random(16), random(32), fileHash(), objectLength(size)];
  const sealer = new Sealer(key);
  let waiting: Bytes = sealer.header;
  let at = 0;
  for (let from = 0; at < total; from += PIECE) {
    const part = await bytesOf(source.slice(from, from + PIECE));
    hash.update(part);
    const last = from + PIECE > size;
    waiting = concat(waiting, sealer.update(part), last ? sealer.finish() : part.subarray(0, 0));
    while (waiting.length >= PIECE || (last && waiting.length)) {
      await page.sendPiece(id, total, at, waiting.slice(0, PIECE));
      at += Math.min(PIECE, waiting.length);
      waiting = waiting.slice(PIECE);
      told(at / total);
    }
  }
  const type = /^[!-~]{1,100}$/.test(file.type) ? file.type : "application/octet-stream";
  return fileEntry(id, key, hash.digest(), size, fileName(file.name), type, cleaned, found);
}
