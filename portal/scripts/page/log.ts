// What a reporter sees of the log, beside an opened case: a script of its own, fetched when a case is shown. It takes the
// page's own words: what a module keeps differs from script to script.

import { type Bytes, b64d, concat, unhex } from "../format/encoding.js";
import { Fault } from "../format/errors.js";
import { logKey } from "../format/logleaf.js";
import { statusText } from "../format/messages.js";
import type { Receipt } from "../format/receipt.js";
import { type OwnAct, type Where, digest, whereIs } from "../log/acts.js";
import { buryingProof } from "../log/certifying.js";
import { LogCopy, type LogSite } from "../log/copy.js";
import { type LogPromise, dayAfter, dayOfBatch, daysBetween, openPromise } from "../log/plainleaf.js";
import type { Conversation, Entry } from "./conversation.js";
import { WholeCheck } from "./logcheck.js";
import type * as Page from "./words.js";

/** The page's sentences and parts. */
export type Words = Pick<
  typeof Page,
  "at" | "callout" | "download" | "element" | "listed" | "say" | "show" | "showDay"
>;

const OVERDUE = 600;
const STALE = 2;
const REPORT = 1;
const PARTS = [
  ...["log-alert", "log-part", "log-said", "log-note", "log-check", "log-checked", "log-certify", "log-content"],
  "log-certified",
];

async function fetchFile(path: string): Promise<Bytes> {
  const options: RequestInit = { credentials: "omit", cache: "no-store", redirect: "error" };
  const answer = await fetch(`${document.documentElement.dataset.root ?? ""}/log/${path}`, options);
  // A server that has no such file is no lost connection.
  if (answer.status === 404) throw new Fault("ProofMalformed");
  if (!answer.ok) throw new TypeError("offline");
  return new Uint8Array(await answer.arrayBuffer());
}

/** The log keys that the code has: its own epochs, and those in the letters that it opens. */
function keysOf(own: Receipt, of: Conversation): Bytes[] {
  const given = [...of.head.opened.values()].flatMap(({ payload }) =>
    typeof payload.log_key === "string" ? [payload.log_key] : [],
  );
  const epochs = Array.from({ length: given.length + 1 }, (_, epoch) => logKey(own.root, epoch));
  return [...epochs, ...given.map(b64d)];
}

function promiseOf(sealed: string | undefined, own: Receipt, signPk: Bytes): LogPromise | null {
  try {
    return sealed ? openPromise(b64d(sealed), own.mailbox, signPk) : null;
  } catch (error) {
    // Another code's, or not the site's word: there is none then.
    if (error instanceof Fault) return null;
    throw error;
  }
}

/** One case beside the log. */
export class LogView {
  readonly keys: Bytes[];
  /** The parts of the page that it was made for: what is shown since has others, and is not touched. */
  readonly at: (id: string) => HTMLElement;
  readonly #letters: Element[];

  constructor(
    readonly words: Words,
    readonly own: Receipt,
    readonly of: Conversation,
  ) {
    this.keys = keysOf(own, of);
    const parts = new Map(PARTS.map((id) => [id, words.at(id)]));
    this.at = (id) => parts.get(id)!;
    this.#letters = [...words.at("entries").children];
  }

  get #site(): LogSite | null {
    const { log, salt, list } = this.of.site;
    const cards = new Map(
      [...list.cards.values()].filter(({ keyId }) => !list.retired.has(keyId)).map((card) => [card.keyId, card.signPk]),
    );
    return log && { salt, ...log, cards };
  }

  /** Say of each letter where it is in the log, and of the log who has seen it. */
  async show(now = Date.now()): Promise<void> {
    const { at } = this;
    const { say, element } = this.words;
    const site = this.#site;
    if (!site) {
      // Promised, and there is no log: that does not fit.
      const isPromised = this.of.rows.some((row) => row.promise);
      if (isPromised) this.broken();
      else at("log-said").append(element("p", say("log.no_log")));
      return;
    }
    try {
      const copy = await LogCopy.open(fetchFile, site);
      await this.#seen(copy, dayOfBatch(now / 1000));
      const due = dayOfBatch(now / 1000 - OVERDUE);
      const cosigned = await copy.cosignedSize(this.of.received);
      for (const [number, entry] of this.of.entries.entries()) {
        if (!entry.author) await this.#letter(copy, entry, number, due, cosigned);
      }
      new WholeCheck(this, copy).offer();
    } catch (error) {
      if (error instanceof Fault) this.broken();
      else at("log-said").append(element("p", say("log.offline")));
    }
  }

  /** Say that the log does not fit together, and nothing else of it. */
  broken(): void {
    this.at("log-alert").append(this.words.callout("warn", this.words.say("log.broken")));
    this.unchecked();
  }

  /** Say in place of who has signed it that the log can't be checked. */
  unchecked(): void {
    const { say, element } = this.words;
    this.at("log-said").replaceChildren(element("p", say("log.unchecked")));
  }

  /** Who has seen the newest checkpoint, and whether it is old. `newest`: the newest day that can have a batch. */
  async #seen(copy: LogCopy, newest: string): Promise<void> {
    const { at } = this;
    const { say, element, callout, listed, showDay } = this.words;
    const { desks, outside, hasQuorum } = copy.seenBy;
    const word = outside.length ? (desks ? "both" : "outside") : desks ? "desks" : "nobody";
    at("log-said").append(element("p", say(`log.seen.${word}`, { number: desks, names: listed(outside) })));
    const day = await copy.newestDay();
    // The batch of today comes tomorrow: two days more are too old.
    const isStale = day && daysBetween(day.day, newest) > STALE - 1;
    if (isStale) at("log-alert").append(callout("warn", say("log.stale", { day: showDay(day.day) })));
    if (!hasQuorum) at("log-alert").append(callout("warn", say("log.quorum")));
    if (!(await copy.namesTexts())) at("log-alert").append(callout("warn", say("log.texts")));
    at("log-note").textContent = copy.signed.note;
  }

  /** An own letter as the log has to have it. */
  act(entry: Entry): OwnAct {
    const row = this.of.rows.find(({ id }) => id === entry.id)!;
    const promise = promiseOf(row.promise, this.own, this.of.site.signPk);
    const kind = row.kind === REPORT ? "report" : "message";
    return { kind, day: row.day, sha256: digest(b64d(row.raw)), promise };
  }

  async #letter(copy: LogCopy, entry: Entry, number: number, due: string, cosigned: number): Promise<void> {
    const { at } = this;
    const { say, element, showDay } = this.words;
    const act = this.act(entry);
    const where: Where = await whereIs(act, copy, this.keys, due, cosigned);
    const day = act.promise?.day ?? act.day;
    const letter = this.#letters[number]!;
    if (where === "missing") {
      letter.append(await this.#missing(copy, act.promise!));
      at("log-alert").append(this.#pointer(letter));
      return;
    }
    const told = say(`log.${where}`, { day: showDay(where === "waiting" ? dayAfter(day, 1) : day) });
    letter.append(element("p", told, { class: "hint logged", "data-where": where }));
  }

  #pointer(letter: Element): HTMLElement {
    const { say, callout, element } = this.words;
    letter.id ||= "left-out";
    const box = callout("warn", say("log.missing_short"));
    const line = element("p");
    line.append(element("a", say("log.missing_look"), { href: `#${letter.id}` }));
    box.append(line);
    return box;
  }

  /** What it proves, the proof, and the way outside. */
  async #missing(copy: LogCopy, promise: LogPromise): Promise<HTMLElement> {
    const { say, callout, element, download, showDay } = this.words;
    const box = callout("warn", say("log.missing", { day: showDay(promise.day) }), {
      class: "warn left-out",
      "data-where": "missing",
    });
    box.append(element("p", say("log.missing_proves")));
    const proof = await buryingProof(copy, promise);
    if (proof) {
      const button = element("button", say("log.save"), { type: "button", class: "button second" });
      const text = new TextDecoder().decode(proof);
      button.addEventListener("click", () => download("document.json", text, "application/json"));
      box.append(button);
    } else {
      box.append(element("p", say("log.save_later")));
    }
    const way = element("p");
    way.append(element("a", say("outside"), { href: `${document.documentElement.dataset.base}/outside` }));
    box.append(way);
    return box;
  }

  /** What the server shows, in the form in which the log has it. */
  get shown() {
    const { rows, statusRows, caseId } = this.of;
    return {
      letters: rows.map(({ kind, day, raw }) => ({ kind, day, sha256: digest(b64d(raw)) })),
      statuses: statusRows.map((row) => {
        const text = statusText(caseId, row.sequence, unhex(row.author), row.status, row.day);
        return { ...row, digest: digest(concat(text, b64d(row.sig), b64d(row.act_sig))) };
      }),
    };
  }
}

/** Show what the log says of a case that is on the page. */
export function showLog(words: Words, own: Receipt, of: Conversation): Promise<void> {
  return new LogView(words, own, of).show();
}
