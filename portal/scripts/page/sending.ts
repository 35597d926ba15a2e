// Sealing and sending: a report, a message, a new code, forgetting. Nothing in here touches the page.

import type { FileEntry } from "../format/attachment.js";
import { nextChoice } from "../format/casehead.js";
import { type Choice, firstChoice, recordHash, sealRecord } from "../format/choice.js";
import type { Outcome, sendBeside } from "./beside.js";
import { type Bytes, b64d, b64e, canonicalJson, hex, hexId, random, same, unhex } from "../format/encoding.js";
import { FROM_REPORTER, REPORT, envelopeHash, unpad } from "../format/envelope.js";
import { Fault, fail } from "../format/errors.js";
import { sign, verify } from "../format/keys.js";
import { readersField } from "../format/listing.js";
import {
  type Payload,
  forgetText,
  newKeysMessage,
  receiptText,
  replaceText,
  reportPayload,
  reporterMessage,
  signReporter,
} from "../format/messages.js";
import { derive, fromRoot, newCode, type Receipt } from "../format/receipt.js";
import { actPk, grant, seal } from "../format/seal.js";
import { type Answer, Refused, type Site, fetchSite, newcomers, post, recipientsOf } from "./server.js";
import { type Conversation, checkChoice, look } from "./conversation.js";
import { openEnvelope } from "../format/unseal.js";

const CHOICE_TRIES = 4;

/** Everybody is shut out: nobody could read it. */
export class NobodyLeft extends Error {}

/** Whether the way without scripts could do better: only where it is this page's own code that can't go on. */
export function plainHelps(error: unknown): boolean {
  if (error instanceof Refused) return /^(bad_request|envelope|signature|unexpected)$/.test(error.word);
  // What this page throws by itself, for a choice or a report that is kept back, is called "Error".
  return error instanceof Fault ? error.misuse : !(error instanceof Error) || error.name !== "Error";
}

/** The site's signed word that it accepted an envelope; all of it is public. */
export interface Certificate {
  kept: string;
  hash: string;
  day: string;
  signature: string;
  key: string;
  /** Days on which to look again, the next one first: what the site says, not signed (cases/coming_back.py). */
  visits: { why: string; day: string }[];
}

/** Seal and open once, before anybody is told that this browser can. */
export function selfTest(): boolean {
  try {
    const root = unhex("661452931c04514fc74f86a11fe399ea31e45b6e41fabdb2267f4b9f91b34987");
    const own = fromRoot(root);
    const to = [{ keyId: own.mailboxKeyId, boxPk: own.mailbox.pk }];
    const { raw } = seal(FROM_REPORTER, random(16), { message: "目安箱" }, to);
    const { padded } = openEnvelope(raw, own.mailbox, own.mailboxKeyId);
    return (
      same(unpad(padded), canonicalJson({ message: "目安箱" })) &&
      hex(own.caseId) === "cc3dbc1e15071ab69833aad2e36b503c"
    );
  } catch {
    return false;
  }
}

function certificate(given: Answer, raw: Bytes, site: Site): Certificate {
  const answer = given as unknown as Certificate & { look_again: Certificate["visits"] };
  const hash = unhex(answer.hash);
  if (answer.kept === "new" || answer.kept === "message") {
    if (hex(envelopeHash(raw)) !== answer.hash) fail("SignatureWrong");
  }
  verify(site.signPk, receiptText(hash, answer.day), b64d(answer.signature));
  const { kept, day, signature, look_again: visits } = answer;
  return { kept, hash: answer.hash, day, signature, key: b64e(site.signPk), visits };
}

function slots(site: Site, exclude: Set<string>, atReport?: Set<string>) {
  const recipients = recipientsOf(site, exclude, atReport);
  if (recipients.every((recipient) => recipient.shutOut)) throw new NobodyLeft();
  return recipients;
}

/** A payload with its envelope id and its readers, signed and sealed. */
function sealed(kind: number, id: Bytes, unsigned: Payload, own: Receipt, site: Site, to: ReturnType<typeof slots>) {
  const readers = readersField(
    site.list.prefix(),
    to.map((recipient) => hex(recipient.keyId)),
  );
  return seal(kind, id, signReporter(kind, { ...unsigned, readers, envelope_id: hexId(id) }, own), to);
}

/** The whole choice has to be made again; `known`: who is shut out already, in hex. */
export class ChooseAgain extends Error {
  constructor(readonly known: Set<string>) {
    super();
  }
}

/** Turn another script's answer into this one's. Throws ChooseAgain, NobodyLeft, Refused, Fault. */
function toldHere({ certificate, known, isNobodyLeft, refused, fault }: Outcome): Certificate {
  if (known) throw new ChooseAgain(known);
  if (isNobodyLeft) throw new NobodyLeft();
  if (refused) throw new Refused(refused.word, refused.answer);
  if (fault) throw new Fault(fault.name);
  return certificate!;
}

/** One report; the same text keeps its code and id, so that sending it again is the same submission. */
export class Report {
  readonly code = newCode();
  #id = random(16);
  #tried = "";

  /** `load`: fetches what sends beside a report that is there already. */
  constructor(private load: () => Promise<typeof sendBeside>) {}

  /** `site`: the list that the form shows. `again`: the form asked for the whole choice, with all that is known ticked.
   * Throws Refused `recipients` when the site has another list by now. */
  async send(answers: Payload, exclude: string[], files: FileEntry[], site: Site, again = false): Promise<Certificate> {
    const now = JSON.stringify([answers, exclude, files]);
    if (now !== this.#tried) this.#id = random(16);
    this.#tried = now;
    try {
      return await this.#seal(answers, exclude, files, site);
    } catch (error) {
      if (!(error instanceof Refused) || error.word !== "case_exists") throw error;
      // An earlier text did arrive though its answer was lost: this one goes beside it.
      const send = await this.load();
      return toldHere(
        await send(this.code, this.#id, answers, files, { persons: exclude, again }, site.list.readers()),
      );
    }
  }

  async #seal(answers: Payload, exclude: string[], files: FileEntry[], site: Site): Promise<Certificate> {
    const own = derive(this.code, site.salt);
    const payload = reportPayload(answers, exclude, own, files);
    const { raw, contentKey } = sealed(REPORT, this.#id, payload, own, site, slots(site, new Set(exclude)));
    const record = { choice: firstChoice(exclude), reportHash: envelopeHash(raw), actPk: actPk(contentKey) };
    const answer = await post("report", {
      index: hex(own.index),
      case: hex(own.caseId),
      mailbox_pk: b64e(own.mailbox.pk),
      reporter_sign_pk: b64e(own.signPk),
      mailbox_record: b64e(sealRecord(own.root, own.caseId, record)),
      envelope: b64e(raw),
      grant: b64e(grant(contentKey, own.mailbox.pk)),
      objects: files.map((file) => file.object),
    });
    return certificate(answer, raw, site);
  }
}

/** Persons whom a form shut out. `again`: it asked for the whole choice, with all that is known ticked. */
export interface Ticked {
  persons: string[];
  again: boolean;
}

/** Decide, once more if another page of the same code wrote in between, and send, by the list that was shown: nothing
 * is sealed to whom a newer list has besides. Throws Refused `recipients` when the site has such a list by now. */
async function deciding<Found>(
  own: Receipt,
  of: Conversation,
  ticked: Ticked,
  send: (of: Conversation, choice: Choice) => Promise<Found>,
): Promise<Found> {
  for (let tries = 0, now = of; ; tries++) {
    if (newcomers(now.site, of.site).length) throw new Refused("recipients");
    checkChoice(now, ticked.again);
    const choice = nextChoice(now.head, ticked.persons);
    try {
      return await send(now, choice);
    } catch (error) {
      if (!(error instanceof Refused) || error.word !== "choice" || tries === CHOICE_TRIES) throw error;
      now = await look(own, await fetchSite());
    }
  }
}

/** The record that goes with a choice, made with the root of the code that is to open it. */
function recordOf(root: Bytes, of: Conversation, choice: Choice): { mailbox_record: string; before: string } {
  const { reportHash, actPk } = of.head;
  return {
    mailbox_record: b64e(sealRecord(root, of.caseId, { choice, reportHash, actPk })),
    before: b64e(recordHash(of.record)),
  };
}

/** Add to a case, by the list that it was looked at with; `id` stays with what was written, so that a second sending
 * is a repeat. */
export function sendMessage(
  id: Bytes,
  body: Payload,
  files: FileEntry[],
  own: Receipt,
  of: Conversation,
  ticked: Ticked = { persons: [], again: false },
): Promise<Certificate> {
  return deciding(own, of, ticked, async (now, choice) => {
    const payload = reporterMessage(body, choice, now.seen, now.caseId, files);
    const to = slots(now.site, choice.persons, now.head.atReport);
    const { raw, contentKey } = sealed(FROM_REPORTER, id, payload, own, now.site, to);
    const answer = await post("message", {
      lookup: b64e(own.lookupId),
      ...recordOf(own.root, now, choice),
      envelope: b64e(raw),
      grant: b64e(grant(contentKey, own.mailbox.pk)),
      objects: files.map((file) => file.object),
    });
    return certificate(answer, raw, now.site);
  });
}

/** Give a code up for a new one (2.10). */
export class Replacement {
  readonly code = newCode();
  readonly #id = random(16);

  send(own: Receipt, of: Conversation, ticked: Ticked = { persons: [], again: false }): Promise<void> {
    return deciding(own, of, ticked, async (now, choice) => {
      const fresh = derive(this.code, now.site.salt);
      const payload = newKeysMessage(fresh, choice, own, now.seen, now.caseId);
      const to = slots(now.site, choice.persons, now.head.atReport);
      const { raw, contentKey } = sealed(FROM_REPORTER, this.#id, payload, own, now.site, to);
      const granted = (id: string, key: Bytes) => ({ envelope: id, sealed: b64e(grant(key, fresh.mailbox.pk)) });
      const text = replaceText(now.caseId, own.index, fresh.index, fresh.mailbox.pk, fresh.signPk);
      await post("replace", {
        lookup: b64e(own.lookupId),
        index: hex(fresh.index),
        mailbox_pk: b64e(fresh.mailbox.pk),
        reporter_sign_pk: b64e(fresh.signPk),
        ...recordOf(fresh.root, now, choice),
        envelope: b64e(raw),
        grants: [
          ...[...now.head.opened].map(([id, { contentKey: key }]) => granted(id, key)),
          granted(hexId(this.#id), contentKey),
        ],
        sig: b64e(sign(own.signSeed, text)),
      });
    });
  }
}

/** Ask the server to forget what this code can open (2.10). */
export async function forget(own: Receipt, of: Conversation): Promise<void> {
  await deciding(own, of, { persons: [], again: false }, (now, choice) =>
    post("forget", {
      lookup: b64e(own.lookupId),
      ...recordOf(own.root, now, choice),
      day: now.site.day,
      sig: b64e(sign(own.signSeed, forgetText(now.caseId, now.site.day))),
    }),
  );
}
