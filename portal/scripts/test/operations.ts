// What the vectors' operations do, as in tests/crypto/operations.py. The bundle runs in Node and in a browser.

import * as attachment from "../format/attachment.js";
import { clean } from "../cleaning/cleaning.js";
import { clean as cleanOffice } from "../cleaning/office.js";
import * as cards from "../format/cards.js";
import {
  type Bytes,
  b64d,
  b64e,
  canonicalJson,
  concat,
  hex,
  idFromHex,
  parseCanonicalJson,
  unhex,
  utf8,
} from "../format/encoding.js";
import * as envelope from "../format/envelope.js";
import { fail, faultName } from "../format/errors.js";
import { fileName } from "../format/filename.js";
import { cleanText, tooLong } from "../format/form.js";
import { Chain } from "../format/keychain.js";
import * as keys from "../format/keys.js";
import * as logleaf from "../format/logleaf.js";
import * as listing from "../format/listing.js";
import * as messages from "../format/messages.js";
import * as receipt from "../format/receipt.js";
import * as sealing from "../format/seal.js";
import { unseal } from "../format/unseal.js";

import { parts } from "../page/furigana.js";
import { ENVELOPE_OPERATIONS, auditor } from "./envelopeoperations.js";
import { type Given, repeated } from "./given.js";
import { curveTests } from "./curveoperations.js";
import { LOG_OPERATIONS, logCopy } from "./logoperations.js";

function placesOf(given: Given): logleaf.Place[] {
  return (given.readers as Given[]).map((card) => ({ keyId: unhex(card.key_id), boxPk: unhex(card.box_pk) }));
}

const TEXTS: Record<string, (given: Given) => Bytes> = {
  status: (given) =>
    messages.statusText(unhex(given.case_id), given.sequence, unhex(given.author), given.status, given.day),
  act: (given) => messages.actText(unhex(given.case_id), b64d(given.raw_b64)),
  receipt: (given) => messages.receiptText(unhex(given.envelope_hash), given.day),
  state: (given) => messages.stateText(unhex(given.case_id), given.day, given.statuses),
  replace: (given) =>
    messages.replaceText(
      unhex(given.case_id),
      unhex(given.old_index),
      unhex(given.new_index),
      unhex(given.mailbox_pk),
      unhex(given.new_sign_pk),
    ),
  taken: (given) => messages.takenText(unhex(given.case_id), unhex(given.old_sign_pk), unhex(given.mailbox_pk)),
  forget: (given) => messages.forgetText(unhex(given.case_id), given.day),
};

function documents(given: Given): (cards.Card | cards.Retirement)[] {
  return given.list.map((document: Given) =>
    "card" in document ? cards.parseCard(utf8(document.card)) : cards.parseRetirement(utf8(document.retirement)),
  );
}

const OPERATIONS: Record<string, (given: Given) => unknown> = {
  ...ENVELOPE_OPERATIONS,
  ...LOG_OPERATIONS,
  file_name: (given) =>
    fileName(given.text.replaceAll("{lone}", "\ud83d").repeat(given.times ?? 1) + (given.end ?? "")),
  form_text: (given) => cleanText(given.text),
  form_too_long: (given) => {
    const answers = Object.entries(given.answers as Record<string, [string, number]>);
    return tooLong(Object.fromEntries(answers.map(([name, [unit, times]]) => [name, cleanText(unit.repeat(times))])))
      .longest;
  },
  log_key: (given) => hex(logleaf.logKey(unhex(given.root), given.epoch)),
  make_leaf: async (given) => {
    const leaf = await logleaf.makeLeaf(unhex(given.log_key), given.opening, placesOf(given));
    if (hex(logleaf.leafAtOnce(unhex(given.log_key), given.opening, placesOf(given))) !== hex(leaf)) fail("at once");
    return { leaf: hex(leaf), hash: hex(logleaf.leafHash(leaf)) };
  },
  logged: (given) => hex(logleaf.promiseText(unhex(given.leaf_hash), given.day)),
  b64: (given) => hex(b64d(given.text)),
  id_text: (given) => hex(idFromHex(given.text)),
  json: (given) => parseCanonicalJson(unhex(given.raw)),
  write_json: (given) => hex(canonicalJson(given.object)),
  pad: (given) => envelope.pad(repeated(0x61, given.length)).length,
  unpad: (given) =>
    envelope.unpad(concat(repeated(0x61, given.fill ?? 0), unhex(given.head), new Uint8Array(given.zeros))).length,
  auditor_keys: async (given) => {
    const person = await auditor(unhex(given.seed));
    const keyId = hex(person.keyId);
    const fingerprint = keyId.match(/.{4}/g)!.join(" ");
    return { box_pk: hex(person.box.pk), sign_pk: hex(person.signPk), key_id: keyId, fingerprint };
  },
  card: (given) => cards.parseCard(utf8(given.text)).keyId,
  chain: (given) => {
    const list = listing.verifyList(documents(given));
    return { readers: [...list.readers()].sort(), digest: b64e(list.prefix().digest) };
  },
  prefix: (given) => hex(new listing.Listing(documents(given)).prefix().digest),
  readers: (given) => {
    const payload = given.readers && { readers: given.readers };
    listing.checkReaders(new listing.Listing(documents(given)), new Set(given.slots), payload, given.own, {
      logged: given.floor[0],
      length: given.floor[1],
    });
    return "fits";
  },
  retirement: (given) => cards.parseRetirement(utf8(given.text)).keyId,
  excluded_keys: (given) => {
    const known = given.cards.map((text: string) => cards.parseCard(utf8(text)));
    return [...cards.excludedKeys(known, new Set(given.exclude), new Set(given.at_report))].sort();
  },
  key_chain: (given) => {
    const known = new Chain(given.report);
    const accepted = given.later.map((message: Given) => known.accept(message));
    const current = known.current && [hex(known.current.mailboxPk), hex(known.current.signPk)];
    return { accepted, current };
  },
  code: (given) => receipt.formatCode(receipt.parseCode(given.text)),
  derive: async (given) => {
    const derived = await receipt.derive(receipt.parseCode(given.text), unhex(given.site_salt));
    return {
      root: hex(derived.root),
      lookup_id: hex(derived.lookupId),
      index: hex(derived.index),
      case_id: hex(derived.caseId),
      mailbox_pk: hex(derived.mailbox.pk),
      mailbox_key_id: hex(derived.mailboxKeyId),
      sign_pk: hex(derived.signPk),
    };
  },
  message: (given) => {
    messages.verifyMessage(given.kind, given.payload, unhex(given.sign_pk));
    return "valid";
  },
  signed_text: (given) => {
    const text = TEXTS[given.what]!(given);
    keys.verify(unhex(given.sign_pk), text, unhex(given.sig));
    return hex(text);
  },
};

/** Bring into one spelling, to compare what was found with what has to be. */
function spelled(value: unknown): string {
  return JSON.stringify(value, (_, part) =>
    part && typeof part === "object" && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([first], [other]) => (first < other ? -1 : 1)))
      : part,
  );
}

/** Run one vector; "" when it came out as it has to. */
async function run(vector: Given): Promise<string> {
  let outcome: string;
  try {
    outcome = spelled({ output: await OPERATIONS[vector.operation]!(vector.input) });
  } catch (error) {
    outcome = spelled({ error: faultName(error) });
  }
  const wanted = spelled("error" in vector ? { error: vector.error } : { output: vector.output });
  return outcome === wanted ? "" : `${outcome.slice(0, 300)} instead of ${wanted.slice(0, 300)}`;
}

/** `vectors`: each vector's result. The others seal for Python and open what Python sealed. */
const tests = {
  vectors: (vectors: Given[]) =>
    Promise.all(
      vectors.map((vector) => run(vector).catch((error: unknown) => `broken: ${String((error as Error).stack)}`)),
    ),

  ...curveTests,

  sealed: (given: { seed: string; payload: Given; kind: number; id: string }[]) =>
    Promise.all(
      given.map(async (item) => {
        const to = await auditor(unhex(item.seed));
        const other = { keyId: new Uint8Array(16), boxPk: to.box.pk, exclude: true };
        const readers = [{ keyId: to.keyId, boxPk: to.box.pk }, other];
        return b64e((await sealing.seal(item.kind, unhex(item.id), item.payload, readers)).raw);
      }),
    ),

  opened: (given: { seed: string; raw: string }[]) =>
    Promise.all(
      given.map(async (item) => {
        const to = await auditor(unhex(item.seed));
        return unseal(b64d(item.raw), to.box, to.keyId).then(({ rawPayload }) => hex(rawPayload), faultName);
      }),
    ),

  files: (given: { key: string; file: string; step: number }[]) =>
    given.map((item) => {
      const file = b64d(item.file);
      const sealer = new attachment.Sealer(unhex(item.key));
      const parts = [sealer.header];
      for (let at = 0; at < file.length; at += item.step) parts.push(sealer.update(file.slice(at, at + item.step)));
      return b64e(concat(...parts, sealer.finish()));
    }),

  objects: (given: { key: string; size: number; raw: string }[]) =>
    given.map((item) => {
      try {
        return b64e(attachment.openObject(unhex(item.key), item.size, b64d(item.raw)));
      } catch (error) {
        return faultName(error);
      }
    }),
};

const cleaned = (given: string[]) =>
  given.map((item) => {
    const raw = b64d(item);
    const { data, about, ...said } = (hex(raw.slice(0, 4)) === "504b0304" ? cleanOffice : clean)(raw);
    return { ...said, data: b64e(data) };
  });

const furigana = (texts: string[]) => texts.map(parts);

export type Tests = typeof tests;
(globalThis as unknown as { tests: object }).tests = { ...tests, cleaned, logCopy, furigana };
