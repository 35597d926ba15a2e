// Proof files and policies (docs/format.md, 5.2; C2SP tlog-proof, tlog-policy; crypto/logproof.py).

import { type Bytes, hex } from "../format/encoding.js";
import { Fault, fail } from "../format/errors.js";
import { leafHash } from "../format/logleaf.js";
import {
  COSIGNATURE,
  ED25519,
  SPACE,
  type SignedCheckpoint,
  type VerifierKey,
  numberOf,
  readCheckpoint,
  readKey,
  stdDecode,
  stdEncode,
} from "./note.js";
import { checkInclusion } from "./tlog.js";

const HEADER = "c2sp.org/tlog-proof@v1";
const MAX_HASHES = 63;
const NONE = "none";
const SPACES = new RegExp(`[${SPACE}]+`);

/** A proof file whose hashes and signatures nobody has checked yet; nothing authenticates `extra`. */
export interface ProofFile {
  index: number;
  hashes: Bytes[];
  checkpoint: string;
  extra?: Bytes;
}

/** A proof file's text. */
export function proofText({ index, hashes, checkpoint, extra }: ProofFile): string {
  const first = extra ? `extra ${stdEncode(extra)}\n` : "";
  return `${HEADER}\n${first}index ${index}\n${hashes.map((hash) => `${stdEncode(hash)}\n`).join("")}\n${checkpoint}`;
}

/** A proof file's parts. Fails with ProofMalformed. */
export function readProof(text: string): ProofFile {
  const empty = text.indexOf("\n\n");
  const [header, ...lines] = text.slice(0, empty).split("\n");
  if (empty < 0 || header !== HEADER) fail("ProofMalformed");
  const decode = (line: string) => stdDecode(line, "ProofMalformed");
  const extra = lines[0]?.startsWith("extra ") ? { extra: decode(lines.shift()!.slice(6)) } : {};
  const line = lines.shift() ?? "";
  const index = line.startsWith("index ") ? numberOf(line.slice(6)) : null;
  const hashes = lines.length > MAX_HASHES ? [] : lines.map(decode);
  if (index === null || lines.length > MAX_HASHES || hashes.some(({ length }) => length !== 32)) {
    return fail("ProofMalformed");
  }
  return { index, hashes, checkpoint: text.slice(empty + 2), ...extra };
}

/** A proof file that shows a leaf in this log, and its checkpoint. The keys are the reader's own, never the file's. */
export function checkProof(
  text: string,
  leaf: Bytes,
  log: VerifierKey,
  witnesses: VerifierKey[] = [],
): { proof: ProofFile; signed: SignedCheckpoint } {
  const proof = readProof(text);
  const signed = readCheckpoint(proof.checkpoint, log, witnesses);
  checkInclusion(leafHash(leaf), proof.index, signed.size, proof.hashes, signed.root);
  return { proof, signed };
}

/** Whose log it is and whose cosignatures count. `quorum`: a witness or group; "" for none. */
export interface Policy {
  log: VerifierKey;
  witnesses: Map<string, VerifierKey>;
  groups: Map<string, { least: number; members: string[] }>;
  quorum: string;
}

/** The witnesses and groups of a policy that these keys stand for. */
export function signedBy(policy: Policy, keys: Iterable<VerifierKey>): Set<string> {
  const present = new Set([...keys].map(({ text }) => text));
  const names = new Set([...policy.witnesses].flatMap(([name, key]) => (present.has(key.text) ? [name] : [])));
  // Members come before their group.
  for (const [name, { least, members }] of policy.groups) {
    if (members.filter((member) => names.has(member)).length >= least) names.add(name);
  }
  return names;
}

/** Whether these witnesses' cosignatures are enough. */
export function hasQuorum(policy: Policy, keys: Iterable<VerifierKey>): boolean {
  return !policy.quorum || signedBy(policy, keys).has(policy.quorum);
}

/** A checkpoint that enough witnesses cosigned. Fails as `readCheckpoint`, and with QuorumMissing. */
export function checkQuorum(policy: Policy, note: string): SignedCheckpoint {
  const signed = readCheckpoint(note, policy.log, [...policy.witnesses.values()]);
  return hasQuorum(policy, signed.cosigned.keys()) ? signed : fail("QuorumMissing");
}

/** Reads a policy line by line; anything else than the format's fails with PolicyMalformed. */
class PolicyReader {
  log: VerifierKey | undefined;
  quorum: string | undefined;
  readonly witnesses: Policy["witnesses"] = new Map();
  readonly groups: Policy["groups"] = new Map();
  readonly #members = new Set<string>();

  take(line: string): void {
    const [kind = "", ...rest] = line.split(SPACES).filter(Boolean);
    if (!kind || kind.startsWith("#")) return;
    if (kind === "log") this.#log(rest);
    else if (kind === "witness") this.#witness(rest);
    else if (kind === "group") this.#group(rest);
    else if (kind === "quorum") this.#quorum(rest);
    else fail("PolicyMalformed");
  }

  #key(text: string, type: number): VerifierKey {
    const key = attempt(() => readKey(text));
    const taken = new Set([...this.witnesses.values(), ...(this.log ? [this.log] : [])].map(({ pk }) => hex(pk)));
    return key.type !== type || taken.has(hex(key.pk)) ? fail("PolicyMalformed") : key;
  }

  #isKnown(name: string): boolean {
    return this.witnesses.has(name) || this.groups.has(name);
  }

  #log([key, address, more]: string[]): void {
    if (this.log || key === undefined || more !== undefined || address === "") fail("PolicyMalformed");
    this.log = this.#key(key, ED25519);
  }

  #witness([name, key, , more]: string[]): void {
    if (name === undefined || key === undefined || more !== undefined) return fail("PolicyMalformed");
    if (name === NONE || this.#isKnown(name)) fail("PolicyMalformed");
    this.witnesses.set(name, this.#key(key, COSIGNATURE));
  }

  #group([name, count, ...members]: string[]): void {
    if (name === undefined || count === undefined || !members.length) return fail("PolicyMalformed");
    const isFree = (member: string) => this.#isKnown(member) && !this.#members.has(member);
    if (name === NONE || this.#isKnown(name) || new Set(members).size !== members.length) fail("PolicyMalformed");
    const least = count === "any" ? 1 : count === "all" ? members.length : (numberOf(count) ?? 0);
    if (!members.every(isFree) || least < 1 || least > members.length) fail("PolicyMalformed");
    members.forEach((member) => this.#members.add(member));
    this.groups.set(name, { least, members });
  }

  #quorum([name, more]: string[]): void {
    if (this.quorum !== undefined || name === undefined || more !== undefined) return fail("PolicyMalformed");
    if (name !== NONE && !this.#isKnown(name)) fail("PolicyMalformed");
    this.quorum = name === NONE ? "" : name;
  }
}

function attempt<Read>(read: () => Read): Read {
  try {
    return read();
  } catch (error) {
    if (error instanceof Fault) fail("PolicyMalformed");
    throw error;
  }
}

/** A policy. Fails with PolicyMalformed: also for one key under two names, and a member of two groups. */
export function readPolicy(text: string): Policy {
  const reader = new PolicyReader();
  for (const line of text.split("\n")) reader.take(line);
  const { log, quorum, witnesses, groups } = reader;
  return log && quorum !== undefined ? { log, quorum, witnesses, groups } : fail("PolicyMalformed");
}
