// What libsodium does, on top of @noble: key pairs, signatures, sealed boxes, authenticated encryption.

import { xchacha20poly1305 } from "@noble/ciphers/chacha.js";
import { hsalsa, xsalsa20poly1305 } from "@noble/ciphers/salsa.js";
import * as ed25519 from "@noble/ed25519";
import { blake2b } from "@noble/hashes/blake2.js";
import { sha512 } from "@noble/hashes/sha2.js";
import { type Bytes, concat, random } from "./encoding.js";
import { SIGMA, fromWords, words } from "./cipherwords.js";
import { fail } from "./errors.js";
import * as x25519 from "./x25519.js";

ed25519.hashes.sha512 = sha512;

/** An X25519 key pair, 32 bytes each. */
export interface BoxKeys {
  pk: Bytes;
  sk: Bytes;
}

/** The secret key of crypto_box_seed_keypair. */
export function boxSk(seed: Uint8Array): Bytes {
  return sha512(seed).slice(0, 32) as Bytes;
}

/** The Ed25519 public key of a seed. */
export function signPk(seed: Uint8Array): Bytes {
  return ed25519.getPublicKey(seed) as Bytes;
}

/** Ed25519, 64 bytes. */
export function sign(seed: Uint8Array, text: Uint8Array): Bytes {
  return seed.length === 32 ? (ed25519.sign(text, seed) as Bytes) : fail("MisuseError");
}

/** Tell whether a signature holds, as strictly as libsodium: no small order, no second encoding. */
function holds(pk: Uint8Array, text: Uint8Array, sig: Uint8Array): boolean {
  try {
    if (sig.length !== 64 || ed25519.Point.fromBytes(sig.slice(0, 32)).isSmallOrder()) return false;
    return ed25519.verify(sig, text, pk, { zip215: false });
  } catch {
    return false;
  }
}

/** Check an Ed25519 signature. Throws Fault. */
export function verify(pk: Uint8Array, text: Uint8Array, sig: Uint8Array): void {
  if (!holds(pk, text, sig)) fail("SignatureWrong");
}

/** The cipher of crypto_box_seal. `shared`: what the secret of one of the keys gives with the other one. */
export function boxCipher(shared: Uint8Array, epk: Uint8Array, pk: Uint8Array) {
  const key = new Uint32Array(8);
  hsalsa(SIGMA, words(shared), new Uint32Array(4), key);
  return xsalsa20poly1305(fromWords(key), blake2b(concat(epk, pk), { dkLen: 24 }));
}

/** crypto_box_seal. Fails with LowOrderKey for a key that nothing can be sealed to. */
export function sealBox(secret: Uint8Array, pk: Uint8Array): Bytes {
  if (pk.length !== 32) fail("MisuseError");
  const sk = random(32);
  const epk = x25519.getPublicKey(sk);
  try {
    return concat(epk, boxCipher(x25519.getSharedSecret(sk, pk), epk, pk).encrypt(secret));
  } catch {
    return fail("LowOrderKey");
  }
}

/** crypto_box_seal_open; null when it does not open. */
export function openBox(sealed: Uint8Array, keys: BoxKeys): Bytes | null {
  try {
    const epk = sealed.slice(0, 32);
    return boxCipher(x25519.getSharedSecret(keys.sk, epk), epk, keys.pk).decrypt(sealed.slice(32)) as Bytes;
  } catch {
    return null;
  }
}

/** XChaCha20-Poly1305; `ad` is authenticated with it. */
export function encrypt(key: Uint8Array, nonce: Uint8Array, ad: Uint8Array, plain: Uint8Array): Bytes {
  return xchacha20poly1305(key, nonce, ad).encrypt(plain) as Bytes;
}

/** Null when it was not encrypted like this. */
export function decrypt(key: Uint8Array, nonce: Uint8Array, ad: Uint8Array, sealed: Uint8Array): Bytes | null {
  try {
    return xchacha20poly1305(key, nonce, ad).decrypt(sealed) as Bytes;
  } catch {
    return null;
  }
}
