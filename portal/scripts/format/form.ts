// What the report form takes, by the same rules and in the same units as the server's (cases/form.py).

import { ANSWERS } from "./limits.js";

/** Characters (code points) in all answers of a form together, or in a message. */
export const MAX_TEXT = 100000;
const CONTROLS = /[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f]/g;

/** An answer with one kind of line break and without control characters. */
export function cleanText(text: string): string {
  return text.replace(/\r\n|[\r\v\f\x85]/g, "\n").replace(CONTROLS, "");
}

/** How many code points there are. */
export function countOf(text: string): number {
  return [...text].length;
}

/** The longest of the cleaned answers when all of them together are too long, and how many characters there are. */
export function tooLong(answers: Record<string, string>): { longest: string; count: number } {
  let [longest, most, count] = ["", -1, 0];
  for (const name of ANSWERS) {
    const size = countOf(answers[name] ?? "");
    count += size;
    if (size > most) [longest, most] = [name, size];
  }
  return { longest: count > MAX_TEXT ? longest : "", count };
}
