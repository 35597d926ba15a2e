// Which changes of who reads a case its answers hold, and whose answers still count after them (docs/format.md, 2.16; the
// same as crypto/casechanges.py).

import { type Access, type SignedChange, changeOf, personOf } from "./access.js";
import type { Card } from "./cards.js";
import { isReaders } from "./payloads.js";
import type { Opened } from "./unseal.js";

/** The changes of who reads the case, each with whom the reporter had excluded before it (`excludedIn`: what an envelope
 * of the reporter's names). Where an earlier one of these does not open any more, what the record says (`recorded`)
 * counts as said before. */
export function changesOf(
  rows: { id: string; isAnswer: boolean }[],
  opened: Map<string, Opened>,
  excludedIn: (id: string, envelope: Opened) => string[],
  recorded: Set<string>,
  signed: Map<string, string>,
): SignedChange[] {
  const exclude = new Set<string>();
  const changes: SignedChange[] = [];
  for (const { id, isAnswer } of rows) {
    const envelope = opened.get(id);
    if (envelope) excludedIn(id, envelope).forEach((person) => exclude.add(person));
    else if (!isAnswer) recorded.forEach((person) => exclude.add(person));
    const author = signed.get(id);
    const change = envelope && author ? changeOf(envelope.payload) : null;
    if (!envelope || !author || !change) continue;
    const { readers } = envelope.payload;
    const by = isReaders(readers) ? readers : { keys: [], length: 0 };
    changes.push({ id, change, author, slots: new Set(by.keys), length: by.length, exclude: new Set(exclude) });
  }
  return changes;
}

/** The answers without those of persons who were off the case by then. */
export function stillOn(signed: Map<string, string>, cards: Card[], access: Access): Map<string, string> {
  const counted = new Map(access.counted.map(({ id, change }) => [id, change]));
  const shown = new Set([...counted.values()].flatMap((change) => (change.what === "off" ? [change.target] : [])));
  // Of a removal that is in the record alone nobody knows when it came: then no word of that person counts.
  const off = new Set([...access.off.keys()].filter((person) => !shown.has(person)));
  const answers = new Map<string, string>();
  for (const [id, author] of signed) {
    if (!off.has(cards.find((card) => card.keyId === author)!.person)) answers.set(id, author);
    const change = counted.get(id);
    if (change?.what === "off") off.add(change.target);
    else if (change) off.delete(personOf(change, cards));
  }
  return answers;
}
