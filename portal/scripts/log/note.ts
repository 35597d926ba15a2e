// Signed notes, checkpoints and cosignatures (docs/format.md, 5.2; C2SP; crypto/note.py). Base64 here is the standard
// alphabet with padding, one spelling only; everywhere else it is base64url without.

import { sha256 } from "@noble/hashes/sha2.js";
import { type Bytes, b64d, b64e, concat, hex, same, utf8 } from "../format/encoding.js";
import { fail } from "../format/errors.js";
import { verify } from "../format/keys.js";
import { EMPTY_ROOT } from "./tlog.js";

/** Types of keys: a log's, a witness's. Lines of others are passed over. */
export const ED25519 = 1;
export const COSIGNATURE = 4;
const MAX_SIGNATURES = 64;
const MAX_NOTE = 1_000_000;
const MAX_NUMBER = 2n ** 63n - 1n;
const DASH = "\u2014 ";
/** White space as Python knows it: a name has none. */
export const SPACE = "\\t-\\r\\x1c- \\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000";
const NAME = new RegExp(`^[^${SPACE}+\\x00-\\x1f\\x7f]+$`);
const CONTROL = /[\x00-\x09\x0b-\x1f\x7f]/;

/** Standard Base64 with padding. */
export function stdEncode(raw: Uint8Array): string {
  const text = b64e(raw).replace(/-/g, "+").replace(/_/g, "/");
  return text + "=".repeat((4 - (text.length % 4)) % 4);
}

/** The bytes of standard Base64 in its one spelling; `otherwise`: the fault. */
export function stdDecode(text: string, otherwise = "NoteMalformed"): Bytes {
  if (!/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(text)) fail(otherwise);
  try {
    return b64d(text.replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, ""));
  } catch {
    return fail(otherwise);
  }
}

/** A decimal from 0 to 2^63 - 1 without leading zeros; null for any other text. */
export function numberOf(text: string): number | null {
  return /^(?:0|[1-9][0-9]{0,18})$/.test(text) && BigInt(text) <= MAX_NUMBER ? Number(text) : null;
}

/** A public key under a name: a log's (type 1) or a witness's (type 4). `text`: as it is written down, a vkey. */
export interface VerifierKey {
  name: string;
  type: number;
  pk: Bytes;
  keyId: string;
  text: string;
}

/** A key under a name. Fails with MisuseError for what can't be one. */
function verifierKey(name: string, type: number, pk: Bytes): VerifierKey {
  if (!NAME.test(name) || (type !== ED25519 && type !== COSIGNATURE) || pk.length !== 32) fail("MisuseError");
  const raw = concat(Uint8Array.of(type), pk);
  const keyId = hex(sha256(concat(utf8(`${name}\n`), raw)).slice(0, 4));
  return { name, type, pk, keyId, text: `${name}+${keyId}+${stdEncode(raw)}` };
}

/** The key of a vkey. Fails with VerifierKeyMalformed, also for a type that is unknown here. */
export function readKey(text: string): VerifierKey {
  const [name = "", keyId = "", ...rest] = text.split("+");
  const raw = stdDecode(rest.length ? rest.join("+") : "=", "VerifierKeyMalformed");
  const isKey = NAME.test(name) && (raw[0] === ED25519 || raw[0] === COSIGNATURE) && raw.length === 33;
  if (!isKey) fail("VerifierKeyMalformed");
  const key = verifierKey(name, raw[0]!, raw.slice(1));
  return key.keyId === keyId ? key : fail("VerifierKeyMalformed");
}

/** A signature line; `keyId` in hex. */
export interface SignatureLine {
  name: string;
  keyId: string;
  signature: Bytes;
}

/** A note whose signatures nobody has checked yet. */
export interface Note {
  text: string;
  lines: SignatureLine[];
}

function readLine(text: string): SignatureLine {
  const space = text.indexOf(" ", DASH.length);
  const name = text.slice(DASH.length, space);
  if (!text.startsWith(DASH) || space < 0 || !NAME.test(name)) fail("NoteMalformed");
  const raw = stdDecode(text.slice(space + 1));
  return raw.length < 5 ? fail("NoteMalformed") : { name, keyId: hex(raw.slice(0, 4)), signature: raw.slice(4) };
}

/** A note's text and lines. Fails with NoteMalformed. */
export function readNote(note: string): Note {
  const empty = note.lastIndexOf("\n\n");
  const signatures = note.slice(empty + 2);
  if (empty < 1 || !signatures.endsWith("\n") || CONTROL.test(note)) fail("NoteMalformed");
  const lines = signatures.slice(0, -1).split("\n");
  // Characters, not UTF-16 units, where it matters.
  const isLong = note.length > MAX_NOTE && [...note].length > MAX_NOTE;
  if (isLong || lines.length > MAX_SIGNATURES) fail("NoteMalformed");
  return { text: `${note.slice(0, empty)}\n`, lines: lines.map(readLine) };
}

/** A cosignature's time in seconds, 0 for a log's signature. Fails with NoteSignatureWrong. */
function checkLine({ signature }: SignatureLine, key: VerifierKey, text: string): number {
  try {
    if (key.type === ED25519) {
      verify(key.pk, utf8(text), signature);
      return 0;
    }
    const time = new DataView(signature.buffer).getBigUint64(0);
    if (time < 1n || time > MAX_NUMBER) fail("NoteSignatureWrong");
    verify(key.pk, utf8(`cosignature/v1\ntime ${time.toString()}\n${text}`), signature.slice(8));
    return Number(time);
  } catch {
    // Also where it is too short to have a time.
    return fail("NoteSignatureWrong");
  }
}

/** Which of these keys signed a note, each once, with its time. Lines of other keys are passed over; a line of a known
 * key that does not hold refuses the note: NoteSignatureWrong. */
export function signers({ text, lines }: Note, keys: VerifierKey[]): Map<VerifierKey, number> {
  const known = new Map(keys.map((key) => [`${key.name} ${key.keyId}`, key]));
  const signed = new Map<VerifierKey, number>();
  for (const line of lines) {
    const key = known.get(`${line.name} ${line.keyId}`);
    if (!key) continue;
    const time = checkLine(line, key, text);
    if (!signed.has(key)) signed.set(key, time);
  }
  return signed;
}

/** The state of a log: how many leaves, and the root above them. */
export interface Checkpoint {
  origin: string;
  size: number;
  root: Bytes;
}

/** A checkpoint that the log's key signed, and which witnesses cosigned it, each with its time. */
export interface SignedCheckpoint extends Checkpoint {
  note: string;
  cosigned: Map<VerifierKey, number>;
}

/** The checkpoint that a note's text is. Fails with CheckpointMalformed, CheckpointOrigin. */
export function checkpointOf(text: string, wanted: string): Checkpoint {
  const [origin, count, encoded, end, more] = text.split("\n");
  if (end !== "" || more !== undefined) fail("CheckpointMalformed");
  const [size, root] = [numberOf(count!), stdDecode(encoded!, "CheckpointMalformed")];
  if (size === null || root.length !== 32 || (!size && !same(root, EMPTY_ROOT))) return fail("CheckpointMalformed");
  return origin === wanted ? { origin, size, root } : fail("CheckpointOrigin");
}

/** The keys of one log, oldest first: each with the first size of the checkpoints that it has to sign. */
export type LogKeys = { since: number; key: VerifierKey }[];

/** A checkpoint of this log. `log`: its key, or all that it had: then the one that its size asks for has to have signed.
 * One witness key counts once, under whatever names. Fails with NoteMalformed, CheckpointMalformed, CheckpointOrigin,
 * NoteSignatureWrong, NoteUnsigned. */
export function readCheckpoint(
  note: string,
  log: VerifierKey | LogKeys,
  witnesses: VerifierKey[] = [],
): SignedCheckpoint {
  const read = readNote(note);
  const known = Array.isArray(log) ? log : [{ since: 0, key: log }];
  const signed = signers(read, [...known.map(({ key }) => key), ...witnesses]);
  const own = known.filter(({ key }) => signed.delete(key));
  if (!own.length) fail("NoteUnsigned");
  const cosigned = new Map<VerifierKey, number>();
  for (const [key, time] of signed) {
    if (![...cosigned.keys()].some(({ pk }) => same(pk, key.pk))) cosigned.set(key, time);
  }
  const checkpoint = checkpointOf(read.text, known[0]!.key.name);
  if (!own.includes(known.filter(({ since }) => since <= checkpoint.size).at(-1)!)) fail("NoteUnsigned");
  return { ...checkpoint, note, cosigned: cosigned };
}
