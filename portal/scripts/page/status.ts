// The reporter's case, opened in this browser. Nothing of it is kept: after 15 idle minutes it is closed, and what was
// begun and not sent waits locked until the code is typed again.

import "./leave.js";
import type { Bytes } from "../format/encoding.js";
import { Fault } from "../format/errors.js";
import { openBox } from "../format/keys.js";
import { derive, parseCode } from "../format/receipt.js";
import { CaseView } from "./caseview.js";
import { look } from "./conversation.js";
import { hold, letGo } from "./leaving.js";
import { ChosenMeaning } from "./meaning.js";
import { clearProblem, problemAt, showProblem } from "./problems.js";
import { plainHelps, selfTest } from "./sending.js";
import { Refused, fetchSite } from "./server.js";
import { at, callout, element, loadWords, main, say, show, showDay } from "./words.js";

const IDLE = 15 * 60 * 1000;
const WARNING = IDLE - 2 * 60 * 1000;
const base = document.documentElement.dataset.base;
const opening = [...main().childNodes];
const openingTitle = document.title;
let timers: number[] = [];
let current: CaseView | null = null;
/** What was begun and not sent when a case was closed, each for its case's own code only. */
let drafts: Bytes[] = [];

/** What was begun: its words, and what it means where that was chosen. */
interface Draft {
  message: string;
  meaning?: string;
}

function draftOf(raw: Bytes): Draft {
  return JSON.parse(new TextDecoder().decode(raw)) as Draft;
}

/** What the page itself brought along, from a page without scripts that could not send it. */
function draftIn(form: HTMLFormElement): Draft {
  const meaning = form.querySelector<HTMLInputElement>("input[name=meaning]")?.value ?? "";
  return { message: form.querySelector("textarea")?.value ?? "", meaning };
}

function stayAwake(): void {
  timers.forEach(clearTimeout);
  document.getElementById("idle")?.remove();
  timers = current ? [window.setTimeout(warnOfIdle, WARNING), window.setTimeout(closeCase, IDLE)] : [];
}

function warnOfIdle(): void {
  document.body.append((at("idle-warning") as HTMLTemplateElement).content.cloneNode(true));
  const box = at("idle") as HTMLDialogElement;
  const [stay, close] = box.querySelectorAll("button");
  stay!.addEventListener("click", stayAwake);
  close!.addEventListener("click", closeCase);
  box.addEventListener("cancel", stayAwake);
  box.showModal();
}

function closeCase(): void {
  const { begun } = current!;
  if (begun) drafts.push(begun);
  current = null;
  stayAwake();
  if (!drafts.length) {
    document.documentElement.replaceChildren();
    location.replace(`${base}/status`);
    return;
  }
  main().replaceChildren(callout("note", `${say("code.expired")} ${say("idle_kept")}`, { role: "status" }), ...opening);
  document.title = openingTitle;
  at("code").focus();
}

async function open(form: HTMLFormElement, typed: HTMLInputElement): Promise<void> {
  try {
    clearProblem();
    const code = parseCode(typed.value);
    const site = await fetchSite();
    const own = await derive(code, site.salt);
    const view = new CaseView(own, await look(own, site), stayAwake);
    typed.value = "";
    const waiting = drafts.find((draft) => openBox(draft, own.mailbox));
    const begun = waiting ? draftOf(openBox(waiting, own.mailbox)!) : draftIn(form);
    view.show();
    (at("message") as HTMLTextAreaElement).value = begun.message;
    // Whether its consequences were read is asked again.
    new ChosenMeaning(begun.meaning ?? "").putInto(main());
    drafts = drafts.filter((draft) => draft !== waiting);
    current = view;
    stayAwake();
  } catch (error) {
    if (error instanceof Fault && error.name.startsWith("Code")) {
      showProblem(say(`code.${error.name.slice(4).toLowerCase()}`), { field: typed });
      return;
    }
    if (error instanceof Refused && /^(unknown|deleted)$/.test(error.word)) {
      const { day } = error.answer as Record<string, string>;
      showProblem(say(`code.${error.word}`, day ? { day: showDay(day) } : {}), { field: typed });
      at("lost").hidden = error.word === "deleted";
      return;
    }
    problemAt(form, say("look_failed"), plainHelps(error) ? [plainWay(form)] : []);
  }
}

/** The way without scripts, folded away: there the server opens the case in its memory. */
function plainWay(form: HTMLFormElement): HTMLElement {
  const button = element("button", say("look_plain"), { type: "button", class: "button second" });
  button.addEventListener("click", () => {
    letGo();
    form.submit();
  });
  const more = element("details");
  more.append(element("summary", say("failed_often")), element("p", say("look_offer")), button);
  return more;
}

/** What would be lost if the page were left now. */
function held(): string {
  const value = document.querySelector<HTMLTextAreaElement>("#message")?.value ?? "";
  return value.trim() || drafts.length || document.querySelector("#write .files li") ? "form" : "";
}

async function start(form: HTMLFormElement, typed: HTMLInputElement): Promise<void> {
  try {
    await loadWords();
  } catch {
    return;
  }
  if (!(await selfTest())) return;
  const way = document.getElementById("way")!;
  show(way, say("way_opens"));
  way.dataset.way = "browser";
  hold(held);
  for (const kind of ["keydown", "pointerdown"]) {
    addEventListener(kind, (event) => {
      // The question has buttons of its own.
      if (!(event.target instanceof Element && event.target.closest("#idle"))) stayAwake();
    });
  }
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void open(form, typed);
  });
}

const form = document.querySelector<HTMLFormElement>("form#code-form");
const typed = form?.querySelector<HTMLInputElement>("#code");
if (form && typed) void start(form, typed);
