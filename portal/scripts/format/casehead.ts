// What a stored case tells its reporter (docs/format.md, 2.9): the twin of crypto/casehead.py, with one set of vectors.
// The server keeps all of this and may be the adversary: missing, broken or old means stop, never "nobody".

import { type Access, foldAccess } from "./access.js";
import { changesOf, stillOn } from "./casechanges.js";
import { type Card, isSlotless, mayNotRead, excludedKeys } from "./cards.js";
import { type Choice, type ExcludeRecord, UNKNOWN, openRecord } from "./choice.js";
import { type Bytes, hex, hexId, idFromHex, same } from "./encoding.js";
import { type Envelope, FROM_REPORTER, REPORT, TO_REPORTER, decode, envelopeHash } from "./envelope.js";
import { Fault } from "./errors.js";
import { Chain, type ReporterKeys } from "./keychain.js";
import { verify } from "./keys.js";
import { signedKeys } from "./listing.js";
import { type Payload, actText, verifyMessage } from "./messages.js";
import { MAX_CHOICE, MAX_EXCLUDED } from "./limits.js";
import { isChoice } from "./payloads.js";
import type { Receipt } from "./receipt.js";
import { type Opened, unseal } from "./unseal.js";

/** Why nothing may be sent. */
export type Stop = "missing" | "broken" | "old" | "no_report";

/** An envelope of the case, in the order of the feed; `id` in hex. */
export interface StoredEnvelope {
  id: string;
  raw: Bytes;
  grants: Bytes[];
  actSig: Bytes;
}

/** More persons are excluded than an envelope can name. */
export class ChoiceFull extends Error {}

/** What follows from a stored case; ids, key ids and persons in hex. */
export interface CaseHead {
  opened: Map<string, Opened>;
  /** The reporter's own envelopes. */
  own: Set<string>;
  /** Who signed which answer, excluded or not; what a person wrote who was off by then is none. */
  answers: Map<string, string>;
  reportId: string | null;
  reportHash: Bytes;
  actPk: Bytes;
  atReport: Set<string>;
  /** Who may speak but for the choice. */
  trusted: Set<string>;
  /** Excluded by the choice; `out`: these, and those that are off the case. */
  excludedKeys: Set<string>;
  out: Set<string>;
  /** The known choice, with its newest number. */
  known: Choice;
  stop: Stop | null;
  /** Who was taken off, and to whom the case was given. */
  access: Access;
}

/** Do what may fail because another person's bytes are wrong; then the answer is `otherwise`. */
export function attempt<Found>(doing: () => Found, otherwise: Found): Found {
  try {
    return doing();
  } catch (error) {
    if (error instanceof Fault) return otherwise;
    throw error;
  }
}

/** Whether the reporter is to choose again: then something can be sent. */
export function asks(of: CaseHead): boolean {
  return of.stop !== null && of.stop !== "no_report";
}

/** The choice of the next envelope, with the persons who were chosen now besides. */
export function nextChoice(of: CaseHead, chosen: Iterable<string> = []): Choice {
  const persons = new Set([...of.known.persons, ...chosen]);
  if (persons.size > MAX_EXCLUDED) throw new ChoiceFull();
  return { persons, number: Math.min(of.known.number + 1, MAX_CHOICE) };
}

async function openStored(stored: StoredEnvelope, caseId: Bytes, own: Receipt): Promise<Opened | null> {
  const envelope = await unseal(stored.raw, own.mailbox, own.mailboxKeyId, stored.grants).catch((error: unknown) =>
    attempt(() => {
      throw error;
    }, null),
  );
  // An envelope that was moved here from another case, or copied under another id, is none of this case.
  return envelope && envelope.payload.case_id === hexId(caseId) && hexId(envelope.id) === stored.id ? envelope : null;
}

function isHolder(keys: ReporterKeys | null, holder: ReporterKeys): boolean {
  return keys !== null && hex(keys.mailboxPk) === hex(holder.mailboxPk) && hex(keys.signPk) === hex(holder.signPk);
}

const kindOf = (stored: StoredEnvelope) => attempt(() => decode(stored.raw).kind, 0);

/** The report that heads the case: the one that the record names, else the first that is the holder's. */
function headOf(held: ExcludeRecord | null, envelopes: StoredEnvelope[], reports: string[]): StoredEnvelope | null {
  const named = (stored: StoredEnvelope) =>
    hex(envelopeHash(stored.raw)) === hex(held!.reportHash) && kindOf(stored) === REPORT;
  return envelopes.find((stored) => (held ? named(stored) : stored.id === reports[0])) ?? null;
}

function trustedOf(cards: Card[], atReport: Set<string>): Set<string> {
  const trusted = new Set<string>();
  for (const card of cards) {
    if (atReport.has(card.keyId) || (card.voucher && trusted.has(card.voucher))) trusted.add(card.keyId);
  }
  return new Set(cards.filter((card) => trusted.has(card.keyId) && !isSlotless(card.duty)).map((card) => card.keyId));
}

function signer(
  stored: StoredEnvelope,
  answer: Opened,
  caseId: Bytes,
  cards: Card[],
  trusted: Set<string>,
  actPk: Bytes,
): string {
  const author = cards.find((card) => card.keyId === answer.payload.author);
  if (answer.kind !== TO_REPORTER || !author || !trusted.has(author.keyId)) return "";
  return attempt(() => {
    verifyMessage(answer.kind, answer.payload, author.signPk);
    verify(actPk, actText(caseId, stored.raw), stored.actSig);
    return author.keyId;
  }, "");
}

function personsOf(envelope: Opened): string[] {
  const listed = envelope.payload.exclude;
  return Array.isArray(listed) ? listed.flatMap((person) => attempt(() => [hex(idFromHex(person))], [])) : [];
}

function numberOf(envelope: Opened): number {
  const { choice } = envelope.payload;
  return isChoice(choice) ? (choice as number) : 0;
}

function stopOf(raw: Bytes, held: ExcludeRecord | null, known: Choice, head: StoredEnvelope | null): Stop | null {
  if (!raw.length) return "missing";
  if (!held) return "broken";
  if (held.choice.number !== known.number || held.choice.persons.size !== known.persons.size) return "old";
  return head || same(held.reportHash, UNKNOWN) ? null : "no_report";
}

/** What was shown is what the reporter signed; the header is anybody's who had the envelope. */
function shownOf(header: Envelope | null, payload: Payload | null): Set<string> {
  const signed = payload && signedKeys(payload);
  return signed ?? new Set(header?.slots.map((slot) => hex(slot.keyId)));
}

/** Everything of the choice that can be seen: in the record, in the holder's own envelopes, in the answers. */
function knownOf(held: ExcludeRecord | null, mine: Opened[], answers: Opened[], envelopes: StoredEnvelope[]): Choice {
  const persons = new Set([...mine.flatMap(personsOf), ...(held?.choice.persons ?? [])]);
  const numbers = [...mine, ...answers].map(numberOf);
  // Each of these brought a record along: one with a smaller number is older than an envelope that is there.
  const records = 1 + envelopes.filter((stored) => kindOf(stored) === FROM_REPORTER).length;
  return { persons, number: Math.max(records, held?.choice.number ?? 0, ...numbers) };
}

/** What the answers of a case changed about who reads it. */
function accessOf(
  caseId: Bytes,
  said: {
    envelopes: StoredEnvelope[];
    opened: Map<string, Opened>;
    mine: Set<string>;
    held: ExcludeRecord | null;
    signed: Map<string, string>;
  },
  cards: Card[],
  atReport: Set<string>,
  retired: Map<string, number>,
): Access {
  const { envelopes, opened, mine, held, signed } = said;
  const changes = changesOf(
    envelopes.map((stored) => ({ id: stored.id, isAnswer: kindOf(stored) === TO_REPORTER })),
    opened,
    (id, envelope) => (mine.has(id) ? personsOf(envelope) : []),
    held?.choice.persons ?? new Set(),
    signed,
  );
  return foldAccess(caseId, cards, atReport, changes, held?.off ?? new Map<string, number>(), retired);
}

/** Judge a stored case. `cards`: all that were ever enrolled, in order, checked; `retired`: the place of each retirement. */
export async function judge(
  caseId: Bytes,
  record: Bytes,
  envelopes: StoredEnvelope[],
  cards: Card[],
  own: Receipt,
  retired: Map<string, number>,
): Promise<CaseHead> {
  const held = attempt(() => openRecord(own.root, caseId, record), null);
  const all = await Promise.all(envelopes.map((stored) => openStored(stored, caseId, own)));
  const opened = new Map(envelopes.flatMap(({ id }, at) => (all[at] ? [[id, all[at]] as const] : [])));
  const holder = { mailboxPk: own.mailbox.pk, signPk: own.signPk };
  const later = [...opened].filter(([, envelope]) => envelope.kind === FROM_REPORTER);
  const leads = ([, report]: [string, Opened]) => {
    const chain = new Chain(report.payload);
    for (const [, envelope] of later) chain.accept(envelope.payload);
    return report.kind === REPORT && isHolder(chain.current, holder);
  };
  const reports = [...opened].filter(leads).map(([id]) => id);
  const head = headOf(held, envelopes, reports);
  // Where no report opens any more (after forgetting), what the present key signed is still its holder's.
  const chain = head && reports.includes(head.id) ? new Chain(opened.get(head.id)!.payload) : Chain.of(holder);
  const mine = new Set([
    ...reports,
    ...later.filter(([, envelope]) => chain.accept(envelope.payload)).map(([id]) => id),
  ]);
  const header = head && decode(head.raw);
  const actPk = header?.actPk ?? held?.actPk ?? UNKNOWN;
  const atReport = shownOf(header, head && mine.has(head.id) ? opened.get(head.id)!.payload : null);
  const trusted = trustedOf(cards, atReport);
  const signed = new Map<string, string>();
  for (const stored of same(actPk, UNKNOWN) ? [] : envelopes) {
    const answer = opened.get(stored.id);
    const author = answer && signer(stored, answer, caseId, cards, trusted, actPk);
    if (author) signed.set(stored.id, author);
  }
  const access = accessOf(caseId, { envelopes, opened, mine, held, signed }, cards, atReport, retired);
  const answers = stillOn(signed, cards, access);
  const openedOf = (ids: Iterable<string>) => [...ids].map((id) => opened.get(id)!);
  const known = knownOf(held, openedOf(mine), openedOf(answers.keys()), envelopes);
  return {
    opened,
    own: mine,
    answers,
    actPk,
    atReport,
    trusted,
    known,
    reportId: head?.id ?? null,
    reportHash: head ? envelopeHash(head.raw) : (held?.reportHash ?? UNKNOWN),
    access,
    excludedKeys: excludedKeys(cards, known.persons, atReport),
    out: mayNotRead(cards, known.persons, new Set(access.off.keys()), atReport),
    stop: stopOf(record, held, known, head),
  };
}
