// A case as its reporter reads it, as portal/usecases/conversation.py does. What can't be checked is counted, never shown.

import { type Access, type SignedChange, personOf } from "../format/access.js";
import type { Card } from "../format/cards.js";
import { type CaseHead, asks, attempt, judge } from "../format/casehead.js";
import { type Bytes, b64d, b64e, hex, idFromHex } from "../format/encoding.js";
import { FROM_REPORTER, REPORT, decode, envelopeHash } from "../format/envelope.js";
import { Fault } from "../format/errors.js";
import { type Intake, readIntake } from "../format/intake.js";
import { checkExchanged, checkReaders } from "../format/listing.js";
import { verify } from "../format/keys.js";
import { stateText, statusText } from "../format/messages.js";
import { FIELDS } from "../format/limits.js";
import { isFile, meaningOf } from "../format/payloads.js";
import type { Receipt } from "../format/receipt.js";
import { type Site, post } from "./server.js";
import type { Opened } from "../format/unseal.js";
import type { FileEntry } from "../format/attachment.js";

/** One letter of the conversation. */
export interface Entry {
  day: string;
  author: Card | null;
  message: string;
  /** What the reporter says that the message is; "": an ordinary one. */
  meaning: string;
  answers: [string, string][];
  /** Of an answer: what the auditors treat the report as; "": it does not say. */
  treated: string;
  files: FileEntry[];
  newKeys: boolean;
  /** Of the envelope, hex. */
  id: string;
  /** Fingerprint of the locked envelope, hex. */
  hash: string;
  /** What does not fit about whom it was sealed to (2.5); "": nothing. */
  fault: string;
  /** Of a report: who wrote it down; "false" where it only says so; null for the reporter's own. */
  written: Written;
  /** Of an answer: what it changes about who reads the case. */
  change: ReadersChange | null;
}

/** Somebody was taken off the case, or it was given to somebody (2.16). `counts`: by the rules. */
export interface ReadersChange {
  isOff: boolean;
  counts: boolean;
  person: string;
  card: Card | null;
}

/** Who wrote a report down for its reporter (2.14). */
export type Written = Intake | "false" | null;

/** A status that an auditor set, its signature checked. */
export interface Status {
  status: string;
  day: string;
  author: Card;
}

/** A case, opened. */
export interface Conversation {
  /** The list that it was looked at with. */
  site: Site;
  caseId: Bytes;
  received: string;
  entries: Entry[];
  statuses: Status[];
  unchecked: number;
  /** The site's signed word on the state: the day, the statuses, the signature in Base64; checked. */
  state: { day: string; statuses: string[]; signature: string };
  /** What follows from it about the report, the choice, and whether anything may be sent. */
  head: CaseHead;
  /** What the server shows, as it came: compared with the log. */
  rows: Row[];
  statusRows: StatusRow[];
  /** The exclude record as it is stored. */
  record: Bytes;
  seen: Bytes[];
  /** All cards ever enrolled, in order; `active`: those that are sealed to. */
  cards: Card[];
  active: Card[];
}

/** Whom the reporter excluded can't be told for sure: nothing was sent, and the choice is to be made again. */
export class ChoiceNeeded extends Error {
  constructor(readonly of: Conversation) {
    super();
  }
}

/** The report that heads the case is not there any more: nothing was sent, and nothing more can be. */
export class ReportGone extends Error {}

/** Refuse to go on with a case whose choice is not known. `again`: the reporter has just been asked. */
export function checkChoice(of: Conversation, again: boolean): void {
  if (of.head.stop === "no_report") throw new ReportGone();
  if (asks(of.head) && !again) throw new ChoiceNeeded(of);
}

/** An envelope as the server gives it. */
export interface Row {
  id: string;
  kind: number;
  day: string;
  raw: string;
  act_sig?: string;
  promise?: string;
  grants: string[];
}

/** A status as the server gives it. */
export interface StatusRow {
  sequence: number;
  status: string;
  day: string;
  author: string;
  sig: string;
  act_sig: string;
}

/** Fetch a case and open it. Throws Refused (`unknown`), Fault when the site's signature does not hold. */
export async function look(own: Receipt, site: Site): Promise<Conversation> {
  const answer = await post("look", { lookup: b64e(own.lookupId) });
  const caseId = idFromHex(answer.case);
  const statuses = answer.statuses as StatusRow[];
  const words = [...statuses].sort((first, other) => first.sequence - other.sequence).map((status) => status.status);
  verify(site.signPk, stateText(caseId, answer.day as string, words), b64d(answer.signature));
  const state = { day: answer.day as string, statuses: words, signature: answer.signature as string };
  return open(caseId, answer as unknown as File, statuses, own, site, state);
}

function slotsOf(raw: string): Set<string> {
  return new Set(attempt(() => decode(b64d(raw)), null)?.slots.map((slot) => hex(slot.keyId)));
}

/** What does not fit about whom an envelope was sealed to; an answer may be newer than the list that is known. */
function faultOf(row: Row, opened: Opened, site: Site): string {
  const slots = slotsOf(row.raw);
  try {
    if (opened.kind === REPORT) checkReaders(site.list, slots, opened.payload);
    else checkExchanged(opened.payload, slots);
    return "";
  } catch (error) {
    if (error instanceof Fault) return error.name;
    throw error;
  }
}

function writtenOf(payload: Opened["payload"], site: Site): Written {
  return attempt<Written>(() => readIntake(payload, site.list.cards.values()), "false");
}

function entryOf(row: Row, opened: Opened, author: Card | null, site: Site): Entry {
  const { payload } = opened;
  const named = (name: string) => typeof payload[name] === "string" && !author;
  const files = Array.isArray(payload.files) && !author ? payload.files.filter(isFile) : [];
  return {
    day: row.day,
    author,
    message: typeof payload.message === "string" ? payload.message : "",
    meaning: author ? "" : meaningOf(payload),
    treated: author ? ((payload.category as string | undefined) ?? "") : "",
    answers: FIELDS.filter(named).map((name) => [name, payload[name] as string]),
    files: files as unknown as FileEntry[],
    newKeys: opened.kind === FROM_REPORTER && "mailbox_pk" in payload && !("message" in payload),
    id: row.id,
    hash: hex(envelopeHash(b64d(row.raw))),
    fault: faultOf(row, opened, site),
    written: opened.kind === REPORT ? writtenOf(payload, site) : null,
    change: null,
  };
}

/** What answers change about who reads the case, by envelope. */
function changesOf({ counted, refused }: Access, cards: Card[]): Map<string, ReadersChange> {
  const all: [SignedChange, boolean][] = [
    ...counted.map((signed): [SignedChange, boolean] => [signed, true]),
    ...refused.map(([signed]): [SignedChange, boolean] => [signed, false]),
  ];
  return new Map(
    all.map(([{ id, change }, counts]) => {
      const person = personOf(change, cards);
      const isOf = (card: Card) => (change.what === "off" ? card.person === person : card.keyId === change.target);
      return [id, { isOff: change.what === "off", counts, person, card: cards.filter(isOf).at(-1) ?? null }];
    }),
  );
}

type File = { received: string; mailbox_record: string; envelopes: Row[] };

async function open(
  caseId: Bytes,
  file: File,
  rows: StatusRow[],
  own: Receipt,
  site: Site,
  state: Conversation["state"],
): Promise<Conversation> {
  const cards = [...site.list.cards.values()];
  const record = b64d(file.mailbox_record);
  const stored = file.envelopes.map((row) => ({
    id: row.id,
    raw: b64d(row.raw),
    grants: row.grants.map(b64d),
    actSig: b64d(row.act_sig ?? ""),
  }));
  const head = await judge(caseId, record, stored, cards, own, site.list.retired);
  const authors = new Map(
    cards
      .filter(({ keyId }) => head.trusted.has(keyId) && !head.excludedKeys.has(keyId))
      .map((card) => [card.keyId, card]),
  );
  const entries: Entry[] = [];
  const changes = changesOf(head.access, cards);
  // Who is off the case set no status since.
  const since = new Map(
    file.envelopes.map((row) => [changes.get(row.id)?.counts ? changes.get(row.id)!.person : "", row.day]),
  );
  const isLate = ({ author, day }: StatusRow) => {
    const person = authors.get(author)?.person ?? "";
    return head.access.off.has(person) && day > (since.get(person) ?? day);
  };
  for (const row of file.envelopes) {
    const author = head.own.has(row.id) ? null : authors.get(head.answers.get(row.id) ?? "");
    if (author !== undefined)
      entries.push({ ...entryOf(row, head.opened.get(row.id)!, author, site), change: changes.get(row.id) ?? null });
  }
  const statuses = rows.flatMap((row) => (isLate(row) ? [] : checkedStatus(row, caseId, authors, head.actPk)));
  const unchecked = file.envelopes.length + rows.length - entries.length - statuses.length;
  const seen = file.envelopes.map((row) => idFromHex(row.id));
  return {
    site,
    caseId,
    received: file.received,
    entries,
    statuses,
    unchecked,
    head,
    rows: file.envelopes,
    statusRows: rows,
    record,
    seen,
    cards,
    active: site.active,
    state,
  };
}

function checkedStatus(row: StatusRow, caseId: Bytes, authors: Map<string, Card>, actPk: Bytes): Status[] {
  const author = authors.get(row.author);
  if (!author) return [];
  return attempt(() => {
    const text = statusText(caseId, row.sequence, idFromHex(row.author), row.status, row.day);
    verify(author.signPk, text, b64d(row.sig));
    verify(actPk, text, b64d(row.act_sig));
    return [{ status: row.status, day: row.day, author }];
  }, []);
}
