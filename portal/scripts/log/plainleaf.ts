// Plain leaves, and how batches are read (docs/format.md, 5.3; crypto/plainleaf.py, crypto/log_witness.py). Days are
// given by the caller; nothing here asks a clock.

import { type Bytes, b64d, concat, hex, parseCanonicalJson, unhex, utf8 } from "../format/encoding.js";
import { Fault, fail } from "../format/errors.js";
import { type BoxKeys, openBox, verify } from "../format/keys.js";
import { promiseText } from "../format/logleaf.js";
import { COSIGNATURE, ED25519, type VerifierKey, numberOf, readKey } from "./note.js";

const MARK = utf8("mybk1/");
const HIDDEN_A_DAY = [16, 64];
const MAX_DOCUMENT = 1024;
const DIGEST = /^[0-9a-f]{64}$/;
const ID = /^[0-9a-f]{32}$/;

/** A log's origin: from the site's salt, so that it names nobody. */
export function originOf(salt: Uint8Array): string {
  return `meyasubako/${hex(salt)}`;
}

function ascii(leaf: Uint8Array): string | null {
  return leaf.every((byte) => byte < 0x80) ? new TextDecoder().decode(leaf) : null;
}

/** The lines behind a plain leaf's first one. Fails with PlainLeafMalformed. */
export function linesOf(leaf: Uint8Array, word: string, count: number): string[] {
  const lines = ascii(leaf)?.split("\n") ?? [];
  if (lines.length !== count + 2 || lines[0] !== `mybk1/${word}` || lines.at(-1)) fail("PlainLeafMalformed");
  return lines.slice(1, -1);
}

function matching(text: string, pattern: RegExp): Bytes {
  return pattern.test(text) ? unhex(text) : fail("PlainLeafMalformed");
}

function count(text: string): number {
  return numberOf(text) ?? fail("PlainLeafMalformed");
}

/** Whether a text is a day of the calendar that a log can have. */
export function isLogDay(text: string): boolean {
  if (!/^2\d{3}-\d\d-\d\d$/.test(text)) return false;
  const date = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().slice(0, 10) === text;
}

/** The first leaf of a log. `hidden`: N; `rule`: SHA-256 of its text. */
export interface SiteLeaf {
  salt: Bytes;
  log: VerifierKey;
  sitePk: Bytes;
  hidden: number;
  rule: Bytes;
}

/** The `site` leaf. Fails with PlainLeafMalformed, also where origin, salt and the log key's name differ. */
export function readSite(leaf: Uint8Array): SiteLeaf {
  const [salt, origin, vkey, sitePk, hidden, rule] = linesOf(leaf, "site", 6) as [
    string,
    string,
    string,
    string,
    string,
    string,
  ];
  const log = attempt(() => readKey(vkey), "PlainLeafMalformed");
  const read = {
    salt: matching(salt, ID),
    log,
    sitePk: matching(sitePk, DIGEST),
    hidden: count(hidden),
    rule: matching(rule, DIGEST),
  };
  const isOwn = origin === originOf(read.salt) && log.name === origin && log.type === ED25519;
  return isOwn && HIDDEN_A_DAY.includes(read.hidden) ? read : fail("PlainLeafMalformed");
}

function attempt<Read>(read: () => Read, otherwise: string): Read {
  try {
    return read();
  } catch (error) {
    if (error instanceof Fault) fail(otherwise);
    throw error;
  }
}

/** The first leaf of a batch. `first`: its own index; `end`: the index behind the batch; digests in hex. */
export interface DayLeaf {
  day: string;
  first: number;
  plain: number;
  hidden: number;
  end: number;
  roster: string;
  rules: string;
}

/** A `day` leaf. Fails with PlainLeafMalformed. */
export function readDay(leaf: Uint8Array): DayLeaf {
  const [day, ...rest] = linesOf(leaf, "day", 6) as [string, string, string, string, string, string];
  const [first, plain, hidden] = [count(rest[0]), count(rest[1]), count(rest[2])];
  if (!isLogDay(day) || !DIGEST.test(rest[3]) || !DIGEST.test(rest[4])) fail("PlainLeafMalformed");
  return { day, first, plain, hidden, end: first + 1 + plain + hidden, roster: rest[3], rules: rest[4] };
}

/** A `card` leaf; all in hex but the duty. Fails with PlainLeafMalformed. */
export function readCardLeaf(leaf: Uint8Array): {
  keyId: string;
  boxPk: string;
  signPk: string;
  duty: string;
  cardHash: string;
} {
  const lines = linesOf(leaf, "card", 5) as [string, string, string, string, string];
  const [keyId, boxPk, signPk, duty, cardHash] = lines;
  for (const digest of [boxPk, signPk, cardHash]) matching(digest, DIGEST);
  if (!ID.test(keyId) || !["auditor", "lead", "observer", "guest"].includes(duty)) fail("PlainLeafMalformed");
  return { keyId, boxPk, signPk, duty, cardHash };
}

/** The day of a `restored` leaf: acts from it on may have been lost. Fails with PlainLeafMalformed. */
export function readRestored(leaf: Uint8Array): string {
  const [day = ""] = linesOf(leaf, "restored", 1);
  return isLogDay(day) ? day : fail("PlainLeafMalformed");
}

/** A log in place of another one that can't go on: the newest state of the old log, `root` in hex. */
export interface ContinuesLeaf {
  origin: string;
  size: number;
  root: string;
}

/** What a `continues` leaf says. Fails with PlainLeafMalformed. */
export function readContinues(leaf: Uint8Array): ContinuesLeaf {
  const [origin, size, root, sig] = linesOf(leaf, "continues", 4) as [string, string, string, string];
  const isForm = /^meyasubako\/[0-9a-f]{32}$/.test(origin) && DIGEST.test(root) && /^(-|[0-9a-f]{128})$/.test(sig);
  return isForm ? { origin, size: count(size), root } : fail("PlainLeafMalformed");
}

/** Whether a leaf is a plain one. */
export function isPlain(leaf: Uint8Array): boolean {
  return MARK.every((byte, at) => leaf[at] === byte);
}

/** The word of a plain leaf's first line, also of one that is unknown here; "" for a hidden leaf. */
export function wordOf(leaf: Uint8Array): string {
  if (!isPlain(leaf)) return "";
  const head = Array.from(leaf.slice(MARK.length, MARK.length + 33), (byte) => String.fromCharCode(byte)).join("");
  return /^([a-z]{1,32})\n/.exec(head)?.[1] ?? fail("PlainLeafMalformed");
}

/** One batch as it is in the log; `day` null: a batch of plain leaves only. */
export interface Batch {
  first: number;
  day: DayLeaf | null;
  plain: Bytes[];
  hidden: Bytes[];
}

/** The batches of a piece of the log that begins and ends with one. `hidden`: N; `first`: the first index. Fails with
 * BatchMalformed where the leaves are not as the day leaf says, or days do not rise; PlainLeafMalformed. */
export function readBatches(leaves: Bytes[], hidden: number, first = 0): Batch[] {
  const batches: Batch[] = [];
  let lastDay = "";
  for (let at = 0; at < leaves.length; ) {
    const word = wordOf(leaves[at]!);
    if (!word) fail("BatchMalformed");
    if (word !== "day") {
      let end = at;
      while (end < leaves.length && !["", "day"].includes(wordOf(leaves[end]!))) end++;
      batches.push({ first: first + at, day: null, plain: leaves.slice(at, end), hidden: [] });
      at = end;
      continue;
    }
    const batch = dayBatch(leaves, at, first, hidden);
    if (batch.day.day <= lastDay) fail("BatchMalformed");
    lastDay = batch.day.day;
    batches.push(batch);
    at = batch.day.end - first;
  }
  return batches;
}

function dayBatch(leaves: Bytes[], at: number, first: number, least: number): Batch & { day: DayLeaf } {
  const day = readDay(leaves[at]!);
  const [middle, end] = [at + 1 + day.plain, day.end - first];
  if (day.first !== first + at || end > leaves.length || day.hidden < least || day.hidden % least) {
    fail("BatchMalformed");
  }
  const [plain, hidden] = [leaves.slice(at + 1, middle), leaves.slice(middle, end)];
  if (plain.some((leaf) => ["", "day"].includes(wordOf(leaf))) || hidden.some(wordOf)) fail("BatchMalformed");
  if (new Set(hidden.map(({ length }) => length)).size !== 1) fail("BatchMalformed");
  return { first: day.first, day, plain, hidden };
}

/** The site's promise that a leaf will be in a day's batch. `leaf`: its hash. */
export interface LogPromise {
  leaf: Bytes;
  day: string;
  signature: Bytes;
}

/** A promise that was kept for a mailbox (5.5). Fails with PromiseMalformed, SignatureWrong. */
export function openPromise(sealed: Bytes, mailbox: BoxKeys, sitePk: Bytes): LogPromise {
  const plain = openBox(sealed, mailbox);
  const day = plain && ascii(plain.slice(32, 42));
  if (plain?.length !== 106 || !day || !isLogDay(day)) return fail("PromiseMalformed");
  const promise = { leaf: plain.slice(0, 32), day, signature: plain.slice(42) };
  verify(sitePk, promiseText(promise.leaf, day), promise.signature);
  return promise;
}

/** A desk as a witness: the cosigning key that a card named. `keyId` of the card, hex. */
export interface DeskWitness {
  keyId: string;
  vkey: VerifierKey;
  sig: Bytes;
}

/** A desk's document; `checkWitness` checks its signature. Fails with WitnessMalformed. */
export function readWitness(raw: Bytes, salt: Uint8Array): DeskWitness {
  return attempt(() => {
    if (raw.length > MAX_DOCUMENT) fail("WitnessMalformed");
    const { v, key_id: keyId, vkey, sig, ...more } = parseCanonicalJson(raw);
    if (
      v !== 1 ||
      Object.keys(more).length ||
      typeof keyId !== "string" ||
      typeof vkey !== "string" ||
      !ID.test(keyId)
    ) {
      return fail("WitnessMalformed");
    }
    const read = { keyId, vkey: readKey(vkey), sig: b64d(sig) };
    const isOwn = read.vkey.type === COSIGNATURE && read.vkey.name === `${originOf(salt)}/desk/${keyId}`;
    return isOwn && read.sig.length === 64 ? read : fail("WitnessMalformed");
  }, "WitnessMalformed");
}

/** Fail with SignatureWrong unless the card's signing key named this cosigning key. */
export function checkWitness(witness: DeskWitness, salt: Uint8Array, signPk: Bytes): void {
  verify(signPk, concat(utf8("mybk1/witness\n"), salt, unhex(witness.keyId), witness.vkey.pk), witness.sig);
}

const SECONDS = 86_400;

/** The newest day whose batch is due at a time (seconds since 1970): the day before the last 03:00 of Japan. */
export function dayOfBatch(seconds: number): string {
  return dayText(Math.floor((seconds + 6 * 3600) / SECONDS) - 1);
}

/** The last 03:00 of Japan at or before a time, in seconds since 1970: our witnesses write it. */
export function lastBatchTime(seconds: number): number {
  const since = (seconds - 18 * 3600) % SECONDS;
  return seconds - (since < 0 ? since + SECONDS : since);
}

/** A day so many days after another one. */
export function dayAfter(day: string, days: number): string {
  return dayText(Date.parse(`${day}T00:00:00Z`) / (SECONDS * 1000) + days);
}

/** How many days a day is after another one. */
export function daysBetween(first: string, other: string): number {
  return (Date.parse(`${other}T00:00:00Z`) - Date.parse(`${first}T00:00:00Z`)) / (SECONDS * 1000);
}

function dayText(days: number): string {
  return new Date(days * SECONDS * 1000).toISOString().slice(0, 10);
}
