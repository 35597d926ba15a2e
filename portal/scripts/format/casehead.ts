// What a stored case tells its reporter (docs/format.md, 2.9): the twin of crypto/casehead.py, with one set of vectors.
// The server keeps all of this and may be the adversary: missing, broken or old means stop, never "nobody".

import { type Card, OBSERVER, shutOut } from "./cards.js";
import { type Choice, type ExcludeRecord, UNKNOWN, openRecord } from "./choice.js";
import { type Bytes, hex, hexId, idFromHex, same } from "./encoding.js";
import { FROM_REPORTER, REPORT, TO_REPORTER, decode, envelopeHash } from "./envelope.js";
import { Fault } from "./errors.js";
import { Chain, type ReporterKeys } from "./keychain.js";
import { verify } from "./keys.js";
import { signedKeys } from "./listing.js";
import { actText, verifyMessage } from "./messages.js";
import { MAX_CHOICE, MAX_EXCLUDED, isChoice } from "./payloads.js";
import type { Receipt } from "./receipt.js";
import { type Opened, unseal } from "./unseal.js";

export type Stop = "missing" | "broken" | "old" | "no_report";

/** An envelope of the case, in the order of the feed; `id` in hex. */
export interface StoredEnvelope {
  id: string;
  raw: Bytes;
  grants: Bytes[];
  actSig: Bytes;
}

/** More persons are shut out than an envelope can name. */
export class ChoiceFull extends Error {}

/** What follows from a stored case; ids, key ids and persons in hex. */
export interface CaseHead {
  opened: Map<string, Opened>;
  /** The reporter's own envelopes. */
  own: Set<string>;
  /** Who signed which answer, shut out or not. */
  answers: Map<string, string>;
  reportId: string | null;
  reportHash: Bytes;
  actPk: Bytes;
  atReport: Set<string>;
  /** Who may speak but for the choice. */
  trusted: Set<string>;
  out: Set<string>;
  /** The known choice, with its newest number. */
  known: Choice;
  stop: Stop | null;
}

/** Do what may fail because somebody else's bytes are wrong; then the answer is `otherwise`. */
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

function openOne(one: StoredEnvelope, caseId: Bytes, own: Receipt): Opened | null {
  const found = attempt(() => unseal(one.raw, own.mailbox, own.mailboxKeyId, one.grants), null);
  // An envelope that was moved here from another case, or copied under another id, is none of this case.
  return found && found.payload.case_id === hexId(caseId) && hexId(found.id) === one.id ? found : null;
}

function isHolder(keys: ReporterKeys | null, holder: ReporterKeys): boolean {
  return keys !== null && hex(keys.mailboxPk) === hex(holder.mailboxPk) && hex(keys.signPk) === hex(holder.signPk);
}

const kindOf = (one: StoredEnvelope) => attempt(() => decode(one.raw).kind, 0);

/** The report that heads the case: the one that the record names, else the first that is the holder's. */
function headOf(held: ExcludeRecord | null, envelopes: StoredEnvelope[], reports: string[]): StoredEnvelope | null {
  const named = (one: StoredEnvelope) => hex(envelopeHash(one.raw)) === hex(held!.reportHash) && kindOf(one) === REPORT;
  return envelopes.find((one) => (held ? named(one) : one.id === reports[0])) ?? null;
}

function trustedOf(cards: Card[], atReport: Set<string>): Set<string> {
  const found = new Set<string>();
  for (const card of cards) {
    if (atReport.has(card.keyId) || (card.voucher && found.has(card.voucher))) found.add(card.keyId);
  }
  return new Set(cards.filter((card) => found.has(card.keyId) && card.duty !== OBSERVER).map((card) => card.keyId));
}

function signer(
  one: StoredEnvelope,
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
    verify(actPk, actText(caseId, one.raw), one.actSig);
    return author.keyId;
  }, "");
}

function personsOf(found: Opened): string[] {
  const listed = found.payload.exclude;
  return Array.isArray(listed) ? listed.flatMap((one) => attempt(() => [hex(idFromHex(one))], [])) : [];
}

function numberOf(found: Opened): number {
  const { choice } = found.payload;
  return isChoice(choice) ? (choice as number) : 0;
}

function stopOf(raw: Bytes, held: ExcludeRecord | null, known: Choice, head: StoredEnvelope | null): Stop | null {
  if (!raw.length) return "missing";
  if (!held) return "broken";
  if (held.choice.number !== known.number || held.choice.persons.size !== known.persons.size) return "old";
  return head || same(held.reportHash, UNKNOWN) ? null : "no_report";
}

/** Judge a stored case. `cards`: all that were ever enrolled, in order, checked. */
export function judge(
  caseId: Bytes,
  record: Bytes,
  envelopes: StoredEnvelope[],
  cards: Card[],
  own: Receipt,
): CaseHead {
  const held = attempt(() => openRecord(own.root, caseId, record), null);
  const opened = new Map(
    envelopes.flatMap((one) => {
      const found = openOne(one, caseId, own);
      return found ? [[one.id, found] as const] : [];
    }),
  );
  const holder = { mailboxPk: own.mailbox.pk, signPk: own.signPk };
  const later = [...opened].filter(([, one]) => one.kind === FROM_REPORTER);
  const leads = ([, report]: [string, Opened]) => {
    const chain = new Chain(report.payload);
    for (const [, one] of later) chain.accept(one.payload);
    return report.kind === REPORT && isHolder(chain.current, holder);
  };
  const reports = [...opened].filter(leads).map(([id]) => id);
  const head = headOf(held, envelopes, reports);
  // Where no report opens any more (after forgetting), what the present key signed is still its holder's.
  const chain = head && reports.includes(head.id) ? new Chain(opened.get(head.id)!.payload) : Chain.of(holder);
  const mine = new Set([...reports, ...later.filter(([, one]) => chain.accept(one.payload)).map(([id]) => id)]);
  const header = head && decode(head.raw);
  const actPk = header?.actPk ?? held?.actPk ?? UNKNOWN;
  // What was shown is what the reporter signed; the header is anybody's who had the envelope.
  const signed = head && mine.has(head.id) ? signedKeys(opened.get(head.id)!.payload) : null;
  const atReport = signed ?? new Set(header?.slots.map((slot) => hex(slot.keyId)));
  const trusted = trustedOf(cards, atReport);
  const answers = new Map<string, string>();
  for (const one of same(actPk, UNKNOWN) ? [] : envelopes) {
    const answer = opened.get(one.id);
    const author = answer && signer(one, answer, caseId, cards, trusted, actPk);
    if (author) answers.set(one.id, author);
  }
  const persons = new Set(
    [...mine].flatMap((id) => personsOf(opened.get(id)!)).concat([...(held?.choice.persons ?? [])]),
  );
  const numbers = [...mine, ...answers.keys()].map((id) => numberOf(opened.get(id)!));
  // Each of these brought a record along: one with a smaller number is older than an envelope that is there.
  const records = 1 + envelopes.filter((one) => kindOf(one) === FROM_REPORTER).length;
  const known = { persons, number: Math.max(records, held?.choice.number ?? 0, ...numbers) };
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
    out: persons.size ? shutOut(cards, persons, atReport) : new Set(),
    stop: stopOf(record, held, known, head),
  };
}
