// What is shown while something is sent, where its button was: that it goes on, how much of it went, and a way to stop.

import { element, say, show } from "./words.js";

/** The box that takes the button's place while something is sent. */
export class SendingBox {
  #said = element("p", "", { role: "status" });
  #bar = element("progress", "", { max: "1" }) as HTMLProgressElement;
  #part = element("p", "", { class: "small" });
  #box = element("div", "", { class: "sending", tabindex: "-1" });

  /** `hidden`: what can't be used meanwhile, the button among it. */
  constructor(
    private form: HTMLElement,
    private button: HTMLElement,
    private hidden: HTMLElement[],
    stop: () => void,
  ) {
    const end = element("button", say("sending_stop"), { type: "button", class: "button second" });
    end.addEventListener("click", stop);
    this.#box.append(this.#said, this.#bar, this.#part, end);
  }

  start(): void {
    this.#bar.removeAttribute("value");
    this.#part.textContent = "";
    this.#bar.setAttribute("aria-label", say("sending"));
    this.#hide(true);
    this.button.before(this.#box);
    show(this.#said, say("sending"));
    this.form.setAttribute("aria-busy", "true");
    this.#box.focus();
  }

  /** `done`: how much of everything went, up to 1. */
  tell(done: number, more: string): void {
    this.#bar.value = done;
    this.#part.textContent = `${Math.floor(done * 100)} % ${more}`;
  }

  end(): void {
    this.form.removeAttribute("aria-busy");
    this.#hide(false);
    this.#box.remove();
  }

  #hide(now: boolean): void {
    for (const part of this.hidden) part.classList.toggle("gone", now);
  }
}

/** Let the page show what has just changed, before the work that keeps it busy. */
export const painted = () => new Promise((done) => setTimeout(done, 20));
