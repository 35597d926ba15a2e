// The list of who can read reports: cards and retirements in one numbered sequence (docs/format.md, 1.4, 1.5, 2.5;
// crypto/listing.py).

import { sha256 } from "@noble/hashes/sha2.js";
import { type Card, type Retirement, checkRetirement, checkVoucher, isSlotless } from "./cards.js";
import { type Bytes, b64d, b64e, concat, same } from "./encoding.js";
import { fail } from "./errors.js";
import { type Readers, isReaders } from "./payloads.js";

const LEAD = "lead";

/** The list up to a place: its length and the digest of its entries. */
export interface Prefix {
  length: number;
  digest: Bytes;
}

/** A name or a role as two are compared. */
export function fold(text: string): string {
  return text
    .normalize("NFKC")
    .toLowerCase()
    .normalize("NFKC")
    .replace(/\p{White_Space}+/gu, "");
}

function pairs(card: Card): string[] {
  return (["ja", "en"] as const).map((lang) => `${fold(card.name[lang])}\n${fold(card.role[lang])}`);
}

const sameTexts = (first: Card["name"], other: Card["name"]) => first.ja === other.ja && first.en === other.en;

/** A list, each document of which was checked by those before it. */
export class Listing {
  readonly cards = new Map<string, Card>();
  /** The keys that were retired, each with the place of its retirement. */
  readonly retired = new Map<string, number>();
  #leads = new Set<string>();
  #hashes: Bytes = new Uint8Array(0);
  #digests: Bytes[] = [sha256(this.#hashes) as Bytes];
  #places: Set<string>[] = [new Set()];
  #owners = new Map<string, string>();

  constructor(documents: (Card | Retirement)[] = []) {
    for (const entry of documents) this.#add(entry);
  }

  get length(): number {
    return this.#digests.length - 1;
  }

  prefix(length = this.length): Prefix {
    return { length, digest: this.#digests[length]! };
  }

  /** The key ids that are sealed to, by the first `length` documents. */
  readers(length = this.length): Set<string> {
    return this.#places[length]!;
  }

  /** The cards that are sealed to where the first `logged` documents are in the log. */
  sealedTo(logged: number): Card[] {
    const then = this.readers(logged);
    return [...this.cards.values()].filter(({ keyId }) => then.has(keyId) && !this.retired.has(keyId));
  }

  /** How long the prefix with a digest is; -1 where no prefix has it. */
  lengthOf(digest: Bytes): number {
    return this.#digests.findIndex((known) => same(known, digest));
  }

  startsWith({ length, digest }: Prefix): boolean {
    return length <= this.length && same(this.#digests[length]!, digest);
  }

  #add(entry: Card | Retirement): void {
    const readers = new Set(this.readers());
    // A name that the build does not shorten.
    if ("role" in entry) {
      this.#checkCard(entry);
      if (entry.duty === LEAD || !this.length) this.#leads.add(entry.keyId);
      this.cards.set(entry.keyId, entry);
      for (const pair of pairs(entry)) if (!this.#owners.has(pair)) this.#owners.set(pair, entry.person);
      if (!isSlotless(entry.duty)) readers.add(entry.keyId);
    } else {
      this.#checkRetirement(entry);
      this.retired.set(entry.keyId, this.length + 1);
      readers.delete(entry.keyId);
    }
    this.#hashes = concat(this.#hashes, sha256(entry.raw));
    this.#digests.push(sha256(this.#hashes) as Bytes);
    this.#places.push(readers);
  }

  #checkCard(card: Card): void {
    if (!this.length) {
      if (card.voucher) fail("FirstCardVouched");
      if (isSlotless(card.duty)) fail("DutyWrong");
      return;
    }
    if (this.cards.has(card.keyId)) fail("CardRepeated");
    if (!card.voucher) fail("VoucherMissing");
    const voucher = this.cards.get(card.voucher) ?? fail("VoucherUnknown");
    if (this.retired.has(card.voucher)) fail("VoucherRetired");
    checkVoucher(card, voucher);
    const own = card.person === voucher.person;
    if (!this.#leads.has(card.voucher) && (voucher.duty || card.duty === LEAD || !own)) fail("DutyWrong");
    if (own && !(sameTexts(card.name, voucher.name) && sameTexts(card.role, voucher.role))) fail("NameChanged");
    if (pairs(card).some((pair) => (this.#owners.get(pair) ?? card.person) !== card.person)) fail("NameTaken");
  }

  #checkRetirement(note: Retirement): void {
    if (!this.length) fail("ChainEmpty");
    const by = this.cards.get(note.by);
    if (!by || !this.cards.has(note.keyId)) fail("RetirementUnknown");
    if (this.retired.has(note.keyId)) fail("RetirementRepeated");
    if (this.retired.has(note.by)) fail("SignerRetired");
    checkRetirement(note, by);
    if (note.by !== note.keyId && !this.#leads.has(note.by)) fail("DutyWrong");
  }
}

/** A whole list, checked. */
export function verifyList(documents: (Card | Retirement)[]): Listing {
  const listing = new Listing(documents);
  return listing.length ? listing : fail("ChainEmpty");
}

/** The payload's `readers`: by which prefix it is sealed, and its slots (hex). */
export function readersField({ length, digest }: Prefix, keys: string[]): Readers {
  return { length, digest: b64e(digest), keys: [...keys].sort() };
}

const equal = (first: Set<string>, other: Set<string>) =>
  first.size === other.size && [...first].every((id) => other.has(id));

/** The key ids of the slots as a payload names them; null where it does not. */
export function signedKeys(payload: { readers?: unknown }): Set<string> | null {
  return isReaders(payload.readers) ? new Set(payload.readers.keys) : null;
}

/** Fail unless the header's slots are those that the payload names. */
export function checkExchanged(payload: { readers?: unknown }, slots: Set<string>): void {
  const signed = signedKeys(payload);
  if (signed && !equal(signed, slots)) fail("SlotsExchanged");
}

/** Ask to whom an envelope was sealed (2.5). `payload`: where it was opened and its signature holds. */
export function checkReaders(
  known: Listing,
  slots: Set<string>,
  payload: { readers?: unknown } | null,
  own: string | null = null,
  floor = { logged: 0, length: 0 },
): void {
  if (payload) checkExchanged(payload, slots);
  if ([...slots].some((id) => !known.cards.has(id))) fail("SlotUnknown");
  // The readers of a prefix, but for some that were retired since.
  const isBy = (wanted: Set<string>, readers: Set<string>) =>
    [...wanted].every((id) => readers.has(id)) && [...readers].every((id) => wanted.has(id) || known.retired.has(id));
  const at = (wanted: Set<string>) => {
    if ([...wanted].some((id) => (known.retired.get(id) ?? Infinity) <= floor.length)) return false;
    for (let place = Math.max(floor.logged, 1); place <= known.length; place++)
      if (isBy(wanted, known.readers(place))) return true;
    return false;
  };
  const gap = (hasPlace: boolean) => fail(hasPlace && own && !slots.has(own) ? "SlotMissing" : "SlotsUnfit");
  if (!at(slots)) gap(own !== null && at(new Set([...slots, own])));
  const readers = payload?.readers;
  if (!isReaders(readers)) return;
  if (readers.length > known.length) fail("ListLonger");
  if (!known.startsWith({ length: readers.length, digest: b64d(readers.digest) })) fail("ListOther");
  const then = known.readers(readers.length);
  if (!isBy(slots, then)) gap(own !== null && then.has(own));
}
