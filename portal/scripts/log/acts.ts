// Where a reporter's acts are in the log, and whether what was shown is what is there (docs/format.md, 5). Nothing in
// here asks a clock or the server.

import { sha256 } from "@noble/hashes/sha2.js";
import { type Bytes, hex, same, unhex } from "../format/encoding.js";
import { Fault } from "../format/errors.js";
import { leafHash } from "../format/logleaf.js";
import type { LogCopy } from "./copy.js";
import { type LeafText, openLeaf } from "./openings.js";
import { type Batch, type LogPromise, dayAfter } from "./plainleaf.js";

/** Batches between two breaths of a page. */
const BREATH = 4;

/** A letter of the reporter's, as the server shows it. `sha256` of the envelope, hex. */
export interface OwnAct {
  kind: "report" | "message";
  day: string;
  sha256: string;
  promise: LogPromise | null;
}

/** Where an act is: in the log and cosigned; in it and not cosigned yet; before its batch; after 03:00 without a batch;
 * promised and not in its batch; not in it, and nothing was promised. */
export type Where = "in" | "uncosigned" | "waiting" | "late" | "missing" | "unpromised";

/** A hidden leaf that one of the case's log keys opens. */
export interface LoggedAct {
  day: string;
  index: number;
  opening: LeafText;
  key: Bytes;
}

/** What a leaf says to the first of these keys that opens it; null for another's, a dummy, or a spoiled one. */
function openWith(keys: Bytes[], leaf: Bytes): { opening: LeafText; key: Bytes } | null {
  for (const key of keys) {
    try {
      return { opening: openLeaf(key, leaf), key };
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
    }
  }
  return null;
}

/** The SHA-256 of bytes, in hex. */
export function digest(raw: Uint8Array): string {
  return hex(sha256(raw));
}

/** What opens in some batches, in one go or in steps between which a page breathes. A `rekey` leaf gives a key of the
 * code before, which opens further leaves. */
class Opening {
  readonly #acts = new Map<number, LoggedAct>();
  #known: Bytes[];
  #tried = 0;

  constructor(
    private batches: Batch[],
    keys: Bytes[],
    private caseId: string,
  ) {
    this.#known = [...keys];
  }

  /** Batch by batch, with what part of the work is done; new keys make it begin anew. */
  *steps(): Generator<number> {
    while (this.#tried < this.#known.length) {
      const fresh = this.#known.slice(this.#tried);
      this.#tried = this.#known.length;
      for (const [at, batch] of this.batches.entries()) {
        this.#batch(batch, fresh);
        yield at / this.batches.length;
      }
    }
  }

  all(): void {
    for (const steps = this.steps(); !steps.next().done; );
  }

  #batch({ day, hidden, first, plain }: Batch, keys: Bytes[]): void {
    hidden.forEach((leaf, at) => {
      const index = first + 1 + plain.length + at;
      const opened = this.#acts.has(index) ? null : openWith(keys, leaf);
      if (!opened || !day || (this.caseId && opened.opening.fields[0] !== this.caseId)) return;
      this.#acts.set(index, { day: day.day, index, ...opened });
      const older = opened.opening.kind === "rekey" ? unhex(opened.opening.fields[1]!) : null;
      if (older && !this.#known.some((key) => same(key, older))) this.#known.push(older);
    });
  }

  get acts(): LoggedAct[] {
    return [...this.#acts.values()].sort((act, other) => act.index - other.index);
  }
}

/** The acts in some batches; of one case where its id (hex) is given. */
export function actsIn(batches: Batch[], keys: Bytes[], caseId = ""): LoggedAct[] {
  const opening = new Opening(batches, keys, caseId);
  opening.all();
  return opening.acts;
}

/** The same for a page, which stays alive meanwhile. `told`: called with the part that is done, 0 to 1. */
export async function actsSlowly(
  batches: Batch[],
  keys: Bytes[],
  caseId: string,
  told: (part: number) => void,
): Promise<LoggedAct[]> {
  const opening = new Opening(batches, keys, caseId);
  let step = 0;
  for (const part of opening.steps()) {
    if (step++ % BREATH) continue;
    told(part);
    await new Promise((done) => setTimeout(done));
  }
  return opening.acts;
}

/** Where an act is. `due`: the newest day whose batch has to be there; `cosigned`: the size of the newest checkpoint
 * that was cosigned. */
export async function whereIs(
  act: OwnAct,
  copy: LogCopy,
  keys: Bytes[],
  due: string,
  cosigned: number,
): Promise<Where> {
  const day = act.promise?.day ?? act.day;
  const batch = await copy.batchOf(day);
  if (!batch) {
    const newest = await copy.newestDay();
    return day <= due || (newest && newest.day > day) ? "late" : "waiting";
  }
  const { promise } = act;
  const isThere = promise
    ? batch.hidden.some((leaf) => same(leafHash(leaf), promise.leaf))
    : batch.hidden.some((leaf) => {
        const opening = openWith(keys, leaf)?.opening;
        return opening?.kind === act.kind && opening.fields[1] === act.sha256;
      });
  if (isThere) return batch.day!.end <= cosigned ? "in" : "uncosigned";
  return promise ? "missing" : "unpromised";
}

/** What the server shows of a case. Ids, digests and authors in hex. */
export interface Shown {
  letters: { kind: number; day: string; sha256: string }[];
  /** `digest`: of the signed text and both signatures (5.4). */
  statuses: { sequence: number; status: string; author: string; day: string; digest: string }[];
}

/** What does not fit between the log and what was shown: an answer or a status that was not shown; a letter of the
 * reporter's that is gone, is not in the log, or is shown with another day than its batch's; a status that was changed; a
 * notice of a day whose batch does not have it. `day` is what was shown, `logged` where it is in the log ("": nowhere). */
export interface Difference {
  what:
    | "answer_withheld"
    | "letter_gone"
    | "letter_day"
    | "letter_unlogged"
    | "status_dropped"
    | "status_changed"
    | "backdated"
    | "unlogged";
  day: string;
  logged: string;
  author: string;
  status: string;
}

const ANSWER = 3;

function difference(what: Difference["what"], day: string, more: Partial<Difference> = {}): Difference {
  return { what, day, logged: day, author: "", status: "", ...more };
}

function fromLog(act: LoggedAct, shown: Shown): Difference[] {
  const { kind, fields } = act.opening;
  if (kind === "status") {
    const [, sequence, status, author, wanted] = fields as [string, string, string, string, string];
    const row = shown.statuses.find((other) => other.sequence === Number(sequence));
    const more = { author, status };
    if (!row) return [difference("status_dropped", act.day, more)];
    if (row.digest !== wanted) return [difference("status_changed", act.day, more)];
    return row.day === act.day ? [] : [difference("backdated", row.day, { ...more, logged: act.day })];
  }
  if (!["report", "message", "answer"].includes(kind)) return [];
  const row = shown.letters.find((letter) => letter.sha256 === fields[1]);
  const author = kind === "answer" ? fields[2]! : "";
  if (!row) return [difference(author ? "answer_withheld" : "letter_gone", act.day, { author })];
  const what = author ? "backdated" : "letter_day";
  return row.day === act.day ? [] : [difference(what, row.day, { author, logged: act.day })];
}

/** Compare what the log has for a case with what was shown of it. `first`, `last`: the days whose batches were read. */
export function compareAll(acts: LoggedAct[], shown: Shown, first: string, last: string): Difference[] {
  const read = (day: string) => day >= first && day <= last;
  const named = new Set(acts.map(({ opening }) => `${opening.kind} ${opening.fields[1]!}`));
  const own = new Map([
    [1, "report"],
    [2, "message"],
  ]);
  const unlogged = [
    ...shown.letters
      .filter(({ kind, day, sha256: of }) => own.has(kind) && read(day) && !named.has(`${own.get(kind)!} ${of}`))
      .map(({ day }) => difference("letter_unlogged", day, { logged: "" })),
    ...shown.letters
      .filter(({ kind, day, sha256: of }) => kind === ANSWER && read(day) && !named.has(`answer ${of}`))
      .map(({ day }) => difference("unlogged", day, { logged: "" })),
    ...shown.statuses
      .filter(({ day, sequence }) => read(day) && !named.has(`status ${sequence}`))
      .map(({ day, author, status }) => difference("unlogged", day, { author, status, logged: "" })),
  ];
  return [...acts.flatMap((act) => fromLog(act, shown)), ...unlogged];
}

/** What the rule (5.7) says about a report. `day20`: the last day that counts; `notice`: the batch of the first notice;
 * `isGiven`: null while day 20 is not over in the log. */
export interface RuleSays {
  day20: string;
  notice: string;
  isGiven: boolean | null;
}

/** A notice is the status `investigating` or an answer. `last`: the newest day in the log. */
export function ruleOn(acts: LoggedAct[], received: string, last: string): RuleSays {
  const isNotice = ({ kind, fields }: LeafText) =>
    kind === "answer" || (kind === "status" && fields[2] === "investigating");
  // The log's day of the report counts, not the server's word.
  const reported = acts.find(({ opening }) => opening.kind === "report")?.day ?? received;
  const notice = acts.find(({ opening }) => isNotice(opening))?.day ?? "";
  const day20 = dayAfter(reported, 20);
  if (notice && notice <= day20) return { day20, notice, isGiven: true };
  return { day20, notice, isGiven: last >= day20 ? false : null };
}
