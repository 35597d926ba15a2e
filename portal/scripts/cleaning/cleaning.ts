// Removes from a file what could name its author, by the server's rules (docs/cleaning.md). What is known and
// needed is kept, everything else goes; what is sent is the rebuilt file.

import { type Bytes } from "../format/encoding.js";
import { CannotClean, type Picture } from "./findings.js";
import { cleanJpeg } from "./jpeg.js";
import { type Kind, kindOf } from "./kinds.js";
import { cleanPng, isPng } from "./png.js";
import { cleanWebp, isWebp } from "./webp.js";

/** What became of a file: its bytes, and what is said of it. */
export interface Cleaned {
  data: Bytes;
  /** What is said of it besides (portal/labels/scripts.py, `about.`). */
  about: Kind;
  cleaned: "removed" | "nothing" | "partly" | "not";
  found: string[];
}

const isJpeg = (raw: Bytes) => raw[0] === 0xff && raw[1] === 0xd8;
/** Whether this cleans files of a kind. */
export const isPicture = (raw: Bytes) => isJpeg(raw) || isPng(raw) || isWebp(raw);

/** A picture without what is not its pixels; `tells` is empty exactly when both are the same bytes. */
export function strip(raw: Bytes, turned = true): Picture {
  const { data, tells } = isJpeg(raw)
    ? cleanJpeg(raw, turned)
    : isPng(raw)
      ? cleanPng(raw, turned)
      : isWebp(raw)
        ? cleanWebp(raw, turned)
        : cannot();
  const isSame = data.length === raw.length && data.every((byte, at) => byte === raw[at]);
  return { data, tells: isSame ? new Set() : tells.size ? tells : new Set(["other"]) };
}

function cannot(): never {
  throw new CannotClean();
}

/** Clean a file as far as its type is known here; what is not known comes back as it is. */
export function clean(raw: Bytes): Cleaned {
  try {
    const { data, tells } = strip(raw);
    return { data, about: "picture", cleaned: tells.size ? "removed" : "nothing", found: [...tells].sort() };
  } catch (error) {
    const about = isPicture(raw) ? "damaged" : kindOf(raw);
    if (error instanceof CannotClean) return { data: raw, about, cleaned: "not", found: [] };
    throw error;
  }
}
