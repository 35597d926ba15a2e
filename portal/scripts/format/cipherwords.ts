// How ChaCha20 and Salsa20 see bytes: as 32-bit words, the lowest byte first.

import { type Bytes, utf8 } from "./encoding.js";

/** Bytes as the 32-bit words that noble's ciphers count in. */
export function words(raw: Uint8Array): Uint32Array {
  const view = new DataView(raw.buffer, raw.byteOffset, raw.byteLength);
  return Uint32Array.from({ length: raw.length / 4 }, (_, at) => view.getUint32(at * 4, true));
}

/** Such words as bytes. */
export function fromWords(numbers: Uint32Array): Bytes {
  const raw = new Uint8Array(numbers.length * 4);
  const view = new DataView(raw.buffer);
  numbers.forEach((word, at) => view.setUint32(at * 4, word, true));
  return raw;
}

/** The constant that ChaCha20 and Salsa20 begin with. */
export const SIGMA = words(utf8("expand 32-byte k"));
