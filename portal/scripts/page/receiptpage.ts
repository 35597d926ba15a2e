// The receipt: the one time that the code is shown. Leaving is asked about until its holder has shown to have it.

import { askBefore, hold, letGo } from "./leaving.js";
import { push } from "./places.js";
import { clearProblem, showProblem } from "./problems.js";
import { formatCode } from "../format/receipt.js";
import type { Certificate } from "./sending.js";
import { callout, download, element, entitle, say, show, showDay, textOf } from "./words.js";

const GROUP = 4;
const DAY = 86_400_000;

function button(label: string, doing: () => void): HTMLElement {
  const made = element("button", label, { type: "button", class: "button second" });
  made.addEventListener("click", doing);
  return made;
}

/** Sentences under their headings; `folded`: to be opened by who wants them. */
function sentences(word: string, folded: boolean, parts: Record<string, string> = {}): HTMLElement[] {
  const made: HTMLElement[] = [];
  for (const line of say(word, parts).split("\n")) {
    const title = line[0] === "#" ? line.slice(1) : "";
    if (title && folded) made.push(fold(title));
    else if (title) made.push(element("h2", title));
    else if (folded) made.at(-1)!.append(element("p", line));
    else made.push(element("p", line));
  }
  return made;
}

function fold(title: string, ...parts: (HTMLElement | string)[]): HTMLElement {
  const made = element("details", "", { class: "fold" });
  made.append(element("summary", title), ...parts);
  return made;
}

/** The days on which to look again, each with its reason. */
function visitList(of: Certificate): HTMLElement {
  const list = element("ul");
  for (const { why, day } of of.visits) {
    const line = element("li");
    line.append(element("strong", showDay(day)), " ", element("span", say(`visit.${why}`)));
    list.append(line);
  }
  return list;
}

/** A code in five groups that no line breaks. */
function codeView(code: string): HTMLElement {
  const view = element("p", "", { class: "code", translate: "no" });
  const groups = formatCode(code).split("-");
  view.append(...groups.map((group, at) => element("span", at < groups.length - 1 ? `${group}-` : group)));
  return view;
}

/** The end of a code as people type it. */
function isEnd(typed: string, code: string): boolean {
  const end = typed.normalize("NFKC").toUpperCase().replace(/[\s-]/g, "").replace(/O/g, "0").replace(/[IL]/g, "1");
  return end.length >= GROUP && code.endsWith(end.slice(-GROUP));
}

function codeCard(code: string): HTMLElement {
  const card = element("section", "", { class: "receipt", "aria-labelledby": "code-heading" });
  const told = element("p", "", { role: "status", id: "copied" });
  const copy = () =>
    // A page without TLS has no clipboard: the call itself throws.
    void (async () => navigator.clipboard.writeText(formatCode(code)))()
      .then(
        () => "copied",
        () => "copy_failed",
      )
      .then((word) => show(told, say(word)));
  card.append(
    element("h2", say("your_code"), { id: "code-heading" }),
    codeView(code),
    element("p", say("write_down")),
    button(say("copy"), copy),
    told,
    callout("warn", say("not_again")),
    fold(
      say("other_ways"),
      element("p", say("print_where"), { class: "small" }),
      button(say("print"), () => print()),
      " ",
      button(say("save"), () => download("number.txt", `${formatCode(code)}\n`)),
    ),
  );
  return card;
}

/** The form that asks for the end of the code; `proven` is called once it was right. */
function proof(code: string, base: string, proven: () => void): HTMLElement {
  const form = element("form", "", { action: `${base}/status`, autocomplete: "off", id: "prove" });
  const field = element("div", "", { class: "field" });
  const typed = element("input", "", {
    id: "last-four",
    type: "text",
    class: "code-field",
    autocomplete: "off",
    autocapitalize: "characters",
    spellcheck: "false",
    "aria-describedby": "last-four-hint",
  }) as HTMLInputElement;
  const told = element("p", "", { role: "status", id: "proven" });
  field.append(
    element("label", say("last_four"), { for: "last-four" }),
    element("p", say("last_four_why"), { class: "hint", id: "last-four-hint" }),
    typed,
    told,
  );
  const look = element("button", say("look"), { class: "button" });
  form.append(field, look);
  typed.addEventListener("input", () => {
    if (!isEnd(typed.value, code)) return;
    clearProblem();
    show(told, say("last_four_right"));
    proven();
  });
  form.addEventListener("submit", (event) => {
    if (isEnd(typed.value, code)) return;
    event.preventDefault();
    showProblem(say("last_four_wrong"), { field: typed });
  });
  return form;
}

/** What a printer gets: the code alone, under a name that says nothing; the page's title would be printed with it. */
function makeSlip(code: string): void {
  const slip = element("div", "", { class: "slip" });
  slip.append(element("p", say("slip")), codeView(code));
  document.body.append(slip);
  document.documentElement.classList.add("has-slip");
  const { title } = document;
  addEventListener("beforeprint", () => (document.title = say("slip")));
  addEventListener("afterprint", () => (document.title = title));
}

/** Whether and when what was sent is in the log: promised by signature, or that nothing binds the site. */
function promiseView({ promise }: Certificate): HTMLElement {
  if (!promise) return element("p", say("not_promised"), { class: "hint" });
  const next = new Date(Date.parse(promise.day) + DAY).toISOString().slice(0, 10);
  return element("p", say("promised", { day: showDay(next) }), { class: "hint" });
}

function certificateView(of: Certificate): HTMLElement {
  const list = element("dl", "", { class: "proof" });
  const { hash, day, signature, key, promise } = of;
  const shown = { hash, day, signature, key };
  const logged = promise && { ...shown, leaf: promise.leaf, promise: promise.signature };
  for (const [name, text] of Object.entries(logged ?? shown)) {
    list.append(element("dt", say(`proof_${name}`)), element("dd", text, { translate: "no" }));
  }
  return fold(say("proof"), element("p", say("proof_says")), list);
}

/** The newest signed log, which can be compared later: what people keep shows whether there is one log. */
async function addNote(to: HTMLElement): Promise<void> {
  const answer = await fetch(`${document.documentElement.dataset.root}/log/checkpoint`, { credentials: "omit" });
  if (!answer.ok) return;
  const note = element("pre", await answer.text(), { class: "print signed", translate: "no", tabindex: "0" });
  const part = element("details");
  part.append(element("summary", say("log.note")), element("p", say("log.note_says")), note);
  to.append(part);
}

/** Put the receipt in the page's place. Back and forward inside the page lead to it from now on. */
export function showReceipt(
  code: string,
  of: Certificate,
  lines: HTMLElement[],
  notes: HTMLElement[],
  base: string,
): void {
  const main = document.getElementById("main")!;
  const title = element("h1", say(`kept.${of.kept}`), { tabindex: "-1" });
  let isProven = false;
  const proving = proof(code, base, () => {
    isProven = true;
    letGo();
  });
  const outside = element("p");
  outside.append(element("a", say("outside"), { href: `${base}/outside` }));
  const proofs = certificateView(of);
  main.replaceChildren(
    title,
    codeCard(code),
    proving,
    ...notes,
    promiseView(of),
    ...sentences("again", false),
    visitList(of),
    ...sentences("keep", true, { page: say("look") }),
    outside,
    ...lines,
    ...sentences("lost", true),
    proofs,
  );
  entitle(textOf(title));
  void addNote(proofs).catch(() => undefined);
  for (const part of document.querySelectorAll<HTMLElement>(".languages, footer")) part.hidden = true;
  makeSlip(code);
  hold(() => "receipt");
  push({ receipt: true });
  addEventListener("popstate", () => {
    if (!main.contains(title) || isProven) return;
    // Back on a telephone is a gesture that happens: the receipt stays, and the way out is asked about.
    push({ receipt: true });
    askBefore("receipt", () => location.assign(`${base}/`));
  });
  title.focus();
  scrollTo(0, 0);
}
