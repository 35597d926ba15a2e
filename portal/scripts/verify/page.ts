// The verify page: one file that works from disk without a network (docs/format.md, 5.9). What it is given stays in this
// page; nothing is stored.

import { type Bytes, type Json, type JsonObject } from "../format/encoding.js";
import { Fault } from "../format/errors.js";
import { openWithKey } from "../format/unseal.js";
import { parseCode } from "../format/receipt.js";
import { readCertificate } from "../log/certificate.js";
import { type Judged, isShown, judge } from "../log/certificatecheck.js";
import { readPolicy } from "../log/logproof.js";
import { type CodeSeen, besideCopy, readByCode } from "./code.js";
import { type Chosen, copyAmong } from "./copy.js";
import { opensslLines } from "./openssl.js";
import { type Language, type More, type Texts, ofCode, ofFile, wordsOf } from "./said.js";

const WRITTEN = [
  ...["what_happened", "who", "why", "when", "noticed", "where", "personal_data", "how_many", "cause"],
  ...["how_often", "witnesses", "wishes", "amount", "books", "gain", "rule", "danger", "concealment"],
  ...["concealed_by", "told_whom", "evidence", "message"],
];

/** What was checked last, so that it can be said in the other language. */
type Last =
  | { raw: Bytes; judged: Judged; more: More[] }
  | { seen: CodeSeen }
  | { raw?: Bytes; sentence: string }
  | null;

let language: Language = navigator.language.startsWith("ja") ? "ja" : "en";
let last: Last = null;

function at(id: string): HTMLElement {
  return document.getElementById(id)!;
}

function field(id: string): HTMLInputElement {
  return at(id) as HTMLInputElement;
}

function make(tag: string, text = "", attributes: Record<string, string> = {}): HTMLElement {
  const element = document.createElement(tag);
  element.textContent = text;
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  return element;
}

function policyText(): string | null {
  const text = field("policy").value.replace(/\r\n?/g, "\n");
  return text.trim() ? `${text.replace(/\n+$/, "")}\n` : null;
}

function textsOf(payload: JsonObject): Texts {
  return WRITTEN.flatMap((name) => {
    const value: Json | undefined = payload[name];
    return typeof value === "string" ? [[name, value] as [string, string]] : [];
  });
}

/** The verdict with the texts of its contents: each envelope was opened once already. */
function withTexts(raw: Bytes, judged: Judged): Judged {
  if (!isShown(judged)) return judged;
  const { content } = readCertificate(raw);
  const contents = judged.contents.map((told, place) => {
    const { envelope, key } = content[place]!;
    return { ...told, texts: textsOf(openWithKey(envelope, key).payload) };
  });
  return { ...judged, contents };
}

/** Lines as headings, paragraphs and lists; two spaces are a level. */
function asElements(lines: string[]): HTMLElement[] {
  const elements: HTMLElement[] = [];
  let list: HTMLElement | null = null;
  for (const [place, line] of lines.entries()) {
    const depth = line.length - line.trimStart().length;
    if (!depth) {
      list = null;
      const isHeading = lines[place + 1]?.startsWith("  ");
      if (line) elements.push(make(isHeading ? "h3" : "p", line));
      continue;
    }
    if (!list) elements.push((list = make("ul")));
    if (depth === 2) list.append(make("li", line.trim()));
    else list.lastElementChild!.append(make("p", line.slice(4), { class: depth === 4 ? "small" : "quoted" }));
  }
  return elements;
}

function opensslPart(raw: Bytes): HTMLElement[] {
  const words = wordsOf(language);
  const text = policyText();
  const lines = opensslLines(readCertificate(raw), text === null ? null : readPolicy(text));
  const details = make("details", "", { class: "noprint" });
  const area = make("pre", lines, { tabindex: "0", "aria-label": words["ui_lines"]!, id: "lines" });
  details.append(
    make("summary", words["ui_lines"]),
    make("p", `${words["openssl"]!} ${words["ui_lines_help"]!}`),
    area,
  );
  return [details];
}

function verdictOf(of: Exclude<Last, null>): string {
  return "judged" in of ? of.judged.verdict : "seen" in of ? of.seen.judged.verdict : "unreadable";
}

function linesOf(of: Exclude<Last, null>): string[] {
  if ("judged" in of) return ofFile(withTexts(of.raw, of.judged), language, of.more);
  return "seen" in of ? ofCode(of.seen, language) : [wordsOf(language)[of.sentence]!];
}

function show(isNew: boolean): void {
  const result = at("result");
  result.hidden = !last;
  if (!last) return;
  const verdict = verdictOf(last);
  const [head, ...rest] = linesOf(last);
  const look = { good: "done", bad: "errors", open: "warn", unreadable: "errors" }[verdict] ?? "warn";
  const callout = make("div", "", { class: look, "data-verdict": verdict });
  callout.append(make("p", head));
  const body = at("said");
  body.replaceChildren(callout, ...asElements(rest));
  const isLinable = "judged" in last && last.judged.fault !== "PolicyMalformed" && verdict !== "unreadable";
  if (isLinable && "judged" in last && last.judged.fault !== "CheckpointOrigin") body.append(...opensslPart(last.raw));
  if (isNew) at("result-head").focus();
}

function speak(to: Language): void {
  language = to;
  const words = wordsOf(to);
  document.documentElement.lang = to;
  document.title = words["ui_title"]!;
  for (const part of document.querySelectorAll<HTMLElement>("[data-say]")) {
    part.textContent = words[part.dataset["say"]!]!;
  }
  at("language").lang = to === "ja" ? "en" : "ja";
  show(false);
}

/** Check a file, beside the chosen copy of the log if there is one. */
async function checkFile(raw: Bytes): Promise<void> {
  const judged = judge(raw, policyText());
  const files = [...chosen("folder"), ...chosen("files")];
  last = { raw, judged, more: [] };
  if (isShown(judged) && files.length) {
    const copy = await copyAmong(files);
    try {
      last = copy
        ? { raw, ...besideCopy(readCertificate(raw), judged, copy, policyText()) }
        : { raw, sentence: "ui_copy_unread" };
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      last = { raw, sentence: "ui_other_copy" };
    }
  }
  show(true);
}

async function take(file: File | undefined): Promise<void> {
  if (file) await checkFile(new Uint8Array(await file.arrayBuffer()));
}

function chosen(id: string): Chosen[] {
  return [...(field(id).files ?? [])].map((file) => ({
    path: file.webkitRelativePath || file.name,
    bytes: async () => new Uint8Array(await file.arrayBuffer()),
  }));
}

async function checkCode(): Promise<void> {
  let code: string;
  try {
    code = parseCode(field("code").value);
  } catch {
    last = { sentence: "ui_bad_code" };
    show(true);
    return;
  }
  const copy = await copyAmong([...chosen("folder"), ...chosen("files")]);
  if (!copy) {
    last = { sentence: "ui_no_copy" };
    show(true);
    return;
  }
  at("wait").hidden = false;
  // The browser shows the sentence before the work begins.
  await new Promise((done) => setTimeout(done));
  try {
    last = { seen: readByCode(code, copy, policyText()) };
  } finally {
    at("wait").hidden = true;
  }
  show(true);
}

function begin(): void {
  const builtIn = document.documentElement.dataset["policy"];
  if (builtIn) {
    field("policy").value = builtIn;
    at("built-in").hidden = false;
  }
  at("language").addEventListener("click", () => speak(language === "ja" ? "en" : "ja"));
  at("file").addEventListener("change", () => void take(field("file").files?.[0]));
  at("policy-file").addEventListener("change", () => {
    void field("policy-file")
      .files?.[0]?.text()
      .then((text) => (field("policy").value = text));
  });
  // A file that was checked is checked again by another policy, and beside another copy.
  for (const id of ["policy", "folder", "files"]) {
    at(id).addEventListener("change", () => {
      if (last && "raw" in last && last.raw) void checkFile(last.raw);
    });
  }
  at("read").addEventListener("click", () => void checkCode());
  at("print").addEventListener("click", () => {
    window.print();
  });
  addEventListener("dragover", (event) => {
    event.preventDefault();
  });
  addEventListener("drop", (event) => {
    event.preventDefault();
    void take(event.dataTransfer?.files[0]);
  });
  at("parts").hidden = false;
  at("no-script").hidden = true;
  speak(language);
}

begin();
