// Sealing and sending: a report, a message, a new code, forgetting. Nothing in here touches the page.

import { type FileEntry, Sealer, fileEntry, fileHash, objectLength } from "./attachment.js";
import type { Cleaned } from "./cleaning.js";
import { type Bytes, b64d, b64e, concat, hex, hexId, idFromHex, random, unhex } from "./encoding.js";
import { FROM_REPORTER, REPORT, envelopeHash } from "./envelope.js";
import { Fault, fail } from "./errors.js";
import { fileName } from "./filename.js";
import { sign, verify } from "./keys.js";
import { type Payload, forgetText, newKeysMessage, receiptText, replaceText, reportPayload, reporterMessage, signReporter } from "./messages.js";
import { derive, fromRoot, newCode, type Receipt } from "./receipt.js";
import { grant, seal, sealedExclude } from "./seal.js";
import { Refused, type Site, PIECE, fetchSite, post, recipientsOf, sendPiece } from "./server.js";
import { type Conversation, look } from "./conversation.js";
import { unseal } from "./unseal.js";

const CLEANED_AT_MOST = 33554432;

/** What became of a file, or would (docs/format.md, 4.2). */
export interface Said {
  cleaned: string;
  found: string[];
  /** What is said of it besides (portal/script_words.py, `about.`). */
  about: string;
}

let tries = 0;

/** The script that cleans; it is fetched when a file is chosen. Throws Refused when it can't be had. */
async function cleaner(raw: Bytes): Promise<Cleaned> {
  const { cleaning, office } = document.documentElement.dataset;
  const isZip = raw[0] === 0x50 && raw[1] === 0x4b;
  let found: typeof import("./cleaning.js");
  try {
    found = await import((isZip ? office : cleaning) + (tries ? `?${tries}` : ""));
  } catch {
    // A browser remembers a script that it did not get, by its address.
    tries++;
    throw new Refused("offline");
  }
  return found.clean(raw);
}

async function cleanedFile(file: File): Promise<Said & { data: Bytes | File }> {
  const not = { data: file, about: "large", cleaned: "not", found: [] };
  return file.size > CLEANED_AT_MOST ? not : cleaner(new Uint8Array(await file.arrayBuffer()));
}

/** Everybody is shut out: nobody could read it. */
export class NobodyLeft extends Error {}

/** Whether the way without scripts could do better: only where it is this page's own code that can't go on. */
export function plainHelps(error: unknown): boolean {
  if (error instanceof Refused) return /^(bad_request|envelope|signature|unexpected)$/.test(error.word);
  return !(error instanceof Fault) || error.misuse;
}

/** The site's signed word that it accepted an envelope; all of it is public. */
export interface Certificate {
  kept: string;
  hash: string;
  day: string;
  signature: string;
  key: string;
}

/** Seal and open once, before anybody is told that this browser can. */
export function selfTest(): boolean {
  try {
    const root = unhex("661452931c04514fc74f86a11fe399ea31e45b6e41fabdb2267f4b9f91b34987");
    const own = fromRoot(root);
    const to = [{ keyId: own.mailboxKeyId, boxPk: own.mailbox.pk }];
    const { raw } = seal(FROM_REPORTER, random(16), { message: "目安箱" }, to);
    const opened = unseal(raw, own.mailbox, own.mailboxKeyId).payload.message === "目安箱";
    return opened && hex(own.caseId) === "cc3dbc1e15071ab69833aad2e36b503c";
  } catch {
    return false;
  }
}

/** What would be taken out of a file, to be told before it is sent. */
export async function preview(file: File): Promise<Said> {
  const { cleaned, found, about } = await cleanedFile(file);
  return { cleaned, found, about };
}

/** Clean, pad, encrypt and send one file, a piece at a time; only what is cleaned is in memory as a whole. */
export async function sendFile(file: File, told: (part: number) => void): Promise<FileEntry> {
  const { data, cleaned, found } = await cleanedFile(file);
  const source = new Blob([data]);
  const { size } = source;
  const [id, key, hash, total] = [random(16), random(32), fileHash(), objectLength(size)];
  const sealer = new Sealer(key, size);
  let waiting: Bytes = sealer.header;
  let at = 0;
  for (let from = 0; at < total; from += PIECE) {
    const part = new Uint8Array(await source.slice(from, from + PIECE).arrayBuffer());
    hash.update(part);
    const last = from + PIECE > size;
    waiting = concat(waiting, sealer.update(part), last ? sealer.finish() : part.subarray(0, 0));
    while (waiting.length >= PIECE || (last && waiting.length)) {
      await sendPiece(id, total, at, waiting.slice(0, PIECE));
      at += Math.min(PIECE, waiting.length);
      waiting = waiting.slice(PIECE);
      told(at / total);
    }
  }
  const type = /^[!-~]{1,100}$/.test(file.type) ? file.type : "application/octet-stream";
  return fileEntry(id, key, hash.digest(), size, fileName(file.name), type, cleaned, found);
}

function certificate(answer: Record<string, any>, raw: Bytes, site: Site): Certificate {
  const hash = unhex(answer.hash);
  if (answer.kept === "new" || answer.kept === "message") {
    if (hex(envelopeHash(raw)) !== answer.hash) fail("SignatureWrong");
  }
  verify(site.signPk, receiptText(hash, answer.day), b64d(answer.signature));
  return { kept: answer.kept, hash: answer.hash, day: answer.day, signature: answer.signature, key: b64e(site.signPk) };
}

/** Try once more with a fresh list when somebody was enrolled or retired in between. */
async function withSite<Found>(send: (site: Site) => Promise<Found>): Promise<Found> {
  try {
    return await send(await fetchSite());
  } catch (error) {
    if (error instanceof Refused && error.word === "recipients") return send(await fetchSite());
    throw error;
  }
}

function slots(site: Site, exclude: Set<string>, atReport?: Set<string>) {
  const found = recipientsOf(site, exclude, atReport);
  if (found.every((one) => one.shutOut)) throw new NobodyLeft();
  return found;
}

/** One report; the same text keeps its code and id, so that sending it again is the same submission. */
export class Report {
  readonly code = newCode();
  private id = random(16);
  private tried = "";

  async send(answers: Payload, exclude: string[], files: FileEntry[]): Promise<Certificate> {
    const now = JSON.stringify([answers, exclude, files]);
    if (now !== this.tried) this.id = random(16);
    this.tried = now;
    try {
      return await this.seal(answers, exclude, files);
    } catch (error) {
      if (!(error instanceof Refused) || error.word !== "case_exists") throw error;
      // An earlier text did arrive though its answer was lost: this one goes beside it.
      const site = await fetchSite();
      const own = derive(this.code, site.salt);
      const of = await look(own, site);
      for (const person of exclude) of.exclude.add(person);
      return sendMessage(this.id, { ...answers, exclude: [...exclude].sort() }, files, own, of);
    }
  }

  private seal(answers: Payload, exclude: string[], files: FileEntry[]): Promise<Certificate> {
    return withSite(async (site) => {
      const own = derive(this.code, site.salt);
      const payload = { ...reportPayload(answers, exclude, own, files), envelope_id: hexId(this.id) };
      const { raw, contentKey } = seal(REPORT, this.id, signReporter(REPORT, payload, own), slots(site, new Set(exclude)));
      const answer = await post("report", {
        index: hex(own.index),
        case: hex(own.caseId),
        mailbox_pk: b64e(own.mailbox.pk),
        reporter_sign_pk: b64e(own.signPk),
        mailbox_record: b64e(sealedExclude(exclude.map(idFromHex), own.mailbox.pk)),
        envelope: b64e(raw),
        grant: b64e(grant(contentKey, own.mailbox.pk)),
        objects: files.map((one) => one.object),
      });
      return certificate(answer, raw, site);
    });
  }
}

/** Add to a case; `id` stays with what was written, so that a second sending is a repeat. */
export function sendMessage(id: Bytes, body: Payload, files: FileEntry[], own: Receipt, of: Conversation): Promise<Certificate> {
  return withSite(async (site) => {
    const payload = { ...reporterMessage(body, of.seen, of.caseId, files), envelope_id: hexId(id) };
    const { raw, contentKey } = seal(FROM_REPORTER, id, signReporter(FROM_REPORTER, payload, own), slots(site, of.exclude, of.atReport));
    const answer = await post("message", {
      lookup: b64e(own.lookupId),
      envelope: b64e(raw),
      grant: b64e(grant(contentKey, own.mailbox.pk)),
      objects: files.map((one) => one.object),
    });
    return certificate(answer, raw, site);
  });
}

/** Give a code up for a new one (2.10). */
export class Replacement {
  readonly code = newCode();
  private readonly id = random(16);

  async send(own: Receipt, of: Conversation): Promise<void> {
    await withSite(async (site) => {
      const fresh = derive(this.code, site.salt);
      const payload = { ...newKeysMessage(fresh, of.seen, of.caseId), envelope_id: hexId(this.id) };
      const { raw, contentKey } = seal(FROM_REPORTER, this.id, signReporter(FROM_REPORTER, payload, own), slots(site, of.exclude, of.atReport));
      const granted = (id: string, key: Bytes) => ({ envelope: id, sealed: b64e(grant(key, fresh.mailbox.pk)) });
      const text = replaceText(of.caseId, own.index, fresh.index, fresh.mailbox.pk, fresh.signPk);
      await post("replace", {
        lookup: b64e(own.lookupId),
        index: hex(fresh.index),
        mailbox_pk: b64e(fresh.mailbox.pk),
        reporter_sign_pk: b64e(fresh.signPk),
        mailbox_record: b64e(sealedExclude([...of.exclude].map(idFromHex), fresh.mailbox.pk)),
        envelope: b64e(raw),
        grants: [...[...of.keys].map(([id, key]) => granted(id, key)), granted(hexId(this.id), contentKey)],
        sig: b64e(sign(own.signSeed, text)),
      });
    });
  }
}

/** Ask the server to forget what this code can open (2.10). */
export async function forget(own: Receipt, of: Conversation): Promise<void> {
  const { day } = await fetchSite();
  await post("forget", { lookup: b64e(own.lookupId), day, sig: b64e(sign(own.signSeed, forgetText(of.caseId, day))) });
}
