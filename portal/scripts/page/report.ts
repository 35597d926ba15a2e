// The report form, sealed in this browser. Where this can't go on, the form still is what it was without scripts.

import "./leave.js";
import type { FileEntry } from "../format/attachment.js";
import { Chosen, linesOf } from "./chosen.js";
import { normalizeText } from "../format/encoding.js";
import { Fault } from "../format/errors.js";
import { cleanText, tooLong } from "../format/form.js";
import { FIELDS } from "../format/limits.js";
import { askBefore, hold, letGo } from "./leaving.js";
import { changeLanguage } from "./otherlanguage.js";
import { clearProblem, showProblem } from "./problems.js";
import { showReceipt } from "./receiptpage.js";
import { type Row, isAsked, reviewOf } from "./review.js";
import { ChooseAgain, NobodyLeft, Report, plainHelps, selfTest } from "./sending.js";
import { sendFile } from "./filework.js";
import { painted, SendingBox } from "./sendingbox.js";
import { Refused, type Site, allowSending, fetchSite, stopSending } from "./server.js";
import { Steps } from "./steps.js";
import { WhoReads } from "./whoreads.js";
import { callout, element, entitle, listed, loadWords, say, show, textOf } from "./words.js";

/** What the page says of itself; it changes with its language. */
function here(): { base: string; language: string; lang: "ja" | "en" } {
  const { dataset, lang } = document.documentElement;
  return { base: dataset.base!, language: dataset.language!, lang: lang === "en" ? "en" : "ja" };
}

const report = new Report(async () => {
  try {
    const beside = (await import(document.documentElement.dataset.beside!)) as typeof import("./beside.js");
    return beside.sendBeside;
  } catch {
    throw new Refused("offline");
  }
});
// What was sent already is not sent twice when only the last step failed.
const sent = new Map<File, FileEntry>();

function button(label: string, doing: () => void, kind = "button second"): HTMLElement {
  const made = element("button", label, { type: "button", class: kind });
  made.addEventListener("click", doing);
  return made;
}

function outside(): HTMLElement {
  return element("a", say("outside"), { href: `${here().base}/outside`, target: "_blank", rel: "noopener" });
}

/** The form, as steps: one at a time, the last one with everything to look over before it is sent. */
class Journey {
  #steps?: Steps;
  #place = element("p", "", { class: "place", "aria-hidden": "true" });
  #bar = element("progress") as HTMLProgressElement;
  #back = button(say("back"), () => history.back());
  #next = button(say("next_step"), () => void this.#forward(), "button");
  #short = button(say("only_this"), () => void this.#forward(true));
  #moves = element("p", "", { class: "moves" });
  #review = element("div", "", { id: "review" });
  #chosen: Chosen;
  #submit: HTMLButtonElement;
  #sending: SendingBox;
  #readers: WhoReads;
  #isSent = false;

  constructor(
    private form: HTMLFormElement,
    at: number,
  ) {
    const steps = [...form.querySelectorAll<HTMLElement>(".step")];
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.#send();
    });
    this.#submit = form.querySelector<HTMLButtonElement>("button[type=submit]:not([name])")!;
    this.#submit.classList.remove("second");
    form.querySelectorAll("button[name=check]").forEach((button) => button.remove());
    document.getElementById("unkept")?.remove();
    this.#chosen = new Chosen(document.getElementById("files") as HTMLInputElement);
    this.#sending = new SendingBox(form, this.#submit, [this.#submit, this.#moves], stopSending);
    this.#readers = new WhoReads(document.getElementById("exclude")!, here().lang, outside);
    hold(() => (this.#holdsSomething ? "form" : ""));
    this.#listen();
    // A form that came back with something to put right is shown whole.
    if (document.querySelector(".errors") || steps.length < 2) return;
    this.#moves.append(this.#next, " ", this.#short, " ", this.#back);
    form.prepend(this.#place, this.#bar);
    form.append(this.#moves);
    steps.at(-1)!.querySelector("#way")!.before(this.#review);
    document.querySelector("main > h1")!.remove();
    steps[0]!.append(...document.querySelectorAll("#intro"));
    form.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && (event.target as Element).matches("input[type=text]")) event.preventDefault();
    });
    this.#steps = new Steps(
      steps,
      (focus) => this.#moved(focus),
      () => !this.#isSent && this.form.isConnected && !this.form.hasAttribute("aria-busy"),
    );
    this.#steps.start(at);
  }

  /** Take what is written along to another language; where that can't be, the way there is asked about. */
  #listen(): void {
    for (const button of document.querySelectorAll<HTMLButtonElement>(".languages button")) {
      button.addEventListener("click", (event) => {
        event.preventDefault();
        if (this.form.hasAttribute("aria-busy")) return;
        void changeLanguage(button.formAction, this.form).then((form) => {
          if (form) begin(form, this.#steps?.at ?? 0);
          else if (this.#holdsSomething) askBefore("form", () => location.assign(button.formAction));
        });
      });
    }
  }

  get #holdsSomething(): boolean {
    return (
      Object.values(this.#typed).some((text) => text.trim()) || !!this.#chosen.files.length || !!this.#excluded.length
    );
  }

  #moved(focus: boolean): void {
    const { at, last, returning, current } = this.#steps!;
    this.#back.hidden = !at;
    this.#next.hidden = at === last;
    this.#short.hidden = !!at || returning;
    show(this.#next, say(returning ? "back_to_check" : "next_step"));
    const heading = current.querySelector<HTMLElement>("h1")!;
    const label = heading.querySelector("label")?.cloneNode(true) as Element | undefined;
    label?.querySelector(".required")?.remove();
    const title = textOf(label ?? heading);
    this.#place.hidden = this.#bar.hidden = at === last;
    this.#place.textContent = `${at + 1} / ${last}`;
    [this.#bar.max, this.#bar.value] = [last, at + 1];
    this.#bar.setAttribute("aria-label", say("step", { number: at + 1, of: last, title }));
    clearProblem();
    entitle(title);
    if (at === last) void this.#lookOver();
    void this.#readers.prepare();
    if (!focus) return;
    heading.focus();
    scrollTo(0, 0);
  }

  async #forward(toLast = false): Promise<void> {
    const { at, last, returning, current } = this.#steps!;
    if (current.querySelector("#files")) await this.#chosen.ready();
    if (this.#check()) this.#steps!.go(toLast || returning ? last : at + 1);
  }

  get #excluded(): HTMLInputElement[] {
    return [...this.form.querySelectorAll<HTMLInputElement>("input[name=exclude]:checked")];
  }
  get #excludedNames(): string {
    return listed(this.#excluded.map((box) => box.labels![0]!.querySelector("strong")!.textContent));
  }

  /** What was typed, cleaned; an answer of nothing but blanks too. */
  get #typed(): Record<string, string> {
    const data = new FormData(this.form);
    return Object.fromEntries(FIELDS.map((name) => [name, cleanText((data.get(name) ?? "") as string)]));
  }

  get #answers(): Record<string, string> {
    const given = Object.entries(this.#typed).filter(([, text]) => text.trim());
    return Object.fromEntries(given.map(([name, text]) => [name, normalizeText(text)]));
  }

  /** What is wrong with the step that is shown; with all of the form where there are no steps. */
  #check(all = false): boolean {
    const here = (name: string) => all || !!this.#steps?.current.querySelector(`[name=${name}]`);
    const typed = this.#typed;
    const { longest, count } = tooLong(typed);
    const wrong = here("files") && this.#chosen.problem();
    const everybody = this.form.querySelectorAll("input[type=checkbox][name=exclude]").length;
    if (here("what_happened") && !typed.what_happened!.trim()) return this.#tell("required", "what_happened");
    if (longest) return this.#tell("too_long", longest, { number: count.toLocaleString() });
    if (wrong) {
      this.#tell(wrong[0], "files", { name: wrong[1]?.name ?? "" });
      this.#chosen.point(wrong[1]);
      return false;
    }
    if (here("exclude") && everybody && this.#excluded.length === everybody)
      return this.#tell("nobody_left", "exclude");
    clearProblem();
    return true;
  }

  #tell(word: string, field: string, parts: Record<string, string> = {}): false {
    const typed = document.getElementById(field);
    // Where sending once more may not help either.
    const more = word === "nobody_left" || word === "readers_fewer" ? [outside()] : [];
    const step = this.#steps?.of(typed) ?? -1;
    if (step >= 0) this.#steps!.go(step, this.#steps!.returning || this.#steps!.at === this.#steps!.last);
    showProblem(say(word, parts), { field: typed, more });
    return false;
  }

  /** Everything that will be sent, what is empty too, and what the files would tell. */
  async #lookOver(): Promise<void> {
    const answers = this.#answers;
    const said = (name: string, text?: string) => (!text ? [] : [/^ca/.test(name) ? say(`${name}.${text}`) : text]);
    // Said anew each time: readings are kept for one turn of the browser (furigana.ts).
    const rows = (): Row[] =>
      FIELDS.filter((name) => isAsked(name, answers[name])).map((name) => ({
        id: name,
        question: say(`question.${name}`),
        answer: said(name, answers[name]),
      }));
    let readers = (): (string | Node)[] => (this.#excluded.length ? [this.#excludedNames] : []);
    const change = (id: string) => {
      const field = document.getElementById(id)!;
      this.#steps!.go(this.#steps!.of(field), true);
      (field.matches("fieldset") ? field.querySelector<HTMLElement>("input")! : field).focus();
    };
    const show = (lines: Node[]) =>
      this.#review.replaceChildren(
        reviewOf(
          [
            ...rows(),
            { id: "files", question: say("question.files"), answer: lines },
            { id: "exclude", question: say("question.exclude"), answer: readers() },
          ],
          change,
        ),
        element("p", say("recognised"), { class: "small" }),
      );
    const { files } = this.#chosen;
    show(files.map((file) => element("p", file.name)));
    // A list of readers that is slow to come holds nothing up.
    readers = (await this.#readers.lines()) ?? readers;
    show(await linesOf(files));
  }

  async #sendFiles(): Promise<FileEntry[]> {
    const { files } = this.#chosen;
    // The text counts as a part too, so that the end is not reached before it is.
    const whole = files.reduce((sum, file) => sum + file.size, 0) * 1.02 + 1;
    const entries: FileEntry[] = [];
    let before = 0;
    for (const [at, file] of files.entries()) {
      const line = say("sending_file", { number: at + 1, of: files.length });
      const told = (part: number) => this.#sending.tell((before + part * file.size) / whole, line);
      told(0);
      const entry = sent.get(file) ?? (await sendFile(file, told));
      sent.set(file, entry);
      entries.push(entry);
      before += file.size;
    }
    return entries;
  }

  /** Put what is not shown yet of the readers on the form, and say what that was. */
  #show({ list, active }: Site): string[] {
    const { lang } = here();
    const added: string[] = [];
    for (const card of active) {
      const text = `${card.role[lang]} ${card.name[lang]}`;
      const line = [...this.form.querySelectorAll<HTMLInputElement>("input[name=exclude]")].find(
        (box) => box.value === card.person,
      );
      const shown = [...(line?.labels?.[0]?.querySelectorAll<HTMLElement>(".who") ?? [])];
      if (shown.some((span) => span.dataset.keys!.split(" ").includes(card.keyId) && span.textContent.trim() === text))
        continue;
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
  async #isShown(): Promise<Site | null> {
    const site = await fetchSite();
    const added = this.#show(site);
    if (added.length) {
      this.#sending.end();
      this.#tell("readers_grew", "exclude", { names: listed(added) });
    }
    return added.length ? null : site;
  }

  async #send(): Promise<void> {
    if (this.form.hasAttribute("aria-busy")) return;
    let site: Site | null = null;
    try {
      await this.#chosen.ready();
      if (!this.#check(true)) return;
      allowSending();
      this.#sending.start();
      await painted();
      site = await this.#isShown();
      if (!site) return;
      const out = this.#excluded.map((box) => box.value);
      const files = await this.#sendFiles();
      const note = callout("note", `${say("locked_out")} ${this.#excludedNames}`);
      const certificate = await report.send(
        { ...this.#answers, language: here().language },
        out,
        files,
        site,
        this.#done.checked,
      );
      this.#isSent = true;
      showReceipt(report.code, certificate, await linesOf(this.#chosen.files), out.length ? [note] : [], here().base);
    } catch (error) {
      this.#sending.end();
      if (error instanceof ChooseAgain) {
        this.#chooseAgain(error.known);
        return;
      }
      // Whatever it was: nobody is left alone with a page that does nothing.
      if (error instanceof NobodyLeft) this.#tell("nobody_left", "exclude");
      else if (error instanceof Refused && error.word === "recipients") await this.#changed(site!, error);
      // Rare scripts grow when they are brought into normal form.
      else if (error instanceof Fault && error.name === "PayloadTooLarge")
        this.#tell("too_long", "what_happened", { number: tooLong(this.#typed).count.toLocaleString() });
      else this.#failed(error);
    } finally {
      this.#sending.end();
    }
  }

  // Never ticked beforehand: who overlooks the question has not answered "nobody".
  #done = element("input", "", { type: "checkbox", id: "choose-done" }) as HTMLInputElement;

  /** There is a report with this code already, and whom it excluded can't be told for sure. */
  #chooseAgain(known: Set<string>): void {
    const box = element("div", "", { class: "choice" });
    box.append(this.#done, element("label", say("choose_done"), { for: "choose-done" }));
    if (!this.#done.isConnected) document.getElementById("exclude")!.append(box);
    for (const box of this.form.querySelectorAll<HTMLInputElement>("input[name=exclude]"))
      box.checked ||= known.has(box.value);
    this.#tell("choose_again", "exclude");
  }

  /** The list changed while this was sent: it is shown, and nothing is sealed before the form is sent again. */
  async #changed(before: Site, refused: Refused): Promise<void> {
    try {
      const now = await this.#isShown();
      if (now && now.list.length > before.list.length) this.#tell("readers_fewer", "exclude");
      else if (now) this.#failed(refused);
    } catch (error) {
      this.#failed(error);
    }
  }

  /** Sending again is the way on; the one without scripts is folded away, and only where it can help. */
  #failed(error: unknown): void {
    const known = { offline: 0, files_full: 0, unreadable: 0, stopped: 0, list_unproved: 0 };
    const word = error instanceof Refused && error.word in known ? error.word : "failed";
    const more: HTMLElement[] = [];
    if (plainHelps(error)) {
      const plain = element("details");
      const go = button(say("send_plain"), () => {
        letGo();
        // Not `requestSubmit`: this one passes our own handler by.
        this.form.submit();
      });
      plain.append(element("summary", say("failed_often")), element("p", say("failed_offer")), go);
      more.push(plain);
    } else if (word !== "stopped") more.push(outside());
    show(this.#submit, say("send_again"));
    showProblem(say(word), { before: this.#submit, heading: "not_sent", more, isError: word !== "stopped" });
  }
}

async function start(form: HTMLFormElement): Promise<void> {
  try {
    await loadWords();
  } catch {
    return;
  }
  if (!(await selfTest())) return;
  begin(form, 0);
}

function begin(form: HTMLFormElement, at: number): void {
  const way = document.getElementById("way")!;
  show(way, say("way_browser"));
  way.dataset.way = "browser";
  new Journey(form, at);
}

// Files that came without scripts stay with the way they came: only the server can put them into the report.
const form = document.querySelector<HTMLFormElement>("form#form[data-sealed]:not(:has([name=kept_files]))");
if (form) void start(form);
