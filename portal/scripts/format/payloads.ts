// What a payload of each kind has to hold (docs/format.md, 2.4; crypto/payloads.py).

import { b64d, hexId, utf8 } from "./encoding.js";
import { FROM_REPORTER, REPORT, TO_REPORTER } from "./envelope.js";
import { MAX_FILE_NAME } from "./filename.js";

export const ANSWERS = [
  "what_happened",
  "who",
  "why",
  "when",
  "where",
  "personal_data",
  "how_many",
  "cause",
  "concealment",
  "concealed_by",
  "told_whom",
  "evidence",
];
/** Languages of the site's pages; `easy` is plain Japanese. */
const LANGUAGES = ["ja", "en", "easy"];
/** What a reporter's message can say that it is; without any of them it is an ordinary one. */
export const MEANINGS = ["withdraw", "correct", "name"];
export const MAX_SEEN = 16;
export const MAX_EXCLUDED = 64;
export const MAX_CHOICE = 2 ** 32 - 1;
export const MAX_FILES = 20;
const FOUND = ["author", "camera", "comment", "history", "other", "place", "software", "thumbnail", "time"];

type Rule = (value: unknown) => boolean;
type Rules = Record<string, Rule>;

const isId: Rule = (value) => typeof value === "string" && /^[0-9a-f]{32}$/.test(value);
const isText: Rule = (value) => typeof value === "string" && value !== "";
const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function bytes(size: number): Rule {
  return (value) => {
    try {
      return b64d(value).length === size;
    } catch {
      return false;
    }
  };
}

/** So many strings at most, each as `rule` wants it, ascending, none twice. */
function ascending(most: number, rule: Rule): Rule {
  return (value) =>
    Array.isArray(value) &&
    value.length <= most &&
    value.every((one, at) => rule(one) && (at === 0 || (value[at - 1] as string) < (one as string)));
}

const FILE: Rules = {
  object: isId,
  key: bytes(32),
  hash: bytes(32),
  size: (value) => Number.isInteger(value) && (value as number) >= 0 && (value as number) <= 2 ** 40,
  name: (value) => typeof value === "string" && value !== "" && utf8(value).length <= MAX_FILE_NAME,
  type: (value) => typeof value === "string" && /^[!-~]{1,100}$/.test(value),
  cleaned: (value) => ["removed", "partly", "nothing", "not"].includes(value as string),
  found: ascending(FOUND.length, (value) => FOUND.includes(value as string)),
};

/** Tell whether this is a file's entry (section 4.2). */
export function isFile(value: unknown): boolean {
  if (!isRecord(value) || Object.keys(value).length !== Object.keys(FILE).length) return false;
  const inOrder = Object.entries(FILE).every(([name, rule]) => name in value && rule(value[name]));
  const some = inOrder && (value.found as unknown[]).length > 0;
  return inOrder && (value.cleaned === "removed" ? some : value.cleaned === "partly" || !some);
}

const isFiles: Rule = (value) =>
  Array.isArray(value) &&
  value.length <= MAX_FILES &&
  value.every(isFile) &&
  new Set(value.map((one: { object: string }) => one.object)).size === value.length;

export interface Readers {
  length: number;
  digest: string;
  keys: string[];
}

/** Tell whether this is a payload's `readers`: a prefix of the list, and the slots' key ids. */
export function isReaders(value: unknown): value is Readers {
  if (!isRecord(value) || Object.keys(value).sort().join() !== "digest,keys,length") return false;
  const { length, digest, keys } = value;
  const inRange = Number.isInteger(length) && (length as number) >= 1 && (length as number) < 2 ** 31;
  return inRange && bytes(32)(digest) && ascending(64, isId)(keys) && (keys as string[]).length > 0;
}

const EVERY: Rules = {
  v: (value) => value === 1,
  case_id: isId,
  envelope_id: isId,
  files: (value) => Array.isArray(value) && value.length === 0,
  readers: isReaders,
  sig: bytes(64),
};
/** Tell whether this is the number of a choice (section 2.9). */
export const isChoice: Rule = (value) =>
  Number.isInteger(value) && (value as number) >= 1 && (value as number) <= MAX_CHOICE;

const CHOICE: Rules = { exclude: ascending(MAX_EXCLUDED, isId), choice: isChoice };
const FILES: Rules = { files: isFiles };
const KEYS: Rules = { mailbox_pk: bytes(32), reporter_sign_pk: bytes(32) };
const TAKEN: Rules = { ...KEYS, new_sig: bytes(64) };
const LATER: Rules = { ...EVERY, seen: ascending(MAX_SEEN, isId) };
const FORM: Rules = { what_happened: isText };
const OPTIONAL: Rules = {
  ...Object.fromEntries(ANSWERS.map((name) => [name, isText])),
  language: (value) => LANGUAGES.includes(value as string),
};
const MEANING: Rules = { meaning: (value) => MEANINGS.includes(value as string) };

/** What a reporter's message says that it is; "" for an ordinary one and for no message. */
export function meaningOf(payload: Record<string, unknown>): string {
  const { meaning } = payload;
  return "message" in payload && MEANINGS.includes(meaning as string) ? (meaning as string) : "";
}

function rulesOf(kind: number, payload: Record<string, unknown>): [Rules, Rules] {
  if (kind === REPORT) return [{ ...EVERY, ...CHOICE, ...FILES, ...FORM, ...KEYS }, OPTIONAL];
  if (kind === FROM_REPORTER) {
    if ("message" in payload) return [{ ...LATER, ...CHOICE, ...FILES, message: isText }, MEANING];
    if ("mailbox_pk" in payload || "reporter_sign_pk" in payload) return [{ ...LATER, ...CHOICE, ...TAKEN }, {}];
    return [{ ...LATER, ...CHOICE, ...FILES, ...FORM }, OPTIONAL];
  }
  if (kind === TO_REPORTER) return [{ ...LATER, author: isId, choice: isChoice, message: isText }, {}];
  return [{ ...LATER, author: isId, record: isRecord }, {}];
}

/** The names of what is wrong with a payload that was found in an envelope. */
export function payloadFaults(kind: number, payload: Record<string, unknown>, id: Uint8Array): string[] {
  // What another version's fields mean is not known here.
  if ("v" in payload && payload.v !== 1) return ["PayloadVersion"];
  const [required, optional] = rulesOf(kind, payload);
  const known: Rules = { ...optional, ...required };
  const names = Object.keys(payload);
  const has = (name: string) => Object.hasOwn(known, name);
  const found: string[] = [];
  if (!Object.keys(required).every((name) => name in payload)) found.push("PayloadFieldMissing");
  if (!names.every(has)) found.push("PayloadFieldUnknown");
  if (!names.every((name) => !has(name) || known[name]!(payload[name]))) found.push("PayloadFieldWrong");
  if (isId(payload.envelope_id) && payload.envelope_id !== hexId(id)) found.push("EnvelopeIdMismatch");
  return found;
}
