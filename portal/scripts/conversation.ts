// A case as its reporter reads it, as portal/conversation.py does. What can't be checked is counted, never shown.

import { type Card, OBSERVER, shutOut } from "./cards.js";
import { type Bytes, b64d, b64e, hex, hexId, idFromHex } from "./encoding.js";
import { FROM_REPORTER, REPORT, TO_REPORTER, decode, envelopeHash } from "./envelope.js";
import { Fault } from "./errors.js";
import { Chain } from "./keychain.js";
import { verify } from "./keys.js";
import { actText, stateText, statusText, verifyMessage } from "./messages.js";
import { ANSWERS, isFile } from "./payloads.js";
import type { Receipt } from "./receipt.js";
import { openExclude } from "./seal.js";
import { type Site, post } from "./server.js";
import { type Opened, unseal } from "./unseal.js";
import type { FileEntry } from "./attachment.js";

export interface Entry {
  day: string;
  author: Card | null;
  message: string;
  answers: [string, string][];
  files: FileEntry[];
  newKeys: boolean;
  /** Fingerprint of the locked envelope, hex. */
  hash: string;
}

export interface Status {
  status: string;
  day: string;
  author: Card;
}

/** A case, opened. `keys`: content keys by envelope id (hex). */
export interface Conversation {
  caseId: Bytes;
  received: string;
  entries: Entry[];
  statuses: Status[];
  unchecked: number;
  exclude: Set<string>;
  /** Whom the reporter shut out, as far as they are on the site's list. */
  out: Card[];
  atReport: Set<string>;
  seen: Bytes[];
  keys: Map<string, Bytes>;
}

type Row = { id: string; kind: number; day: string; raw: string; act_sig?: string; grants: string[] };
type StatusRow = { sequence: number; status: string; day: string; author: string; sig: string; act_sig: string };

/** Do what may fail because somebody else's bytes are wrong; then the answer is `otherwise`. */
function attempt<Found>(doing: () => Found, otherwise: Found): Found {
  try {
    return doing();
  } catch (error) {
    if (error instanceof Fault) return otherwise;
    throw error;
  }
}

/** Fetch a case and open it. Throws Refused (`unknown`), Fault when the site's signature does not hold. */
export async function look(own: Receipt, site: Site): Promise<Conversation> {
  const found = await post("look", { lookup: b64e(own.lookupId) });
  const caseId = idFromHex(found.case);
  const statuses = found.statuses as StatusRow[];
  const words = [...statuses].sort((one, other) => one.sequence - other.sequence).map((one) => one.status);
  verify(site.signPk, stateText(caseId, found.day, words), b64d(found.signature));
  return open(caseId, found as { received: string; mailbox_record: string; envelopes: Row[] }, statuses, own, site);
}

function openRow(row: Row, caseId: Bytes, own: Receipt): Opened | null {
  const found = attempt(() => unseal(b64d(row.raw), own.mailbox, own.mailboxKeyId, row.grants.map(b64d)), null);
  // An envelope that was moved here from another case, or copied under another id, is none of this case.
  return found && found.payload.case_id === hexId(caseId) && hexId(found.id) === row.id ? found : null;
}

/** Tell of each envelope whether it is the reporter's own: the keys change on the way (2.10). */
function ownIds(opened: Map<string, Opened | null>, own: Receipt): Set<string> {
  const all = [...opened].filter(([, one]) => one) as [string, Opened][];
  const report = all.filter(([, one]) => one.kind === REPORT).slice(0, 1);
  const later = all.filter(([, one]) => one.kind === FROM_REPORTER);
  const acceptedBy = (chain: Chain) => later.filter(([, one]) => chain.accept(one.payload));
  const chain = new Chain(report[0]?.[1].payload ?? {});
  const accepted = acceptedBy(chain);
  // The chain has to end at the keys of this code, or somebody else's report was put here. Where the report can't be
  // opened any more (after forgetting), what the present key signed is still its holder's.
  const ends = chain.current && hex(chain.current.signPk) === hex(own.signPk);
  const mine = ends ? [...report, ...accepted] : acceptedBy(Chain.of({ mailboxPk: own.mailbox.pk, signPk: own.signPk }));
  return new Set(mine.map(([id]) => id));
}

function authorsOf(site: Site, atReport: Set<string>, out: Set<string>): Map<string, Card> {
  const trusted = new Map<string, Card>();
  for (const card of site.cards) {
    if (atReport.has(card.keyId) || (card.voucher && trusted.has(card.voucher))) trusted.set(card.keyId, card);
  }
  for (const { keyId, duty } of site.cards) if (out.has(keyId) || duty === OBSERVER) trusted.delete(keyId);
  return trusted;
}

function signedBy(row: Row, found: Opened, caseId: Bytes, authors: Map<string, Card>, actPk: Bytes): Card | null {
  const author = authors.get(String(found.payload.author));
  if (!author || found.kind !== TO_REPORTER) return null;
  return attempt(() => {
    verifyMessage(found.kind, found.payload, author.signPk);
    verify(actPk, actText(caseId, b64d(row.raw)), b64d(row.act_sig ?? ""));
    return author;
  }, null);
}

function entryOf(row: Row, found: Opened, author: Card | null): Entry {
  const { payload } = found;
  const named = (name: string) => typeof payload[name] === "string" && !author;
  const files = Array.isArray(payload.files) && !author ? payload.files.filter(isFile) : [];
  return {
    day: row.day,
    author,
    message: typeof payload.message === "string" ? payload.message : "",
    answers: ANSWERS.filter(named).map((name) => [name, payload[name] as string]),
    files: files as unknown as FileEntry[],
    newKeys: found.kind === FROM_REPORTER && "mailbox_pk" in payload && !("message" in payload),
    hash: hex(envelopeHash(b64d(row.raw))),
  };
}

function open(
  caseId: Bytes, file: { received: string; mailbox_record: string; envelopes: Row[] }, rows: StatusRow[], own: Receipt, site: Site,
): Conversation {
  const opened = new Map(file.envelopes.map((row) => [row.id, openRow(row, caseId, own)]));
  const mine = ownIds(opened, own);
  const exclude = new Set(attempt(() => openExclude(b64d(file.mailbox_record), own.mailbox), []).map(hex));
  for (const id of mine) {
    const listed = opened.get(id)!.payload.exclude;
    if (Array.isArray(listed)) listed.forEach((person) => typeof person === "string" && exclude.add(person));
  }
  const report = attempt(() => decode(b64d(file.envelopes[0]?.raw)), null);
  const atReport = new Set(report?.slots.map((slot) => hex(slot.keyId)));
  const authors = authorsOf(site, atReport, shutOut(site.cards, exclude, atReport));
  const actPk = report?.actPk ?? new Uint8Array(0);
  const entries: Entry[] = [];
  for (const row of file.envelopes) {
    const found = opened.get(row.id);
    if (!found) continue;
    const author = mine.has(row.id) ? null : signedBy(row, found, caseId, authors, actPk);
    if (mine.has(row.id) || author) entries.push(entryOf(row, found, author));
  }
  const statuses = rows.flatMap((row) => checkedStatus(row, caseId, authors, actPk));
  const keys = new Map([...opened].flatMap(([id, found]) => (found ? [[id, found.contentKey] as const] : [])));
  const unchecked = file.envelopes.length + rows.length - entries.length - statuses.length;
  const seen = file.envelopes.map((row) => idFromHex(row.id));
  const out = site.cards.filter((card) => exclude.has(card.person));
  return { caseId, received: file.received, entries, statuses, unchecked, exclude, out, atReport, seen, keys };
}

function checkedStatus(row: StatusRow, caseId: Bytes, authors: Map<string, Card>, actPk: Bytes): Status[] {
  const author = authors.get(row.author);
  if (!author) return [];
  return attempt(() => {
    const text = statusText(caseId, row.sequence, row.status, row.day);
    verify(author.signPk, text, b64d(row.sig));
    verify(actPk, text, b64d(row.act_sig));
    return [{ status: row.status, day: row.day, author }];
  }, []);
}
