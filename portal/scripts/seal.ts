// Sealing: what only public keys are needed for (docs/format.md, section 2; crypto/seal.py).

import { type Bytes, b2, canonicalJson, compare, concat, hex, random, same, utf8 } from "./encoding.js";
import { type Envelope, MAX_SLOTS, REPORT, encode, header, pad } from "./envelope.js";
import { fail } from "./errors.js";
import { type BoxKeys, boxKeys, encrypt, openBox, sealBox, signPk } from "./keys.js";

const NOTHING = new Uint8Array(0);
const PLACES = 64;

export interface Recipient {
  keyId: Bytes;
  boxPk: Bytes;
  shutOut?: boolean;
}

/** A content key sealed to a public key, 80 bytes. */
export function grant(contentKey: Uint8Array, boxPk: Uint8Array): Bytes {
  return contentKey.length === 32 ? sealBox(contentKey, boxPk) : fail("MisuseError");
}

/** What looks like a grant and opens for nobody. */
export function throwawayGrant(): Bytes {
  return grant(random(32), boxKeys(random(32)).pk);
}

export function commitment(contentKey: Uint8Array): Bytes {
  return b2(32, NOTHING, "mybk1-commit", contentKey);
}

export function actPk(contentKey: Uint8Array): Bytes {
  return signPk(b2(32, NOTHING, "mybk1-act", contentKey));
}

/** Seal a payload to recipients, in any order. */
export function seal(
  kind: number, id: Bytes, payload: unknown, recipients: Recipient[],
): { raw: Bytes; contentKey: Bytes } {
  const ordered = [...recipients].sort((one, other) => compare(one.keyId, other.keyId));
  const ids = new Set(ordered.map((one) => hex(one.keyId)));
  if (!ids.size || ids.size > MAX_SLOTS || ids.size !== ordered.length) fail("NoRecipients");
  if (id.length !== 16 || ordered.some((one) => one.keyId.length !== 16)) fail("MisuseError");
  const padded = pad(canonicalJson(payload));
  const contentKey = random(32);
  const made: Envelope = {
    kind,
    id,
    commitment: commitment(contentKey),
    actPk: kind === REPORT ? actPk(contentKey) : new Uint8Array(32),
    slots: ordered.map((one) => ({
      keyId: one.keyId,
      sealed: one.shutOut ? throwawayGrant() : grant(contentKey, one.boxPk),
    })),
    nonce: random(24),
    ciphertext: new Uint8Array(0),
  };
  made.ciphertext = encrypt(contentKey, made.nonce, header(made), padded);
  return { raw: encode(made), contentKey };
}

/** The mailbox-only record of who was shut out: the same size for nobody as for 64 persons. */
export function sealedExclude(persons: Uint8Array[], mailboxPk: Uint8Array): Bytes {
  const ordered = [...new Map(persons.map((one) => [hex(one), one])).values()].sort(compare);
  if (ordered.length > PLACES || ordered.some((one) => one.length !== 16)) fail("MisuseError");
  const places = new Uint8Array(16 * PLACES);
  places.set(concat(...ordered));
  return sealBox(concat(utf8("MYX1"), Uint8Array.of(ordered.length), places), mailboxPk);
}

/** The persons of a mailbox-only record. */
export function openExclude(raw: Uint8Array, keys: BoxKeys): Bytes[] {
  const found = openBox(raw, keys) ?? fail("ExcludeUnopenable");
  const count = found[4]!;
  const magic = found.length === 5 + 16 * PLACES && same(found.slice(0, 4), utf8("MYX1"));
  if (!magic || count > PLACES) fail("ExcludeMalformed");
  const persons = Array.from({ length: count }, (_, at) => found.slice(5 + 16 * at, 21 + 16 * at));
  const sorted = persons.every((one, at) => at === 0 || compare(persons[at - 1]!, one) < 0);
  if (!sorted || found.slice(5 + 16 * count).some((byte) => byte)) fail("ExcludeMalformed");
  return persons;
}
