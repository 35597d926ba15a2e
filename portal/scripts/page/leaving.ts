// Leaving a page that holds what is stored nowhere: it is asked for first. The quick exit is never asked about.

import { element, say } from "./words.js";

/** The word of what would be lost now; "" where nothing would be. */
type Held = () => string;

let held: Held = () => "";

/** From now on leaving is asked about while `now` names something. */
export function hold(now: Held): void {
  held = now;
}

/** From now on nothing is asked. */
export function letGo(): void {
  held = () => "";
}

// A page that was blanked (quick exit, idle case) holds nothing any more.
const holds = () => ((document.body as HTMLElement | null)?.querySelector("main *") ? held() : "");

/** Ask whether to stay; `leave` is called when not. A second question takes the place of the first. */
export function askBefore(word: string, leave: () => void): void {
  document.querySelector("dialog.leaving")?.remove();
  const box = element("dialog", "", { class: "leaving", "aria-labelledby": "leaving-title" }) as HTMLDialogElement;
  const stay = element("button", say("leaving.stay"), { type: "button", class: "button" });
  const go = element("button", say(`leaving.${word}.go`), { type: "button", class: "button second" });
  stay.addEventListener("click", () => box.close());
  go.addEventListener("click", () => {
    box.close();
    letGo();
    leave();
  });
  box.addEventListener("close", () => box.remove());
  box.append(
    element("h2", say(`leaving.${word}.title`), { id: "leaving-title" }),
    element("p", say(`leaving.${word}.text`)),
    stay,
    go,
  );
  document.body.append(box);
  box.showModal();
}

addEventListener("beforeunload", (event) => {
  if (holds()) event.preventDefault();
});

addEventListener("click", (event) => {
  const link = event.target instanceof Element ? event.target.closest<HTMLAnchorElement>("a[href]") : null;
  const isElsewhere =
    !link || link.target || link.getAttribute("href")![0] === "#" || !link.protocol.startsWith("http");
  if (event.defaultPrevented || isElsewhere || event.button || event.ctrlKey || event.metaKey || event.shiftKey) return;
  const word = holds();
  if (!word) return;
  event.preventDefault();
  askBefore(word, () => location.assign(link.href));
});
