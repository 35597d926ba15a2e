// What `make bench` times in a browser: sealing a report, and opening a case of some envelopes.

import { hexId, random } from "../format/encoding.js";
import { FROM_REPORTER, REPORT, envelopeHash } from "../format/envelope.js";
import { derive, newCode } from "../format/receipt.js";
import { reportPayload, signReporter } from "../format/messages.js";
import { firstChoice, sealRecord } from "../format/choice.js";
import { actPk, grant, seal } from "../format/seal.js";
import { unseal } from "../format/unseal.js";

const salt = random(16);
const own = derive(newCode(), salt);
const to = [0, 1].map((number) => ({
  keyId: new Uint8Array(16).fill(number) as ReturnType<typeof random>,
  boxPk: own.mailbox.pk,
}));
const text = "あ".repeat(2000);

function milliseconds(times: number, doing: () => void): number {
  doing();
  const start = performance.now();
  for (let turn = 0; turn < times; turn++) doing();
  return (performance.now() - start) / times;
}

/** All that one report costs but the network: a code, its keys, the envelope, the grant, the record. */
function sealReport(times: number): number {
  return milliseconds(times, () => {
    const mine = derive(newCode(), salt);
    const id = random(16);
    const payload = { ...reportPayload({ what_happened: text }, [], mine), envelope_id: hexId(id) };
    const { raw, contentKey } = seal(REPORT, id, signReporter(REPORT, payload, mine), to);
    grant(contentKey, mine.mailbox.pk);
    const record = { choice: firstChoice([]), reportHash: envelopeHash(raw), actPk: actPk(contentKey) };
    sealRecord(mine.root, mine.caseId, record);
  });
}

/** All that one look costs but the network and the auditors' signatures: the code's keys and ten envelopes. */
function openCase(times: number): number {
  const made = Array.from({ length: 10 }, () => seal(FROM_REPORTER, random(16), { message: text }, to));
  const grants = made.map((sealed) => grant(sealed.contentKey, own.mailbox.pk));
  return milliseconds(times, () => {
    derive(newCode(), salt);
    made.forEach((sealed, at) => unseal(sealed.raw, own.mailbox, own.mailboxKeyId, [grants[at]!]));
  });
}

Object.assign(globalThis, { bench: { sealReport, openCase } });
