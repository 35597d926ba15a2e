// The reporter's case, opened in this browser. Nothing of it is kept: after 15 idle minutes it is closed, and what was
// begun and not sent waits locked until the code is typed again.

import "./leave.js";
import { ChoiceFull, asks } from "../format/casehead.js";
import { Chosen } from "./chosen.js";
import { ChoiceNeeded, type Conversation, type Entry, ReportGone, look } from "./conversation.js";
import { type Bytes, b64e, normalizeText, random, utf8 } from "../format/encoding.js";
import { Fault } from "../format/errors.js";
import { MAX_TEXT, cleanText, countOf } from "../format/form.js";
import { openBox, sealBox } from "../format/keys.js";
import { hold, letGo } from "./leaving.js";
import { ChosenMeaning } from "./meaning.js";
import type { Payload } from "../format/messages.js";
import { clearProblem, showProblem } from "./problems.js";
import { type Receipt, derive, formatCode, parseCode } from "../format/receipt.js";
import {
  NobodyLeft,
  Replacement,
  type Ticked,
  forget,
  plainHelps,
  selfTest,
  sendFile,
  sendMessage,
} from "./sending.js";
import { SendingBox } from "./sendingbox.js";
import { Refused, type Site, allowSending, fetchSite, newcomers, postTo, stopSending } from "./server.js";
import { download, element, fileLine, loadWords, say, showDay, listed } from "./words.js";

const IDLE = 15 * 60 * 1000;
const WARNING = IDLE - 2 * 60 * 1000;
const base = document.documentElement.dataset.base;
const lang = document.documentElement.lang === "en" ? "en" : "ja";
// The server's own words of the page; what is shown takes their place in the document.
const words = document.querySelector<HTMLTemplateElement>("#case");
const opening = [...document.getElementById("main")!.childNodes];
let timers: number[] = [];
let current: View | null = null;
/** What was begun and not sent when a case was closed, each for its case's own code only. */
let drafts: Bytes[] = [];

function stayAwake(): void {
  timers.forEach(clearTimeout);
  document.getElementById("idle")?.remove();
  timers = current ? [window.setTimeout(warnOfIdle, WARNING), window.setTimeout(closeCase, IDLE)] : [];
}

function warnOfIdle(): void {
  const box = element("dialog", "", { id: "idle", "aria-labelledby": "idle-title" }) as HTMLDialogElement;
  const stay = element("button", say("idle_stay"), { type: "button", class: "button" });
  const close = element("button", say("idle_close"), { type: "button", class: "button second" });
  stay.addEventListener("click", stayAwake);
  close.addEventListener("click", closeCase);
  box.addEventListener("cancel", stayAwake);
  box.append(element("h2", say("idle_title"), { id: "idle-title" }), element("p", say("idle_text")), stay, close);
  document.body.append(box);
  box.showModal();
}

function closeCase(): void {
  const { begun } = current!;
  if (begun) drafts.push(begun);
  current = null;
  stayAwake();
  if (!drafts.length) {
    document.documentElement.replaceChildren();
    location.replace(`${base}/status`);
    return;
  }
  main().replaceChildren(
    element("p", `${say("code.expired")} ${say("idle_kept")}`, { class: "note", role: "status" }),
    ...opening,
  );
  at("code").focus();
}

function main(): HTMLElement {
  return document.getElementById("main")!;
}

function at(id: string): HTMLElement {
  return document.getElementById(id)!;
}

/** What is on the page, as a file; the words themselves only if they are wanted. */
function saveRecord(event: Event): void {
  event.preventDefault();
  const page = document.implementation.createHTMLDocument(say("record"));
  const parts = ["timeline", "entries"].map((id) => at(id).cloneNode(true));
  page.body.append(element("h1", say("record")), element("p", say("record_of", { day: showDay() })), ...parts);
  page.querySelectorAll("[hidden]").forEach((one) => one.removeAttribute("hidden"));
  if (!(at("with_text") as HTMLInputElement).checked) page.querySelectorAll("dl,.words").forEach((one) => one.remove());
  // The mark at its beginning tells every browser how the file is written.
  download("record.html", `\ufeff${page.documentElement.outerHTML}`, "text/html");
}

/** Say what went wrong with what a form sends, at its button. */
function problem(form: HTMLElement, sentence: string, more: HTMLElement[] = []): void {
  showProblem(sentence, {
    before: form.querySelector<HTMLElement>("button:not([type=button])") ?? form,
    heading: "not_done",
    more,
  });
}

/** What keeps a case from being written in, whatever is sent. */
function whyNot(error: unknown): string | null {
  if (error instanceof ReportGone) return "no_report";
  if (error instanceof Refused && error.word === "unreadable") return error.word;
  return error instanceof ChoiceFull ? "choice_full" : null;
}

function entryView(of: Entry): HTMLElement {
  const box = element("article", "", { class: of.author ? "theirs" : "own" });
  const who = of.author ? `${of.author.role[lang]} ${of.author.name[lang]}` : say("you");
  const title = element("h3", `${who} `);
  title.append(element("time", showDay(of.day), { datetime: of.day, class: "small" }));
  box.append(title, element("p", `${say("entry_hash")} ${of.hash}`, { hidden: "" }));
  const answers = element("dl");
  for (const [name, text] of of.answers) {
    answers.append(element("dt", say(`question.${name}`)));
    const known = name === "cause" && say(`cause.${text}`) !== `cause.${text}`;
    answers.append(element("dd", known ? say(`cause.${text}`) : text, { class: "words" }));
  }
  if (of.answers.length) box.append(answers);
  if (of.meaning) box.append(element("p", say(`meaning.${of.meaning}`), { class: "small" }));
  if (of.message) box.append(element("p", of.message, { class: "words" }));
  if (of.newKeys) box.append(element("p", say("new_keys")));
  if (of.fault)
    box.append(
      element("p", say(of.fault === "SlotsExchanged" ? "readers_exchanged" : "readers_other"), { class: "warn" }),
    );
  for (const file of of.files) box.append(fileLine(file.name, file.size, file));
  return box;
}

/** One case on the page: the server's own words around what was opened here. */
class View {
  constructor(
    private own: Receipt,
    private found: Conversation,
  ) {}

  /** What is written and was not sent, locked for the holder of the code; null: nothing. */
  get begun(): Bytes | null {
    const text = (document.querySelector("#message") as HTMLTextAreaElement | null)?.value ?? "";
    return text.trim() ? sealBox(utf8(text), this.own.mailbox.pk) : null;
  }

  show(first?: HTMLElement): void {
    const { statuses, entries, unchecked, received } = this.found;
    const current = statuses.at(-1)?.status ?? "received";
    clearProblem();
    main().replaceChildren(words!.content.cloneNode(true));
    if (first) main().prepend(first);
    at("state").append(element("strong", say(`status.${current}.name`)), element("br"), say(`status.${current}.means`));
    at("timeline").append(
      element("li", `${showDay(received)} ${say("received_on")}`),
      ...statuses.map((one) =>
        element("li", `${showDay(one.day)} ${say(`status.${one.status}.name`)} ${one.author.role[lang]}`),
      ),
    );
    at("entries").append(...entries.map(entryView));
    this.news(entries);
    this.choice();
    if (unchecked) at("entries").append(element("p", say("unchecked", { number: unchecked }), { class: "note" }));
    this.writing(at("write") as HTMLFormElement);
    at("record").addEventListener("submit", saveRecord);
    this.changes();
    main().querySelector("h1")!.focus();
    this.law(at("top"), at("law")).catch(() => at("law").append(element("p", say("law_failed"))));
  }

  /** What came after the reporter's own last message; nothing is kept about looks. */
  private news(entries: Entry[]): void {
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
      .append(element("strong", say("new_answers", { number: shown.length })));
  }

  /** What the days of the case open: the law is the server's to tell, and it needs only the days that it has. */
  private async law(top: HTMLElement, box: HTMLElement): Promise<void> {
    const found = await postTo(`${base}/law.json`, { lookup: b64e(this.own.lookupId) });
    const list = element("dl");
    for (const [term, text] of found.lines) list.append(element("dt", term), element("dd", text));
    if (found.first.length)
      top.append(
        element("h2", say("read_first")),
        ...found.first.map((one: string) => element("p", one, { class: "warn" })),
      );
    box.append(list);
  }

  /** Who will not be able to read what is sent now; the choice, where it has to be made again. */
  private choice(): void {
    const { head, cards, active } = this.found;
    const able = new Set(active.filter((card) => !head.out.has(card.keyId)).map((card) => card.person));
    // A human who got a new key has two cards: one line.
    const listed = cards.filter((card) => head.known.persons.has(card.person) || active.includes(card));
    const persons = new Map(listed.map((card) => [card.person, `${card.role[lang]} ${card.name[lang]}`]));
    const out = [...persons].filter(([person]) => !able.has(person));
    at("out-list").append(...out.map(([, name]) => element("li", name)));
    [at("out-some").hidden, at("out-none").hidden] = [!out.length, !!out.length];
    [at("write").hidden, at("no-report").hidden] = [!this.sends, this.sends];
    for (const part of document.querySelectorAll<HTMLElement>(".changes")) part.hidden = !this.sends;
    at("choice").hidden = !asks(head);
    for (const [person, name] of asks(head) ? persons : []) {
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

  private get sends(): boolean {
    return this.found.head.stop !== "no_report";
  }

  private get ticked(): Ticked {
    const chosen = [...document.querySelectorAll<HTMLInputElement>("input[name=choose]:checked")];
    return { persons: chosen.map((one) => one.value), again: (at("choose-done") as HTMLInputElement).checked };
  }

  /** The choice could not be told for sure when something was to be sent: show it, with what was typed. */
  private async askAgain(of: Conversation): Promise<void> {
    const { value } = at("message") as HTMLTextAreaElement;
    const meaning = new ChosenMeaning(document);
    this.found = of;
    this.show();
    (at("message") as HTMLTextAreaElement).value = value;
    meaning.putInto(document);
    showProblem(say("choose"), { field: at("choice") });
  }

  private async again(first?: HTMLElement, own = this.own): Promise<void> {
    const { site } = this.found;
    this.own = own;
    this.found = await look(own, await fetchSite());
    this.show(first);
    // From here on they count as shown.
    const names = this.newSince(site);
    if (names.length)
      at("choice").before(element("p", `${say("newcomers")} ${listed(names)}`, { class: "warn", id: "newcomers" }));
  }

  private writing(form: HTMLFormElement): void {
    const text = at("message") as HTMLTextAreaElement;
    const chosen = new Chosen(at("files") as HTMLInputElement);
    const button = form.querySelector("button:not([type])") as HTMLButtonElement;
    const sending = new SendingBox(form, button, [button], stopSending);
    const id = random(16);
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      await chosen.ready();
      const message = cleanText(text.value);
      const wrong = chosen.problem();
      const long = say("message_too_long", { number: countOf(message).toLocaleString() });
      if (form.hasAttribute("aria-busy")) return;
      if (!message.trim()) return void showProblem(say("message_empty"), { field: text });
      if (countOf(message) > MAX_TEXT) return void showProblem(long, { field: text });
      const meaning = new ChosenMeaning(form);
      if (meaning.isUnread) return void showProblem(say("meaning_unread"), { field: at("meaning-read") });
      if (wrong) {
        showProblem(say(wrong[0], { name: wrong[1]?.name ?? "" }), { field: at("files") });
        return chosen.point(wrong[1]);
      }
      clearProblem();
      allowSending();
      sending.start();
      void this.send(id, meaning.with(normalizeText(message)), chosen.files, sending)
        .catch((error) => {
          sending.end();
          button.textContent = say("send_again");
          if (error instanceof ChoiceNeeded) return this.askAgain(error.of);
          const word = whyNot(error) ?? (error instanceof NobodyLeft ? "nobody_left" : "message_failed");
          return this.failed(
            form,
            error,
            error instanceof Fault && error.name === "PayloadTooLarge" ? long : say(word),
          );
        })
        .finally(() => sending.end());
    });
  }

  /** Say why something was not sent. Nothing is sealed to a list that was not shown. */
  private async failed(form: HTMLElement, error: unknown, sentence: string): Promise<void> {
    if (!(error instanceof Refused) || error.word !== "recipients") return void problem(form, sentence);
    const { site } = this.found;
    try {
      this.found = await look(this.own, await fetchSite());
    } catch {
      return void problem(form, sentence);
    }
    const names = this.newSince(site);
    problem(form, names.length ? say("readers_grew", { names: listed(names) }) : say("readers_fewer"));
  }

  private newSince(site: Site): string[] {
    return newcomers(this.found.site, site).map((card) => `${card.role[lang]} ${card.name[lang]}`);
  }

  private async send(id: Bytes, body: Payload, files: File[], sending: SendingBox): Promise<void> {
    const entries = [];
    for (const [at, file] of files.entries()) {
      const line = say("sending_file", { number: at + 1, of: files.length });
      const told = (part: number) => {
        stayAwake();
        sending.tell((at + part) / (files.length + 1), line);
      };
      entries.push(await sendFile(file, told));
    }
    await sendMessage(id, body, entries, this.own, this.found, this.ticked);
    await this.again(element("p", say("message_sent"), { class: "done", role: "status" }));
  }

  /** A new code, or none of what was: each is asked once more, and can be left as it is. */
  private changes(): void {
    const fresh = new Replacement();
    at("fresh").textContent = formatCode(fresh.code);
    this.change("replace", async () => {
      await fresh.send(this.own, this.found, this.ticked);
      const shown = element("section", "", { class: "receipt", role: "status" });
      shown.append(
        element("p", say("replaced")),
        element("p", formatCode(fresh.code), { class: "code", translate: "no" }),
      );
      // The code is shown before anything else can fail.
      main().prepend(shown);
      await this.again(shown, derive(fresh.code, (await fetchSite()).salt));
    });
    this.change("forget", async () => {
      await forget(this.own, this.found);
      await this.again(element("p", say("forgotten"), { class: "done", role: "status" }));
    });
  }

  private change(name: string, doing: () => Promise<void>): void {
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
      void doing().catch((error) => {
        if (error instanceof ChoiceNeeded) return this.askAgain(error.of);
        return this.failed(form, error, say(whyNot(error) ?? "change_failed"));
      });
    });
  }
}

async function open(form: HTMLFormElement, typed: HTMLInputElement): Promise<void> {
  try {
    clearProblem();
    const code = parseCode(typed.value);
    const site = await fetchSite();
    const own = derive(code, site.salt);
    const view = new View(own, await look(own, site));
    typed.value = "";
    const waiting = drafts.find((one) => openBox(one, own.mailbox));
    const begun = waiting
      ? new TextDecoder().decode(openBox(waiting, own.mailbox)!)
      : (form.querySelector("textarea")?.value ?? "");
    view.show();
    (at("message") as HTMLTextAreaElement).value = begun;
    drafts = drafts.filter((one) => one !== waiting);
    current = view;
    stayAwake();
  } catch (error) {
    if (error instanceof Fault && error.name.startsWith("Code"))
      return void showProblem(say(`code.${error.name.slice(4).toLowerCase()}`), { field: typed });
    if (error instanceof Refused && /^(unknown|deleted)$/.test(error.word)) {
      return void showProblem(say(`code.${error.word}`, error.answer as Record<string, string>), { field: typed });
    }
    problem(form, say("look_failed"), plainHelps(error) ? [plainWay(form)] : []);
  }
}

/** The way without scripts, folded away: there the server opens the case in its memory. */
function plainWay(form: HTMLFormElement): HTMLElement {
  const button = element("button", say("look_plain"), { type: "button", class: "button second" });
  button.addEventListener("click", () => {
    letGo();
    form.submit();
  });
  const more = element("details");
  more.append(element("summary", say("failed_often")), element("p", say("look_offer")), button);
  return more;
}

/** What would be lost if the page were left now. */
function held(): string {
  const { value = "" } = (document.querySelector("#message") as HTMLTextAreaElement | null) ?? {};
  return value.trim() || drafts.length || document.querySelector("#write .files li") ? "form" : "";
}

async function start(form: HTMLFormElement, typed: HTMLInputElement): Promise<void> {
  try {
    await loadWords();
  } catch {
    return;
  }
  if (!selfTest()) return;
  const way = document.getElementById("way")!;
  way.textContent = say("way_opens");
  way.dataset.way = "browser";
  hold(held);
  for (const kind of ["keydown", "pointerdown"]) {
    addEventListener(kind, (event) => {
      // The question has buttons of its own.
      if (!(event.target as Element).closest?.("#idle")) stayAwake();
    });
  }
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void open(form, typed);
  });
}

const form = document.querySelector<HTMLFormElement>("form#code-form");
const typed = form?.querySelector<HTMLInputElement>("#code");
if (form && typed) void start(form, typed);
