// The page's sentences, in its language (portal/labels/scripts.py).

let words: Record<string, string> = {};

/** `base`: of another page than this one, whose language is wanted. */
export async function loadWords(base = document.documentElement.dataset.base): Promise<void> {
  const answer = await fetch(`${base}/words.json`, { credentials: "omit" });
  words = (await answer.json()) as typeof words;
}

/** A sentence with its parts put in. */
export function say(key: string, parts: Record<string, string | number> = {}): string {
  return (words[key] ?? key).replace(/%\((\w+)\)s/g, (_, name: string) => String(parts[name] ?? ""));
}

/** A sentence about a number. */
export function sayCount(key: string, count: number): string {
  return say(count === 1 ? `${key}.one` : key, { num: count });
}

/** Some names as the page's language lists them. */
export function listed(names: string[]): string {
  return new Intl.ListFormat(document.documentElement.lang).format(names);
}

/** A day as the page's language writes it; without one, today. All days are days in Japan. */
export function showDay(day?: string): string {
  const date = day ? new Date(`${day}T00:00+09:00`) : new Date();
  return date.toLocaleDateString(document.documentElement.lang, { dateStyle: "long", timeZone: "Asia/Tokyo" });
}

/** Have the browser save a text; it goes nowhere else. */
export function download(name: string, text: string, type = "text/plain"): void {
  const link = element("a", "", { download: name }) as HTMLAnchorElement;
  link.href = URL.createObjectURL(new Blob([text], { type }));
  link.click();
  URL.revokeObjectURL(link.href);
}

/** Whether something stays in a file that can name its author, as far as is known. */
export function isOpen(of: { cleaned: string; about?: string }): boolean {
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
  of: { cleaned: string; found: readonly string[]; about?: string },
): HTMLElement {
  const tells = of.found.length ? `${say("taken_out")} ${listed(of.found.map((word) => say(`found.${word}`)))}` : "";
  const line = element("p", `${name} `, { class: "words" });
  const about = of.about ? say(`about.${of.about}`) : "";
  const said = of.cleaned === "not" && about ? about : `${say(`cleaned.${of.cleaned}`)} ${about} ${tells}`;
  line.append(element("span", `${sizeText(size)} · ${said}`, { class: isOpen(of) ? "warn" : "small" }));
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

/** An element with text, never with markup. */
export function element(tag: string, text = "", attributes: Record<string, string> = {}): HTMLElement {
  const made = document.createElement(tag);
  made.textContent = text;
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
