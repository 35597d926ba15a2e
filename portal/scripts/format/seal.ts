// Sealing: what only public keys are needed for (docs/format.md, section 2; crypto/seal.py).

import { type Bytes, b2, canonicalJson, compare, hex, random } from "./encoding.js";
import { type Envelope, MAX_SLOTS, REPORT, encode, header, pad } from "./envelope.js";
import { fail } from "./errors.js";
import { boxKeys, sealBox, signPk } from "./curves.js";
import { encrypt } from "./keys.js";

const NOTHING = new Uint8Array(0);

/** Who gets a slot; a slot that nobody can open where `exclude` is set. */
export interface Recipient {
  keyId: Bytes;
  boxPk: Bytes;
  exclude?: boolean;
}

/** A content key sealed to a public key, 80 bytes. */
export async function grant(contentKey: Bytes, boxPk: Bytes): Promise<Bytes> {
  return contentKey.length === 32 ? sealBox(contentKey, boxPk) : fail("MisuseError");
}

/** What looks like a grant and opens for nobody. */
async function throwawayGrant(): Promise<Bytes> {
  return grant(random(32), (await boxKeys(random(32))).pk);
}

/** What the header says of the content key. */
export function commitment(contentKey: Uint8Array): Bytes {
  return b2(32, NOTHING, "mybk1-commit", contentKey);
}

/** The seed of the access proof that a content key gives. */
export function actSeed(contentKey: Uint8Array): Bytes {
  return b2(32, NOTHING, "mybk1-act", contentKey);
}

/** The public key of that proof. */
export async function actPk(contentKey: Uint8Array): Promise<Bytes> {
  return signPk(actSeed(contentKey));
}

/** Seal a payload to recipients, in any order. */
export async function seal(
  kind: number,
  id: Bytes,
  payload: unknown,
  recipients: Recipient[],
): Promise<{ raw: Bytes; contentKey: Bytes; actPk: Bytes }> {
  const ordered = [...recipients].sort((first, other) => compare(first.keyId, other.keyId));
  const ids = new Set(ordered.map((recipient) => hex(recipient.keyId)));
  if (!ids.size || ids.size > MAX_SLOTS || ids.size !== ordered.length) fail("NoRecipients");
  if (id.length !== 16 || ordered.some((recipient) => recipient.keyId.length !== 16)) fail("MisuseError");
  const padded = pad(canonicalJson(payload));
  const contentKey = random(32);
  const [act, ...boxes] = await Promise.all([
    kind === REPORT ? actPk(contentKey) : new Uint8Array(32),
    ...ordered.map(({ exclude, boxPk }) => (exclude ? throwawayGrant() : grant(contentKey, boxPk))),
  ]);
  const made: Envelope = {
    kind,
    id,
    commitment: commitment(contentKey),
    actPk: act,
    slots: ordered.map(({ keyId }, at) => ({ keyId, sealed: boxes[at]! })),
    nonce: random(24),
    ciphertext: new Uint8Array(0),
  };
  made.ciphertext = encrypt(contentKey, made.nonce, header(made), padded);
  return { raw: encode(made), contentKey, actPk: act };
}
