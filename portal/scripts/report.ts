// The report form, sealed in this browser. Where this can't go on, the form still is what it was without scripts.

import "./leave.js";
import type { FileEntry } from "./attachment.js";
import { Chosen, linesOf } from "./chosen.js";
import { normalizeText } from "./encoding.js";
import { Fault } from "./errors.js";
import { cleanText, tooLong } from "./form.js";
import { ANSWERS } from "./payloads.js";
import { ChoiceNeeded } from "./conversation.js";
import { formatCode } from "./receipt.js";
import { type Certificate, NobodyLeft, Report, plainHelps, selfTest, sendFile } from "./sending.js";
import { Refused, type Site, fetchSite } from "./server.js";
import { download, element, fileLine, loadWords, say, listed } from "./words.js";

const { base, language } = document.documentElement.dataset;
const lang = document.documentElement.lang === "en" ? "en" : "ja";
const report = new Report();
// What was sent already is not sent twice when only the last step failed.
const sent = new Map<File, FileEntry>();

function button(label: string, doing: () => void, kind = "button second"): HTMLElement {
  const made = element("button", label, { type: "button", class: kind });
  made.addEventListener("click", doing);
  return made;
}

function outside(): HTMLElement {
  return element("a", say("outside"), { href: `${base}/outside`, target: "_blank", rel: "noopener" });
}

/** The form, as steps: one at a time, the last one with everything to look over before it is sent. */
class Journey {
  private steps: HTMLElement[];
  private at = 0;
  private place = element("p", "", { role: "status", tabindex: "-1" });
  private bar = element("progress") as HTMLProgressElement;
  private back = button(say("back"), () => this.go(this.at - 1));
  private next = button(say("next_step"), () => void this.forward(), "button");
  private review = element("div", "", { id: "review" });
  private chosen: Chosen;

  constructor(private form: HTMLFormElement) {
    this.steps = [...form.querySelectorAll<HTMLElement>(".step")];
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.send();
    });
    this.chosen = new Chosen(document.getElementById("files") as HTMLInputElement);
    // A form that came back with something to put right is shown whole.
    if (document.querySelector(".errors") || this.steps.length < 2) return;
    const moves = element("p", "", { class: "moves" });
    moves.append(this.back, " ", this.next);
    form.prepend(this.place, this.bar);
    form.append(moves);
    this.steps.at(-1)!.querySelector("#way")!.before(this.review);
    form.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && (event.target as Element).matches("input[type=text]")) event.preventDefault();
    });
    this.go(0, false);
  }

  private go(to: number, focus = true): void {
    const last = this.steps.length - 1;
    this.at = Math.min(Math.max(to, 0), last);
    this.steps.forEach((step, at) => (step.hidden = at !== this.at));
    this.back.hidden = !this.at;
    this.next.hidden = this.at === last;
    const title = this.steps[this.at]!.querySelector("h2")!.textContent!;
    this.place.textContent = say("step", { number: this.at + 1, of: last + 1, title });
    [this.bar.max, this.bar.value] = [last + 1, this.at + 1];
    this.bar.setAttribute("aria-label", this.place.textContent);
    this.notice.remove();
    if (this.at === last) void this.lookOver();
    if (focus) this.place.focus();
  }

  private async forward(): Promise<void> {
    if (this.steps[this.at]!.querySelector("#files")) await this.chosen.ready();
    if (this.check()) this.go(this.at + 1);
  }

  private get excluded(): HTMLInputElement[] {
    return [...this.form.querySelectorAll<HTMLInputElement>("input[name=exclude]:checked")];
  }

  private get shutOut(): string {
    return listed(this.excluded.map((one) => one.labels![0]!.querySelector("strong")!.textContent!));
  }

  /** What was typed, cleaned; an answer of nothing but blanks too. */
  private get typed(): Record<string, string> {
    const data = new FormData(this.form);
    return Object.fromEntries(ANSWERS.map((name) => [name, cleanText(String(data.get(name) ?? ""))]));
  }

  private get answers(): Record<string, string> {
    const given = Object.entries(this.typed).filter(([, text]) => text.trim());
    return Object.fromEntries(given.map(([name, text]) => [name, normalizeText(text)]));
  }

  /** What is wrong with the step that is shown; with all of the form where there are no steps. */
  private check(all = false): boolean {
    const here = (name: string) => all || !!this.steps[this.at]?.querySelector(`[name=${name}]`);
    const { typed } = this;
    const { longest, count } = tooLong(typed);
    const wrong = here("files") && this.chosen.problem();
    const everybody = this.form.querySelectorAll("input[type=checkbox][name=exclude]").length;
    if (here("what_happened") && !typed.what_happened!.trim()) return this.tell("required", "what_happened");
    if (longest) return this.tell("too_long", longest, { number: count.toLocaleString() });
    if (wrong) {
      this.tell(wrong[0], "files", { name: wrong[1]?.name ?? "" });
      this.chosen.point(wrong[1]);
      return false;
    }
    if (here("exclude") && everybody && this.excluded.length === everybody) return this.tell("nobody_left", "");
    return true;
  }

  private notice = element("div", "", { id: "sealed-notice", role: "alert", tabindex: "-1" });

  private box(): HTMLElement {
    this.form.append(this.notice);
    return this.notice;
  }

  private tell(word: string, field: string, parts: Record<string, string> = {}): false {
    const box = this.notice;
    const typed = document.getElementById(field);
    box.replaceChildren(element("p", say(word, parts)));
    // Where sending once more may not help either.
    if (word === "nobody_left" || word === "readers_fewer") box.append(outside());
    const step = this.steps.findIndex((one) => one.contains(typed));
    if (step >= 0 && this.steps[step]!.hidden) this.go(step);
    if (typed) typed.before(box);
    else this.box();
    (typed ?? box).focus();
    return false;
  }

  /** Everything that will be sent, and what the files would tell. */
  private async lookOver(): Promise<void> {
    const list = element("dl");
    for (const [name, text] of Object.entries(this.answers)) {
      list.append(element("dt", say(`question.${name}`)), element("dd", name === "cause" ? say(`cause.${text}`) : text, { class: "words" }));
    }
    if (this.excluded.length) list.append(element("dt", say("shut_out")), element("dd", this.shutOut));
    const parts = [element("h3", say("review")), list];
    this.review.replaceChildren(...parts);
    this.review.replaceChildren(...parts, ...(await linesOf(this.chosen.files)));
  }

  private async sendFiles(): Promise<FileEntry[]> {
    const { files } = this.chosen;
    const entries: FileEntry[] = [];
    for (const [at, file] of files.entries()) {
      const line = element("p", `${say("sending_file", { number: at + 1, of: files.length })} `);
      const bar = element("progress", "", { max: "1", value: "0", "aria-label": file.name }) as HTMLProgressElement;
      line.append(bar);
      this.box().replaceChildren(line);
      const entry = sent.get(file) ?? (await sendFile(file, (part) => (bar.value = part)));
      sent.set(file, entry);
      entries.push(entry);
    }
    return entries;
  }

  /** Put what is not shown yet of the readers on the form, and say what that was. */
  private show({ list }: Site): string[] {
    const added: string[] = [];
    for (const card of list.active) {
      const text = `${card.role[lang]} ${card.name[lang]}`;
      const line = [...this.form.querySelectorAll<HTMLInputElement>("input[name=exclude]")].find((one) => one.value === card.person);
      const shown = [...(line?.labels?.[0]?.querySelectorAll<HTMLElement>(".who") ?? [])];
      if (shown.some((one) => one.dataset.keys!.split(" ").includes(card.keyId) && one.textContent!.trim() === text)) continue;
      const who = element("span", "", { class: "who", "data-keys": card.keyId });
      who.append(element("strong", card.role[lang]), ` ${card.name[lang]}`);
      const voucher = list.cards.get(card.voucher ?? "");
      const by = voucher && say("introduced_by", { name: `${voucher.role[lang]} ${voucher.name[lang]}` });
      added.push(text);
      if (line?.labels?.[0]) {
        line.labels[0].append(element("br"), who);
        continue;
      }
      const id = `exclude-${card.keyId}`;
      const label = element("label", "", { for: id });
      label.append(who, ...(by ? [element("br"), element("span", by, { class: "small" })] : []));
      const box = element("div", "", { class: "choice" });
      box.append(element("input", "", { type: "checkbox", id, name: "exclude", value: card.person }), label);
      document.getElementById("exclude")!.append(box);
    }
    return added;
  }

  /** Fetch the list; false, and who is new is shown, when it is not the one that the form shows. */
  private async isShown(): Promise<Site | null> {
    const site = await fetchSite();
    const added = this.show(site);
    if (added.length) this.tell("readers_grew", "exclude", { names: listed(added) });
    return added.length ? null : site;
  }

  private async send(): Promise<void> {
    const submit = this.form.querySelector<HTMLButtonElement>("button[type=submit]")!;
    submit.disabled = true;
    let site: Site | null = null;
    try {
      await this.chosen.ready();
      if (!this.check(true)) return;
      site = await this.isShown();
      if (!site) return;
      const out = this.excluded.map((one) => one.value);
      const files = await this.sendFiles();
      const note = element("p", `${say("locked_out")} ${this.shutOut}`, { class: "note" });
      showReceipt(await report.send({ ...this.answers, language }, out, files, site, this.done.checked), files, out.length ? [note] : []);
    } catch (error) {
      if (error instanceof ChoiceNeeded) return this.chooseAgain(error.of.head.known.persons);
      // Whatever it was: nobody is left alone with a page that does nothing.
      if (error instanceof NobodyLeft) this.tell("nobody_left", "");
      else if (error instanceof Refused && error.word === "recipients") await this.changed(site!, error);
      // Rare scripts grow when they are brought into normal form.
      else if (error instanceof Fault && error.name === "PayloadTooLarge") this.tell("too_long", "what_happened", { number: tooLong(this.typed).count.toLocaleString() });
      else this.failed(error);
    } finally {
      submit.disabled = false;
    }
  }

  // Never ticked beforehand: who overlooks the question has not answered "nobody".
  private done = element("input", "", { type: "checkbox", id: "choose-done" }) as HTMLInputElement;

  /** There is a report with this code already, and whom it shut out can't be told for sure. */
  private chooseAgain(known: Set<string>): void {
    const box = element("div", "", { class: "choice" });
    box.append(this.done, element("label", say("choose_done"), { for: "choose-done" }));
    if (!this.done.isConnected) document.getElementById("exclude")!.append(box);
    for (const one of this.form.querySelectorAll<HTMLInputElement>("input[name=exclude]")) one.checked ||= known.has(one.value);
    this.tell("choose_again", document.getElementById("exclude-1") ? "exclude-1" : "exclude");
  }

  /** The list changed while this was sent: it is shown, and nothing is sealed before the form is sent again. */
  private async changed(before: Site, refused: Refused): Promise<void> {
    try {
      const now = await this.isShown();
      if (now && now.list.length > before.list.length) this.tell("readers_fewer", "exclude");
      else if (now) this.failed(refused);
    } catch (error) {
      this.failed(error);
    }
  }

  /** The way without scripts is offered where it can help, with the text and the files still in the form. */
  private failed(error: unknown): void {
    const box = this.box();
    const word = error instanceof Refused && error.word in { offline: 0, files_full: 0, unreadable: 0 } ? error.word : "failed";
    box.replaceChildren(element("p", say(word)));
    // Not `requestSubmit`: this one passes our own handler by.
    if (plainHelps(error)) box.append(element("p", say("failed_offer")), button(say("send_plain"), () => this.form.submit()));
    else box.append(outside());
    box.focus();
  }
}

/** Sentences, and headings among them. */
function sentences(word: string): HTMLElement[] {
  return say(word).split("\n").map((line) => (line[0] === "#" ? element("h2", line.slice(1)) : element("p", line)));
}

function showReceipt(of: Certificate, files: FileEntry[], notes: HTMLElement[]): void {
  const code = formatCode(report.code);
  const box = element("section", "", { class: "receipt" });
  box.append(
    element("h2", say("your_code")),
    element("p", code, { class: "code", translate: "no" }),
    element("p", say("write_down")),
    button(say("copy"), () => void navigator.clipboard?.writeText(code)), " ",
    button(say("print"), () => print()), " ",
    button(say("save"), () => download("code.txt", `${code}\n`)),
  );
  const proof = element("dl", "", { class: "proof" });
  for (const name of ["hash", "day", "signature", "key"] as const) {
    proof.append(element("dt", say(`proof_${name}`)), element("dd", of[name], { translate: "no" }));
  }
  const title = element("h1", say(`kept.${of.kept}`), { tabindex: "-1" });
  const on = element("form", "", { action: `${base}/status` });
  const written = element("div", "", { class: "choice" });
  written.append(element("input", "", { type: "checkbox", id: "written", required: "" }), element("label", say("written"), { for: "written" }));
  on.append(written, element("button", say("look"), { class: "button" }));
  const lines = files.map((one) => fileLine(one.name, one.size, one));
  const more = element("details");
  more.append(element("summary", say("proof")), element("p", say("proof_says")), proof);
  document.getElementById("main")!.replaceChildren(title, ...notes, box, ...sentences("keep"), ...lines, on, ...sentences("lost"), more);
  title.focus();
}

async function start(form: HTMLFormElement): Promise<void> {
  try {
    await loadWords();
  } catch {
    return;
  }
  if (!selfTest()) return;
  const way = document.getElementById("way")!;
  way.textContent = say("way_browser");
  way.dataset.way = "browser";
  new Journey(form);
}

// Files that came without scripts stay with the way they came: only the server can put them into the report.
const form = document.querySelector<HTMLFormElement>("form#form[data-sealed]:not(:has([name=kept_files]))");
if (form) void start(form);
