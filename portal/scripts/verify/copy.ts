// A copy of a log among chosen files: a witness's folder, or files as served below /log/ (admin/verify/copies.py).

import { unzipSync } from "fflate";
import { type Bytes, toUint } from "../format/encoding.js";
import { fail } from "../format/errors.js";
import { readNote } from "../log/note.js";
import { TILE, bundleEntries, tilePath } from "../log/tlog.js";
import type { LogFile } from "./code.js";

/** Bytes of a copy that is unpacked. */
const LARGEST = 64 * 1024 * 1024;

/** A chosen file, by its path. */
export interface Chosen {
  path: string;
  bytes: () => Promise<Bytes>;
}

function named(files: Chosen[], path: string): Chosen | undefined {
  return files.find((file) => file.path === path || file.path.endsWith(`/${path}`));
}

async function text(file: Chosen): Promise<string> {
  return new TextDecoder("utf-8", { fatal: true }).decode(await file.bytes());
}

/** The whole entries of a file; a witness that was stopped may have left a part of one behind them. */
function whole(raw: Bytes): Bytes[] {
  const leaves: Bytes[] = [];
  for (let at = 0; at + 2 <= raw.length; ) {
    const end = at + 2 + toUint(raw.slice(at, at + 2));
    if (end > raw.length) break;
    leaves.push(raw.slice(at + 2, end));
    at = end;
  }
  return leaves;
}

async function kept(head: Chosen, leaves: Chosen): Promise<LogFile> {
  const { note } = JSON.parse(await text(head)) as { note: unknown };
  return typeof note === "string" ? { note, leaves: whole(await leaves.bytes()) } : fail("CheckpointMalformed");
}

async function served(checkpoint: Chosen, files: Chosen[]): Promise<LogFile> {
  const note = await text(checkpoint);
  const size = Number(readNote(note).text.split("\n")[1]);
  const leaves: Bytes[] = [];
  for (let at = 0; at * TILE < size; at++) {
    const tile = named(files, tilePath(-1, at, Math.min(TILE, size - at * TILE)));
    leaves.push(...bundleEntries(await (tile ?? fail("ProofMalformed")).bytes()));
  }
  return { note, leaves };
}

/** The files in a zip, which a desk saves; any other file is itself. */
async function unpacked(file: Chosen): Promise<Chosen[]> {
  const raw = await file.bytes();
  if (raw.length > LARGEST || raw[0] !== 0x50 || raw[1] !== 0x4b) return [file];
  let sum = 0;
  const parts = unzipSync(raw, {
    filter: ({ originalSize }) => (sum += originalSize) <= LARGEST || fail("ProofMalformed"),
  });
  return Object.entries(parts).map(([path, bytes]) => ({ path, bytes: () => Promise.resolve(new Uint8Array(bytes)) }));
}

/** The copy among files; null where there is none that can be read. */
export async function copyAmong(chosen: Chosen[]): Promise<LogFile | null> {
  let files = chosen;
  try {
    if (chosen.length === 1) files = await unpacked(chosen[0]!);
  } catch {
    return null;
  }
  const [head, leaves, checkpoint] = [named(files, "head.json"), named(files, "leaves"), named(files, "checkpoint")];
  try {
    if (head && leaves) return await kept(head, leaves);
    return checkpoint ? await served(checkpoint, files) : null;
  } catch {
    return null;
  }
}
