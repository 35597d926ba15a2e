// Certificates and proofs of burying, made (docs/format.md, 5.9). Nothing of it is made unless its reporter asks.

import { type Bytes, b64e, canonicalJson, concat, hex, utf8 } from "../format/encoding.js";
import { fail } from "../format/errors.js";
import type { LoggedAct } from "./acts.js";
import type { LogCopy } from "./copy.js";
import { blinding } from "./openings.js";
import { type LogPromise, wordOf } from "./plainleaf.js";

function fileOf(kind: string, copy: LogCopy, promise: LogPromise | null, more: object): Bytes {
  const { policy, rule } = copy.texts;
  const said = promise && { day: promise.day, leaf: hex(promise.leaf), sig: b64e(promise.signature) };
  const fields = { v: 1, kind, origin: copy.signed.origin, policy, rule, ...(said ? { promise: said } : {}), ...more };
  return canonicalJson(fields);
}

/** The index of the first `day` leaf from an index on; null where there is none yet. */
async function nextDay(copy: LogCopy, from: number): Promise<number | null> {
  for (let at = from; at < copy.size; at++) {
    const [leaf] = await copy.leaves(at, at + 1);
    if (wordOf(leaf!) === "day") return at;
  }
  return null;
}

/** The proof that a promised leaf is not in the batch of its day; null while the next day's batch is not there. Fails
 * with BuryingDay where the promise's own day has none. */
export async function buryingProof(copy: LogCopy, promise: LogPromise): Promise<Bytes | null> {
  const day = (await copy.dayLeaf(promise.day)) ?? fail("BuryingDay");
  const end = await nextDay(copy, day.end);
  if (end === null) return null;
  const run = Array.from({ length: end + 1 - day.first }, (_, at) => day.first + at);
  const proofs: string[] = [];
  for (const at of [...new Set([0, ...copy.site.keys, ...run])].sort((first, other) => first - other)) {
    proofs.push(await copy.proof(at));
  }
  return fileOf("burying", copy, promise, { proofs });
}

/** An envelope with its content key K. */
export interface Content {
  envelope: Bytes;
  key: Bytes;
}

/** The certificate of a case's acts in the log, whose batches have been read. `content`: what is shown of the letters;
 * none of it where that is empty. `cards`: indexes of `card` leaves of authors. */
export async function certificate(
  copy: LogCopy,
  acts: LoggedAct[],
  promise: LogPromise | null,
  content: Content[],
  cards: number[],
): Promise<Bytes> {
  const shown = new Map<number, Bytes>([[0, new Uint8Array(0)]]);
  for (const at of [...cards, ...copy.site.keys]) shown.set(at, new Uint8Array(0));
  for (const { day, index, opening, key } of acts) {
    // Its opening holds a log key.
    if (opening.kind === "rekey") continue;
    shown.set((await copy.dayLeaf(day))!.first, new Uint8Array(0));
    shown.set(index, concat(blinding(key, opening.text), utf8(opening.text)));
  }
  const proofs: string[] = [];
  for (const [index, secret] of [...shown].sort(([first], [other]) => first - other)) {
    proofs.push(await copy.proof(index, secret));
  }
  const parts = content.map(({ envelope, key }) => ({ envelope: b64e(envelope), key: b64e(key) }));
  return fileOf("certificate", copy, promise, parts.length ? { proofs, content: parts } : { proofs });
}
