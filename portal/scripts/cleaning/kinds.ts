// What kind of file one is, by its first bytes, so that what is said of it fits.

import { type Bytes } from "../format/encoding.js";
import { begins } from "./findings.js";

/** The names of the sentences (portal/labels/scripts.py): `about.` and this. */
export type Kind = "text" | "pdf" | "archive" | "old" | "other" | "damaged" | "picture" | "office";

const ARCHIVES = ["PK\x03\x04", "PK\x05\x06", "7z\xbc\xaf\x27\x1c", "Rar!\x1a\x07", "\x1f\x8b", "BZh", "\xfd7zXZ\0"];
/** Older Office files, and newer ones with a password. */
const COMPOUND = "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1";
const LOOKED = 65536;

/** Whether it is text and nothing but text. What begins as a page, a drawing or a letter can hide something. */
function isText(raw: Bytes): boolean {
  const begin = raw.subarray(0, LOOKED);
  const head = new TextDecoder("latin1").decode(raw.subarray(0, 2000));
  if (/^\s*(?:\xef\xbb\xbf)?\s*(?:<|\{\\rtf|%!|BEGIN:|\{\s*")|^[A-Za-z-]+:[ \t]/.test(head)) return false;
  if (begin.some((byte) => byte < 9 || (byte > 13 && byte < 32) || byte === 127)) return false;
  return ["utf-8", "shift_jis", "euc-jp"].some((label) => {
    try {
      // A character may be cut at the end of what is looked at.
      return !!new TextDecoder(label, { fatal: true }).decode(begin, { stream: true });
    } catch {
      return false;
    }
  });
}

/** The kind of a file that was not cleaned. */
export function kindOf(raw: Bytes): Kind {
  if (begins(raw.subarray(0, 1024), "%PDF-")) return "pdf";
  if (begins(raw, COMPOUND)) return "old";
  if (ARCHIVES.some((mark) => begins(raw, mark)) || begins(raw, "-lh", 2)) return "archive";
  return isText(raw) ? "text" : "other";
}
