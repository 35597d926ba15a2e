// Auditors' public cards, the chain of who vouched for whom, retirements (docs/format.md, section 1; crypto/cards.py).

import {
  type Bytes,
  type JsonObject,
  b2,
  b64d,
  canonicalJson,
  concat,
  hex,
  idFromHex,
  parseCanonicalJson,
  random,
  utf8,
} from "./encoding.js";
import { isDay } from "./days.js";
import { Fault, fail } from "./errors.js";
import { verify } from "./keys.js";
import { getSharedSecret } from "./x25519.js";

// Characters that nobody sees, or that turn the text around them; behind a kanji a variation selector is fine.
const UNSHOWN =
  /(?![\ufe00-\ufe0f\u{e0100}-\u{e01ef}])[\p{Cc}\p{DI}\u2028\u2029\u2800\ufff9-\ufffb]|(?:^|[^\u3400-\u4dbf\u4e00-\u9fff\u{20000}-\u{3ffff}])[\ufe00-\ufe0f\u{e0100}-\u{e01ef}]/u;
const FIELDS = "box_pk,name,person,role,sig,sign_pk,v";
const LEAD = "lead";
/** Duties to which no envelope is sealed: who sees numbers only, and who reads single cases. */
const SLOTLESS = ["observer", "guest"];
const VOUCHED = FIELDS + ",voucher,voucher_sig";

/** An auditor's card (1.3); ids in hex. */
export interface Card {
  /** Hex, like every id here. */
  person: string;
  keyId: string;
  name: { ja: string; en: string };
  role: { ja: string; en: string };
  boxPk: Bytes;
  signPk: Bytes;
  voucher?: string;
  /** "lead", "observer", "guest", or undefined: an auditor. */
  duty?: unknown;
  /** The card as it was read. */
  json: JsonObject;
  raw: Uint8Array;
}

/** The note that a key is retired (1.4). */
export interface Retirement {
  keyId: string;
  day: string;
  by: string;
  sig: Bytes;
  raw: Uint8Array;
}

/** The key id (16 bytes) of a pair of public keys. */
export function keyIdOf(boxPk: Bytes, signPk: Bytes): Bytes {
  return b2(16, concat(boxPk, signPk), "mybk1-keyid");
}

/** Whether no envelope is sealed to a duty: then its holder vouches for nobody and has no word in a case. */
export function isSlotless(duty: unknown): boolean {
  return SLOTLESS.includes(duty as string);
}

function isLine(text: unknown): boolean {
  if (typeof text !== "string" || !text || [...text].length > 100) return false;
  return !/^\p{White_Space}|\p{White_Space}$/u.test(text) && !UNSHOWN.test(text);
}

function texts(value: unknown): Card["name"] {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return fail("CardFields");
  const names = Object.keys(value).sort().join();
  return names === "en,ja" && Object.values(value).every(isLine) ? (value as Card["name"]) : fail("CardFields");
}

function key(text: unknown, size: number): Bytes {
  if (typeof text !== "string") return fail("CardFields");
  const raw = b64d(text);
  return raw.length === size ? raw : fail("CardFields");
}

function id(value: unknown): string {
  return hex(idFromHex(value));
}

function cardText(card: JsonObject, without: string[]): Bytes {
  const kept = Object.fromEntries(Object.entries(card).filter(([name]) => !without.includes(name)));
  return concat(utf8("mybk1/card\n"), canonicalJson(kept));
}

function check(pk: Bytes, text: Bytes, sig: Bytes, otherwise: string): void {
  try {
    verify(pk, text, sig);
  } catch (error) {
    if (error instanceof Fault) fail(otherwise);
    throw error;
  }
}

/** A card whose own signature holds; listing.ts checks who vouched. */
export function parseCard(raw: Uint8Array): Card {
  const json = parseCanonicalJson(raw);
  if (json.v !== 1) fail("CardVersion");
  const { duty, ...rest } = json;
  const names = Object.keys(rest).sort().join();
  if ((names !== FIELDS && names !== VOUCHED) || ("duty" in json && duty !== LEAD && !isSlotless(duty)))
    fail("CardFields");
  const person = id(json.person);
  const [name, role] = [texts(json.name), texts(json.role)];
  const [boxPk, signPk, sig] = [key(json.box_pk, 32), key(json.sign_pk, 32), key(json.sig, 64)];
  const voucher = names === VOUCHED ? { voucher: id(json.voucher) } : {};
  if (names === VOUCHED) key(json.voucher_sig, 64);
  try {
    getSharedSecret(random(32), boxPk);
  } catch {
    fail("CardKeyUnusable");
  }
  check(signPk, cardText(json, ["sig", "voucher", "voucher_sig"]), sig, "CardSignatureWrong");
  return { person, name, role, boxPk, signPk, keyId: hex(keyIdOf(boxPk, signPk)), ...voucher, duty, json, raw };
}

/** Throws Fault for anything but a note in canonical form. */
export function parseRetirement(raw: Uint8Array): Retirement {
  const json = parseCanonicalJson(raw);
  if (Object.keys(json).sort().join() !== "by,day,key_id,sig,v" || json.v !== 1) fail("RetirementMalformed");
  try {
    if (!isDay(json.day)) fail("RetirementMalformed");
    return { keyId: id(json.key_id), day: json.day, by: id(json.by), sig: key(json.sig, 64), raw };
  } catch {
    return fail("RetirementMalformed");
  }
}

/** Fail unless `voucher` vouched for a card. */
export function checkVoucher(card: Card, voucher: Card): void {
  check(voucher.signPk, cardText(card.json, ["voucher_sig"]), b64d(card.json.voucher_sig), "VoucherWrong");
}

/** Fail unless `by` has signed a retirement. */
export function checkRetirement(note: Retirement, by: Card): void {
  const text = concat(utf8("mybk1/retire\n"), idFromHex(note.keyId), utf8(note.day));
  check(by.signPk, text, note.sig, "RetirementWrong");
}

/** The key ids that a report's choice excludes (section 1.6): persons and key ids in hex. */
export function excludedKeys(cards: Card[], exclude: Set<string>, atReport: Set<string>): Set<string> {
  const out = new Set<string>();
  const persons = new Set<string>();
  for (const card of cards) {
    // Of a person's first card only: a second one under a colleague's name nobody could see apart.
    const founderSpoke = card.voucher === cards[0]!.keyId && atReport.has(card.keyId) && !persons.has(card.person);
    const voucherOut = card.voucher !== undefined && out.has(card.voucher) && !founderSpoke;
    if (exclude.has(card.person) || voucherOut) out.add(card.keyId);
    persons.add(card.person);
  }
  return out;
}

/** The key ids that nothing more of a case is sealed to: excluded, or off it, with whom they brought in since (2.16). */
export function mayNotRead(cards: Card[], exclude: Set<string>, off: Set<string>, atReport: Set<string>): Set<string> {
  const out = excludedKeys(cards, exclude, atReport);
  const withOff = off.size ? excludedKeys(cards, new Set([...exclude, ...off]), atReport) : out;
  for (const { keyId, person } of cards) {
    if (off.has(person) || (withOff.has(keyId) && !atReport.has(keyId))) out.add(keyId);
  }
  return out;
}
