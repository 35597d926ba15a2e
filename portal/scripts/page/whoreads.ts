// Who can read and who cannot, said at once when somebody is ticked: by the rule that the report is sealed by.

import { shutOut } from "../format/cards.js";
import { type Site, fetchSite } from "./server.js";
import { callout, element, listed, say } from "./words.js";

/** The sentence about who can read it, below the boxes. */
export class WhoReads {
  #said = element("div", "", { role: "status", id: "who-reads" });
  #site: Promise<Site | null> | null = null;

  /** `outside`: makes the link that is shown where nobody is left. */
  constructor(
    private group: HTMLElement,
    private lang: "ja" | "en",
    private outside: () => HTMLElement,
  ) {
    this.#said.hidden = true;
    group.append(this.#said);
    // The outcome is shown instead of the rule.
    document.getElementById("introduced")?.remove();
    group.addEventListener("change", () => void this.#tell());
    void this.prepare();
  }

  /** Fetch the list, whether or not anybody gets ticked: the server is not told by a request that somebody was. */
  prepare(): Promise<Site | null> {
    return (this.#site ??= fetchSite().catch(() => (this.#site = null)));
  }

  async #tell(): Promise<void> {
    const site = await this.#site;
    // What can't be told for sure is not told; sending looks at the list once more.
    this.#said.hidden = !site;
    if (!site) return;
    const ticked = [...this.group.querySelectorAll<HTMLInputElement>("input[name=exclude]:checked")];
    const out = shutOut([...site.list.cards.values()], new Set(ticked.map((box) => box.value)), site.list.readers());
    const names = (isOut: boolean) => {
      const cards = site.list.active.filter((card) => out.has(card.keyId) === isOut);
      return [...new Set(cards.map((card) => `${card.role[this.lang]} ${card.name[this.lang]}`))];
    };
    const [can, cannot] = [names(false), names(true)];
    const box = can.length
      ? callout("note", say("can_read", { names: listed(can) }))
      : callout("warn", say("nobody_reads"));
    if (!can.length) box.append(this.outside());
    if (cannot.length) box.append(element("p", say("cannot_read", { names: listed(cannot) })));
    this.#said.replaceChildren(box);
  }
}
