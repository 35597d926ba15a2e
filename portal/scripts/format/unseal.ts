// Opening an envelope (docs/format.md, 2.5; crypto/unseal.py).

import { type Bytes, type Json, type JsonObject, compare, parseCanonicalJson, readJson, same } from "./encoding.js";
import { type Envelope, FROM_REPORTER, REPORT, decode, header, strip, unpad } from "./envelope.js";
import { Fault, fail, faultName } from "./errors.js";
import { openBox } from "./curves.js";
import { type BoxKeys, decrypt, signPk } from "./keys.js";
import { payloadFaults } from "./payloads.js";
import { actPk, actSeed, commitment } from "./seal.js";

/** An envelope that was opened. */
export interface Opened {
  kind: number;
  id: Bytes;
  contentKey: Bytes;
  payload: JsonObject;
  rawPayload: Bytes;
  unusual: string[];
}

async function contentKey(of: Envelope, sealed: Bytes[], keys: BoxKeys): Promise<Bytes> {
  let wrong = false;
  for (const box of sealed) {
    const key = await openBox(box, keys);
    if (key?.length !== 32) continue;
    if (same(commitment(key), of.commitment)) return key;
    wrong = true;
  }
  return fail(wrong ? "CommitmentMismatch" : "CannotOpen");
}

function writable(value: Json): Json {
  if (typeof value === "string") return value.replace(/[\ud800-\udfff]/gu, "\ufffd");
  if (Array.isArray(value)) return value.map(writable);
  if (typeof value !== "object" || value === null) return value;
  const copy = Object.create(null) as JsonObject;
  for (const [name, part] of Object.entries(value)) copy[writable(name) as string] = writable(part);
  return copy;
}

function payloadOf(kind: number, padded: Bytes, id: Bytes) {
  const unusual: string[] = [];
  let rawPayload = padded;
  let payload: JsonObject = {};
  try {
    rawPayload = unpad(padded);
  } catch (error) {
    unusual.push(faultName(error));
    rawPayload = strip(padded).raw;
  }
  try {
    const { object, faults } = readJson(rawPayload);
    payload = object;
    unusual.push(...faults, ...payloadFaults(kind, object, id));
  } catch (error) {
    unusual.push(faultName(error));
  }
  if (unusual[0] && kind !== REPORT && kind !== FROM_REPORTER) throw new Fault(unusual[0]);
  if (unusual.includes("LoneSurrogate")) payload = writable(payload) as JsonObject;
  return { payload, rawPayload, unusual: [...new Set(unusual)] };
}

/** The padded payload of an envelope, by the own slot, then by each grant; the payload itself is not looked at. */
export async function openEnvelope(raw: Bytes, keys: BoxKeys, keyId: Bytes, grants: Bytes[] = []) {
  const envelope = decode(raw);
  const own = envelope.slots.filter((slot) => !compare(slot.keyId, keyId)).map((slot) => slot.sealed);
  const sealed = [...own, ...grants];
  if (!sealed.length) fail("NotAddressed");
  const key = await contentKey(envelope, sealed, keys);
  const padded = paddedOf(envelope, key, envelope.kind === REPORT ? await actPk(key) : envelope.actPk);
  return { kind: envelope.kind, id: envelope.id, contentKey: key, padded };
}

function paddedOf(envelope: Envelope, key: Bytes, act: Bytes): Bytes {
  if (compare(act, envelope.actPk)) fail("ActKeyMismatch");
  return decrypt(key, envelope.nonce, header(envelope), envelope.ciphertext) ?? fail("CiphertextForged");
}

/** An envelope's kind and payload, by a content key that was handed over (docs/format.md, 5.9). Nothing is forgiven,
 * whatever the kind. Throws Fault. */
export function openWithKey(raw: Bytes, key: Bytes): { kind: number; payload: JsonObject } {
  const envelope = decode(raw);
  if (!same(commitment(key), envelope.commitment)) fail("CommitmentMismatch");
  const payload = parseCanonicalJson(
    unpad(paddedOf(envelope, key, envelope.kind === REPORT ? signPk(actSeed(key)) : envelope.actPk)),
  );
  const faults = payloadFaults(envelope.kind, payload, envelope.id);
  if (faults[0]) throw new Fault(faults[0]);
  return { kind: envelope.kind, payload };
}

/** Open an envelope by the own slot, then by each grant. Throws Fault. */
export async function unseal(raw: Bytes, keys: BoxKeys, keyId: Bytes, grants: Bytes[] = []): Promise<Opened> {
  const { padded, ...opened } = await openEnvelope(raw, keys, keyId, grants);
  return { ...opened, ...payloadOf(opened.kind, padded, opened.id) };
}
