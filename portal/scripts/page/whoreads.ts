// Who can read and who cannot, said at once when somebody is ticked: by the rule that the report is sealed by.

import { excludedKeys } from "../format/cards.js";
import { type Site, fetchSite, idsOf } from "./server.js";
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

  /** For the page that checks: makes the same lines; null where the list could not be had. */
  async lines(): Promise<(() => Node[]) | null> {
    const names = await this.#names();
    if (!names) return null;
    const [can, cannot] = names;
    return () => [
      element("p", can.length ? say("can_read", { names: listed(can) }) : say("nobody_reads")),
      ...(cannot.length ? [element("p", say("cannot_read", { names: listed(cannot) }))] : []),
    ];
  }

  /** Who can read it, and who cannot. */
  async #names(): Promise<[can: string[], cannot: string[]] | null> {
    const site = await this.#site;
    if (!site || site.logged < 0) return null;
    const ticked = [...this.group.querySelectorAll<HTMLInputElement>("input[name=exclude]:checked")];
    const out = excludedKeys(
      [...site.list.cards.values()],
      new Set(ticked.map((box) => box.value)),
      idsOf(site.active),
    );
    const names = (isOut: boolean) => {
      const cards = site.active.filter((card) => out.has(card.keyId) === isOut);
      return [...new Set(cards.map((card) => `${card.role[this.lang]} ${card.name[this.lang]}`))];
    };
    return [names(false), names(true)];
  }

  async #tell(): Promise<void> {
    const names = await this.#names();
    // What can't be told for sure is not told; sending looks at the list once more.
    this.#said.hidden = !names;
    if (!names) return;
    const [can, cannot] = names;
    const box = can.length
      ? callout("note", say("can_read", { names: listed(can) }))
      : callout("warn", say("nobody_reads"));
    if (!can.length) box.append(this.outside());
    if (cannot.length) box.append(element("p", say("cannot_read", { names: listed(cannot) })));
    this.#said.replaceChildren(box);
  }
}
