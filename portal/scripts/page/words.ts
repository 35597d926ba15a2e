// The page's sentences, in its language (portal/labels/scripts.py).

let words: Record<string, string> = {};

/** What reads and shows furigana (furigana.ts), on pages in plain Japanese only. */
let furigana: typeof import("./furigana.js") | undefined;

/** `of`: the root of another page than this one, whose language is wanted. */
export async function loadWords(of = document.documentElement): Promise<void> {
  const answer = await fetch(`${of.dataset.base}/words.json`, { credentials: "omit" });
  words = (await answer.json()) as typeof words;
  const script = of.dataset["furigana"];
  furigana = script ? ((await import(script)) as typeof furigana) : undefined;
}

/** A sentence with its parts put in, without furigana: `element` and `show` add them. */
export function say(key: string, parts: Record<string, string | number> = {}): string {
  const put = (piece: string) => piece.replace(/%\((\w+)\)s/g, (_, name: string) => String(parts[name] ?? ""));
  return plainly(words[key] ?? key, put);
}

/** What the server names by a key, if it does: no sentence. */
export function word(key: string): string | undefined {
  return words[key];
}

/** A text of the program without its readings; `show` and `element` put them in. `put`: puts values into it. */
export function plainly(text: string, put = (piece: string) => piece): string {
  return furigana ? furigana.plainly(text, put) : put(text);
}

/** The text of an element without its readings. */
export function textOf(of: Element): string {
  const copy = of.cloneNode(true) as Element;
  copy.querySelectorAll("rt").forEach((part) => part.remove());
  return copy.textContent.trim();
}

/** A sentence about a number. */
export function sayCount(key: string, count: number): string {
  return say(count === 1 ? `${key}.one` : key, { num: count });
}

/** Give the page a title; the site's name stays in it. */
export function entitle(title: string): void {
  document.title = `${title} – ${document.title.split(" – ").at(-1)}`;
}

/** Some names as the page's language lists them. */
export function listed(names: string[]): string {
  return new Intl.ListFormat(document.documentElement.lang).format(names);
}

/** A day as the page's language writes it; without one, today. All days are days in Japan. */
export function showDay(day?: string): string {
  const date = day ? new Date(`${day}T00:00+09:00`) : new Date();
  const said = date.toLocaleDateString(document.documentElement.lang, { dateStyle: "long", timeZone: "Asia/Tokyo" });
  return furigana ? plainly(furigana.readDay(said)) : said;
}

/** Have the browser save a text; it goes nowhere else. */
export function download(name: string, text: string, type = "text/plain"): void {
  const link = element("a", "", { download: name }) as HTMLAnchorElement;
  link.href = URL.createObjectURL(new Blob([text], { type }));
  link.click();
  URL.revokeObjectURL(link.href);
}

/** Whether something stays in a file that can name its author, as far as is known. */
export function isOpen(of: { cleaned: string; about?: string | undefined }): boolean {
  return of.about !== "text" && (of.cleaned === "not" || of.cleaned === "partly");
}

/** A number of bytes as file managers write it (templates/labels.py). */
export function sizeText(bytes: number): string {
  const unit = (["GB", "MB", "kB"] as const).find((_, at) => bytes >= 1000 ** (3 - at));
  return unit ? `${(bytes / { GB: 1e9, MB: 1e6, kB: 1e3 }[unit]).toFixed(1)} ${unit}` : `${bytes} B`;
}

/** A file with what became of it. `about`: what kind it is, where it is known. */
export function fileLine(
  name: string,
  size: number,
  of: { cleaned: string; found: readonly string[]; about?: string | undefined },
): HTMLElement {
  const tells = of.found.length ? `${say("taken_out")} ${listed(of.found.map((word) => say(`found.${word}`)))}` : "";
  const line = element(isOpen(of) ? "div" : "p", `${name} `, { class: "words" });
  const about = of.about ? say(`about.${of.about}`) : "";
  const said = of.cleaned === "not" && about ? about : `${say(`cleaned.${of.cleaned}`)} ${about} ${tells}`;
  const more = `${sizeText(size)} · ${said}`;
  line.append(isOpen(of) ? callout("warn", more) : element("span", more, { class: "small" }));
  return line;
}

/** A callout in the shape of the server's, whose page brings icon and word of each meaning. */
export function callout(
  kind: "warn" | "note" | "done",
  text: string,
  attributes: Record<string, string> = {},
): HTMLElement {
  const lines = document.querySelector<HTMLTemplateElement>("#callouts")!;
  const made = lines.content.querySelector(`.${kind}`)!.cloneNode(true) as HTMLElement;
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(element("p", text));
  return made;
}

/** Show a text in an element, with the furigana of the page's own sentences. */
export function show(where: Element, text: string): void {
  // Without a text no part either: what comes first in it takes the first place.
  where.replaceChildren(...(furigana ? furigana.shown(text) : text ? [text] : []));
}

/** An element with text, never with markup. */
export function element(tag: string, text = "", attributes: Record<string, string> = {}): HTMLElement {
  const made = document.createElement(tag);
  // What people wrote is shown as it is.
  if (attributes["class"] === "words") made.textContent = text;
  else show(made, text);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  return made;
}

/** The element with an id: the page's own templates have it. */
export function at(id: string): HTMLElement {
  return document.getElementById(id)!;
}

/** The page's main part. */
export function main(): HTMLElement {
  return at("main");
}
