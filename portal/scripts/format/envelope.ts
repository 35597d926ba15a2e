// The layout of an envelope, its padding, its hash (docs/format.md, 2.1 and 2.3; crypto/envelope.py).

import { type Bytes, b2, compare, concat, toUint, uint, utf8 } from "./encoding.js";
import { fail } from "./errors.js";

/** Kind of an envelope: a report. */
export const REPORT = 1;
/** Kind of an envelope: a later message of its reporter. */
export const FROM_REPORTER = 2;
/** Kind of an envelope: an answer. */
export const TO_REPORTER = 3;
/** Readers of an envelope at most. */
export const MAX_SLOTS = 64;
const SIZES = [8192, 32768, 131072, 524288];
const FIXED = 86;
const SLOT = 96;

/** The content key, sealed to a reader. `keyId`: 16 bytes. */
export interface Slot {
  keyId: Bytes;
  sealed: Bytes;
}

/** An envelope's parts (2.1). */
export interface Envelope {
  kind: number;
  id: Bytes;
  commitment: Bytes;
  actPk: Bytes;
  slots: Slot[];
  nonce: Bytes;
  ciphertext: Bytes;
}

/** All bytes before the nonce. */
export function header(of: Envelope): Bytes {
  const slots = of.slots.flatMap((slot) => [slot.keyId, slot.sealed]);
  const kind = Uint8Array.of(of.kind);
  return concat(utf8("MYB1"), kind, of.id, of.commitment, of.actPk, Uint8Array.of(of.slots.length), ...slots);
}

/** An envelope as bytes. */
export function encode(of: Envelope): Bytes {
  return concat(header(of), of.nonce, uint(of.ciphertext.length, 4), of.ciphertext);
}

/** The hash that names an envelope, 32 bytes. */
export function envelopeHash(raw: Uint8Array): Bytes {
  return b2(32, raw, "mybk1-envhash");
}

/** Fail unless bytes begin with a magic of three letters and its version. */
export function checkMagic(raw: Uint8Array, magic: string): void {
  const begin = utf8(magic);
  for (let at = 0; at < Math.min(4, raw.length); at++) {
    if (raw[at] !== begin[at]) fail(at < 3 ? "BadMagic" : "UnknownVersion");
  }
}

function checkFixed(raw: Uint8Array): void {
  checkMagic(raw, "MYB1");
  if (raw.length < FIXED) fail("Truncated");
  const kind = raw[4]!;
  if (kind < 1 || kind > 4) fail("UnknownKind");
  const empty = raw.slice(53, 85).every((byte) => byte === 0);
  if (kind === REPORT && empty) fail("ActKeyMissing");
  if (kind !== REPORT && !empty) fail("ActKeyUnexpected");
  if (!raw[85]) fail("NoSlots");
  if (raw[85] > MAX_SLOTS) fail("TooManySlots");
}

function slotsOf(raw: Bytes, count: number): Slot[] {
  const slots: Slot[] = [];
  for (let at = FIXED; at < FIXED + count * SLOT; at += SLOT) {
    const slot = { keyId: raw.slice(at, at + 16), sealed: raw.slice(at + 16, at + SLOT) };
    const before = slots.at(-1);
    const order = before ? compare(before.keyId, slot.keyId) : -1;
    if (order >= 0) fail(order ? "SlotsUnsorted" : "SlotRepeated");
    slots.push(slot);
  }
  return slots;
}

/** An envelope's fields; fails in the order of section 2.1. */
export function decode(raw: Bytes): Envelope {
  checkFixed(raw);
  const body = FIXED + raw[85]! * SLOT;
  const start = body + 28;
  if (raw.length < start) fail("Truncated");
  const slots = slotsOf(raw, raw[85]!);
  const length = toUint(raw.slice(start - 4, start));
  if (!SIZES.includes(length - 16)) fail("CiphertextSize");
  if (raw.length < start + length) fail("Truncated");
  if (raw.length > start + length) fail("TrailingBytes");
  return {
    kind: raw[4]!,
    id: raw.slice(5, 21),
    commitment: raw.slice(21, 53),
    actPk: raw.slice(53, 85),
    slots,
    nonce: raw.slice(body, body + 24),
    ciphertext: raw.slice(start),
  };
}

/** A payload padded to its size class. */
export function pad(raw: Uint8Array): Bytes {
  const size = SIZES.find((size) => raw.length < size) ?? fail("PayloadTooLarge");
  const padded = new Uint8Array(size);
  padded.set(raw);
  padded[raw.length] = 0x80;
  return padded;
}

/** What is left without zeros at the end and one 0x80 before them; `marked`: whether there was one. */
export function strip(padded: Bytes): { raw: Bytes; marked: boolean } {
  let end = padded.length;
  while (end && !padded[end - 1]) end--;
  const marked = padded[end - 1] === 0x80;
  return { raw: padded.slice(0, marked ? end - 1 : end), marked };
}

/** The payload of padded bytes. */
export function unpad(padded: Bytes): Bytes {
  if (!SIZES.includes(padded.length)) fail("PaddingSize");
  const { raw, marked } = strip(padded);
  if (!marked) fail("PaddingMissing");
  return SIZES.find((size) => raw.length < size) === padded.length ? raw : fail("PaddingNotSmallest");
}
