// Check your answers: every question, also what is empty, and beside each the way to change it.

import { element, say, show } from "./words.js";

/** A question with its answer. */
export interface Row {
  /** The field that is changed. */
  id: string;
  question: string;
  /** Texts or elements; none: it was left empty. */
  answer: (string | Node)[];
}

/** Whether the form has a field, and it is answered or is neither another subject's nor, with none chosen, any's. */
export function isAsked(name: string, answer?: string): boolean {
  const field = document.getElementById(name);
  const of = field?.closest(".of");
  const isOpen = document.querySelector("#category") && !document.querySelector("#category :checked");
  return !!field && (!of || !!answer || !(isOpen || getComputedStyle(of).display === "none"));
}

/** The list of questions and answers; `change` is called with a row's id. */
export function reviewOf(rows: Row[], change: (id: string) => void): HTMLElement {
  const list = element("dl", "", { class: "answers" });
  for (const { id, question, answer } of rows) {
    const row = element("div");
    const given = element("dd", "", { class: answer.length ? "words" : "empty" });
    // A choice is a word of the page, with readings; a text is the reporter's.
    if (!answer.length || /^ca/.test(id)) show(given, (answer[0] as string | undefined) ?? say("empty"));
    else given.append(...answer);
    const button = element("button", say("change"), {
      type: "button",
      class: "plain",
      "aria-label": `${say("change")}: ${question}`,
    });
    button.addEventListener("click", () => change(id));
    const changing = element("dd", "", { class: "change" });
    changing.append(button);
    row.append(element("dt", question), given, changing);
    list.append(row);
  }
  return list;
}
