// A case on the page: the server's own words around what was opened in this browser, and what can be done there.

import { ChoiceFull, asks } from "../format/casehead.js";
import { type Bytes, b64e, hexId, normalizeText, random, utf8 } from "../format/encoding.js";
import { Fault } from "../format/errors.js";
import { MAX_TEXT, cleanText, countOf } from "../format/form.js";
import { sealBox } from "../format/keys.js";
import type { Payload } from "../format/messages.js";
import { type Receipt, derive, formatCode } from "../format/receipt.js";
import { Chosen } from "./chosen.js";
import { ChoiceNeeded, type Conversation, type Entry, ReportGone, look } from "./conversation.js";
import { letterOf, saveRecord } from "./letters.js";
import { ChosenMeaning } from "./meaning.js";
import { clearProblem, problemAt, showProblem } from "./problems.js";
import { NobodyLeft, Replacement, type Ticked, forget, sendMessage } from "./sending.js";
import { sendFile } from "./filework.js";
import { SendingBox } from "./sendingbox.js";
import { showSubject } from "./subject.js";
import { Refused, type Site, allowSending, fetchPage, fetchSite, newcomers, stopSending } from "./server.js";
import { at, callout, download, element, entitle, listed, main, say, sayCount, show, showDay } from "./words.js";

const base = document.documentElement.dataset.base;
const lang = document.documentElement.lang === "en" ? "en" : "ja";
// The server's own words of the page; what is shown takes their place in the document.
const words = document.querySelector<HTMLTemplateElement>("#case");

/** What keeps a case from being written in, whatever is sent. */
function whyNot(error: unknown): string | null {
  if (error instanceof ReportGone) return "no_report";
  if (error instanceof Refused && /^(unreadable|list_unproved)$/.test(error.word)) return error.word;
  // The code opened this case a while ago: somebody with the code took a new one since.
  if (error instanceof Refused && error.word === "unknown") return "code_replaced";
  if (error instanceof Refused && error.word === "deleted") return "case_deleted";
  return error instanceof ChoiceFull ? "choice_full" : null;
}

/** One case on the page: the server's own words around what was opened here. */
export class CaseView {
  /** `stayAwake`: called while something is sent, so that the case is not closed meanwhile. */
  constructor(
    private own: Receipt,
    private conversation: Conversation,
    private stayAwake: () => void,
  ) {}

  /** What is written and was not sent, locked for the holder of the code; null: nothing. */
  get begun(): Bytes | null {
    const text = document.querySelector<HTMLTextAreaElement>("#message")?.value ?? "";
    return text.trim() ? sealBox(utf8(JSON.stringify(ChosenMeaning.in(main()).with(text))), this.own.mailbox.pk) : null;
  }

  /** Show the case anew. `said`: what was just done, and whether it is said beside the letter that was sent. */
  show(said?: HTMLElement, isSent = false): void {
    const { statuses, entries, unchecked, received } = this.conversation;
    const current = statuses.at(-1)?.status ?? "received";
    clearProblem();
    main().replaceChildren(words!.content.cloneNode(true));
    entitle(say("your_report"));
    at("state").append(
      element("strong", say(`status.${current}.name`)),
      element("br"),
      element("span", say(`status.${current}.means`)),
    );
    at("timeline").append(
      element("li", `${showDay(received)} ${say("received_on")}`),
      ...statuses.map((status) =>
        element("li", `${showDay(status.day)} ${say(`status.${status.status}.name`)} ${status.author.role[lang]}`),
      ),
    );
    at("entries").append(...entries.map((entry, number) => letterOf(entry, lang, !number)));
    showSubject(entries);
    this.#news(entries);
    this.#writtenDown(entries);
    this.#choice();
    if (unchecked) at("entries").append(callout("note", sayCount("unchecked", unchecked)));
    this.#writing(at("write") as HTMLFormElement);
    at("record").addEventListener("submit", saveRecord);
    at("refresh").addEventListener("submit", (event) => {
      event.preventDefault();
      const form = at("refresh");
      void this.#again().catch(() => problemAt(form, say("look_failed")));
    });
    this.#changes();
    this.#certificate();
    // What was sent is the last of the reporter's own letters; other news of a case is said at its top.
    const letter = isSent ? [...document.querySelectorAll<HTMLElement>("article.own")].at(-1) : undefined;
    if (said && letter) letter.after(said);
    else if (said) main().prepend(said);
    const place = letter ?? said ?? main().querySelector("h1")!;
    place.tabIndex = -1;
    place.focus();
    void this.#law();
    void this.#log();
  }

  /** What the log says of the case: a script of its own, which only an opened case needs. */
  async #log(): Promise<void> {
    try {
      const { showLog } = (await import(document.documentElement.dataset.log!)) as typeof import("./log.js");
      await showLog({ at, callout, download, element, listed, say, show, showDay }, this.own, this.conversation);
    } catch {
      // Another page may be there by now.
      document.getElementById("log-said")?.append(element("p", say("log.offline")));
    }
  }

  /** What came after the reporter's own last message; nothing is kept about looks. */
  #news(entries: Entry[]): void {
    const own = entries.map((entry) => !entry.author).lastIndexOf(true);
    const shown = [...at("entries").children].slice(own + 1, entries.length);
    if (!shown.length) return;
    shown[0]!.id = "first-new";
    shown[0]!.setAttribute("tabindex", "-1");
    for (const letter of shown)
      letter.querySelector("h3")!.append(" ", element("span", say("since_last"), { class: "new" }));
    at("news").hidden = false;
    at("news")
      .querySelector("a")!
      .append(element("strong", sayCount("new_answers", shown.length)));
  }

  /** Who wrote the report down for its reporter may know the code: the first look asks for a new one. */
  #writtenDown(entries: Entry[]): void {
    const written = entries.find((entry) => entry.written)?.written;
    if (!written) return;
    const name = written === "false" ? "" : written.author.name[lang];
    const taken = entries.findIndex((entry) => entry.newKeys);
    const letters = [...at("entries").children].slice(0, taken < 0 ? entries.length : taken);
    for (const [number, letter] of letters.entries()) {
      const { author, written: own } = entries[number]!;
      if (!author && !own && name)
        letter.querySelector("h3")!.after(element("p", say("written.first_code", { name }), { class: "small" }));
    }
    if (taken >= 0) return;
    const box = callout("warn", name ? say("written.code", { name }) : say("written.false"), { id: "written-for" });
    if (name) {
      const button = element("button", say("written.first"), { type: "button", class: "button" });
      button.addEventListener("click", () => {
        (at("replace-now").closest("details") as HTMLDetailsElement).open = true;
        if (at("replace").hidden) at("replace-now").click();
      });
      box.append(button);
    }
    at("top").before(box);
  }

  /** How a report came that was written down; "": it was not, or only says so. */
  get #channel(): string {
    const written = this.conversation.entries.find((entry) => entry.written)?.written;
    return written && written !== "false" ? written.channel : "";
  }

  /** What the days of the case open: the law is the server's to tell, and it needs only the days that it has. */
  async #law(): Promise<void> {
    const answer = await fetchPage(`${base}/law`, { lookup: b64e(this.own.lookupId) });
    // Another page may be there by now.
    if (!document.getElementById("law")) return;
    if (!answer) at("law").append(element("p", say("law_failed")));
    // The server does not know how it came: it counts the days of every case alike.
    if (this.#channel && this.#channel !== "letter") {
      at("law").append(element("p", say("written.oral")));
      at("days").hidden = false;
      return;
    }
    for (const part of answer?.body.children ?? []) {
      // What is empty has nothing to add: the link to the guide stays.
      if (part.children.length) document.getElementById(part.id)?.replaceChildren(...part.childNodes);
    }
    const letter = this.conversation.entries.find((entry) => entry.written)?.written;
    if (letter && letter !== "false")
      at("law").prepend(element("p", say("written.letter_days", { day: showDay(letter.day) })));
    at("days").hidden = !at("law").children.length;
  }

  /** The site's signed word on what was shown, as it was checked. */
  #certificate(): void {
    const { state, caseId, site } = this.conversation;
    const texts = [hexId(caseId), state.day, state.statuses.join(", "), state.signature, b64e(site.signPk)];
    // No status: the page's own words stay.
    document.querySelectorAll("#certificate dd").forEach((place, number) => {
      if (texts[number]) place.textContent = texts[number];
    });
  }

  /** Who will not be able to read what is sent now; the choice, where it has to be made again. */
  #choice(): void {
    const { head, cards, active } = this.conversation;
    const given = cards.filter((card) => head.access.given.has(card.keyId));
    const able = new Set([...active, ...given].filter((card) => !head.out.has(card.keyId)).map((card) => card.person));
    // A human who got a new key has two cards: one line.
    const gone = new Set([...head.known.persons, ...head.access.off.keys()]);
    const listed = cards.filter((card) => gone.has(card.person) || active.includes(card) || given.includes(card));
    const persons = new Map(listed.map((card) => [card.person, `${card.role[lang]} ${card.name[lang]}`]));
    const out = [...persons].filter(([person]) => !able.has(person));
    at("out-list").append(...out.map(([, name]) => element("li", name)));
    [at("out-some").hidden, at("out-none").hidden] = [!out.length, !!out.length];
    [at("write").hidden, at("no-report").hidden] = [!this.#sends, this.#sends];
    for (const part of document.querySelectorAll<HTMLElement>(".changes")) part.hidden = !this.#sends;
    // Once who reads the case was changed, the reporter can always exclude.
    const isChanged = head.access.counted.length > 0;
    at("choice").hidden = !asks(head) && !isChanged;
    if (!asks(head)) {
      at("choice").classList.remove("wrong");
      show(at("choice-hint"), say("choice_changed"));
      at("choose-done").parentElement!.hidden = true;
    }
    for (const [person, name] of asks(head) || isChanged ? persons : []) {
      const box = element("div", "", { class: "choice" });
      const tick = element("input", "", {
        type: "checkbox",
        name: "choose",
        value: person,
        id: `choose-${person}`,
      }) as HTMLInputElement;
      // Nobody is taken off: what the reporter signed before counts on.
      tick.checked = tick.disabled = head.known.persons.has(person);
      box.append(tick, element("label", name, { for: tick.id }));
      at("persons").append(box);
    }
  }

  get #sends(): boolean {
    return this.conversation.head.stop !== "no_report";
  }

  get #ticked(): Ticked {
    const chosen = [...document.querySelectorAll<HTMLInputElement>("input[name=choose]:checked")];
    return { persons: chosen.map((box) => box.value), again: (at("choose-done") as HTMLInputElement).checked };
  }

  /** The choice could not be told for sure when something was to be sent: show it, with what was typed. */
  #askAgain(of: Conversation): void {
    const putBack = this.#begun();
    this.conversation = of;
    this.show();
    putBack();
    showProblem(say("choose"), { field: at("choice") });
  }

  /** Take what was begun along to the form that is shown next: text, meaning, files. */
  #begun(): () => void {
    const { value } = at("message") as HTMLTextAreaElement;
    const meaning = ChosenMeaning.in(main());
    const { files } = at("files") as HTMLInputElement;
    return () => {
      (at("message") as HTMLTextAreaElement).value = value;
      meaning.putInto(main());
      (at("files") as HTMLInputElement).files = files;
      at("files").dispatchEvent(new Event("change"));
    };
  }

  /** Look at the case again. `said`: what was done; without it, what was begun stays. */
  async #again(said?: HTMLElement, own = this.own, isSent = false): Promise<void> {
    const { site } = this.conversation;
    this.own = own;
    this.conversation = await look(own, await fetchSite());
    const putBack = said ? null : this.#begun();
    this.show(said, isSent);
    putBack?.();
    // From here on they count as shown.
    const names = this.#newSince(site);
    if (names.length) at("choice").before(callout("warn", `${say("newcomers")} ${listed(names)}`, { id: "newcomers" }));
  }

  #writing(form: HTMLFormElement): void {
    const text = at("message") as HTMLTextAreaElement;
    const chosen = new Chosen(at("files") as HTMLInputElement);
    const button = form.querySelector("button:not([type])") as HTMLButtonElement;
    const sending = new SendingBox(form, button, [button], stopSending);
    const id = random(16);
    const submit = async () => {
      await chosen.ready();
      const message = cleanText(text.value);
      const wrong = chosen.problem();
      const long = say("message_too_long", { number: countOf(message).toLocaleString() });
      if (form.hasAttribute("aria-busy")) return;
      if (!message.trim()) {
        showProblem(say("message_empty"), { field: text });
        return;
      }
      if (countOf(message) > MAX_TEXT) {
        showProblem(long, { field: text });
        return;
      }
      const meaning = ChosenMeaning.in(form);
      if (meaning.isUnread) {
        showProblem(say("meaning_unread"), { field: at("meaning-read") });
        return;
      }
      if (wrong) {
        showProblem(say(wrong[0], { name: wrong[1]?.name ?? "" }), { field: at("files") });
        chosen.point(wrong[1]);
        return;
      }
      clearProblem();
      allowSending();
      sending.start();
      await this.#send(id, meaning.with(normalizeText(message)), chosen.files, sending)
        .catch((error: unknown) => {
          sending.end();
          show(button, say("send_again"));
          if (error instanceof ChoiceNeeded) return this.#askAgain(error.of);
          const word = whyNot(error) ?? (error instanceof NobodyLeft ? "nobody_left" : "message_failed");
          return this.#failed(
            form,
            error,
            error instanceof Fault && error.name === "PayloadTooLarge" ? long : say(word),
          );
        })
        .finally(() => sending.end());
    };
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      void submit();
    });
  }

  /** Say why something was not sent. Nothing is sealed to a list that was not shown. */
  async #failed(form: HTMLElement, error: unknown, sentence: string): Promise<void> {
    if (!(error instanceof Refused) || error.word !== "recipients") {
      problemAt(form, sentence);
      return;
    }
    const { site } = this.conversation;
    try {
      this.conversation = await look(this.own, await fetchSite());
    } catch {
      problemAt(form, sentence);
      return;
    }
    const names = this.#newSince(site);
    problemAt(form, names.length ? say("readers_grew", { names: listed(names) }) : say("readers_fewer"));
  }

  #newSince(site: Site): string[] {
    return newcomers(this.conversation.site, site).map((card) => `${card.role[lang]} ${card.name[lang]}`);
  }

  async #send(id: Bytes, body: Payload, files: File[], sending: SendingBox): Promise<void> {
    const entries = [];
    for (const [at, file] of files.entries()) {
      const line = say("sending_file", { number: at + 1, of: files.length });
      const told = (part: number) => {
        this.stayAwake();
        sending.tell((at + part) / (files.length + 1), line);
      };
      entries.push(await sendFile(file, told));
    }
    await sendMessage(id, body, entries, this.own, this.conversation, this.#ticked);
    await this.#again(callout("done", say("message_sent"), { role: "status" }), this.own, true);
  }

  /** A new code, or none of what was: each is asked once more, and can be left as it is. */
  #changes(): void {
    const fresh = new Replacement();
    at("fresh").textContent = formatCode(fresh.code);
    this.#change("replace", async () => {
      await fresh.send(this.own, this.conversation, this.#ticked);
      const shown = element("section", "", { class: "receipt", role: "status" });
      shown.append(
        element("p", say("replaced")),
        element("p", formatCode(fresh.code), { class: "code", translate: "no" }),
      );
      // The code is shown before anything else can fail.
      main().prepend(shown);
      await this.#again(shown, await derive(fresh.code, (await fetchSite()).salt));
    });
    this.#change("forget", async () => {
      await forget(this.own, this.conversation);
      await this.#again(callout("done", say("forgotten"), { role: "status" }));
    });
  }

  #change(name: string, doing: () => Promise<void>): void {
    const form = at(name);
    const turn = () => {
      at(`${name}-now`).hidden = form.hidden;
      form.hidden = !form.hidden;
      (form.hidden ? at(`${name}-now`) : form.querySelector("input")!).focus();
    };
    at(`${name}-now`).addEventListener("click", turn);
    at(`${name}-not`).addEventListener("click", turn);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      void doing().catch((error: unknown) => {
        if (error instanceof ChoiceNeeded) return this.#askAgain(error.of);
        return this.#failed(form, error, say(whyNot(error) ?? "change_failed"));
      });
    });
  }
}
