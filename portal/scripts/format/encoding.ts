// Text forms of bytes and canonical JSON (docs/format.md, section 0; crypto/encoding.py).

import { blake2b } from "@noble/hashes/blake2.js";
import { Fault, fail } from "./errors.js";

/** Bytes in memory of their own. */
export type Bytes = Uint8Array<ArrayBuffer>;
/** A value of JSON. */
export type Json = null | boolean | number | string | Json[] | JsonObject;
/** An object of JSON. */
export type JsonObject = { [name: string]: Json };

const MAX_DEPTH = 16;
const DEEPEST = 500;

/** A number with a fraction or an exponent: nobody may write one, and it is told from a whole one. */
class Real {
  constructor(readonly value: number) {}
}

/** A text as UTF-8. */
export function utf8(text: string): Bytes {
  return new TextEncoder().encode(text);
}

/** Bytes one after the other. */
export function concat(...parts: Uint8Array[]): Bytes {
  const joined = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}

/** Random bytes of the browser. */
export function random(size: number): Bytes {
  return crypto.getRandomValues(new Uint8Array(size));
}

/** Tell whether two byte strings are the same, in a time that says nothing about where they differ. */
export function same(first: Uint8Array, other: Uint8Array): boolean {
  let differs = first.length ^ other.length;
  for (let at = 0; at < first.length; at++) differs |= first[at]! ^ (other[at] ?? 0);
  return differs === 0;
}

/** Order by bytes, as Python does. */
export function compare(first: Uint8Array, other: Uint8Array): number {
  const size = Math.min(first.length, other.length);
  for (let at = 0; at < size; at++) if (first[at] !== other[at]) return first[at]! - other[at]!;
  return first.length - other.length;
}

function person(word: string): Bytes {
  const padded = new Uint8Array(16);
  padded.set(utf8(word));
  return padded;
}

/** BLAKE2b, personalised and perhaps keyed. */
export function b2(size: number, data: Uint8Array, word: string, key?: Uint8Array): Bytes {
  return blake2b(data, { dkLen: size, personalization: person(word), ...(key ? { key } : {}) }) as Bytes;
}

/** BLAKE2b of what comes in pieces. */
export function hasher(size: number, word: string) {
  return blake2b.create({ dkLen: size, personalization: person(word) });
}

/** An unsigned number in big-endian bytes. */
export function uint(value: number, size: number): Bytes {
  const raw = new Uint8Array(size);
  for (let at = size - 1; at >= 0; at--) {
    raw[at] = value % 256;
    value = Math.floor(value / 256);
  }
  return raw;
}

/** A number from its bytes, the highest first. */
export function toUint(raw: Uint8Array): number {
  return raw.reduce((sum, byte) => sum * 256 + byte, 0);
}

/** Bytes in lower-case hex. */
export function hex(raw: Uint8Array): string {
  return Array.from(raw, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Bytes from lower-case hex. Throws Fault. */
export function unhex(text: string): Bytes {
  return Uint8Array.from(text.match(/../g) ?? [], (pair) => parseInt(pair, 16));
}

/** The 16 bytes of an id in hex. Throws Fault. */
export function idFromHex(text: unknown): Bytes {
  if (typeof text !== "string" || !/^[0-9a-f]{32}$/.test(text)) fail("BadId");
  return unhex(text);
}

/** An id of 16 bytes as 32 hex digits. */
export function hexId(raw: Uint8Array): string {
  return raw.length === 16 ? hex(raw) : fail("MisuseError");
}

/** URL-safe Base64 without padding. */
export function b64e(raw: Uint8Array): string {
  let text = "";
  for (let at = 0; at < raw.length; at += 8192) text += String.fromCharCode(...raw.subarray(at, at + 8192));
  return btoa(text).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
}

/** Bytes from URL-safe Base64, of which only the canonical spelling counts. Throws Fault. */
export function b64d(text: unknown): Bytes {
  if (typeof text !== "string" || !/^[\w-]*$/.test(text) || text.length % 4 === 1) fail("BadBase64");
  const raw = Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (symbol) => symbol.charCodeAt(0));
  // The decoder forgives stray bits: only one spelling is ours.
  return b64e(raw) === text ? raw : fail("BadBase64");
}

const LONE = /[\ud800-\udfff]/u;

/** What people typed, in normal form C with line feeds. */
export function normalizeText(text: string): string {
  const normal = text.replace(/\r\n?/g, "\n").normalize("NFC");
  return LONE.test(normal) ? fail("MisuseError") : normal;
}

function textFaults(text: string): string[] {
  const faults = text.includes("\r") ? ["CarriageReturn"] : [];
  if (text.normalize("NFC") !== text) faults.push("NotNfc");
  if (LONE.test(text)) faults.push("LoneSurrogate");
  return faults;
}

function valueFaults(value: unknown, depth: number): string[] {
  if (typeof value === "string") return textFaults(value);
  if (value === null || typeof value === "boolean") return [];
  if (value instanceof Real) return ["FloatNumber"];
  if (typeof value === "number") {
    if (!Number.isInteger(value)) return ["FloatNumber"];
    return Number.isSafeInteger(value) ? [] : ["NumberTooLarge"];
  }
  if (typeof value !== "object") return ["MisuseError"];
  return depth > MAX_DEPTH ? ["NestedTooDeep"] : [];
}

/** What is not canonical about an object's values, each once, in the order in which crypto/ finds it. */
function faultsOf(obj: unknown): string[] {
  const faults = new Set<string>();
  const waiting: [unknown, number][] = [[obj, 1]];
  while (waiting.length) {
    const [value, depth] = waiting.pop()!;
    for (const fault of valueFaults(value, depth)) faults.add(fault);
    if (depth > MAX_DEPTH || typeof value !== "object" || value === null || value instanceof Real) continue;
    const parts = Array.isArray(value) ? value : Object.entries(value).flat();
    for (const part of parts) waiting.push([part, depth + 1]);
  }
  return [...faults];
}

function byCodePoint(first: string, other: string): number {
  return compare(utf8(first), utf8(other));
}

function dump(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(dump).join(",")}]`;
  if (typeof value !== "object" || value === null) return value === 0 ? "0" : JSON.stringify(value);
  const object = value as JsonObject;
  const keys = Object.keys(object);
  // By code units is by code points where there are no surrogates, and takes a tenth of the time.
  const names = keys.sort(/[\ud800-\udfff]/.test(keys.join("")) ? byCodePoint : undefined);
  return `{${names.map((name) => `${JSON.stringify(name)}:${dump(object[name])}`).join(",")}}`;
}

/** Canonical JSON. Fails with NotNormalized for text that is not NFC with line feeds, else MisuseError. */
export function canonicalJson(obj: unknown): Bytes {
  const faults = faultsOf(obj);
  if (faults.length)
    fail(faults.every((name) => /^(CarriageReturn|NotNfc)$/.test(name)) ? "NotNormalized" : "MisuseError");
  return utf8(dump(obj));
}

/** A reader of JSON that tells what `JSON.parse` hides: names that stand twice, and how numbers are written. */
class Reader {
  #at = 0;

  constructor(private readonly text: string) {}

  all(): unknown {
    const value = this.#value(1);
    this.#space();
    return this.#at === this.text.length ? value : fail("NotJson");
  }

  #take(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const token = pattern.exec(this.text)?.[0];
    this.#at += token?.length ?? 0;
    return token;
  }

  #space(): void {
    this.#take(/[ \t\n\r]*/y);
  }

  #value(depth: number): unknown {
    // The real bound is MAX_DEPTH, checked later: this one keeps the stack.
    if (depth > DEEPEST) fail("NestedTooDeep");
    this.#space();
    if (this.#take(/\{/y)) return this.#object(depth);
    if (this.#take(/\[/y)) return this.#list(depth);
    if (this.text[this.#at] === '"') return this.#string();
    const word = this.#take(/true|false|null|NaN|-?Infinity/y);
    if (word) return /[NI]/.test(word) ? new Real(Number(word)) : (JSON.parse(word) as Json);
    const number = this.#take(/-?(0|[1-9]\d*)(\.\d+)?([eE][-+]?\d+)?/y) ?? fail("NotJson");
    if (/[.eE]/.test(number)) return new Real(Number(number));
    return number.length <= 17 ? Number(number) : Number.MAX_SAFE_INTEGER + 1;
  }

  #string(): string {
    const token = this.#take(/"(?:[^"\\\x00-\x1f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y) ?? fail("NotJson");
    return JSON.parse(token) as string;
  }

  #object(depth: number): unknown {
    // Without a prototype, `__proto__` is a name like any other.
    const object = Object.create(null) as { [name: string]: unknown };
    let twice = false;
    this.#space();
    if (this.#take(/\}/y)) return object;
    for (;;) {
      this.#space();
      const name = this.#string();
      this.#space();
      if (!this.#take(/:/y)) fail("NotJson");
      twice ||= name in object;
      object[name] = this.#value(depth + 1);
      this.#space();
      if (this.#take(/\}/y)) return twice ? fail("DuplicateKey") : object;
      if (!this.#take(/,/y)) fail("NotJson");
    }
  }

  #list(depth: number): unknown {
    const list: unknown[] = [];
    this.#space();
    if (this.#take(/\]/y)) return list;
    for (;;) {
      list.push(this.#value(depth + 1));
      this.#space();
      if (this.#take(/\]/y)) return list;
      if (!this.#take(/,/y)) fail("NotJson");
    }
  }
}

function plain(value: unknown): unknown {
  if (value instanceof Real) return value.value;
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value;
  const copy = Object.create(null) as { [name: string]: unknown };
  for (const [name, part] of Object.entries(value)) copy[name] = plain(part);
  return copy;
}

/** The object that bytes hold, and what is not canonical about it. Fails where there is no object. */
export function readJson(raw: Uint8Array): { object: JsonObject; faults: string[] } {
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(raw);
  } catch {
    return fail("NotUtf8");
  }
  const value = new Reader(text).all();
  if (typeof value !== "object" || value === null || Array.isArray(value) || value instanceof Real) {
    return fail("NotObject");
  }
  let faults = faultsOf(value);
  if (faults.includes("NestedTooDeep")) fail("NestedTooDeep");
  if (!faults.length && compare(utf8(dump(value)), raw)) faults = ["NotCanonical"];
  return { object: plain(value) as JsonObject, faults };
}

/** An object from canonical JSON. Throws Fault. */
export function parseCanonicalJson(raw: Uint8Array): JsonObject {
  const { object, faults } = readJson(raw);
  if (faults[0]) throw new Fault(faults[0]);
  return object;
}
