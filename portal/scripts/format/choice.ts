// Whom a reporter excluded, and the record of it that only the code's holder can make (docs/format.md, 2.9; crypto/choice.py).

import { type Bytes, b2, concat, hex, random, same, toUint, uint, unhex, utf8 } from "./encoding.js";
import { fail } from "./errors.js";
import { decrypt, encrypt } from "./keys.js";
import { MAX_CHOICE } from "./limits.js";

/** Stands where no report heads the case: 32 zero bytes. */
export const UNKNOWN = new Uint8Array(32) as Bytes;
const NOTHING = new Uint8Array(0);
const NONCE = 24;
const PERSONS = 73;
const MAX_PERSONS = 64;
const OFF = 20;
const CONTENT = PERSONS + 16 * MAX_PERSONS + 1 + OFF * MAX_PERSONS;
const RECORD = NONCE + CONTENT + 16;

/** Persons in hex, and the number of this choice. */
export interface Choice {
  persons: Set<string>;
  number: number;
}

/** What an exclude record says (2.9). */
export interface ExcludeRecord {
  choice: Choice;
  /** Of the report that heads the case, or UNKNOWN. */
  reportHash: Bytes;
  actPk: Bytes;
  /** Persons who were taken off the case, with the number of that change (2.16). */
  off?: Map<string, number>;
}

/** The choice that a report begins with. */
export function firstChoice(persons: Iterable<string>): Choice {
  return { persons: new Set(persons), number: 1 };
}

/** What a payload of the reporter says of a choice. */
export function choiceFields(of: Choice): { exclude: string[]; choice: number } {
  return { exclude: [...of.persons].sort(), choice: of.number };
}

const keyOf = (root: Bytes) => b2(32, NOTHING, "mybk1-choice", root);
const named = (caseId: Bytes) => concat(utf8("mybk1/choice\n"), caseId);

/** An exclude record, of one size whatever it holds; `root`: the present code's. */
export function sealRecord(root: Bytes, caseId: Bytes, record: ExcludeRecord): Bytes {
  const { choice, reportHash, actPk } = record;
  const off = [...(record.off ?? [])].sort(([first], [other]) => (first < other ? -1 : 1));
  const gone = off.map(([person, change]) => concat(unhex(person), uint(change, 4)));
  const persons = [...choice.persons].sort().map(unhex);
  const sizes: [Bytes, number][] = [
    [root, 32],
    [caseId, 16],
    [reportHash, 32],
    [actPk, 32],
    ...persons.map((person): [Bytes, number] => [person, 16]),
  ];
  const { number } = choice;
  if (sizes.some(([part, size]) => part.length !== size) || persons.length > MAX_PERSONS) fail("MisuseError");
  if (off.length > MAX_PERSONS || gone.some((part) => part.length !== OFF)) fail("MisuseError");
  if (!Number.isInteger(number) || number < 1 || number > MAX_CHOICE) fail("MisuseError");
  const content = new Uint8Array(CONTENT);
  const head = concat(utf8("MYX3"), uint(number, 4), reportHash, actPk, Uint8Array.of(persons.length), ...persons);
  content.set(concat(head, Uint8Array.of(off.length), ...gone));
  const nonce = random(NONCE);
  return concat(nonce, encrypt(keyOf(root), nonce, named(caseId), content));
}

/** What an exclude record holds. Fails with ExcludeUnopenable or ExcludeMalformed. */
export function openRecord(root: Bytes, caseId: Bytes, raw: Bytes): ExcludeRecord {
  if (raw.length !== RECORD) fail("ExcludeUnopenable");
  const content =
    decrypt(keyOf(root), raw.slice(0, NONCE), named(caseId), raw.slice(NONCE)) ?? fail("ExcludeUnopenable");
  const [number, count] = [toUint(content.slice(4, 8)), content[PERSONS - 1]!];
  if (!same(content.slice(0, 4), utf8("MYX3")) || !number || count > MAX_PERSONS) fail("ExcludeMalformed");
  const persons = Array.from({ length: count }, (_, at) =>
    hex(content.slice(PERSONS + 16 * at, PERSONS + 16 * at + 16)),
  );
  const sorted = persons.every((person, at) => at === 0 || persons[at - 1]! < person);
  if (!sorted) fail("ExcludeMalformed");
  return {
    choice: { persons: new Set(persons), number },
    reportHash: content.slice(8, 40) as Bytes,
    actPk: content.slice(40, 72) as Bytes,
    off: offOf(content.slice(PERSONS + 16 * count) as Bytes),
  };
}

function offOf(rest: Bytes): Map<string, number> {
  const count = rest[0]!;
  const at = (place: number) => 1 + OFF * place;
  const off = new Map<string, number>();
  let before = "";
  for (let place = 0; place < count && count <= MAX_PERSONS; place++) {
    const person = hex(rest.slice(at(place), at(place) + 16));
    const change = toUint(rest.slice(at(place) + 16, at(place + 1)));
    if (person <= before || !change) fail("ExcludeMalformed");
    off.set(person, change);
    before = person;
  }
  if (count > MAX_PERSONS || rest.slice(at(count)).some((byte) => byte)) fail("ExcludeMalformed");
  return off;
}

/** What names the record that a new one takes the place of. */
export function recordHash(raw: Bytes): Bytes {
  return b2(32, raw, "mybk1-recid");
}
