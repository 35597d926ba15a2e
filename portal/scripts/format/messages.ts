// Payloads, and the texts that are signed (docs/format.md, 2.4, 2.10 and 6; crypto/messages.py).

import { type Choice, choiceFields, firstChoice } from "./choice.js";
import { type Bytes, b2, b64d, b64e, canonicalJson, concat, hexId, idFromHex, uint, utf8 } from "./encoding.js";
import { envelopeHash } from "./envelope.js";
import { Fault, fail } from "./errors.js";
import { sign } from "./curves.js";
import { verify } from "./keys.js";
import { MAX_SEEN } from "./limits.js";
import type { Receipt } from "./receipt.js";

/** A payload's fields, before they are in canonical form. */
export type Payload = { [name: string]: unknown };

function seenOf(seen: Bytes[]): string[] {
  return [...new Set(seen.slice(-MAX_SEEN).map(hexId))].sort();
}

/** A report's payload without its envelope id and signature. */
export function reportPayload(answers: Payload, exclude: string[], of: Receipt, files: unknown[] = []): Payload {
  return {
    ...answers,
    v: 1,
    case_id: hexId(of.caseId),
    ...choiceFields(firstChoice(exclude)),
    files,
    mailbox_pk: b64e(of.mailbox.pk),
    reporter_sign_pk: b64e(of.signPk),
  };
}

/** A later message's payload without envelope id and signature; `choice`: the whole one; `seen`: oldest first. */
export function reporterMessage(
  body: Payload,
  choice: Choice,
  seen: Bytes[],
  caseId: Bytes,
  files: unknown[] = [],
): Payload {
  return { ...body, ...choiceFields(choice), v: 1, case_id: hexId(caseId), files, seen: seenOf(seen) };
}

/** The payload with which `own` is given up for `fresh`, with the new code's own signature. */
export async function newKeysMessage(
  fresh: Receipt,
  choice: Choice,
  own: Receipt,
  seen: Bytes[],
  caseId: Bytes,
): Promise<Payload> {
  const taken = await sign(fresh.signSeed, takenText(caseId, own.signPk, fresh.mailbox.pk));
  const keys = { mailbox_pk: b64e(fresh.mailbox.pk), reporter_sign_pk: b64e(fresh.signPk), new_sig: b64e(taken) };
  return reporterMessage(keys, choice, seen, caseId);
}

function without(fields: Payload, names: string[]): Payload {
  return Object.fromEntries(Object.entries(fields).filter(([name]) => !names.includes(name)));
}

/** The envelope id of a form: the same form, the same id (2.6). */
export function repeatId(nonce: Bytes, payload: Payload, root: Bytes): Bytes {
  if (nonce.length !== 16 || root.length !== 32) fail("MisuseError");
  const kept = without(payload, ["choice", "envelope_id", "language", "log_key", "readers", "seen", "sig"]);
  if (Array.isArray(kept.files)) kept.files = kept.files.map((file: Payload) => without(file, ["object", "key"]));
  return b2(16, concat(nonce, canonicalJson(kept)), "mybk1-repeat", root);
}

function messageText(kind: number, payload: Payload): Bytes {
  const ids = [payload.envelope_id, payload.case_id].map(idFromHex);
  return concat(utf8("mybk1/msg\n"), Uint8Array.of(kind), ...ids, canonicalJson(without(payload, ["sig"])));
}

/** A payload of kind 1 or 2 (with its envelope id) signed with the reporter's key. */
export async function signReporter(kind: number, payload: Payload, of: Receipt): Promise<Payload> {
  const text = messageText(kind, payload);
  return { ...payload, sig: b64e(await sign(of.signSeed, text)) };
}

/** Fail unless the holder of `pk` signed a payload of this kind. */
export function verifyMessage(kind: number, payload: Payload, pk: Bytes): void {
  if (!("sig" in payload)) fail("SignatureMissing");
  let text: Bytes, sig: Bytes;
  try {
    text = messageText(kind, payload);
    sig = b64d(payload.sig);
  } catch (error) {
    if (error instanceof Fault) fail("SignatureWrong");
    throw error;
  }
  verify(pk, text, sig);
}

function text(line: string, ...parts: [Uint8Array, number][]): Bytes {
  if (parts.some(([part, size]) => part.length !== size)) fail("MisuseError");
  return concat(utf8(`mybk1/${line}\n`), ...parts.map(([part]) => part));
}

function word(status: string): string {
  return /^[a-z][a-z_]{0,31}$/.test(status) ? status : fail("MisuseError");
}

/** What an auditor signs of a status. */
export function statusText(caseId: Bytes, sequence: number, author: Bytes, status: string, day: string): Bytes {
  if (!Number.isInteger(sequence) || sequence < 0 || sequence >= 2 ** 32) fail("MisuseError");
  if (author.length !== 16) fail("MisuseError");
  return concat(text("status", [caseId, 16]), uint(sequence, 4), author, utf8(word(status) + day));
}

/** What an access proof signs of an answer. */
export function actText(caseId: Bytes, raw: Bytes): Bytes {
  return text("act", [caseId, 16], [envelopeHash(raw), 32]);
}

/** What the site signs of an envelope that it accepted. */
export function receiptText(hash: Bytes, day: string): Bytes {
  return concat(text("receipt", [hash, 32]), utf8(day));
}

/** What the site signs of a case's state on a day. */
export function stateText(caseId: Bytes, day: string, statuses: string[]): Bytes {
  return concat(text("state", [caseId, 16]), utf8(day + statuses.map(word).join(",")));
}

/** What the old code signs to be replaced. */
export function replaceText(caseId: Bytes, old: Bytes, fresh: Bytes, mailboxPk: Bytes, signPk: Bytes): Bytes {
  return text("replace", [caseId, 16], [old, 16], [fresh, 16], [mailboxPk, 32], [signPk, 32]);
}

/** What the new code signs to take its place. */
export function takenText(caseId: Bytes, oldSignPk: Bytes, mailboxPk: Bytes): Bytes {
  return text("taken", [caseId, 16], [oldSignPk, 32], [mailboxPk, 32]);
}

/** What a code signs to have its copies forgotten. */
export function forgetText(caseId: Bytes, day: string): Bytes {
  return concat(text("forget", [caseId, 16]), utf8(day));
}
