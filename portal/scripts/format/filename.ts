// The name that a file's entry has (docs/format.md, 4.2; crypto/filename.py).

import { normalizeText, utf8 } from "./encoding.js";

/** Characters of a file's name at most. */
export const MAX_FILE_NAME = 200;
const ENDING = 20;
const DROPPED = /[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g;
const EXTENDS = /[\p{M}\u200c\u200d\u{1f3fb}-\u{1f3ff}\u{e0020}-\u{e007f}\uff9e\uff9f]/u;
const FLAG = /[\u{1f1e6}-\u{1f1ff}]/u;

/** Whether a cut here would divide what people see as one character. */
function joins(symbols: string[], at: number): boolean {
  if (EXTENDS.test(symbols[at]!) || symbols[at - 1] === "\u200d") return true;
  let flags = 0;
  while (flags < at && FLAG.test(symbols[at - 1 - flags]!)) flags++;
  return FLAG.test(symbols[at]!) && flags % 2 === 1;
}

/** The longest beginning of at most so many bytes that ends between two characters as people see them. */
export function cut(text: string, most: number): string {
  const symbols = [...text];
  let fits = 0;
  for (let size = 0; fits < symbols.length; fits++) {
    size += utf8(symbols[fits]!).length;
    if (size > most) break;
  }
  if (fits === symbols.length) return text;
  let end = fits;
  while (end && joins(symbols, end)) end--;
  return symbols.slice(0, end || fits).join("");
}

/** The last part of a path, in normal form, without what can't be seen, cut before its ending. */
export function fileName(given: string): string {
  const clean = given.replace(/\p{Cs}/gu, "\ufffd").replace(DROPPED, "");
  const name = normalizeText(clean.split(/[/\\]/).at(-1)!.trim());
  if (utf8(name).length <= MAX_FILE_NAME) return name || "file";
  const dot = name.lastIndexOf(".");
  const ending = dot > 0 && [...name.slice(dot + 1)].length <= ENDING ? name.slice(dot) : "";
  return cut(ending ? name.slice(0, dot) : name, MAX_FILE_NAME - utf8(ending).length).trimEnd() + ending;
}
