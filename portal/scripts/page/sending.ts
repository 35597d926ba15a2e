// Sealing and sending: a report, a message, a new code, forgetting. Nothing in here touches the page.

import { sha256 } from "@noble/hashes/sha2.js";
import type { FileEntry } from "../format/attachment.js";
import { type CaseHead, nextChoice } from "../format/casehead.js";
import { type Choice, firstChoice, recordHash, sealRecord } from "../format/choice.js";
import type { Outcome, sendBeside } from "./beside.js";
import {
  type Bytes,
  b64d,
  b64e,
  canonicalJson,
  concat,
  hex,
  hexId,
  idFromHex,
  random,
  same,
  unhex,
} from "../format/encoding.js";
import { FROM_REPORTER, REPORT, envelopeHash, unpad } from "../format/envelope.js";
import { Fault, fail } from "../format/errors.js";
import { sign } from "../format/curves.js";
import { verify } from "../format/keys.js";
import { readersField } from "../format/listing.js";
import { checkPromise, logKey, makeLeaf, openingOf } from "../format/logleaf.js";
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
import { type Recipient, grant, seal } from "../format/seal.js";
import { type Answer, Refused, type Site, fetchSite, idsOf, newcomers, post, recipientsOf } from "./server.js";
import { type Conversation, checkChoice, look } from "./conversation.js";
import { openEnvelope } from "../format/unseal.js";

const CHOICE_TRIES = 4;

/** Everybody is excluded: nobody could read it. */
export class NobodyLeft extends Error {}

/** Whether the way without scripts could do better: only where it is this page's own code that can't go on. */
export function plainHelps(error: unknown): boolean {
  if (error instanceof Refused) return /^(bad_request|envelope|signature|unexpected)$/.test(error.word);
  // What this page throws by itself, for a choice or a report that is kept back, is called "Error".
  return error instanceof Fault ? error.misuse : !(error instanceof Error) || error.name !== "Error";
}

/** The site's signed word that a leaf will be in the log after this day. */
export interface LogPromise {
  leaf: string;
  day: string;
  signature: string;
}

/** The site's signed word that it accepted an envelope; all of it is public. */
export interface Certificate {
  kept: string;
  hash: string;
  day: string;
  signature: string;
  key: string;
  /** The site's promise that the leaf will be in the log after this day; null: nothing binds it. */
  promise: LogPromise | null;
  /** Days on which to look again, the next one first: what the site says, not signed (cases/coming_back.py). */
  visits: { why: string; day: string }[];
}

/** Seal and open once, before anybody is told that this browser can. */
export async function selfTest(): Promise<boolean> {
  try {
    const root = unhex("661452931c04514fc74f86a11fe399ea31e45b6e41fabdb2267f4b9f91b34987");
    const own = await fromRoot(root);
    const to = [{ keyId: own.mailboxKeyId, boxPk: own.mailbox.pk }];
    const { raw } = await seal(FROM_REPORTER, random(16), { message: "目安箱" }, to);
    const { padded } = await openEnvelope(raw, own.mailbox, own.mailboxKeyId);
    return (
      same(unpad(padded), canonicalJson({ message: "目安箱" })) &&
      hex(own.caseId) === "cc3dbc1e15071ab69833aad2e36b503c"
    );
  } catch {
    return false;
  }
}

function certificate(given: Answer, raw: Bytes, site: Site, leaf: Bytes | null): Certificate {
  const answer = given as unknown as Certificate & { look_again: Certificate["visits"] };
  const promise = answer.promise ?? null;
  const hash = unhex(answer.hash);
  if (answer.kept === "new" || answer.kept === "message") {
    if (hex(envelopeHash(raw)) !== answer.hash) fail("SignatureWrong");
  }
  verify(site.signPk, receiptText(hash, answer.day), b64d(answer.signature));
  if (promise) checkPromise(site.signPk, leaf ?? fail("SignatureWrong"), promise.day, b64d(promise.signature));
  const { kept, day, signature, look_again: visits } = answer;
  return { kept, hash: answer.hash, day, signature, key: b64e(site.signPk), promise, visits };
}

/** The leaf of an envelope, for the readers of the list that today's leaves go by. */
function leafOf(kind: string, own: Receipt, caseId: Bytes, raw: Bytes, site: Site, epoch: number) {
  return leafFor(logKey(own.root, epoch), openingOf(kind, caseId, raw, hex(envelopeHash(raw))), site);
}

function leafFor(key: Bytes, opening: string, site: Site): Promise<Bytes> {
  const readers = site.list.readers(site.tagged);
  const places = [...site.list.cards.values()].filter((card) => readers.has(card.keyId));
  return makeLeaf(
    key,
    opening,
    places.map(({ keyId, boxPk }) => ({ keyId: idFromHex(keyId), boxPk })),
  );
}

/** Send an act with its leaves. Where the list in the log has grown meanwhile, they are made anew; where the site has
 * the act already, with another leaf, it is sent without: the act counts, and nothing binds the site. */
async function logging<Got>(
  site: Site,
  make: (site: Site) => Promise<Bytes>[],
  send: (leaves: Bytes[]) => Promise<Got>,
): Promise<Got> {
  let now = site;
  for (let tries = 0; ; tries++) {
    const leaves = tries > 1 ? [] : await Promise.all(make(now));
    try {
      return await send(leaves);
    } catch (error) {
      if (!(error instanceof Refused) || !leaves.length || !/^leaf/.test(error.word)) throw error;
      if (error.word === "leaf_length" && !tries) now = await fetchSite();
      else tries = 1;
    }
  }
}

function postWithLeaf(
  path: string,
  body: Answer,
  raw: Bytes,
  site: Site,
  make: (site: Site) => Promise<Bytes>,
): Promise<Certificate> {
  return logging(
    site,
    (now) => [make(now)],
    async ([leaf]) =>
      certificate(await post(path, leaf ? { ...body, leaf: b64e(leaf) } : body), raw, site, leaf ?? null),
  );
}

function slots(site: Site, exclude: Set<string>, head?: CaseHead) {
  if (site.logged < 0) throw new Refused("list_unproved");
  const recipients = recipientsOf(site, exclude, head?.atReport, new Set(head?.access.off.keys()));
  if (recipients.every((recipient) => recipient.exclude)) throw new NobodyLeft();
  return recipients;
}

/** A payload with its envelope id and its readers, signed and sealed. */
async function sealed(kind: number, id: Bytes, unsigned: Payload, own: Receipt, site: Site, to: Recipient[]) {
  const readers = readersField(
    site.list.prefix(site.logged),
    to.map((recipient) => hex(recipient.keyId)),
  );
  return seal(kind, id, await signReporter(kind, { ...unsigned, readers, envelope_id: hexId(id) }, own), to);
}

/** The whole choice has to be made again; `known`: who is excluded already, in hex. */
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
  /** What was sealed for this text and this list: sent again it is the same act, with the same leaf and promise. */
  #sealed: { of: string; made: Awaited<ReturnType<typeof sealed>> } | null = null;

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
      return toldHere(await send(this.code, this.#id, answers, files, { persons: exclude, again }, idsOf(site.active)));
    }
  }

  async #seal(answers: Payload, exclude: string[], files: FileEntry[], site: Site): Promise<Certificate> {
    const own = await derive(this.code, site.salt);
    const payload = { ...reportPayload(answers, exclude, own, files), log_key: b64e(logKey(own.root)) };
    const of = `${this.#tried}${site.list.length} ${site.logged}`;
    if (this.#sealed?.of !== of)
      this.#sealed = { of, made: await sealed(REPORT, this.#id, payload, own, site, slots(site, new Set(exclude))) };
    const { raw, contentKey, actPk } = this.#sealed.made;
    const record = { choice: firstChoice(exclude), reportHash: envelopeHash(raw), actPk };
    const body = {
      index: hex(own.index),
      case: hex(own.caseId),
      mailbox_pk: b64e(own.mailbox.pk),
      reporter_sign_pk: b64e(own.signPk),
      mailbox_record: b64e(sealRecord(own.root, own.caseId, record)),
      envelope: b64e(raw),
      grant: b64e(await grant(contentKey, own.mailbox.pk)),
      objects: files.map((file) => file.object),
    };
    return postWithLeaf("report", body, raw, site, (now) => leafOf("report", own, own.caseId, raw, now, 0));
  }
}

/** Persons whom a form excluded. `again`: it asked for the whole choice, with all that is known ticked. */
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
  const { reportHash, actPk, access } = of.head;
  return {
    mailbox_record: b64e(sealRecord(root, of.caseId, { choice, reportHash, actPk, off: access.off })),
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
    // A changed form that excludes persons brings the next log key: those persons go on without it.
    const epochs = epochsOf(own, logKeysOf(now.head));
    const isNew = "what_happened" in body && choice.persons.size > now.head.known.persons.size;
    const more = isNew ? { log_key: b64e(logKey(own.root, epochs)) } : {};
    const payload = { ...reporterMessage(body, choice, now.seen, now.caseId, files), ...more };
    const epoch = isNew ? epochs : Math.max(epochs - 1, 0);
    const to = slots(now.site, choice.persons, now.head);
    const { raw, contentKey } = await sealed(FROM_REPORTER, id, payload, own, now.site, to);
    const act = {
      lookup: b64e(own.lookupId),
      ...recordOf(own.root, now, choice),
      envelope: b64e(raw),
      grant: b64e(await grant(contentKey, own.mailbox.pk)),
      objects: files.map((file) => file.object),
    };
    return postWithLeaf("message", act, raw, now.site, (at) => leafOf("message", own, now.caseId, raw, at, epoch));
  });
}

/** The log keys that auditors were given, oldest first, b64. */
function logKeysOf(of: CaseHead): string[] {
  return [...of.own].flatMap((id) => {
    const { log_key: key } = of.opened.get(id)!.payload;
    return typeof key === "string" ? [key] : [];
  });
}

/** How many of them are this code's: its epochs go from 0 on. */
function epochsOf(own: Receipt, given: string[]): number {
  let epoch = 0;
  while (given.includes(b64e(logKey(own.root, epoch)))) epoch++;
  return epoch;
}

/** Give a code up for a new one (2.10). */
export class Replacement {
  readonly code = newCode();
  readonly #id = random(16);

  send(own: Receipt, of: Conversation, ticked: Ticked = { persons: [], again: false }): Promise<LogPromise[]> {
    return deciding(own, of, ticked, async (now, choice) => {
      const fresh = await derive(this.code, now.site.salt);
      const key = logKey(fresh.root);
      const payload = { ...(await newKeysMessage(fresh, choice, own, now.seen, now.caseId)), log_key: b64e(key) };
      const to = slots(now.site, choice.persons, now.head);
      const { raw, contentKey } = await sealed(FROM_REPORTER, this.#id, payload, own, now.site, to);
      const box = async (envelope: string, key: Bytes) => ({
        envelope,
        sealed: b64e(await grant(key, fresh.mailbox.pk)),
      });
      const text = replaceText(now.caseId, own.index, fresh.index, fresh.mailbox.pk, fresh.signPk);
      const epochs = Math.max(epochsOf(own, logKeysOf(now.head)), 1);
      const make = (at: Site) => [
        leafOf("message", fresh, now.caseId, raw, at, 0),
        // With them the new code reaches what was written before it (5.4).
        ...Array.from({ length: epochs }, (_, epoch) =>
          leafFor(key, `mybk1/rekey\n${hex(now.caseId)}\n${hex(logKey(own.root, epoch))}\n`, at),
        ),
      ];
      const body = {
        lookup: b64e(own.lookupId),
        index: hex(fresh.index),
        mailbox_pk: b64e(fresh.mailbox.pk),
        reporter_sign_pk: b64e(fresh.signPk),
        ...recordOf(fresh.root, now, choice),
        envelope: b64e(raw),
        grants: await Promise.all([
          ...[...now.head.opened].map(([id, { contentKey: key }]) => box(id, key)),
          box(hexId(this.#id), contentKey),
        ]),
        sig: b64e(await sign(own.signSeed, text)),
      };
      return logging(now.site, make, async (leaves) => {
        const answer = await post("replace", leaves.length ? { ...body, leaves: leaves.map(b64e) } : body);
        return promised(answer.promises, leaves, now.site);
      });
    });
  }
}

/** The site's promises for leaves, checked; none where nothing binds it. */
function promised(given: unknown, leaves: Bytes[], site: Site): LogPromise[] {
  const promises = (given ?? []) as LogPromise[];
  for (const [at, { day, signature }] of promises.entries()) {
    checkPromise(site.signPk, leaves[at] ?? fail("SignatureWrong"), day, b64d(signature));
  }
  return promises;
}

/** Ask the server to forget what this code can open (2.10). */
export async function forget(own: Receipt, of: Conversation): Promise<LogPromise[]> {
  return deciding(own, of, { persons: [], again: false }, async (now, choice) => {
    const text = forgetText(now.caseId, now.site.day);
    const sig = await sign(own.signSeed, text);
    const body = {
      lookup: b64e(own.lookupId),
      ...recordOf(own.root, now, choice),
      day: now.site.day,
      sig: b64e(sig),
    };
    const key = logKey(own.root, Math.max(epochsOf(own, logKeysOf(now.head)) - 1, 0));
    const opening = `mybk1/forget\n${hex(now.caseId)}\n${hex(sha256(concat(text, sig)))}\n`;
    return logging(
      now.site,
      (at) => [leafFor(key, opening, at)],
      async ([leaf]) => {
        const { promise } = await post("forget", leaf ? { ...body, leaf: b64e(leaf) } : body);
        return promised(promise && [promise], leaf ? [leaf] : [], now.site);
      },
    );
  });
}
