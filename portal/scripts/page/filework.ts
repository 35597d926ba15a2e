// What is done with files, by the script that is fetched when the first of them is chosen.

import type { FileEntry } from "../format/attachment.js";
import type { Said } from "./files.js";
import { Refused, sendPiece } from "./server.js";

type Files = typeof import("./files.js");

let loading: Promise<Files> | null = null;
let tries = 0;

async function load(): Promise<Files> {
  try {
    const files = (await import(document.documentElement.dataset.files! + (tries ? `?${tries}` : ""))) as Files;
    files.lend({ sendPiece, refusal: (word) => new Refused(word) });
    return files;
  } catch {
    // A browser remembers a script that it did not get, by its address.
    tries++;
    loading = null;
    throw new Refused("offline");
  }
}

const script = () => (loading ??= load());

/** What would be taken out of a file, to be told before it is sent. Throws Refused. */
export async function preview(file: File): Promise<Said> {
  return (await script()).preview(file);
}

/** Clean, seal and send a file; `told`: how much of it went, up to 1. Throws Refused. */
export async function sendFile(file: File, told: (part: number) => void): Promise<FileEntry> {
  return (await script()).sendFile(file, told);
}
