// X25519 and Ed25519 by the browser's own WebCrypto where the page has it and it passes the test below, else by noble
// (docs/adr/0049). Signatures are checked by noble alone (keys.ts): browsers differ in what they forgive.

import { type Bytes, b64d, concat, random, same, unhex } from "./encoding.js";
import { fail } from "./errors.js";
import { type BoxKeys, boxCipher, boxSk, sign as signedBy, signPk as signPkOf } from "./keys.js";
import * as x25519 from "./x25519.js";

type Soon<Value> = Value | Promise<Value>;

/** What takes a secret key. Keys and secrets have 32 bytes each. */
export interface Curves {
  /** The Ed25519 public key of a seed. */
  signPk: (seed: Bytes) => Soon<Bytes>;
  /** Ed25519, 64 bytes: the same ones each time. */
  sign: (seed: Bytes, text: Bytes) => Soon<Bytes>;
  /** The X25519 public key of a secret key. */
  boxPk: (sk: Bytes) => Soon<Bytes>;
  /** The secret that a key shares with each of some public keys. Fails with LowOrderKey. */
  shared: (sk: Bytes, pks: Bytes[]) => Soon<Bytes[]>;
  /** The public key of a new key pair, and what it shares with another one; the secret key is kept nowhere. */
  once: (pk: Bytes) => Soon<[Bytes, Bytes]>;
}

/** Noble's. */
export const NOBLE: Curves = {
  signPk: signPkOf,
  sign: signedBy,
  boxPk: x25519.getPublicKey,
  shared: (sk, pks) => pks.map((pk) => x25519.getSharedSecret(sk, pk)),
  once(pk) {
    const sk = random(32);
    return [x25519.getPublicKey(sk), x25519.getSharedSecret(sk, pk)];
  },
};

const X = "X25519";
const BASE = Uint8Array.of(9, ...new Uint8Array(31)) as Bytes;

/** `name`: its identifier in PKCS #8 differs in one byte. */
function webCurves(subtle: SubtleCrypto): Curves {
  const secret = (name: string, raw: Bytes, uses: KeyUsage[], isExtractable = false) =>
    subtle.importKey(
      "pkcs8",
      concat(unhex(`302e020100300506032b65${name === X ? "6e" : "70"}04220420`), raw),
      name,
      isExtractable,
      uses,
    );
  const theirs = (pk: Bytes) => subtle.importKey("raw", pk, X, true, []);
  const base = theirs(BASE);
  const sharedBy = async (own: Promise<CryptoKey>, other: Promise<CryptoKey>) => {
    const [sk, pk] = await Promise.all([own, other]);
    return new Uint8Array(await subtle.deriveBits({ name: X, public: pk }, sk, 256));
  };
  const sharedWith = async (own: Promise<CryptoKey>, pk: Bytes) => {
    const bits = await sharedBy(own, theirs(pk)).catch(() => fail("LowOrderKey"));
    return bits.some(Boolean) ? bits : fail("LowOrderKey");
  };
  const boxKey = (sk: Bytes) => secret(X, sk, ["deriveBits"]);
  return {
    async signPk(seed) {
      // The only way to a public key: the seed is in this function's hands already.
      const { x } = await subtle.exportKey("jwk", await secret("Ed25519", seed, ["sign"], true));
      return b64d(x);
    },
    async sign(seed, text) {
      return new Uint8Array(await subtle.sign("Ed25519", await secret("Ed25519", seed, ["sign"]), text));
    },
    boxPk: (sk) => sharedBy(boxKey(sk), base),
    shared(sk, pks) {
      const own = boxKey(sk);
      return Promise.all(pks.map((pk) => sharedWith(own, pk)));
    },
    once(pk) {
      const pair = subtle.generateKey(X, false, ["deriveBits"]) as Promise<CryptoKeyPair>;
      const epk = pair.then(({ publicKey }) => subtle.exportKey("raw", publicKey));
      const shared = sharedWith(
        pair.then(({ privateKey }) => privateKey),
        pk,
      );
      return Promise.all([epk.then((raw) => new Uint8Array(raw)), shared]);
    },
  };
}

/** Some points of small order, the second one in another spelling: nothing may be shared with them. */
const SMALL = [
  "00".repeat(32),
  `ed${"ff".repeat(30)}7f`,
  "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
];
/** Two other spellings of the base point, which count as the point that they name. */
const AGAIN = [`09${"00".repeat(30)}80`, `f6${"ff".repeat(30)}7f`];

/** Tell whether curves give what noble gives, and refuse what it refuses. */
export async function isSound(curves: Curves): Promise<boolean> {
  const seed = random(32);
  const pk = x25519.getPublicKey(seed);
  const isRefused = async (point: string) => {
    try {
      await curves.shared(seed, [unhex(point)]);
      return false;
    } catch {
      return true;
    }
  };
  const [epk, shared] = await curves.once(pk);
  const checks = [
    same(await curves.signPk(seed), signPkOf(seed)),
    same(await curves.sign(seed, pk), signedBy(seed, pk)),
    (await curves.shared(seed, [BASE, ...AGAIN.map(unhex)])).every((own) => same(own, pk)),
    same(await curves.boxPk(seed), pk),
    same(shared, x25519.getSharedSecret(seed, epk)),
    ...(await Promise.all(SMALL.map(isRefused))),
  ];
  return checks.every(Boolean);
}

/** The browser's, if they pass; else noble's. */
export async function choose(subtle: SubtleCrypto | undefined): Promise<Curves> {
  try {
    const curves = webCurves(subtle!);
    return (await isSound(curves)) ? curves : NOBLE;
  } catch {
    return NOBLE;
  }
}

let chosen: Promise<Curves> | undefined;

/** The curves of this page: chosen once. Where it is no secure context, there is no `subtle`. */
export function curves(): Promise<Curves> {
  return (chosen ??= choose(crypto.subtle));
}

/** The Ed25519 public key of a seed. */
export async function signPk(seed: Bytes): Promise<Bytes> {
  return (await curves()).signPk(seed);
}

/** Ed25519, 64 bytes. */
export async function sign(seed: Bytes, text: Bytes): Promise<Bytes> {
  return seed.length === 32 ? (await curves()).sign(seed, text) : fail("MisuseError");
}

/** crypto_box_seed_keypair */
export async function boxKeys(seed: Bytes): Promise<BoxKeys> {
  const sk = boxSk(seed);
  return { sk, pk: await (await curves()).boxPk(sk) };
}

/** crypto_box_seal. Fails with LowOrderKey for a key that nothing can be sealed to. */
export async function sealBox(secret: Bytes, pk: Bytes): Promise<Bytes> {
  if (pk.length !== 32) fail("MisuseError");
  const [epk, shared] = await (await curves()).once(pk);
  return concat(epk, boxCipher(shared, epk, pk).encrypt(secret));
}

/** crypto_box_seal_open; null when it does not open. */
export async function openBox(sealed: Bytes, keys: BoxKeys): Promise<Bytes | null> {
  try {
    const epk = sealed.slice(0, 32);
    const [shared] = await (await curves()).shared(keys.sk, [epk]);
    return boxCipher(shared!, epk, keys.pk).decrypt(sealed.slice(32)) as Bytes;
  } catch {
    return null;
  }
}
