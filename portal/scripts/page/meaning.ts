// What kind of message is written (templates/portal/parts/meaning.html, docs/format.md 2.4).

import type { Payload } from "../format/messages.js";

/** Meanings that are sent only after their consequences were read (portal/labels/meaning.py). */
const CONFIRMED = ["withdraw", "name"];

/** What is chosen for one message. */
export class ChosenMeaning {
  constructor(
    private readonly meaning: string,
    private readonly isRead = false,
  ) {}

  /** What is chosen in a form at this moment. */
  static in(form: ParentNode): ChosenMeaning {
    const chosen = form.querySelector<HTMLInputElement>("input[name=meaning]:checked");
    return new ChosenMeaning(chosen?.value ?? "", form.querySelector<HTMLInputElement>("#meaning-read")!.checked);
  }

  /** Whether it has to be said first that the consequences were read. */
  get isUnread(): boolean {
    return CONFIRMED.includes(this.meaning) && !this.isRead;
  }

  /** The body of a message with this meaning. */
  with(message: string): Payload {
    return { message, ...(this.meaning ? { meaning: this.meaning } : {}) };
  }

  /** Choose the same in a form that was shown anew. */
  putInto(form: ParentNode): void {
    for (const radio of form.querySelectorAll<HTMLInputElement>("input[name=meaning]")) {
      radio.checked = this.meaning !== "" && radio.value === this.meaning;
    }
    form.querySelector<HTMLInputElement>("#meaning-read")!.checked = this.isRead;
    form.querySelector<HTMLDetailsElement>("#meaning")!.open = this.meaning !== "";
  }
}
