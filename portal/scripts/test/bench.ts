// What `make bench` times in a browser: sealing a report, and opening a case of some envelopes.

import { NOBLE, curves } from "../format/curves.js";
import { hexId, random } from "../format/encoding.js";
import { FROM_REPORTER, REPORT, envelopeHash } from "../format/envelope.js";
import { derive, newCode } from "../format/receipt.js";
import { reportPayload, signReporter } from "../format/messages.js";
import { firstChoice, sealRecord } from "../format/choice.js";
import { grant, seal } from "../format/seal.js";
import { unseal } from "../format/unseal.js";

const salt = random(16);
const own = await derive(newCode(), salt);
const to = [0, 1].map((number) => ({
  keyId: new Uint8Array(16).fill(number) as ReturnType<typeof random>,
  boxPk: own.mailbox.pk,
}));
const text = "あ".repeat(2000);

/** The least of some batches: what is left is the work itself. */
async function milliseconds(batches: number, doing: () => Promise<unknown>): Promise<number> {
  let least = Infinity;
  for (let batch = 0; batch < batches; batch++) {
    const start = performance.now();
    for (let turn = 0; turn < 5; turn++) await doing();
    least = Math.min(least, (performance.now() - start) / 5);
  }
  return least;
}

/** All that one report costs but the network: a code, its keys, the envelope, the grant, the record. */
function sealReport(batches: number): Promise<number> {
  return milliseconds(batches, async () => {
    const mine = await derive(newCode(), salt);
    const id = random(16);
    const payload = { ...reportPayload({ what_happened: text }, [], mine), envelope_id: hexId(id) };
    const { raw, contentKey, actPk } = await seal(REPORT, id, await signReporter(REPORT, payload, mine), to);
    const granted = grant(contentKey, mine.mailbox.pk);
    const record = { choice: firstChoice([]), reportHash: envelopeHash(raw), actPk };
    sealRecord(mine.root, mine.caseId, record);
    await granted;
  });
}

/** All that one look costs but the network and the auditors' signatures: the code's keys and ten envelopes. */
async function openCase(batches: number): Promise<number> {
  const made = await Promise.all(
    Array.from({ length: 10 }, () => seal(FROM_REPORTER, random(16), { message: text }, to)),
  );
  const grants = await Promise.all(made.map((sealed) => grant(sealed.contentKey, own.mailbox.pk)));
  return milliseconds(batches, async () => {
    await derive(newCode(), salt);
    await Promise.all(made.map(({ raw }, at) => unseal(raw, own.mailbox, own.mailboxKeyId, [grants[at]!])));
  });
}

const engine = async () => ((await curves()) === NOBLE ? "noble" : "browser");

Object.assign(globalThis, { bench: { sealReport, openCase, engine } });
