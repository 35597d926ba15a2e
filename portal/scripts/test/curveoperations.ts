// Whose curves a page uses, and what they make beside noble's.

import * as curves from "../format/curves.js";
import { type Bytes, concat, hex, unhex, utf8 } from "../format/encoding.js";
import { fail, faultName } from "../format/errors.js";

const zero = new Uint8Array(32) as Bytes;

/** Curves with one fault: each answers like noble but for this. */
const FAULTS: Record<string, Partial<curves.Curves>> = {
  none: {},
  signPk: { signPk: () => zero },
  sign: { sign: (seed, text) => curves.NOBLE.sign(seed, concat(text, text)) },
  boxPk: { boxPk: () => zero },
  shared: { shared: (_, pks) => pks },
  small: {
    shared: async (sk, pks) => {
      try {
        return await curves.NOBLE.shared(sk, pks);
      } catch {
        return pks.map(() => zero);
      }
    },
  },
  spelling: {
    shared: (sk, pks) => (pks.some((pk) => pk[31]! > 0x7e) ? fail("LowOrderKey") : curves.NOBLE.shared(sk, pks)),
  },
  throws: { boxPk: () => fail("MisuseError") },
  once: { once: async (pk) => [(await curves.NOBLE.once(pk))[0], zero] },
};

async function outcome(doing: () => unknown): Promise<string> {
  try {
    const made = (await doing()) as Bytes | Bytes[];
    return Array.isArray(made) ? made.map(hex).join() : hex(made);
  } catch (error) {
    return faultName(error);
  }
}

export const curveTests = {
  /** Whose curves this page uses: the browser's, or noble's. */
  engine: async () => ((await curves.curves()) === curves.NOBLE ? "noble" : "browser"),

  /** What this page's curves and noble's make of a secret key and of points, each by itself. */
  both: (given: { seed: string; text: string; points: string[] }) =>
    Promise.all(
      [curves.curves(), curves.NOBLE].map(async (chosen) => {
        const of = await chosen;
        const seed = unhex(given.seed);
        const points = given.points.map(unhex);
        return {
          signPk: await outcome(() => of.signPk(seed)),
          sig: await outcome(() => of.sign(seed, utf8(given.text))),
          boxPk: await outcome(() => of.boxPk(seed)),
          shared: await Promise.all(points.map((point) => outcome(() => of.shared(seed, [point])))),
          sealed: await Promise.all(points.map((pk) => outcome(async () => (await of.once(pk), [])))),
        };
      }),
    ),

  /** Which curves with a fault are taken. */
  faulty: (faults: string[]) =>
    Promise.all(faults.map((fault) => curves.isSound({ ...curves.NOBLE, ...FAULTS[fault] }).catch(() => false))),
};
