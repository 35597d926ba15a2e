// What the operations of the vectors of envelopes, cases and files do, as in tests/crypto/envelope_operations.py.

import { foldAccess } from "../format/access.js";
import * as attachment from "../format/attachment.js";
import * as cards from "../format/cards.js";
import { judge, nextChoice } from "../format/casehead.js";
import { openRecord } from "../format/choice.js";
import * as curves from "../format/curves.js";
import { type Bytes, b2, b64d, canonicalJson, concat, hex, random, unhex, utf8 } from "../format/encoding.js";
import * as envelope from "../format/envelope.js";
import { fail } from "../format/errors.js";
import { readIntake } from "../format/intake.js";
import * as keys from "../format/keys.js";
import * as messages from "../format/messages.js";
import * as receipt from "../format/receipt.js";
import * as sealing from "../format/seal.js";
import { treatedAs } from "../format/treated.js";
import { unseal } from "../format/unseal.js";
import { type Given, edited, repeated } from "./given.js";

/** An auditor's keys: only tests hold any outside a desk. */
export async function auditor(seed: Bytes) {
  const box = await curves.boxKeys(b2(32, seed, "mybk1-box"));
  const signPk = keys.signPk(b2(32, seed, "mybk1-sign"));
  return { box, signPk, keyId: cards.keyIdOf(box.pk, signPk) };
}

async function withPayload(
  kind: number,
  id: Bytes,
  raw: Bytes,
  to: Awaited<ReturnType<typeof auditor>>,
): Promise<Bytes> {
  const contentKey = random(32);
  const made: envelope.Envelope = {
    kind,
    id,
    commitment: sealing.commitment(contentKey),
    actPk: kind === 1 ? await sealing.actPk(contentKey) : new Uint8Array(32),
    slots: [{ keyId: to.keyId, sealed: await sealing.grant(contentKey, to.box.pk) }],
    nonce: random(24),
    ciphertext: new Uint8Array(0),
  };
  made.ciphertext = keys.encrypt(contentKey, made.nonce, envelope.header(made), envelope.pad(raw));
  return envelope.encode(made);
}

function shown(opened: Awaited<ReturnType<typeof unseal>>) {
  return { payload: opened.payload, unusual: opened.unusual };
}

export const ENVELOPE_OPERATIONS: Record<string, (given: Given) => unknown> = {
  decode: (given) => {
    const raw = edited(given);
    const decoded = envelope.decode(raw);
    if (hex(envelope.encode(decoded)) !== hex(raw)) throw new Error("encode");
    return {
      kind: decoded.kind,
      envelope_id: hex(decoded.id),
      slots: decoded.slots.map((slot) => hex(slot.keyId)),
      hash: hex(envelope.envelopeHash(raw)),
    };
  },
  content_key: async (given) => {
    const key = unhex(given.content_key);
    return { commitment: hex(sealing.commitment(key)), act_pk: hex(await sealing.actPk(key)) };
  },
  open: async (given) => {
    const grants = (given.grants ?? []).map(unhex);
    if ("root" in given) {
      const own = await receipt.fromRoot(unhex(given.root));
      return shown(await unseal(edited(given), own.mailbox, own.mailboxKeyId, grants));
    }
    const reader = await auditor(unhex(given.seed));
    return shown(await unseal(edited(given), reader.box, reader.keyId, grants));
  },
  payload: async (given) => {
    const raw = "raw" in given ? unhex(given.raw) : canonicalJson(given.object);
    const to = await auditor(new Uint8Array(32));
    const made = await withPayload(given.kind, unhex(given.envelope_id), raw, to);
    const opened = await unseal(made, to.box, to.keyId);
    if (hex(opened.rawPayload) !== hex(raw)) throw new Error("raw");
    return shown(opened);
  },
  intake_of: (given) => {
    const known = given.cards.map(([keyId, signPk]: string[]) => ({ keyId, signPk: unhex(signPk!) }));
    const said = readIntake(given.payload, known);
    return said && { ...said, author: said.author.keyId };
  },
  seal_for: async (given) => {
    const to = given.recipients.map(([keyId, boxPk]: string[]) => ({ keyId: unhex(keyId!), boxPk: unhex(boxPk!) }));
    const text = given.text ?? "a".repeat(given.length ?? 1);
    return (await sealing.seal(4, new Uint8Array(16), { message: text }, to)).raw.length;
  },
  exclude_record: (given) => {
    const { choice, reportHash, actPk, off } = openRecord(unhex(given.root), unhex(given.case_id), edited(given));
    const persons = [...choice.persons].sort();
    return {
      number: choice.number,
      persons,
      report: hex(reportHash),
      act_pk: hex(actPk),
      off: Object.fromEntries(off!),
    };
  },
  treated: (given) => {
    const said = treatedAs(given.answers.map(([treated, day]: string[]) => ({ treated, day })));
    return said ? { category: said.treated, since: (said as Given).day } : null;
  },
  access: (given) => {
    const known = given.cards.map((text: string) => cards.parseCard(utf8(text)));
    const changes = given.changes.map(({ access: change, author, length, ...signed }: Given, at: number) => ({
      id: `${at}`,
      ...{ change, author, length },
      slots: new Set(signed.slots),
      exclude: new Set(signed.exclude),
    }));
    const off = new Map(Object.entries(given.known as Record<string, number>));
    const retired = new Map(Object.entries(given.retired as Record<string, number>));
    const state = foldAccess(unhex(given.case_id), known, new Set(given.at_report), changes, off, retired);
    const last = state.refused.find(([signed]) => signed === changes.at(-1));
    if (last) fail(last[1]);
    return {
      off: Object.fromEntries(state.off),
      given: [...state.given],
      counted: state.counted.map(({ id }) => Number(id)),
    };
  },
  stored_case: async (given) => {
    const stored = given.envelopes.map((envelope: Given) => ({
      id: envelope.id,
      raw: b64d(envelope.raw_b64),
      grants: envelope.grants.map(unhex),
      actSig: unhex(envelope.act_sig ?? ""),
    }));
    const known = given.cards.map((text: string) => cards.parseCard(utf8(text)));
    const head = await judge(
      unhex(given.case_id),
      b64d(given.record_b64),
      stored,
      known,
      await receipt.fromRoot(unhex(given.root)),
      new Map(),
    );
    return {
      stop: head.stop,
      number: head.known.number,
      persons: [...head.known.persons].sort(),
      next: nextChoice(head).number,
      report: head.reportId,
      report_hash: hex(head.reportHash),
      act_pk: hex(head.actPk),
      off: Object.fromEntries(head.access.off),
      given: [...head.access.given],
      at_report: [...head.atReport].sort(),
      opened: [...head.opened.keys()].sort(),
      own: [...head.own].sort(),
      answers: Object.fromEntries(head.answers),
      trusted: [...head.trusted].sort(),
      out: [...head.out].sort(),
    };
  },
  repeat_id: (given) => hex(messages.repeatId(unhex(given.nonce), given.payload, unhex(given.root))),
  object_length: (given) => {
    const object = attachment.objectLength(given.size);
    if (!attachment.isObjectLength(object)) throw new Error("length");
    return { padded: attachment.paddedLength(given.size), object };
  },
  is_object_length: (given) => attachment.isObjectLength(given.length),
  open_object: (given) => {
    const file = attachment.openObject(unhex(given.key), given.size, edited(given));
    const digest = attachment.fileHash().update(file).digest();
    if ("entry" in given) attachment.checkFile(given.entry, file.length, digest);
    return { size: file.length, hash: hex(digest) };
  },
  frames: (given) => {
    const begin = random(24);
    const stream = new attachment.Stream(unhex(given.key), begin);
    const made = given.frames.map((frame: Given) =>
      stream.push(concat(unhex(frame.head), new Uint8Array(frame.zeros)), frame.tag),
    );
    const file = attachment.openObject(unhex(given.key), given.size, concat(utf8("MYA1"), begin, ...made));
    return file.length < 100 ? hex(file) : file.length;
  },
  seal_object: (given) => {
    const sealer = new attachment.Sealer(new Uint8Array(32));
    return concat(sealer.header, sealer.update(repeated(0x61, given.length)), sealer.finish()).length;
  },
};
