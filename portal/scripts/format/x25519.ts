// X25519 (RFC 7748, section 5): noble's Montgomery ladder with the curve's numbers. The ready-made one in
// @noble/curves comes with Edwards points, which would double the size of what a page loads.

import { montgomery } from "@noble/curves/abstract/montgomery.js";
import type { Bytes } from "./encoding.js";
import { fail } from "./errors.js";

const P = 2n ** 255n - 19n;

function power(base: bigint, exponent: bigint): bigint {
  let power = 1n;
  for (; exponent; exponent >>= 1n) {
    if (exponent & 1n) power = (power * base) % P;
    base = (base * base) % P;
  }
  return power;
}

const x25519 = montgomery({
  P,
  type: "x25519",
  powPminus2: (x) => power(x, P - 2n),
  adjustScalarBytes: (raw: Uint8Array) => {
    raw[0]! &= 248;
    raw[31] = (raw[31]! & 127) | 64;
    return raw;
  },
});

/** The secret that two keys share. Fails with LowOrderKey for a point that gives the same to everybody. */
export function getSharedSecret(sk: Uint8Array, pk: Uint8Array): Bytes {
  try {
    return x25519.getSharedSecret(sk, pk) as Bytes;
  } catch {
    return fail("LowOrderKey");
  }
}

/** The public key of a secret key. Throws Fault. */
export function getPublicKey(sk: Uint8Array): Bytes {
  return x25519.getPublicKey(sk) as Bytes;
}
