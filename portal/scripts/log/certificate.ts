// Certificates and proofs of burying as files: read without a look at what they claim (docs/format.md, 5.9;
// crypto/certificate.py).

import { type Bytes, type Json, type JsonObject, b64d, parseCanonicalJson, toUint, unhex } from "../format/encoding.js";
import { Fault, fail } from "../format/errors.js";
import { type Policy, type ProofFile, readPolicy, readProof } from "./logproof.js";
import { type Checkpoint, checkpointOf, readNote } from "./note.js";
import { isLogDay, isPlain } from "./plainleaf.js";

const MAX_BYTES = 16_000_000;
const MAX_PROOFS = 4096;
const MAX_CONTENT = 16;
const BLINDING = 32;
const NEEDED = ["v", "kind", "origin", "policy", "rule", "proofs"];
const BESIDES: Record<string, string[]> = { certificate: ["promise", "receipt", "content"], burying: ["promise"] };

/** The site's word about one thing. `subject`: a promise's leaf hash, a receipt's envelope hash. */
export interface Promised {
  day: string;
  subject: Bytes;
  sig: Bytes;
}

/** A leaf with its proof; `opening` empty where the leaf is shown as it is. */
export interface ShownLeaf {
  proof: ProofFile;
  checkpoint: Checkpoint;
  leaf: Bytes;
  blinding: Bytes;
  opening: Bytes;
}

/** An envelope and its content key. */
export interface ShownContent {
  envelope: Bytes;
  key: Bytes;
}

/** A file that was read; nothing in it has been checked. */
export interface CertificateFile {
  kind: "certificate" | "burying";
  origin: string;
  policy: string;
  ownPolicy: Policy;
  rule: string;
  shown: ShownLeaf[];
  promise: Promised | null;
  receipt: Promised | null;
  content: ShownContent[];
}

function malformed(): never {
  return fail("CertificateMalformed");
}

function bytesOf(value: Json | undefined, size?: number): Bytes {
  let raw: Bytes;
  try {
    raw = b64d(value);
  } catch {
    return malformed();
  }
  return size === undefined || raw.length === size ? raw : malformed();
}

function textOf(value: Json | undefined): string {
  return typeof value === "string" ? value : malformed();
}

function objectOf(value: Json, names: string[]): JsonObject {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return malformed();
  return Object.keys(value).sort().join() === [...names].sort().join() ? value : malformed();
}

function promisedOf(value: Json, name: string): Promised {
  const fields = objectOf(value, ["day", name, "sig"]);
  const [day, subject] = [textOf(fields.day), textOf(fields[name])];
  if (!/^[0-9a-f]{64}$/.test(subject) || !isLogDay(day)) malformed();
  return { day, subject: unhex(subject), sig: bytesOf(fields.sig, 64) };
}

function contentOf(value: Json): ShownContent[] {
  if (!Array.isArray(value) || value.length < 1 || value.length > MAX_CONTENT) return malformed();
  return value.map((part) => {
    const { envelope, key } = objectOf(part, ["envelope", "key"]);
    return { envelope: bytesOf(envelope), key: bytesOf(key, 32) };
  });
}

function shownLeaf(text: string, origin: string): ShownLeaf {
  const proof = readProof(text);
  const extra = proof.extra ?? new Uint8Array(0);
  const size = toUint(extra.slice(0, 2));
  const [leaf, rest] = [extra.slice(2, 2 + size), extra.slice(2 + size)];
  if (extra.length < 2 || leaf.length !== size || !size || (rest.length && rest.length <= BLINDING)) malformed();
  const checkpoint = checkpointOf(readNote(proof.checkpoint).text, origin);
  return { proof, checkpoint, leaf, blinding: rest.slice(0, BLINDING), opening: rest.slice(BLINDING) };
}

/** Whether the file opens the leaf. */
export function isOpened({ opening }: ShownLeaf): boolean {
  return opening.length > 0;
}

function leavesOf(texts: Json | undefined, kind: string, origin: string): ShownLeaf[] {
  if (!Array.isArray(texts) || texts.length < 2 || texts.length > MAX_PROOFS) return malformed();
  const all = texts.map(textOf);
  const read: ShownLeaf[] = [];
  for (const text of all) {
    const shown = shownLeaf(text, origin);
    const shouldOpen = kind === "certificate" && !isPlain(shown.leaf);
    const last = read.at(-1)?.proof.index ?? -1;
    if (isOpened(shown) !== shouldOpen || last >= shown.proof.index) malformed();
    read.push(shown);
  }
  return kind === "burying" || read.some(isOpened) ? read : malformed();
}

/** A file's parts (steps 1 and 2). Fails as docs/format.md says: with CheckpointOrigin the file is bad, with everything
 * else there is nothing to check. */
export function readCertificate(file: Bytes): CertificateFile {
  if (file.length > MAX_BYTES) malformed();
  const fields = parseCanonicalJson(file.at(-1) === 10 ? file.slice(0, -1) : file);
  if ("v" in fields && fields.v !== 1) throw new Fault("CertificateVersion");
  const { kind } = fields;
  if (kind !== "certificate" && kind !== "burying") return malformed();
  const needed = kind === "burying" ? [...NEEDED, "promise"] : NEEDED;
  const known = [...NEEDED, ...BESIDES[kind]!];
  if (!needed.every((name) => name in fields) || !Object.keys(fields).every((name) => known.includes(name))) {
    return malformed();
  }
  const [origin, policy, rule] = [textOf(fields.origin), textOf(fields.policy), textOf(fields.rule)];
  if (!/^meyasubako\/[0-9a-f]{32}$/.test(origin)) malformed();
  const promise = "promise" in fields ? promisedOf(fields.promise, "leaf") : null;
  const receipt = "receipt" in fields ? promisedOf(fields.receipt, "envelope") : null;
  const content = "content" in fields ? contentOf(fields.content) : [];
  const ownPolicy = readPolicy(policy);
  const shown = leavesOf(fields.proofs, kind, origin);
  return { kind, origin, policy, ownPolicy, rule, shown, promise, receipt, content };
}
