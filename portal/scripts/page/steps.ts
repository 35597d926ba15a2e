// The steps of a form. Each is a place in the history; the answers stay in the page, and nothing is in the address.

import { mark, push } from "./places.js";
import { element } from "./words.js";

/** What the history holds of a step: its number, and whether it was opened from the last one to change something. */
interface Place {
  at: number;
  returning: boolean;
}

/** The steps, one of which is shown. */
export class Steps {
  at = 0;
  returning = false;

  /** `moved`: called after another step is shown. `mayMove`: whether a move of the history counts. */
  constructor(
    readonly all: HTMLElement[],
    private moved: (focus: boolean) => void,
    private mayMove: () => boolean,
  ) {
    for (const step of all) asHeading(step.querySelector("h2")!);
    addEventListener("popstate", (event) => {
      const place = event.state as Place | null;
      if (typeof place?.at === "number" && this.mayMove()) this.#show(place);
    });
  }

  /** Begin at a step; its heading gets the focus where it is not the page's first. */
  start(at: number, isFirst = !at): void {
    const first = { at, returning: false };
    mark(first);
    this.#show(first, !isFirst);
  }

  get last(): number {
    return this.all.length - 1;
  }

  get current(): HTMLElement {
    return this.all[this.at]!;
  }

  go(to: number, returning = false): void {
    const place = { at: Math.min(Math.max(to, 0), this.last), returning };
    if (place.at !== this.at) push(place);
    this.#show(place);
  }

  /** The step that holds an element. */
  of(inner: Element | null): number {
    return this.all.findIndex((step) => step.contains(inner));
  }

  #show({ at, returning }: Place, focus = true): void {
    this.at = Math.min(at, this.last);
    this.returning = returning;
    this.all.forEach((step, number) => (step.hidden = number !== this.at));
    this.moved(focus);
  }
}

/** With one step on the page its question is the page's heading. */
function asHeading(small: HTMLElement): void {
  const large = element("h1", "", { id: small.id, tabindex: "-1" });
  large.append(...small.childNodes);
  small.replaceWith(large);
}
