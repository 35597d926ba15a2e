// X25519 (RFC 7748, section 5): the Montgomery ladder, the same steps for every key.

import type { Bytes } from "./encoding.js";
import { fail } from "./errors.js";

const P = 2n ** 255n - 19n;
const A24 = 121665n;

function toNumber(raw: Uint8Array): bigint {
  return raw.reduceRight((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
}

function toBytes(value: bigint): Bytes {
  return Uint8Array.from({ length: 32 }, (_, at) => Number((value >> BigInt(8 * at)) & 255n));
}

function mod(value: bigint): bigint {
  const rest = value % P;
  return rest < 0n ? rest + P : rest;
}

function power(base: bigint, exponent: bigint): bigint {
  let found = 1n;
  for (; exponent; exponent >>= 1n) {
    if (exponent & 1n) found = mod(found * base);
    base = mod(base * base);
  }
  return found;
}

function ladder(k: bigint, u: bigint): bigint {
  let [x2, z2, x3, z3] = [1n, 0n, u, 1n];
  let swapped = 0n;
  for (let bit = 254n; bit >= 0n; bit--) {
    const now = (k >> bit) & 1n;
    if (swapped !== now) [x2, x3, z2, z3] = [x3, x2, z3, z2];
    swapped = now;
    const [a, b, c, d] = [x2 + z2, x2 - z2, x3 + z3, x3 - z3];
    const [aa, bb, da, cb] = [mod(a * a), mod(b * b), mod(d * a), mod(c * b)];
    const e = aa - bb;
    x3 = mod((da + cb) ** 2n);
    z3 = mod(u * mod((da - cb) ** 2n));
    x2 = mod(aa * bb);
    z2 = mod(e * (aa + A24 * e));
  }
  if (swapped) [x2, z2] = [x3, z3];
  return mod(x2 * power(z2, P - 2n));
}

/** The secret that two keys share. Fails with LowOrderKey for a point that gives the same to everybody. */
export function getSharedSecret(sk: Uint8Array, pk: Uint8Array): Bytes {
  const scalar = sk.slice();
  scalar[0]! &= 248;
  scalar[31] = (scalar[31]! & 127) | 64;
  const point = pk.slice();
  point[31]! &= 127;
  const shared = ladder(toNumber(scalar), mod(toNumber(point)));
  return shared ? toBytes(shared) : fail("LowOrderKey");
}

export function getPublicKey(sk: Uint8Array): Bytes {
  return getSharedSecret(sk, Uint8Array.of(9, ...new Uint8Array(31)));
}
