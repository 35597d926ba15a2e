// Who is taken off a case, and to whom it is given (docs/format.md, 2.16): the twin of crypto/access.py, with one set of
// vectors.

import { type Card, isSlotless, mayNotRead } from "./cards.js";
import { type Bytes, b64d, concat, idFromHex, uint, utf8 } from "./encoding.js";
import { Fault, fail } from "./errors.js";
import { verify } from "./keys.js";
import type { Payload } from "./messages.js";

/** One change, as its proposer signed it. `target`: a person for "off", a key id for "given", in hex. */
export interface Change {
  what: "off" | "given";
  target: string;
  number: number;
  proposer: string;
  sig: string;
}

/** A change in an answer whose signatures hold; ids in hex. `slots`, `length`: whom its payload names as readers, and by
 * how long a list; `exclude`: whom the reporter had excluded before it. */
export interface SignedChange {
  id: string;
  change: Change;
  author: string;
  slots: Set<string>;
  length: number;
  exclude: Set<string>;
}

/** What the changes of a case come to. */
export interface Access {
  /** Persons who were taken off, with the number of that change. */
  off: Map<string, number>;
  /** Key ids that the case was given to. */
  given: Set<string>;
  counted: SignedChange[];
  refused: [SignedChange, string][];
}

/** What the proposer signs. */
function accessText(caseId: Bytes, { what, target, number, proposer }: Change): Bytes {
  const kind = Uint8Array.of(what === "off" ? 1 : 2);
  return concat(utf8("mybk1/access\n"), caseId, idFromHex(proposer), kind, idFromHex(target), uint(number, 4));
}

/** The change in a well-formed answer's payload. */
export function changeOf(payload: Payload): Change | null {
  return (payload.access as Change | undefined) ?? null;
}

const isLead = (card: Card, cards: Card[]) => card.duty === "lead" || card === cards[0];

/** Who could read the report when it came: it names the key, or such a key of the same person vouched for it. */
function firstReaders(cards: Card[], atReport: Set<string>): Card[] {
  const persons = new Map<string, string>();
  for (const { keyId, voucher, person } of cards) {
    if (atReport.has(keyId) || (voucher !== undefined && persons.get(voucher) === person)) persons.set(keyId, person);
  }
  return cards.filter(({ keyId }) => persons.has(keyId));
}

/** Who may be one of the two: the first readers; where of these fewer than two persons, or no lead, are left, each
 * auditor. `gone`: whom the case is not for. */
function deciders(cards: Card[], atReport: Set<string>, gone: Set<string>, isRetired: (keyId: string) => boolean) {
  const isHere = ({ keyId, duty }: Card) => !gone.has(keyId) && !isSlotless(duty);
  const first = firstReaders(cards, atReport).filter(isHere);
  const left = first.filter(({ keyId }) => !isRetired(keyId));
  const isEnough = left.some(({ person }) => person !== left[0]!.person) && left.some((card) => isLead(card, cards));
  return isEnough ? first : cards.filter(isHere);
}

/** The person whom a change is about. */
export function personOf({ what, target }: Change, cards: Card[]): string {
  return (what === "given" && cards.find((card) => card.keyId === target)?.person) || target;
}

/** Changes about one person, at the places where such ones stand, in the order of their numbers. */
function inOrder(changes: SignedChange[], cards: Card[]): SignedChange[] {
  const waiting = new Map<string, SignedChange[]>();
  for (const signed of [...changes].sort((first, other) => first.change.number - other.change.number)) {
    const person = personOf(signed.change, cards);
    waiting.set(person, [...(waiting.get(person) ?? []), signed]);
  }
  return changes.map(({ change }) => waiting.get(personOf(change, cards))!.shift()!);
}

/** What changes come to, given in the order of the feed. `known`: who is off by the reporter's own record; `retired`: the
 * place of each retirement in the list. */
export function foldAccess(
  caseId: Bytes,
  cards: Card[],
  atReport: Set<string>,
  changes: SignedChange[],
  known: Map<string, number>,
  retired: Map<string, number>,
): Access {
  const cardOf = (keyId: string) => cards.find((card) => card.keyId === keyId);
  const numbers = new Map<string, number>();
  const state: Access = { off: new Map(known), given: new Set(), counted: [], refused: [] };

  function check({ change, author, slots, length, exclude }: SignedChange, person: string): void {
    const held = known.get(person) ?? 0;
    const last = numbers.get(person) ?? 0;
    const again = change.number === held && change.what === "off";
    if (change.number <= last || (change.number <= held && !again)) fail("AccessOld");
    // MOST_AHEAD in crypto/access.py, written so that the script stays within its budget.
    if (change.number > last + 1000 && change.number > held + 1000) fail("AccessAhead");
    const gone = mayNotRead(cards, exclude, new Set(state.off.keys()), atReport);
    const may = deciders(cards, atReport, gone, (keyId) => (retired.get(keyId) ?? Infinity) <= length);
    const both = [change.proposer, author].map(
      (keyId) => may.find((card) => card.keyId === keyId && slots.has(keyId)) ?? fail("AccessNoReader"),
    );
    if (both[0]!.person === both[1]!.person) fail("AccessAlone");
    verify(both[0]!.signPk, accessText(caseId, change), b64d(change.sig));
    if (!both.some((card) => isLead(card, cards))) fail("AccessNoLead");
    if (change.what === "off") {
      if (both.some((card) => card.person === person)) fail("AccessOwn");
      if (!cards.some((card) => card.person === person)) fail("AccessUnknown");
      return;
    }
    const to = cardOf(change.target);
    if (!to || to.duty === "observer") fail("AccessUnknown");
    const others = new Set([...state.off.keys()].filter((other) => other !== person));
    if (mayNotRead(cards, exclude, others, atReport).has(change.target)) fail("AccessExcluded");
  }

  for (const signed of inOrder(changes, cards)) {
    const { change } = signed;
    const person = personOf(change, cards);
    try {
      check(signed, person);
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      state.refused.push([signed, error.message]);
      continue;
    }
    numbers.set(person, change.number);
    state.counted.push(signed);
    if (change.what === "off") {
      state.off.set(person, change.number);
      for (const keyId of state.given) if (cardOf(keyId)?.person === person) state.given.delete(keyId);
    } else {
      state.off.delete(person);
      state.given.add(change.target);
    }
  }
  return state;
}
