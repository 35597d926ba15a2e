// The conversation as letters, and the record of it that can be saved.

import type { Entry } from "./conversation.js";
import { at, download, element, fileLine, say, showDay } from "./words.js";

/** What is on the page, as a file; the words themselves only if they are wanted. */
export function saveRecord(event: Event): void {
  event.preventDefault();
  const page = document.implementation.createHTMLDocument(say("record"));
  const parts = ["timeline", "entries"].map((id) => at(id).cloneNode(true));
  page.body.append(element("h1", say("record")), element("p", say("record_of", { day: showDay() })), ...parts);
  page.querySelectorAll("[hidden]").forEach((part) => part.removeAttribute("hidden"));
  if (!(at("with_text") as HTMLInputElement).checked)
    page.querySelectorAll("dl,.words").forEach((part) => part.remove());
  // The mark at its beginning tells every browser how the file is written.
  download("record.html", `\ufeff${page.documentElement.outerHTML}`, "text/html");
}

/** One letter: who wrote it and when, its text, its files. `lang`: of the names. */
export function letterOf(of: Entry, lang: "ja" | "en"): HTMLElement {
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
