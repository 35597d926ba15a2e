// The files that are chosen: choosing again adds to them, each can be taken off, and what each would tell is said.

import { fileName } from "../format/filename.js";
import type { Said } from "./files.js";
import { preview } from "./filework.js";
import { Refused } from "./server.js";
import { element, fileLine, isOpen, say, show, sizeText } from "./words.js";

const looked = new WeakMap<File, Promise<Said>>();
// One after the other, so that one is in memory at a time.
let turn: Promise<unknown> = Promise.resolve();

function said(file: File): Promise<Said> {
  const done = looked.get(file) ?? turn.then(() => preview(file));
  looked.set(file, done);
  turn = done.catch(() => looked.delete(file));
  return done.catch((error: unknown) => ({
    cleaned: "not",
    found: [],
    about: isUnreadable(error) ? "unreadable" : "unloaded",
  }));
}

/** A line for each file, with what can be taken out of it. */
export async function linesOf(files: File[]): Promise<HTMLElement[]> {
  return Promise.all(files.map(async (file) => fileLine(fileName(file.name), file.size, await said(file))));
}

const isUnreadable = (error: unknown) => error instanceof Refused && error.word === "unreadable";

const sameFile = (file: File, other: File) =>
  file.name === other.name && file.size === other.size && file.lastModified === other.lastModified;

/** The files that are chosen in a field. */
export class Chosen {
  files: File[] = [];
  #list = element("ul", "", { class: "files" });
  #told = element("p", "", { role: "status" });
  /** The first button of each question that has no answer yet. */
  #asking = new Map<File, HTMLElement>();

  constructor(private input: HTMLInputElement) {
    input.after(this.#told, this.#list);
    input.addEventListener("change", () => void this.#add());
    // A browser may have kept what was chosen before the page was loaded again.
    void this.#add();
  }

  /** Wait until each has been looked at. */
  async ready(): Promise<void> {
    await Promise.all(this.files.map(said));
  }

  /** What is wrong with them: the sentence's name, and the file it is about. */
  problem(): [string, File?] | null {
    const { maxFiles, maxBytes } = this.input.dataset;
    const large = this.files.find((file) => file.size > Number(maxBytes));
    const asked = this.files.find((file) => this.#asking.has(file));
    if (this.files.length > Number(maxFiles)) return ["too_many_files"];
    if (large) return ["file_too_large", large];
    return asked ? ["ask_first", asked] : null;
  }

  /** Lead to the question about a file. */
  point(file?: File): void {
    if (file) this.#asking.get(file)?.focus();
  }

  async #add(): Promise<void> {
    const fresh = [...this.input.files!].filter((file) => !this.files.some((known) => sameFile(known, file)));
    this.files.push(...fresh);
    this.#keep();
    const items = fresh.map((file) => [file, element("li")] as const);
    for (const [file, item] of items) {
      const name = element("p", fileName(file.name), { class: "words" });
      item.append(name, this.#choice(file, item, "take_off"));
      this.#list.append(item);
    }
    for (const [file, item] of items) {
      const outcome = await said(file);
      item.firstChild!.replaceWith(fileLine(fileName(file.name), file.size, outcome));
      if (isOpen(outcome) && this.files.includes(file)) this.#ask(file, item);
    }
  }

  /** What could not be cleaned goes only if it is wanted. */
  #ask(file: File, item: HTMLElement): void {
    const asIs = this.#choice(file, item, "as_is");
    this.#asking.set(file, asIs);
    item.lastChild!.before(asIs, " ");
    item.append(" ", this.#choice(file, item, "later"));
  }

  #choice(file: File, item: HTMLElement, word: string): HTMLElement {
    const name = fileName(file.name);
    const button = element("button", say(word), {
      type: "button",
      class: "plain",
      "aria-label": `${say(word)}: ${name}`,
    });
    button.addEventListener("click", () => {
      const next = item.nextElementSibling ?? item.previousElementSibling;
      this.#asking.delete(file);
      if (word === "as_is") {
        item.firstChild!.after(element("p", say("as_is_note"), { class: "small" }));
        button.remove();
        item.querySelector("button")!.focus();
      } else {
        item.remove();
        this.files = this.files.filter((other) => other !== file);
        (next?.querySelector("button") ?? this.input).focus();
      }
      this.#keep(say(`${word}_done`, { name }));
    });
    return button;
  }

  /** The field holds all of them, for the way without scripts. */
  #keep(first = ""): void {
    const all = new DataTransfer();
    for (const file of this.files) all.items.add(file);
    this.input.files = all.files;
    const size = sizeText(this.files.reduce((sum, file) => sum + file.size, 0));
    const count = say("files_chosen", { number: this.files.length, of: this.input.dataset.maxFiles!, size });
    show(this.#told, this.files.length || first ? `${first} ${count}` : "");
  }
}
