// What cosignatures on checkpoints show to a verifier with a policy (docs/format.md, 5.9; crypto/cosignatures.py).

import { type Policy, hasQuorum } from "./logproof.js";
import type { SignedCheckpoint, VerifierKey } from "./note.js";

/** A witness of the policy that cosigned, and on which day, as `meyasubako verify --json` prints it. */
export interface Cosigner {
  name: string;
  day: string;
  outside: boolean;
}

/** The day in Japan at a time in seconds since 1970. */
function dayInJapan(seconds: number): string {
  return new Date((seconds + 9 * 3600) * 1000).toISOString().slice(0, 10);
}

function isOutside(origin: string, { name }: VerifierKey): boolean {
  return !name.startsWith(`${origin}/desk/`);
}

/** What checkpoints lack of the verifier's policy; "" for nothing. */
export function lackingOf(policy: Policy, checkpoints: SignedCheckpoint[]): "" | "no_witness" | "quorum" {
  if (!policy.quorum) return "no_witness";
  return checkpoints.every(({ cosigned }) => hasQuorum(policy, cosigned.keys())) ? "" : "quorum";
}

/** The day from which the leaf at an index counts under the rule; null where nothing shows one. */
export function cosignedOn(policy: Policy, index: number, checkpoints: SignedCheckpoint[]): string | null {
  const origin = policy.log.name;
  const hasOutside = [...policy.witnesses.values()].some((key) => isOutside(origin, key));
  const days = checkpoints.flatMap(({ size, cosigned }) => {
    if (size <= index) return [];
    const times = [...cosigned].sort(([, first], [, other]) => first - other);
    const counting = times.findIndex(([key], at) => {
      if (hasOutside) return isOutside(origin, key);
      const keys = times.slice(0, at + 1).map(([signer]) => signer);
      return policy.quorum !== "" && hasQuorum(policy, keys);
    });
    return counting < 0 ? [] : [dayInJapan(times[counting]![1])];
  });
  return days.sort()[0] ?? null;
}

/** The witnesses of a policy that cosigned, and the earliest day of each. */
export function cosignersOf(policy: Policy, checkpoints: SignedCheckpoint[]): Cosigner[] {
  const told = [...policy.witnesses].flatMap(([name, key]) => {
    const times = checkpoints.flatMap(({ cosigned }) => cosigned.get(key) ?? []);
    const outside = isOutside(policy.log.name, key);
    return times.length ? [{ name, day: dayInJapan(Math.min(...times)), outside }] : [];
  });
  return told.sort((first, other) => (first.day + first.name < other.day + other.name ? -1 : 1));
}
