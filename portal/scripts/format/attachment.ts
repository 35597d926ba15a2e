// Files beside an envelope: one sealed object each (docs/format.md, section 4; crypto/attachment.py).

import { Poly1305 } from "@noble/ciphers/_poly1305.js";
import { chacha20, hchacha } from "@noble/ciphers/chacha.js";
import { type Bytes, b64d, b64e, concat, hasher, hexId, random, same, utf8 } from "./encoding.js";
import { checkMagic } from "./envelope.js";
import { fail } from "./errors.js";
import { SIGMA, fromWords, words } from "./cipherwords.js";
import { isFile } from "./payloads.js";

/** Bytes of a file in one frame (4.1). */
export const FRAME = 65536;
const SEALED_FRAME = FRAME + 17;
const HEADER = 28;
const LARGEST_POWER = 2 ** 24;
const MAX_FILE = 2 ** 40;
const MESSAGE = 0;
const FINAL = 3;

/** The length of the plaintext of an object that holds a file of `size` bytes. */
export function paddedLength(size: number): number {
  if (!Number.isInteger(size) || size < 0 || size > MAX_FILE) fail("MisuseError");
  // Floating point is exact here: all of this is below 2^53.
  let power = FRAME;
  while (power < size) power *= 2;
  if (size <= LARGEST_POWER) return power;
  const exponent = Math.log2(power === size ? power : power / 2);
  const step = 2 ** (exponent - (Math.floor(Math.log2(exponent)) + 1));
  return Math.ceil(size / step) * step;
}

/** Bytes of the object of a file of `size` bytes. */
export function objectLength(size: number): number {
  return HEADER + (paddedLength(size) / FRAME) * SEALED_FRAME;
}

/** Whether an object can have this length. */
export function isObjectLength(length: number): boolean {
  const plain = ((length - HEADER) / SEALED_FRAME) * FRAME;
  if (!Number.isInteger(plain / FRAME) || plain < FRAME || plain > paddedLength(MAX_FILE)) return false;
  return paddedLength(Math.min(plain, MAX_FILE)) === plain;
}

/** libsodium's crypto_secretstream_xchacha20poly1305, without additional data and without REKEY. */
export class Stream {
  readonly #key: Bytes;
  readonly #nonce = new Uint8Array(12);

  constructor(key: Uint8Array, header: Uint8Array) {
    const derived = new Uint32Array(8);
    hchacha(SIGMA, words(key), words(header.slice(0, 16)), derived);
    this.#key = fromWords(derived);
    this.#nonce[0] = 1;
    this.#nonce.set(header.slice(16), 4);
  }

  #crypt(data: Uint8Array, counter: number): Bytes {
    return chacha20(this.#key, this.#nonce, data, undefined, counter) as Bytes;
  }

  #mac(block: Uint8Array, sealed: Uint8Array): Bytes {
    const lengths = new Uint8Array(16);
    new DataView(lengths.buffer).setUint32(8, 64 + sealed.length, true);
    const mac = new Poly1305(this.#crypt(new Uint8Array(64), 0).slice(0, 32));
    return mac
      .update(block)
      .update(sealed)
      .update(new Uint8Array(sealed.length % 16))
      .update(lengths)
      .digest() as Bytes;
  }

  #advance(mac: Uint8Array): void {
    for (let at = 0; at < 8; at++) this.#nonce[at + 4]! ^= mac[at]!;
    const counter = new DataView(this.#nonce.buffer);
    counter.setUint32(0, counter.getUint32(0, true) + 1, true);
  }

  push(plain: Uint8Array, tag: number): Bytes {
    const block = new Uint8Array(64);
    block[0] = tag;
    const head = this.#crypt(block, 1);
    const sealed = this.#crypt(plain, 2);
    const mac = this.#mac(head, sealed);
    this.#advance(mac);
    return concat(head.slice(0, 1), sealed, mac);
  }

  pull(frame: Uint8Array): { plain: Bytes; tag: number } {
    const block = new Uint8Array(64);
    block[0] = frame[0]!;
    const head = this.#crypt(block, 1);
    const tag = head[0]!;
    head[0] = frame[0]!;
    const sealed = frame.slice(1, -16);
    const mac = this.#mac(head, sealed);
    if (!same(mac, frame.slice(-16))) fail("CiphertextForged");
    const plain = this.#crypt(sealed, 2);
    this.#advance(mac);
    return { plain, tag };
  }
}

/** Seals one file while it comes in. `header`, then what `update` and `finish` return, is the object. */
export class Sealer {
  readonly header: Bytes;
  readonly #stream: Stream;
  /** Bytes of the file so far; its entry needs it at the end. */
  size = 0;
  #waiting: Bytes = new Uint8Array(0);

  constructor(key: Uint8Array) {
    if (key.length !== 32) fail("MisuseError");
    const begin = random(24);
    this.#stream = new Stream(key, begin);
    this.header = concat(utf8("MYA1"), begin);
  }

  update(data: Uint8Array): Bytes {
    this.size += data.length;
    return this.#add(data);
  }

  finish(): Bytes {
    const sealed: Bytes[] = [];
    let padding = paddedLength(this.size) - this.size;
    while (padding) {
      const zeros = Math.min(padding, FRAME);
      padding -= zeros;
      sealed.push(this.#add(new Uint8Array(zeros)));
    }
    return concat(...sealed, this.#stream.push(this.#waiting, FINAL));
  }

  // The last frame is tagged, so a full one waits until it is known whether it is the last.
  #add(data: Uint8Array): Bytes {
    this.#waiting = concat(this.#waiting, data);
    const sealed: Bytes[] = [];
    let at = 0;
    for (; this.#waiting.length - at > FRAME; at += FRAME) {
      sealed.push(this.#stream.push(this.#waiting.slice(at, at + FRAME), MESSAGE));
    }
    this.#waiting = this.#waiting.slice(at);
    return concat(...sealed);
  }
}

/** Opens a whole object of a file of `size` bytes, as its entry says; the tests' counterpart of `Sealer`, and no part of a page. */
export function openObject(key: Uint8Array, size: number, raw: Bytes): Bytes {
  if (key.length !== 32) fail("MisuseError");
  const whole = paddedLength(size);
  checkMagic(raw, "MYA1");
  if (raw.length < HEADER) fail("Truncated");
  const stream = new Stream(key, raw.slice(4, HEADER));
  const parts: Bytes[] = [];
  let place = 0;
  let ended = false;
  for (let at = HEADER; at < raw.length; at += SEALED_FRAME) {
    if (ended) fail("TrailingBytes");
    if (raw.length - at < SEALED_FRAME) fail("Truncated");
    const { plain, tag } = stream.pull(raw.slice(at, at + SEALED_FRAME));
    if (tag !== MESSAGE && tag !== FINAL) fail("CiphertextForged");
    ended = tag === FINAL;
    const begin = place;
    place += FRAME;
    if (place > whole) fail("ObjectSize");
    const end = Math.max(0, size - begin);
    if (plain.slice(end).some((byte) => byte)) fail("ObjectPadding");
    parts.push(plain.slice(0, end));
  }
  if (!ended) fail("Truncated");
  if (place !== whole) fail("ObjectSize");
  return concat(...parts);
}

/** The hash of a file, to be fed with its bytes. */
export function fileHash() {
  return hasher(32, "mybk1-file");
}

/** Fail unless a file is the one that an entry names. */
export function checkFile(entry: { size: number; hash: string }, size: number, digest: Uint8Array): void {
  if (entry.size !== size || !same(b64d(entry.hash), digest)) fail("FileMismatch");
}

/** What a payload says of a file (4.2). */
export interface FileEntry {
  object: string;
  key: string;
  hash: string;
  size: number;
  name: string;
  type: string;
  cleaned: string;
  found: string[];
}

/** A file's entry for a payload's `files`. */
export function fileEntry(
  object: Bytes,
  key: Bytes,
  digest: Uint8Array,
  size: number,
  name: string,
  type: string,
  cleaned: string,
  removed: string[],
): FileEntry {
  const made = {
    object: hexId(object),
    key: b64e(key),
    hash: b64e(digest),
    size,
    name,
    type,
    cleaned,
    found: [...new Set(removed)].sort(),
  };
  return isFile(made) ? made : fail("MisuseError");
}
