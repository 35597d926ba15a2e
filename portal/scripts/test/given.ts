// What a vector gives, as bytes.

import { type Bytes, b64d, concat, unhex } from "../format/encoding.js";

export type Given = Record<string, any>;

/** The bytes of a vector, as it says that they are changed. */
export function edited(given: Given): Bytes {
  const raw = b64d(given.raw_b64);
  const edit = given.edit ?? {};
  if ("put" in edit) {
    const put = unhex(edit.put);
    return concat(raw.slice(0, edit.at), put, raw.slice(edit.at + put.length));
  }
  return "cut" in edit ? raw.slice(0, edit.cut) : concat(raw, unhex(edit.append ?? ""));
}

/** One byte many times. */
export function repeated(letter: number, length: number): Bytes {
  return new Uint8Array(length).fill(letter);
}
