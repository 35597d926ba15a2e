// Receipt codes and all that they derive (docs/format.md, section 3; crypto/receipt.py).

import { type Bytes, b2, random, utf8 } from "./encoding.js";
import { fail } from "./errors.js";
import { boxKeys, signPk } from "./curves.js";
import type { BoxKeys } from "./keys.js";

const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const SYMBOLS = 19;
const LEFT_OUT =
  /[-_.~\u058a\u2010-\u2015\u2043\u2212\u2500\u2501\u2e3a\u2e3b\u301c\u3030\u30a0\u30fb\u30fc\u0009-\u000d \u0085\u00ad\u1680\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;
const NOTHING = new Uint8Array(0);

/** Everything that is derived from a receipt code (3.1). */
export interface Receipt {
  root: Bytes;
  lookupId: Bytes;
  index: Bytes;
  caseId: Bytes;
  mailbox: BoxKeys;
  mailboxKeyId: Bytes;
  signPk: Bytes;
  signSeed: Bytes;
}

function checkSymbol(symbols: string): string {
  let total = 0;
  [...symbols].reverse().forEach((symbol, place) => {
    const value = ALPHABET.indexOf(symbol) * (place % 2 ? 1 : 2);
    total += Math.floor(value / 32) + (value % 32);
  });
  return ALPHABET[(32 - (total % 32)) % 32]!;
}

/** A new code of 20 symbols: 95 random bits and the check symbol. */
export function newCode(): string {
  const symbols = Array.from(random(SYMBOLS), (byte) => ALPHABET[byte % 32]).join("");
  return symbols + checkSymbol(symbols);
}

/** A code as it is shown: five groups of four. */
export function formatCode(code: string): string {
  return code.match(/.{1,4}/g)!.join("-");
}

/** The 20 symbols of a code as people type it. Fails with CodeSymbol, CodeLength or CodeCheck. */
export function parseCode(text: string): string {
  if (text.length > 2000 || [...text].length > 1000) fail("CodeLength");
  const large = text.normalize("NFKC").replace(/[a-z]/g, (letter) => letter.toUpperCase());
  const code = large.replace(LEFT_OUT, "").replace(/O/g, "0").replace(/[IL]/g, "1");
  if (!/^[0-9A-HJKMNP-TV-Z]*$/.test(code)) fail("CodeSymbol");
  if (code.length !== SYMBOLS + 1) fail("CodeLength");
  return isCanonical(code) ? code : fail("CodeCheck");
}

function isCanonical(code: string): boolean {
  return /^[0-9A-HJKMNP-TV-Z]{20}$/.test(code) && checkSymbol(code.slice(0, SYMBOLS)) === code[SYMBOLS];
}

/** What the server finds a case by. */
export function indexOf(lookupId: Uint8Array): Bytes {
  return b2(16, lookupId, "mybk1-index");
}

/** The id of the case that a root opens. */
export function caseIdOf(root: Uint8Array): Bytes {
  return b2(16, NOTHING, "mybk1-case", root);
}

/** Derive everything from the root, 32 bytes. */
export async function fromRoot(root: Uint8Array): Promise<Receipt> {
  if (root.length !== 32) fail("MisuseError");
  const derive = (size: number, person: string) => b2(size, NOTHING, person, root);
  const lookupId = derive(16, "mybk1-lookup");
  const signSeed = derive(32, "mybk1-rsign");
  const [mailbox, pk] = await Promise.all([boxKeys(derive(32, "mybk1-mailbox")), signPk(signSeed)]);
  return {
    root: root as Bytes,
    lookupId,
    index: indexOf(lookupId),
    caseId: caseIdOf(root),
    mailbox,
    mailboxKeyId: b2(16, mailbox.pk, "mybk1-mboxid"),
    signPk: pk,
    signSeed,
  };
}

/** The root of a code as `parseCode` returns it and the site's salt. */
export function rootOf(code: string, salt: Uint8Array): Bytes {
  if (salt.length !== 16 || !isCanonical(code)) fail("MisuseError");
  return b2(32, utf8(code.slice(0, SYMBOLS)), "mybk1-root", salt);
}

/** Derive everything from a code and the site's salt. */
export async function derive(code: string, salt: Uint8Array): Promise<Receipt> {
  return fromRoot(rootOf(code, salt));
}
