// "Check everything": the log from the day of the report on, compared with what the server showed; the rule for the 20
// days; the certificate, only when it is asked for.

import { b64d, hexId } from "../format/encoding.js";
import { type Difference, type LoggedAct, actsSlowly, compareAll, ruleOn } from "../log/acts.js";
import { certificate } from "../log/certifying.js";
import type { LogCopy } from "../log/copy.js";
import { type Batch, readBatches, readCardLeaf, readRestored, wordOf } from "../log/plainleaf.js";
import type { LogView } from "./log.js";
import { Fault } from "../format/errors.js";

/** What was read of the log, and the acts of the case in it. */
interface Read {
  batches: Batch[];
  acts: LoggedAct[];
  first: string;
  last: string;
}

/** The check of one case against one copy of the log. */
export class WholeCheck {
  #read: Promise<Read | null> | null = null;

  constructor(
    private view: LogView,
    private copy: LogCopy,
  ) {}

  /** Let the page's buttons do it. */
  offer(): void {
    const { say, show } = this.view.words;
    const { at } = this.view;
    at("log-check").hidden = false;
    const button = at("log-check");
    button.addEventListener("click", () => {
      void this.#check().catch((error: unknown) => this.#failed(error));
    });
    at("log-certify").addEventListener("submit", (event) => {
      event.preventDefault();
      void this.#certify().catch((error: unknown) => this.#failed(error));
    });
    show(at("log-checked"), say("log.check_says"));
  }

  #failed(error: unknown): void {
    const { at } = this.view;
    const { say, callout } = this.view.words;
    const word = error instanceof Fault ? "log.broken" : "log.offline";
    at("log-checked").replaceChildren(callout("warn", say(word)));
    if (error instanceof Fault) this.view.unchecked();
    this.#read = null;
  }

  /** The log from the beginning of the quarter of the report on; null where it has no day yet. */
  #all(): Promise<Read | null> {
    this.#read ??= this.#readAll();
    return this.#read;
  }

  async #readAll(): Promise<Read | null> {
    const { at } = this.view;
    const { say, show } = this.view.words;
    const { copy } = this;
    const newest = await copy.newestDay();
    if (!newest) return null;
    const from = (await copy.dayLeaf(this.view.of.received))?.first ?? 0;
    // Half of the work is to load, half to open.
    const told = (done: number) => show(at("log-checked"), say("log.checking", { part: Math.round(done * 50) }));
    const leaves = await copy.leaves(from, copy.size, told);
    const batches = readBatches(leaves, copy.site.hidden, from);
    const days = batches.flatMap(({ day }) => (day ? [day.day] : []));
    const caseId = hexId(this.view.of.caseId);
    const acts = await actsSlowly(batches, this.view.keys, caseId, (part) => told(1 + part));
    return { batches, acts, first: days[0] ?? newest.day, last: newest.day };
  }

  async #check(): Promise<void> {
    const { at } = this.view;
    const { say, callout, element, showDay } = this.view.words;
    const read = await this.#all();
    const told = at("log-checked");
    told.replaceChildren();
    if (!read) {
      told.append(element("p", say("log.none_yet")));
      return;
    }
    const { acts, first, last, batches } = read;
    const number = batches.reduce((sum, batch) => sum + 1 + batch.plain.length + batch.hidden.length, 0);
    const days = { number: number.toLocaleString(), own: acts.length, first: showDay(first), last: showDay(last) };
    told.append(element("p", say("log.checked", days)));
    const differences = compareAll(acts, this.view.shown, first, last);
    if (differences.length) told.append(this.#differs(differences));
    else told.append(callout("done", say("log.all_right")));
    for (const day of this.#restored(batches)) told.append(callout("warn", say("log.restored", { day: showDay(day) })));
    told.append(...this.#rule(read));
    told.tabIndex = -1;
    told.focus();
  }

  /** Each difference in plain words, what to do, and the way outside. */
  #differs(differences: Difference[]): HTMLElement {
    const { say, callout, element, showDay } = this.view.words;
    const box = callout("warn", say("log.differs"), { class: "warn left-out", "data-where": "differs" });
    const list = element("ul");
    for (const { what, day, logged, author, status } of differences) {
      const parts = {
        day: showDay(day),
        logged: logged && showDay(logged),
        who: this.#role(author),
        status: status && say(`status.${status}.name`),
      };
      list.append(element("li", say(`log.${what}`, parts), { "data-what": what }));
    }
    const way = element("p", `${say("log.differs_then")} `);
    way.append(element("a", say("outside"), { href: `${document.documentElement.dataset.base}/outside` }));
    box.append(list, way);
    return box;
  }

  #role(author: string): string {
    const card = this.view.of.cards.find(({ keyId }) => keyId === author);
    return card?.role[document.documentElement.lang === "en" ? "en" : "ja"] ?? this.view.words.say("log.somebody");
  }

  /** The days from which acts may have been lost, as the log itself says. */
  #restored(batches: Batch[]): string[] {
    return batches.flatMap(({ plain }) => plain.filter((leaf) => wordOf(leaf) === "restored").map(readRestored));
  }

  #rule({ acts, last }: Read): HTMLElement[] {
    const { say, element, showDay } = this.view.words;
    const { outside, hasQuorum } = this.copy.seenBy;
    // What an auditor wrote down of a call or a talk starts no 20 days (2.14).
    const written = this.view.of.entries.find((entry) => entry.written)?.written;
    if (written && written !== "false" && written.channel !== "letter")
      return [element("p", say("written.oral"), { "data-rule": "oral" })];
    const isCounted = outside.length > 0 || (!this.copy.hasOutside && hasQuorum);
    const { day20, notice, isGiven } = ruleOn(acts, this.view.of.received, last);
    const word = isGiven ? "given" : isGiven === null ? "open" : notice ? "after" : "not_given";
    const parts = { day: notice && showDay(notice), day20: showDay(day20) };
    const told = [element("p", say(`log.rule.${word}`, parts), { "data-rule": word })];
    return isCounted ? told : [...told, element("p", say("log.rule.unsigned"), { class: "hint" })];
  }

  /** The certificate of what is in the log, as a file under a neutral name. */
  async #certify(): Promise<void> {
    const { at } = this.view;
    const { say, element, download } = this.view.words;
    const read = await this.#all();
    const told = at("log-certified");
    if (!read || read.acts.length < 1) {
      told.replaceChildren(element("p", say("log.none_yet")));
      return;
    }
    const withContent = (at("log-content") as HTMLInputElement).checked;
    const { of } = this.view;
    const report = of.entries.find(({ author }) => !author);
    const promise = report ? this.view.act(report).promise : null;
    const isLogged = read.acts.some(({ opening, day }) => opening.kind === "report" && day === promise?.day);
    const content = withContent ? this.#content(read) : [];
    const cards = await this.#cards(read);
    const made = await certificate(this.copy, read.acts, isLogged ? promise : null, content, cards);
    download("document.json", new TextDecoder().decode(made), "application/json");
    told.replaceChildren(element("p", say("log.certified")));
  }

  #content({ acts }: Read) {
    const { of, shown } = this.view;
    return of.rows.flatMap(({ id, raw }, number) => {
      const opened = of.head.opened.get(id);
      const isLogged = acts.some(({ opening }) => opening.fields[1] === shown.letters[number]!.sha256);
      return opened && isLogged ? [{ envelope: b64d(raw), key: opened.contentKey }] : [];
    });
  }

  /** Where the cards of those who answered are in the log, so that their signatures can be checked. */
  async #cards({ acts }: Read): Promise<number[]> {
    const authors = acts.filter(({ opening }) => opening.kind === "answer").map(({ opening }) => opening.fields[2]);
    if (!authors.length) return [];
    const leaves = await this.copy.leaves(0, this.copy.size);
    return leaves.flatMap((leaf, at) =>
      wordOf(leaf) === "card" && authors.includes(readCardLeaf(leaf).keyId) ? [at] : [],
    );
  }
}
