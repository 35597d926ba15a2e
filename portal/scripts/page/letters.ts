// The conversation as letters, and the record of it that can be saved.

import type { Entry, Written } from "./conversation.js";
import { at, callout, download, element, fileLine, say, showDay, word } from "./words.js";

/** What is on the page, as a file; the words themselves only if they are wanted. */
export function saveRecord(event: Event): void {
  event.preventDefault();
  const page = element("html", "", { lang: document.documentElement.lang });
  page.append(document.querySelector<HTMLTemplateElement>("#record-head")!.content.cloneNode(true));
  page.lastElementChild!.append(...["timeline", "entries"].map((id) => at(id).cloneNode(true)));
  page.querySelectorAll("[hidden]").forEach((part) => part.removeAttribute("hidden"));
  if (!(at("with_text") as HTMLInputElement).checked)
    page.querySelectorAll("dl,.words").forEach((part) => part.remove());
  // The mark at its beginning tells every browser how the file is written.
  download("notes.html", `\ufeff<!doctype html>${page.outerHTML}`, "text/html");
}

/** By whom a report was written down, from what and when. `lang`: of the names. */
function sourceOf(written: NonNullable<Written>, lang: "ja" | "en"): string {
  if (written === "false") return say("written.false");
  const { role, name } = written.author;
  return say(`written.${written.channel}`, { name: `${role[lang]} ${name[lang]}`, day: showDay(written.day) });
}

function headOf(of: Entry, lang: "ja" | "en", isFirst: boolean): HTMLElement {
  const own = of.written ? "written.title" : isFirst ? "your_report" : "you";
  const title = element("h3", `${of.author ? of.author.role[lang] : say(own)} `);
  if (of.author) title.append(element("span", of.author.name[lang], { class: "small" }), " ");
  title.append(element("time", showDay(of.day), { datetime: of.day, class: "small" }));
  return title;
}

/** One letter: who wrote it and when, its text, its files. `lang`: of the names. `isFirst`: of all. */
export function letterOf(of: Entry, lang: "ja" | "en", isFirst: boolean): HTMLElement {
  const box = element("article", "", { class: of.author ? "theirs" : "own" });
  box.append(headOf(of, lang, isFirst), element("p", `${say("entry_hash")} ${of.hash}`, { hidden: "" }));
  if (of.written) box.append(element("p", sourceOf(of.written, lang), { class: "source" }));
  const answers = element("dl");
  for (const [name, text] of of.answers) {
    answers.append(element("dt", say(`question.${name}`)));
    const known = /^ca/.test(name) && say(`${name}.${text}`) !== `${name}.${text}`;
    answers.append(known ? element("dd", say(`${name}.${text}`)) : element("dd", text, { class: "words" }));
  }
  if (of.answers.length) box.append(answers);
  if (of.meaning) box.append(element("p", say(`meaning.${of.meaning}`), { class: "small" }));
  if (of.message) box.append(element("p", of.message, { class: "words" }));
  if (of.change) {
    const { card, counts, isOff } = of.change;
    const name = card ? `${card.role[lang]} ${card.name[lang]}` : "";
    const word = counts && card ? (isOff ? "off" : "given") : "false";
    box.append(callout(word === "false" ? "warn" : "note", say(`readers.${word}`, { name })));
  }
  if (of.newKeys) box.append(element("p", say("new_keys")));
  if (of.fault) box.append(callout("warn", say(of.fault === "SlotsExchanged" ? "readers_exchanged" : "readers_other")));
  for (const file of of.files) {
    const about = word(`sent.${file.cleaned === "not" ? "not" : ""}${file.name.replace(/^.*\./s, ".")}`.toLowerCase());
    box.append(fileLine(file.name, file.size, { ...file, about }));
  }
  return box;
}
