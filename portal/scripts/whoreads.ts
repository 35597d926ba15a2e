// Who can read and who cannot, said at once when somebody is ticked: by the rule that the report is sealed by.

import { shutOut } from "./cards.js";
import { type Site, fetchSite } from "./server.js";
import { element, listed, say } from "./words.js";

export class WhoReads {
  private said = element("div", "", { role: "status", class: "note", id: "who-reads" });
  private site: Promise<Site> | null = null;

  /** `outside`: makes the link that is shown where nobody is left. */
  constructor(private group: HTMLElement, private lang: "ja" | "en", private outside: () => HTMLElement) {
    this.said.hidden = true;
    group.append(this.said);
    // The outcome is shown instead of the rule.
    document.getElementById("introduced")?.remove();
    group.addEventListener("change", () => void this.tell());
  }

  private async tell(): Promise<void> {
    let site: Site;
    try {
      site = await (this.site ??= fetchSite());
    } catch {
      // What can't be told for sure is not told; sending looks at the list once more.
      this.site = null;
      this.said.hidden = true;
      return;
    }
    const ticked = [...this.group.querySelectorAll<HTMLInputElement>("input[name=exclude]:checked")];
    const out = shutOut([...site.list.cards.values()], new Set(ticked.map((one) => one.value)), site.list.readers());
    const names = (isOut: boolean) => {
      const cards = site.list.active.filter((card) => out.has(card.keyId) === isOut);
      return [...new Set(cards.map((card) => `${card.role[this.lang]} ${card.name[this.lang]}`))];
    };
    const [can, cannot] = [names(false), names(true)];
    this.said.hidden = false;
    this.said.replaceChildren(
      ...(can.length ? [element("p", say("can_read", { names: listed(can) }))] : [element("p", say("nobody_reads")), this.outside()]),
      ...(cannot.length ? [element("p", say("cannot_read", { names: listed(cannot) }))] : []),
    );
  }
}
