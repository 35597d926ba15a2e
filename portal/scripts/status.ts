// The reporter's case, opened in this browser. Nothing of it is kept: after 15 idle minutes the page goes blank.

import "./leave.js";
import { type Conversation, type Entry, look } from "./conversation.js";
import { b64e, normalizeText, random } from "./encoding.js";
import { Fault } from "./errors.js";
import { type Receipt, derive, formatCode, parseCode } from "./receipt.js";
import { NobodyLeft, Replacement, forget, selfTest, sendFile, sendMessage } from "./sending.js";
import { Refused, fetchSite, postTo } from "./server.js";
import { element, fileLine, loadWords, say } from "./words.js";

const IDLE = 15 * 60 * 1000;
const base = document.documentElement.dataset.base;
const lang = document.documentElement.lang === "en" ? "en" : "ja";
let timer = 0;

function stayAwake(): void {
  clearTimeout(timer);
  timer = window.setTimeout(() => {
    document.documentElement.replaceChildren();
    location.replace(`${base}/status`);
  }, IDLE);
}

function main(): HTMLElement {
  return document.getElementById("main")!;
}

function problem(form: HTMLElement, sentence: string): HTMLElement {
  document.getElementById("sealed-notice")?.remove();
  const box = element("div", "", { id: "sealed-notice", role: "alert", tabindex: "-1" });
  box.append(element("p", sentence));
  form.append(box);
  box.focus();
  return box;
}

function entryView(of: Entry): HTMLElement {
  const box = element("article", "", { class: of.author ? "theirs" : "own" });
  const who = of.author ? `${of.author.role[lang]} ${of.author.name[lang]}` : say("you");
  const title = element("h3", `${who} `);
  title.append(element("time", of.day, { datetime: of.day, class: "small" }));
  box.append(title);
  const answers = element("dl");
  for (const [name, text] of of.answers) {
    answers.append(element("dt", say(`question.${name}`)));
    const known = name === "cause" && say(`cause.${text}`) !== `cause.${text}`;
    answers.append(element("dd", known ? say(`cause.${text}`) : text, { class: "words" }));
  }
  if (of.answers.length) box.append(answers);
  if (of.message) box.append(element("p", of.message, { class: "words" }));
  if (of.newKeys) box.append(element("p", say("new_keys")));
  for (const file of of.files) box.append(fileLine(file.name, file.size, file));
  return box;
}

/** One case on the page. */
class View {
  constructor(private own: Receipt, private found: Conversation) {}

  show(first?: HTMLElement): void {
    const { statuses, entries, unchecked, received } = this.found;
    const current = statuses.at(-1)?.status ?? "received";
    const state = element("p", `${say(`status.${current}.name`)} – ${say(`status.${current}.means`)}`, { class: "state" });
    const line = element("ol", "", { class: "timeline" });
    line.append(element("li", `${received} ${say("received_on")}`));
    for (const one of statuses) line.append(element("li", `${one.day} ${say(`status.${one.status}.name`)} ${one.author.role[lang]}`));
    const title = element("h1", say("look"), { tabindex: "-1" });
    const parts = [title, element("h2", say("state")), state, line, element("h2", say("conversation")), ...entries.map(entryView)];
    if (unchecked) parts.push(element("p", say("unchecked", { number: unchecked }), { class: "note" }));
    const [top, law] = [element("section"), element("section")];
    main().replaceChildren(...(first ? [first] : []), top, ...parts, this.messageForm(), law, this.changes());
    title.focus();
    this.law(top, law).catch(() => law.append(element("p", say("law_failed"))));
  }

  /** What the days of the case open: the law is the server's to tell, and it needs only the days that it has. */
  private async law(top: HTMLElement, box: HTMLElement): Promise<void> {
    box.append(element("a", say("outside"), { href: `${base}/outside`, class: "button second" }));
    const found = await postTo(`${base}/law.json`, { lookup: b64e(this.own.lookupId) });
    const list = element("dl");
    for (const [term, text] of found.lines) list.append(element("dt", term), element("dd", text));
    if (found.first.length) top.append(element("h2", say("read_first")), ...found.first.map((one: string) => element("p", one, { class: "warn" })));
    box.prepend(list);
  }

  private async again(first?: HTMLElement, own = this.own): Promise<void> {
    this.own = own;
    this.found = await look(own, await fetchSite());
    this.show(first);
  }

  private messageForm(): HTMLElement {
    const form = element("form") as HTMLFormElement;
    const text = element("textarea", "", { id: "message", rows: "6", autocomplete: "off", spellcheck: "false" }) as HTMLTextAreaElement;
    const files = element("input", "", { id: "files", type: "file", multiple: "" }) as HTMLInputElement;
    const button = element("button", say("send_message"), { class: "button" }) as HTMLButtonElement;
    const label = element("label", say("your_message"), { for: "message" });
    form.append(label, text, element("label", say("files"), { for: "files" }), element("p", say("files_hint"), { class: "hint" }), files, button);
    const id = random(16);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      if (!text.value.trim()) return void problem(form, say("message_empty"));
      button.disabled = true;
      void this.send(id, text.value, [...(files.files ?? [])])
        .catch((error) => problem(form, say(error instanceof NobodyLeft ? "nobody_left" : "message_failed")))
        .finally(() => (button.disabled = false));
    });
    return form;
  }

  private async send(id: ReturnType<typeof random>, text: string, files: File[]): Promise<void> {
    const entries = [];
    for (const file of files) entries.push(await sendFile(file, stayAwake));
    await sendMessage(id, { message: normalizeText(text) }, entries, this.own, this.found);
    await this.again(element("p", say("message_sent"), { class: "done", role: "status" }));
  }

  private changes(): HTMLElement {
    const box = element("div");
    const fresh = new Replacement();
    const choice = (label: string, doing: () => Promise<void>) => {
      const button = element("button", label, { type: "button", class: "button second" });
      button.addEventListener("click", () => void doing().catch(() => problem(box, say("change_failed"))));
      return button;
    };
    const confirm = (sentence: string, label: string, doing: () => Promise<void>, more: HTMLElement[] = []) => async () => {
      const form = element("form", "", { class: "receipt" });
      const sure = element("div", "", { class: "choice" });
      sure.append(element("input", "", { type: "checkbox", id: "sure", required: "" }), element("label", label, { for: "sure" }));
      form.append(element("p", sentence), ...more, sure, element("button", say("go_on"), { class: "button" }));
      form.addEventListener("submit", (event) => {
        event.preventDefault();
        void doing().catch(() => problem(box, say("change_failed")));
      });
      box.replaceChildren(form);
      form.querySelector("input")!.focus();
    };
    const code = () => element("p", formatCode(fresh.code), { class: "code", translate: "no" });
    const replaced = async () => {
      await fresh.send(this.own, this.found);
      const shown = element("section", "", { class: "receipt", role: "status" });
      shown.append(element("p", say("replaced")), code());
      // The code is shown before anything else can fail.
      main().prepend(shown);
      await this.again(shown, derive(fresh.code, (await fetchSite()).salt));
    };
    const forgotten = async () => {
      await forget(this.own, this.found);
      await this.again(element("p", say("forgotten"), { class: "done", role: "status" }));
    };
    box.append(
      choice(say("new_code"), confirm(say("new_code_first"), say("written"), replaced, [code()])), " ",
      choice(say("forget"), confirm(say("forget_first"), say("forget_sure"), forgotten)),
    );
    return box;
  }
}

async function open(form: HTMLFormElement, typed: HTMLInputElement): Promise<void> {
  try {
    const code = parseCode(typed.value);
    const site = await fetchSite();
    const own = derive(code, site.salt);
    const view = new View(own, await look(own, site));
    typed.value = "";
    view.show();
    stayAwake();
    for (const kind of ["keydown", "pointerdown"]) addEventListener(kind, stayAwake);
  } catch (error) {
    if (error instanceof Fault && error.name.startsWith("Code")) problem(form, say(`code.${error.name.slice(4).toLowerCase()}`));
    else if (error instanceof Refused && /^(unknown|deleted)$/.test(error.word)) problem(form, say(`code.${error.word}`, error.answer as Record<string, string>));
    else {
      const button = element("button", say("look_plain"), { type: "button", class: "button second" });
      button.addEventListener("click", () => form.submit());
      problem(form, say("look_failed")).append(button);
    }
  }
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
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void open(form, typed);
  });
}

const form = document.querySelector<HTMLFormElement>("form#code-form");
const typed = form?.querySelector<HTMLInputElement>("#code");
if (form && typed) void start(form, typed);
