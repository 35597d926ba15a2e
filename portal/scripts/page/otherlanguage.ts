// The form in another language, with what is written in it: in this page's memory, without a word to the server.

import { fetchPage } from "./server.js";
import { loadWords } from "./words.js";

/** Carry over what is written; false where a choice has no place in the other form: none may get lost. */
function carry(from: HTMLFormElement, to: HTMLFormElement): boolean {
  const fields = [...to.elements] as HTMLInputElement[];
  for (const old of [...from.elements] as HTMLInputElement[]) {
    if (!old.name || old.type === "hidden" || old.type === "submit") continue;
    const isTick = old.type === "checkbox" || old.type === "radio";
    if (isTick && !old.checked) continue;
    const field = fields.find((other) => other.name === old.name && (!isTick || other.value === old.value));
    if (!field) return false;
    if (isTick) field.checked = true;
    else if (old.type === "file") field.files = old.files;
    else field.value = old.value;
  }
  return true;
}

/** Put the same page in another language in this one's place; the form in it, or null where it can't be done. */
export async function changeLanguage(href: string, form: HTMLFormElement): Promise<HTMLFormElement | null> {
  const other = await fetchPage(href);
  const fresh = other?.querySelector<HTMLFormElement>("form#form[data-sealed]");
  if (!other || !fresh) return null;
  try {
    await loadWords(other.documentElement);
  } catch {
    return null;
  }
  if (!form.isConnected || !carry(form, fresh)) {
    await loadWords();
    return null;
  }
  delete document.documentElement.dataset["furigana"];
  for (const { name, value } of other.documentElement.attributes) document.documentElement.setAttribute(name, value);
  document.title = other.title;
  document.body.replaceWith(document.adoptNode(other.body));
  history.replaceState(history.state, "", href);
  return fresh;
}
