// The files that are chosen: choosing again adds to them, each can be taken off, and what each would tell is said.

import { fileName } from "./filename.js";
import { type Said, preview } from "./sending.js";
import { element, fileLine, say } from "./words.js";

const looked = new WeakMap<File, Promise<Said>>();
// One after the other, so that one is in memory at a time.
let turn: Promise<unknown> = Promise.resolve();

function said(file: File): Promise<Said> {
  const done = looked.get(file) ?? turn.then(() => preview(file));
  looked.set(file, done);
  turn = done.catch(() => looked.delete(file));
  return done.catch(() => ({ cleaned: "not", found: [] }));
}

/** A line for each file, with what can be taken out of it. */
export async function linesOf(files: File[]): Promise<HTMLElement[]> {
  return Promise.all(files.map(async (file) => fileLine(fileName(file.name), file.size, await said(file))));
}

const sameFile = (one: File, other: File) =>
  one.name === other.name && one.size === other.size && one.lastModified === other.lastModified;

export class Chosen {
  files: File[] = [];
  private list = element("ul", "", { class: "files" });
  private told = element("p", "", { role: "status" });

  constructor(private input: HTMLInputElement) {
    input.after(this.told, this.list);
    input.addEventListener("change", () => void this.add());
    // A browser may have kept what was chosen before the page was loaded again.
    void this.add();
  }

  /** What is wrong with them: the sentence's name, and the file it is about. */
  problem(): [string, File?] | null {
    const { maxFiles, maxBytes } = this.input.dataset;
    const large = this.files.find((file) => file.size > Number(maxBytes));
    if (this.files.length > Number(maxFiles)) return ["too_many_files"];
    return large ? ["file_too_large", large] : null;
  }

  private async add(): Promise<void> {
    const fresh = [...this.input.files!].filter((file) => !this.files.some((one) => sameFile(one, file)));
    this.files.push(...fresh);
    this.keep();
    const items = fresh.map((file) => this.item(file));
    this.list.append(...items);
    for (const [at, file] of fresh.entries()) items[at]!.firstChild!.replaceWith(...(await linesOf([file])));
  }

  private item(file: File): HTMLElement {
    const item = element("li");
    const name = fileName(file.name);
    const off = element("button", say("take_off"), { type: "button", class: "plain", "aria-label": `${say("take_off")}: ${name}` });
    off.addEventListener("click", () => {
      const next = item.nextElementSibling ?? item.previousElementSibling;
      item.remove();
      this.files = this.files.filter((one) => one !== file);
      this.keep(say("taken_off", { name }));
      (next?.querySelector("button") ?? this.input).focus();
    });
    item.append(element("p", name, { class: "words" }), off);
    return item;
  }

  /** The field holds all of them, for the way without scripts. */
  private keep(first = ""): void {
    const all = new DataTransfer();
    for (const file of this.files) all.items.add(file);
    this.input.files = all.files;
    const size = Math.ceil(this.files.reduce((sum, file) => sum + file.size, 0) / 1000);
    const count = say("files_chosen", { number: this.files.length, of: this.input.dataset.maxFiles!, size });
    this.told.textContent = this.files.length || first ? `${first} ${count}` : "";
  }
}
