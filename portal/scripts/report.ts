// The report form, sealed in this browser. Where this can't go on, the form still is what it was without scripts.

import type { FileEntry } from "./attachment.js";
import { normalizeText } from "./encoding.js";
import { MAX_FILES, ANSWERS } from "./payloads.js";
import { formatCode } from "./receipt.js";
import { type Certificate, NobodyLeft, Report, selfTest, sendFile } from "./sending.js";
import { Refused } from "./server.js";
import { element, loadWords, say } from "./words.js";

const report = new Report();
// What was sent already is not sent twice when only the last step failed.
const sent = new Map<File, FileEntry>();
const CONTROLS = /[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f]/g;

function answersOf(form: HTMLFormElement): Record<string, string> {
  const data = new FormData(form);
  const found: Record<string, string> = {};
  for (const name of ANSWERS) {
    const typed = String(data.get(name) ?? "").replace(/\r\n|[\r\v\f\x85]/g, "\n").replace(CONTROLS, "");
    if (typed.trim()) found[name] = normalizeText(typed);
  }
  return found;
}

function notice(form: HTMLFormElement): HTMLElement {
  const old = document.getElementById("sealed-notice");
  if (old) return old;
  const made = element("div", "", { id: "sealed-notice", role: "alert", tabindex: "-1" });
  form.append(made);
  return made;
}

/** Say what happened; the way without scripts is offered with the text and the files still in the form. */
function failed(form: HTMLFormElement, sentence: string, plain: boolean): void {
  const box = notice(form);
  box.replaceChildren(element("p", sentence));
  if (plain) {
    const button = element("button", say("send_plain"), { type: "button", class: "button second" });
    // Not `requestSubmit`: this one passes our own handler by.
    button.addEventListener("click", () => form.submit());
    box.append(element("p", say("failed_offer")), button);
  }
  box.focus();
}

async function sendFiles(form: HTMLFormElement): Promise<FileEntry[]> {
  const files = [...(form.querySelector<HTMLInputElement>("#files")?.files ?? [])].slice(0, MAX_FILES);
  const entries: FileEntry[] = [];
  for (const [at, file] of files.entries()) {
    const line = element("p", say("sending_file", { number: at + 1, of: files.length }));
    const bar = element("progress", "", { max: "1", value: "0" }) as HTMLProgressElement;
    line.append(" ", bar);
    notice(form).replaceChildren(line);
    const entry = sent.get(file) ?? (await sendFile(file, (part) => (bar.value = part)));
    sent.set(file, entry);
    entries.push(entry);
  }
  return entries;
}

async function send(form: HTMLFormElement, button: HTMLButtonElement | null): Promise<void> {
  const answers = answersOf(form);
  if (!answers.what_happened) {
    failed(form, say("required"), false);
    form.querySelector<HTMLElement>("#what_happened")?.focus();
    return;
  }
  if (button) button.disabled = true;
  try {
    const exclude = new FormData(form).getAll("exclude").map(String);
    showReceipt(await report.send(answers, exclude, await sendFiles(form)));
  } catch (error) {
    // Whatever it was: nobody is left alone with a page that does nothing.
    if (error instanceof NobodyLeft) failed(form, say("nobody_left"), false);
    else failed(form, say(error instanceof Refused && error.word === "offline" ? "offline" : "failed"), true);
  } finally {
    if (button) button.disabled = false;
  }
}

function action(label: string, doing: () => void): HTMLElement {
  const button = element("button", label, { type: "button", class: "button second" });
  button.addEventListener("click", doing);
  return button;
}

function save(code: string): void {
  const link = element("a", "", { download: "code.txt" }) as HTMLAnchorElement;
  link.href = URL.createObjectURL(new Blob([`${code}\n`], { type: "text/plain" }));
  link.click();
  URL.revokeObjectURL(link.href);
}

function showReceipt(of: Certificate): void {
  const code = formatCode(report.code);
  const box = element("section", "", { class: "receipt" });
  box.append(
    element("h2", say("your_code")),
    element("p", code, { class: "code", translate: "no" }),
    element("p", say("write_down")),
    action(say("copy"), () => void navigator.clipboard?.writeText(code)),
    action(say("print"), () => print()),
    action(say("save"), () => save(code)),
  );
  const proof = element("dl", "", { class: "proof" });
  for (const name of ["hash", "day", "signature", "key"] as const) {
    proof.append(element("dt", say(`proof_${name}`)), element("dd", of[name], { translate: "no" }));
  }
  const title = element("h1", say(of.kept === "repeat" ? "received_before" : "received"), { tabindex: "-1" });
  const on = element("a", say("look"), { class: "button second", href: `${document.documentElement.dataset.base}/status` });
  document.getElementById("main")!.replaceChildren(title, box, element("p", say("next")), on, proof);
  title.focus();
}

async function start(form: HTMLFormElement): Promise<void> {
  try {
    await loadWords();
  } catch {
    return;
  }
  if (!selfTest()) return;
  const way = document.getElementById("way");
  if (way) {
    way.textContent = say("way_browser");
    way.dataset.way = "browser";
  }
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void send(form, event.submitter as HTMLButtonElement | null);
  });
}

const form = document.querySelector<HTMLFormElement>("form#form[data-sealed]");
if (form) void start(form);
