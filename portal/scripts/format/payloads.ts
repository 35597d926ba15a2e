// What a payload of each kind has to hold (docs/format.md, 2.4; crypto/payloads.py).

import { isDay } from "./days.js";
import { b64d, hexId, utf8 } from "./encoding.js";
import { FROM_REPORTER, REPORT, TO_REPORTER } from "./envelope.js";
import { MAX_FILE_NAME } from "./filename.js";
import {
  ANSWERS,
  CATEGORIES,
  CHANNELS,
  LANGUAGES,
  MAX_CHOICE,
  MAX_EXCLUDED,
  MAX_FILES,
  MAX_SEEN,
  MEANINGS,
  NO_REPORT,
} from "./limits.js";

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
    value.every((item, at) => rule(item) && (at === 0 || (value[at - 1] as string) < (item as string)));
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

const INTAKE: Rules = {
  channel: (value) => CHANNELS.includes(value as string),
  day: isDay,
  code: (value) => value === "given" || value === "none",
  author: isId,
  sig: bytes(64),
};

/** An object with exactly these fields, each as its rule wants it. */
function exactly(rules: Rules): Rule {
  const names = Object.keys(rules);
  return (value) =>
    isRecord(value) &&
    Object.keys(value).length === names.length &&
    names.every((name) => name in value && rules[name]!(value[name]));
}

/** Tell whether this is what an auditor says of a report that was written down (2.14). */
export const isIntake: Rule = exactly(INTAKE);

/** Tell whether this is a file's entry (section 4.2). */
export function isFile(value: unknown): boolean {
  if (!exactly(FILE)(value)) return false;
  const { cleaned, found } = value as { cleaned: string; found: unknown[] };
  return cleaned === "removed" ? found.length > 0 : cleaned === "partly" || !found.length;
}

const isFiles: Rule = (value) =>
  Array.isArray(value) &&
  value.length <= MAX_FILES &&
  value.every(isFile) &&
  new Set(value.map((file: { object: string }) => file.object)).size === value.length;

/** What a payload signs of the list that it was sealed by (2.5). */
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

/** Tell whether this is the number of a choice (section 2.9). */
export const isChoice: Rule = (value) =>
  Number.isInteger(value) && (value as number) >= 1 && (value as number) <= MAX_CHOICE;

/** Tell whether this is an answer's `access`: one change of who reads the case (section 2.16). */
const isAccess: Rule = (value) =>
  isRecord(value) &&
  Object.keys(value).sort().join() === "number,proposer,sig,target,what" &&
  ["off", "given"].includes(value.what as string) &&
  isId(value.target) &&
  isId(value.proposer) &&
  isChoice(value.number) &&
  bytes(64)(value.sig);

/** What a reporter's message says that it is; "" for an ordinary one and for no message. */
export function meaningOf(payload: Record<string, unknown>): string {
  const { meaning } = payload;
  return "message" in payload && MEANINGS.includes(meaning as string) ? (meaning as string) : "";
}

/** The fields that a payload has to have, and those that it may have. */
function rulesOf(kind: number, payload: Record<string, unknown>): [Rules, Rules] {
  const every: Rules = {
    v: (value) => value === 1,
    case_id: isId,
    envelope_id: isId,
    files: (value) => Array.isArray(value) && value.length === 0,
    readers: isReaders,
    sig: bytes(64),
  };
  const choice: Rules = { exclude: ascending(MAX_EXCLUDED, isId), choice: isChoice };
  const files: Rules = { files: isFiles };
  const keys: Rules = { mailbox_pk: bytes(32), reporter_sign_pk: bytes(32) };
  const taken: Rules = { ...keys, new_sig: bytes(64) };
  const later: Rules = { ...every, seen: ascending(MAX_SEEN, isId) };
  const form: Rules = { what_happened: isText };
  const optional: Rules = {
    ...Object.fromEntries(ANSWERS.map((name) => [name, isText])),
    category: (value) => CATEGORIES.includes(value as string),
    language: (value) => LANGUAGES.includes(value as string),
  };
  const logKey: Rules = { log_key: bytes(32) };
  const ofAnswer: Rules = { access: isAccess, category: (value) => value === NO_REPORT || optional.category!(value) };
  const meaning: Rules = { meaning: (value) => MEANINGS.includes(value as string) };
  if (kind === REPORT)
    return [
      { ...every, ...choice, ...files, ...form, ...keys },
      { ...optional, ...logKey, intake: isIntake },
    ];
  if (kind === FROM_REPORTER) {
    if ("message" in payload) return [{ ...later, ...choice, ...files, message: isText }, meaning];
    if ("mailbox_pk" in payload || "reporter_sign_pk" in payload) return [{ ...later, ...choice, ...taken }, logKey];
    return [
      { ...later, ...choice, ...files, ...form },
      { ...optional, ...logKey },
    ];
  }
  if (kind === TO_REPORTER) return [{ ...later, author: isId, choice: isChoice, message: isText }, ofAnswer];
  return [{ ...later, author: isId, record: isRecord }, {}];
}

/** The names of what is wrong with a payload that was found in an envelope. */
export function payloadFaults(kind: number, payload: Record<string, unknown>, id: Uint8Array): string[] {
  // What another version's fields mean is not known here.
  if ("v" in payload && payload.v !== 1) return ["PayloadVersion"];
  const [required, optional] = rulesOf(kind, payload);
  const known: Rules = { ...optional, ...required };
  const names = Object.keys(payload);
  const has = (name: string) => Object.hasOwn(known, name);
  const faults: string[] = [];
  if (!Object.keys(required).every((name) => name in payload)) faults.push("PayloadFieldMissing");
  if (!names.every(has)) faults.push("PayloadFieldUnknown");
  if (!names.every((name) => !has(name) || known[name]!(payload[name]))) faults.push("PayloadFieldWrong");
  if (isId(payload.envelope_id) && payload.envelope_id !== hexId(id)) faults.push("EnvelopeIdMismatch");
  return faults;
}
