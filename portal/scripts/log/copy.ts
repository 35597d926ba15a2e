// What is served below /log/, read and checked (docs/format.md, 5.6): the same files for everybody. Nothing that is asked
// for names a leaf; the proofs are made here.

import { sha256 } from "@noble/hashes/sha2.js";
import { type Bytes, b64d, concat, hex, same, utf8 } from "../format/encoding.js";
import { Fault, fail } from "../format/errors.js";
import { leafHash } from "../format/logleaf.js";
import { chainOfShown, hasKey } from "./keychange.js";
import { type Policy, hasQuorum, proofText, readPolicy } from "./logproof.js";
import { type LogKeys, type SignedCheckpoint, type VerifierKey, readCheckpoint, readKey } from "./note.js";
import {
  type Batch,
  type DayLeaf,
  type DeskWitness,
  checkWitness,
  dayAfter,
  daysBetween,
  originOf,
  readBatches,
  readDay,
  readWitness,
  wordOf,
} from "./plainleaf.js";
import { TILE, bundleEntries, checkInclusion, hashesOf, inclusionProof, rootOf, tilePath } from "./tlog.js";

/** The bytes of a path below /log/. */
export type FetchFile = (path: string) => Promise<Bytes>;

/** What a reader knows of a site before it reads the log. `keys`: where its `key` leaves are; `cards`: signing keys of the
 * cards that may name a witness. */
export interface LogSite {
  salt: Bytes;
  vkey: string;
  hidden: number;
  keys: number[];
  cards: Map<string, Bytes>;
}

/** Who cosigned a checkpoint. `desks`: how many; `outside`: the policy's names of those who are no desks. */
export interface SeenBy {
  desks: number;
  outside: string[];
  hasQuorum: boolean;
}

/** One log at its newest checkpoint. What it gives has been compared with the root that the log's key signed. */
export class LogCopy {
  readonly #bundles = new Map<number, Promise<Bytes[]>>();
  readonly #tiles = new Map<number, Bytes[]>();
  #keys: LogKeys = [];

  private constructor(
    readonly site: LogSite,
    readonly signed: SignedCheckpoint,
    readonly policy: Policy,
    /** The texts that the newest `day` leaf names. */
    readonly texts: { policy: string; rule: string },
    readonly desks: VerifierKey[],
    private readonly fetchFile: FetchFile,
    private readonly blocks: Bytes[],
  ) {}

  /** Read the newest checkpoint and what its root follows from. Fails with what is wrong with any of it. */
  static async open(fetchFile: FetchFile, site: LogSite): Promise<LogCopy> {
    const text = async (path: string) => new TextDecoder().decode(await fetchFile(path));
    const [note, policyText, rule, listed] = await Promise.all(["checkpoint", "policy", "rule", "witnesses"].map(text));
    const log = readKey(site.vkey);
    if (log.name !== originOf(site.salt)) fail("CheckpointOrigin");
    const policy = readPolicy(policyText!);
    const desks = desksOf(listed!, site);
    const signed = readCheckpoint(note!, log, [...policy.witnesses.values(), ...desks]);
    const whole = Math.floor(signed.size / TILE);
    const blocks: Bytes[] = [];
    for (let at = 0; at * TILE < whole; at++) {
      const width = Math.min(TILE, whole - at * TILE);
      blocks.push(...hashesOf(await fetchFile(tilePath(1, at, width)), width));
    }
    const copy = new LogCopy(site, signed, policy, { policy: policyText!, rule: rule! }, desks, fetchFile, blocks);
    await copy.#last(signed.size % TILE, whole);
    if (!same(copy.#subtree(0, signed.size), signed.root)) fail("ProofWrong");
    await copy.#follow(log);
    return copy;
  }

  /** Follow the log's keys to the one that signed the newest checkpoint; the policy may name any of them. */
  async #follow(newest: VerifierKey): Promise<void> {
    const shown: [number, Bytes][] = [];
    for (const at of this.site.keys) shown.push([at, (await this.leaves(at, at + 1))[0] ?? fail("ProofWrong")]);
    const chain = chainOfShown(newest, newest.name, shown);
    if (chain.keys.at(-1)!.key.text !== newest.text || !hasKey(chain, this.policy.log)) fail("PolicyMalformed");
    this.#keys = chain.keys;
  }

  get size(): number {
    return this.signed.size;
  }

  async #last(width: number, number: number): Promise<void> {
    if (width) this.#tiles.set(number, hashesOf(await this.fetchFile(tilePath(0, number, width)), width));
  }

  /** The root above leaves `first` up to `end`, as far as their tiles are here. */
  #subtree(first: number, end: number): Bytes {
    const [size, block] = [end - first, Math.floor(first / TILE)];
    if (size === TILE && first % TILE === 0 && block < this.blocks.length) return this.blocks[block]!;
    if (size <= TILE && Math.floor((end - 1) / TILE) === block) {
      return rootOf((this.#tiles.get(block) ?? fail("MisuseError")).slice(first % TILE, (first % TILE) + size));
    }
    if (first === 0 && end === 0) return rootOf([]);
    let left = TILE;
    while (left * 2 < size) left *= 2;
    return rootOf([this.#subtree(first, first + left), this.#subtree(first + left, end)]);
  }

  /** The leaves of a bundle. Fails with ProofWrong where they are not those of the checkpoint. */
  #bundle(number: number): Promise<Bytes[]> {
    const known = this.#bundles.get(number) ?? this.#fetchBundle(number);
    this.#bundles.set(number, known);
    known.catch(() => this.#bundles.delete(number));
    return known;
  }

  async #fetchBundle(number: number): Promise<Bytes[]> {
    const width = Math.min(TILE, this.size - number * TILE);
    const leaves = bundleEntries(await this.fetchFile(tilePath(-1, number, width)));
    const hashes = leaves.map(leafHash);
    const root = width === TILE ? this.blocks[number]! : rootOf(this.#tiles.get(number)!);
    if (leaves.length !== width || !same(rootOf(hashes), root)) fail("ProofWrong");
    this.#tiles.set(number, hashes);
    return leaves;
  }

  /** The leaves from one index up to another. `told`: called with the part that is there, 0 to 1. */
  async leaves(first: number, end: number, told: (part: number) => void = () => undefined): Promise<Bytes[]> {
    const leaves: Bytes[] = [];
    const begin = Math.floor(first / TILE);
    for (let at = begin; at * TILE < end; at++) {
      leaves.push(...(await this.#bundle(at)));
      told(Math.min(1, ((at + 1) * TILE - first) / (end - first)));
    }
    return leaves.slice(first - begin * TILE, end - begin * TILE);
  }

  async #daysIn(number: number): Promise<DayLeaf[]> {
    return (await this.#bundle(number)).filter((leaf) => wordOf(leaf) === "day").map(readDay);
  }

  /** The newest `day` leaf; null before the first. Fails with BatchMalformed where leaves are behind its batch that
   * are no plain ones. */
  async newestDay(): Promise<DayLeaf | null> {
    for (let at = Math.ceil(this.size / TILE) - 1; at >= 0; at--) {
      const day = (await this.#daysIn(at)).at(-1);
      if (day) return day.end <= this.size ? day : fail("BatchMalformed");
    }
    return null;
  }

  /** Whether policy and rule are those that the newest `day` leaf names. */
  async namesTexts(): Promise<boolean> {
    const newest = await this.newestDay();
    return !newest || newest.rules === hex(sha256(utf8(this.texts.policy + this.texts.rule)));
  }

  /** The size of the newest cosigned checkpoint: the newest, or one after the batch of a day back to `from`; 0 where
   * there is none. The sizes follow from days alone. Fails with ProofWrong where one is of another log. */
  async cosignedSize(from: string): Promise<number> {
    if (this.signed.cosigned.size) return this.size;
    for (let day = (await this.newestDay())?.day ?? ""; day >= from && day; day = dayAfter(day, -1)) {
      const end = (await this.dayLeaf(day))?.end ?? this.size;
      if (end < this.size && (await this.#isCosigned(end))) return end;
    }
    return 0;
  }

  async #isCosigned(size: number): Promise<boolean> {
    const raw = await this.fetchFile(`checkpoint/${size}`).catch((error: unknown) => {
      // Several days' batches that were late are published as one.
      if (error instanceof Fault) return null;
      throw error;
    });
    if (!raw) return false;
    const known = [...this.policy.witnesses.values(), ...this.desks];
    const { cosigned, root } = readCheckpoint(new TextDecoder().decode(raw), this.#keys, known);
    // What its root follows from.
    await this.leaves(size - 1, size);
    return same(this.#subtree(0, size), root) ? cosigned.size > 0 : fail("ProofWrong");
  }

  /** The `day` leaf of a day; null where its batch is not in the log. The days rise, so it is looked for from where it
   * would be if all batches were as large as the newest. */
  async dayLeaf(day: string): Promise<DayLeaf | null> {
    const newest = await this.newestDay();
    if (!newest || newest.day < day) return null;
    const guess = newest.first - daysBetween(day, newest.day) * (newest.end - newest.first);
    let [low, high] = [0, Math.ceil(this.size / TILE) - 1];
    let at = Math.min(Math.max(Math.floor(guess / TILE), low), high);
    while (low <= high) {
      // Inside a large batch a bundle has no day leaf: the nearest one below tells.
      let from = at;
      while (from > low && !(await this.#daysIn(from)).length) from--;
      const days = await this.#daysIn(from);
      const there = days.find((leaf) => leaf.day === day);
      if (there) return there;
      if (!days.length || days.at(-1)!.day < day) at = low = at + 1;
      else if (days[0]!.day > day) at = high = from - 1;
      else return null;
    }
    return null;
  }

  /** The batch of a day, whole; null where it is not in the log. Fails with BatchMalformed. */
  async batchOf(day: string): Promise<Batch | null> {
    const leaf = await this.dayLeaf(day);
    if (!leaf) return null;
    if (leaf.end > this.size) fail("BatchMalformed");
    const [batch, more] = readBatches(await this.leaves(leaf.first, leaf.end), this.site.hidden, leaf.first);
    return batch && !more ? batch : fail("BatchMalformed");
  }

  /** A proof file for a leaf whose bundle is here. `extra`: what is behind the leaf in it (5.2). */
  async proof(index: number, secret = new Uint8Array(0)): Promise<string> {
    const [leaf] = await this.leaves(index, index + 1);
    const hashes = inclusionProof((first, end) => this.#subtree(first, end), index, this.size);
    checkInclusion(leafHash(leaf!), index, this.size, hashes, this.signed.root);
    const extra = concat(Uint8Array.of(leaf!.length >> 8, leaf!.length & 255), leaf!, secret);
    return proofText({ index, hashes, checkpoint: this.signed.note, extra });
  }

  /** Whether the policy names a witness that is no desk. */
  get hasOutside(): boolean {
    return [...this.policy.witnesses.values()].some(({ name }) => !name.startsWith(`${this.signed.origin}/desk/`));
  }

  /** Who cosigned the checkpoint; names of witnesses in the policy are neutral. */
  get seenBy(): SeenBy {
    const signed = [...this.signed.cosigned.keys()];
    const isDesk = (key: VerifierKey) => key.name.startsWith(`${this.signed.origin}/desk/`);
    const named = [...this.policy.witnesses.values()].map(({ text }) => text);
    const names = signed.filter((key) => !isDesk(key) && named.includes(key.text)).map(({ name }) => name);
    return {
      desks: signed.filter(isDesk).length,
      outside: names.sort(),
      hasQuorum: hasQuorum(this.policy, signed),
    };
  }
}

/** The cosigning keys of desks whose cards named them; what does not fit is passed over. */
function desksOf(listed: string, site: LogSite): VerifierKey[] {
  const told = JSON.parse(listed) as unknown;
  if (!Array.isArray(told)) return fail("WitnessMalformed");
  return told.flatMap((raw) => {
    try {
      const witness: DeskWitness = readWitness(b64d(raw), site.salt);
      const signPk = site.cards.get(witness.keyId);
      if (!signPk) return [];
      checkWitness(witness, site.salt, signPk);
      return [witness.vkey];
    } catch (error) {
      if (error instanceof Fault) return [];
      throw error;
    }
  });
}
