// What the auditors treat a report as, and the places outside for that and for what the reporter chose.

import { treatedAs } from "../format/treated.js";
import type { Entry } from "./conversation.js";
import { at, say, show, showDay } from "./words.js";

/** Show both on the page of the case. What the reporter chose keeps its places, whatever the auditors say. */
export function showSubject(entries: Entry[]): void {
  const said = treatedAs(entries);
  const about = [said?.treated, ...entries.flatMap(({ answers }) => answers.flat())];
  if (said) show(at("treated"), say("treated", { name: say(`category.${said.treated}`), day: showDay(said.day) }));
  for (const part of document.querySelectorAll<HTMLElement>("[data-about]"))
    part.hidden = !part.dataset.about!.split(" ").some((word) => about.includes(word));
}
