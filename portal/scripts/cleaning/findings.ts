// What was found in a file, in words of a fixed list (docs/cleaning.md; portal/cleaning/words.py).

import tables from "../../cleaning/words.json";
import { type Bytes } from "../format/encoding.js";

export { tables };

/** A file that is not of the type that it began as, or that has to stay as it is. */
export class CannotClean extends Error {}

const NAMES = tables.names.map(([word, pattern]) => [new RegExp(pattern!, "i"), word!] as const);

/** Bytes as text of which only ASCII means anything. */
export function ascii(raw: Uint8Array): string {
  return new TextDecoder("latin1").decode(raw).replace(/[^\x00-\x7f]/g, "\ufffd");
}

/** The word for the name of a tag, a property or an attribute. */
export function byName(name: string): string {
  return NAMES.find(([pattern]) => pattern.test(name))?.[1] ?? "other";
}

/** The words for the properties that an XMP packet names; it is not parsed. */
export function inXmp(packet: Uint8Array): string[] {
  const text = ascii(packet).replaceAll("\0", "").replaceAll("rdf:Description", "");
  const words = NAMES.filter(([pattern]) => pattern.test(text)).map(([, word]) => word);
  return words.length ? words : ["other"];
}

/** Which number has which word. */
export function byNumber(listed: Record<string, (number | string)[]>): Map<number, string> {
  return new Map(
    Object.entries(listed).flatMap(([word, all]) =>
      all.map((key) => [typeof key === "string" ? parseInt(key, 16) : key, word] as const),
    ),
  );
}

/** A number in a file's own order of bytes. */
export function number(raw: Uint8Array, at: number, size: number, small = false): number {
  let value = 0;
  for (let place = 0; place < size; place++) value = value * 256 + (raw[at + (small ? size - 1 - place : place)] ?? 0);
  return value;
}

/** Whether bytes have a text of Latin-1 at a place. */
export function begins(raw: Uint8Array, text: string, at = 0): boolean {
  return [...text].every((symbol, place) => raw[at + place] === symbol.charCodeAt(0));
}

/** A cleaned picture, and the findings in what was taken out. */
export type Picture = { data: Bytes; tells: Set<string> };
